"""`thinkwatch run` stopped or killed in the middle, as a service manager, a person or the system would."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

SECONDS = 300  # on a machine that does much else
PAGE = "<html><body><article><h1>Report {0}</h1>{1}</article></body></html>"
PARAGRAPH = "<p>In part {0} the institute says of report {1} that Gazprom will build the pipeline in {0} years, not before.</p>"


def page(name):
    return PAGE.format(name, "".join(PARAGRAPH.format(number, name) for number in range(2, 9)))


class Stuck:
    """A page that is served once it is told to be; `asked` says that somebody waits for it."""

    def __init__(self, body):
        self.body, self.asked, self.told = body, threading.Event(), threading.Event()

    def __call__(self):
        self.asked.set()
        self.told.wait(SECONDS)
        return self.body


@pytest.fixture
def stuck(institute):
    (institute.folder / "watchlists" / "own.yaml").write_text(
        "version: 1\nentities:\n  - id: gazprom\n    kind: organisation\n    labels: {en: {names: [Gazprom]}}\n", "utf-8"
    )
    for name in ("one", "two", "three"):
        institute.publish(name, f"Report {name}", page(name))
    waiting = Stuck(page("two").encode())
    institute.serve("two", waiting, "text/html")
    yield waiting
    waiting.told.set()


def surroundings(institute):
    return {"THINKWATCH_FETCH__CONNECT_TO": json.dumps({"own.example": f"127.0.0.1:{institute.port}"})}


def end_in_mid_run(institute, stuck, number):
    """Begin a run, send it the signal while it waits for the page; its exit status and what it said."""
    stuck.asked.clear()
    run = subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "--config", str(institute.folder / "thinkwatch.toml"), "run"],
        env=os.environ | surroundings(institute),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert stuck.asked.wait(SECONDS)
        run.send_signal(number)
        _, said = run.communicate(timeout=SECONDS)  # the page is never served to it
        return run.returncode, said
    finally:
        run.kill()


def history(institute):
    """How Dagster has the runs, the oldest first."""
    from dagster import DagsterInstance

    (home,) = (path.parent for path in institute.folder.rglob("dagster.yaml"))
    with DagsterInstance.from_config(str(home)) as instance:
        return [run.status.name for run in reversed(instance.get_runs())]


def counts(institute):
    tables = ("entries", "articles", "revisions", "mentions")
    return {table: institute.sql(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables}


@pytest.mark.fault("W114")
def test_w114_a_run_that_is_stopped_or_killed_leaves_nothing_half_done_and_the_next_one_goes_on(institute, stuck, thinkwatch):
    nothing_read = {"entries": 3, "articles": 0, "revisions": 0, "mentions": 0}
    status, said = end_in_mid_run(institute, stuck, signal.SIGTERM)
    assert status == 130
    assert "the run was stopped" in said
    assert "the next run goes on" in said
    assert "Traceback" not in said
    assert counts(institute) == nothing_read
    assert history(institute) == ["FAILURE"]

    status, _ = end_in_mid_run(institute, stuck, signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert counts(institute) == nothing_read
    assert history(institute) == ["FAILURE", "STARTED"]

    stuck.told.set()
    thinkwatch("--config", institute.folder / "thinkwatch.toml", "run", "--until", "mentions", **surroundings(institute))
    assert history(institute) == ["FAILURE", "FAILURE", "SUCCESS"]
    assert counts(institute) == {"entries": 3, "articles": 3, "revisions": 3, "mentions": 21}
    texts = institute.sql("SELECT title, text FROM articles ORDER BY title")
    assert [row["title"] for row in texts] == ["Report one", "Report three", "Report two"]
    assert all(f"In part 8 the institute says of report {row['title'].removeprefix('Report ')}" in row["text"] for row in texts)


@pytest.mark.fault("W114")
def test_w114_only_a_run_that_nobody_alive_is_at_is_marked_as_failed(tmp_path):
    import dagster as dg

    from pipelines.lifeline import TAGS, end_dead_runs, living

    @dg.job
    def work():
        pass

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        launched = instance.create_run_for_job(work, status=dg.DagsterRunStatus.STARTED).run_id  # Dagster's own to watch
        with living(instance) as run_id:
            instance.create_run_for_job(work, run_id=run_id, status=dg.DagsterRunStatus.STARTED, tags=TAGS)
            assert end_dead_runs(instance) == []
        assert end_dead_runs(instance) == [run_id]
        assert end_dead_runs(instance) == []
        assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(launched).status == dg.DagsterRunStatus.STARTED
        assert not list((tmp_path / "alive").iterdir())
