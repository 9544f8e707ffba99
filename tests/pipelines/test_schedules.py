"""What the clock and the sensors start, on a real store: no run where there is nothing to do, and no red check untold."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from alerts.notices import tell_operator
from assets.goodrun import read_good_run
from assets.heartbeat import beat
from assets.issues import record_issues
from pipelines.resources import open_flow
from pipelines.schedules import schedules
from pipelines.sensors import check_issues, run_failed, said, sources_changed, watchlist_changed
from pipelines.settings import load_settings
from pipelines.store import open_warehouse
from warehouse.errors import ConfigError
from warehouse.publish import publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class House:
    """An installation without sources: `says` evaluates a schedule as the daemon does."""

    def __init__(self, folder):
        self.folder, self.file = folder, folder / "thinkwatch.toml"
        self.configure("")
        for name in ("sources", "watchlists"):
            (folder / name).mkdir()

    def configure(self, text):
        self.file.write_text(text, "utf-8")

    @property
    def settings(self):
        return load_settings(str(self.file))

    @property
    def store(self):
        return open_warehouse(self.settings, NOW)

    def says(self, name):
        (schedule,) = [one for one in schedules(self.settings.schedule) if one.name == name]
        answer = schedule.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=NOW))
        return "run" if answer.run_requests else answer.skip_message

    def mail(self, state="new", next_attempt_at=None):
        row = {"delivery_id": "d", "alert_id": "a", "subscriber_id": "desk", "channel": "eml", "state": state, "message_id": "m"}
        row |= {"kind": "alert", "attempts": 0, "created_at": NOW, "next_attempt_at": next_attempt_at, "maybe_duplicate": False}
        with self.store.transaction() as transaction:
            transaction.merge("deliveries", [row], key=["delivery_id"])


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setenv("THINKWATCH_CONFIG", str(tmp_path / "thinkwatch.toml"))
    return House(tmp_path)


def test_mail_starts_a_run_only_when_some_is_due(house, monkeypatch):
    assert house.says("digests") == "no mail is due"
    assert not house.settings.data_folder.exists()
    house.mail(next_attempt_at=datetime.now(UTC) + timedelta(hours=1))
    assert house.says("digests") == "no mail is due"
    house.mail()
    assert house.says("digests") == "run"
    monkeypatch.setattr("pipelines.chores.SENSOR_SECONDS", 0.05)
    with house.store.lock():
        assert house.says("digests") == "a run is writing; it sends what is due itself"
    with house.store.transaction() as transaction:
        transaction.merge("ops.state", [{"name": "mail_held", "value": "restored"}], key=["name"])
    assert house.says("digests") == "no mail is due"


def test_the_copy_is_published_only_when_it_is_old(house):
    assert house.says("publication") == "the copy is of the store as it is"
    house.mail()
    assert house.says("publication") == "run"
    publish(house.store, house.settings.published, NOW)
    assert house.says("publication") == "the copy is of the store as it is"


def test_a_backup_is_made_where_a_folder_is_named(house):
    assert "backup.folder is not set" in house.says("backup")
    house.configure('[backup]\nfolder = "elsewhere"\n')
    assert house.says("backup") == "run"


def test_a_changed_file_is_taken_up_once(house):
    for sensor, folder, job in ((sources_changed, "sources", "sync"), (watchlist_changed, "watchlists", "rematch")):
        context = dg.build_sensor_context()
        assert "first look" in sensor.evaluate_tick(context).skip_message
        assert "have not changed" in sensor.evaluate_tick(context).skip_message
        (house.folder / folder / "new.yaml").write_text("anything", "utf-8")
        (asked,) = sensor.evaluate_tick(context).run_requests
        assert asked.run_key
        assert sensor.job_name == job
        assert "have not changed" in sensor.evaluate_tick(context).skip_message
        (house.folder / folder / "new.yaml").unlink()
        (back,) = sensor.evaluate_tick(context).run_requests
        assert back.run_key != asked.run_key


def evaluation(name, severity, passed, words):
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("articles"), check_name=name, passed=passed, metadata={}, severity=severity, description=words
    )


@dg.op
def read_the_watch_list():
    raise ConfigError("kind: must be one of 'organisation'", path="own.yaml", line=4, hint="mend the line")


@dg.job
def rematching():
    read_the_watch_list()


def test_a_failed_run_ends_with_what_went_wrong_and_what_to_do(house):
    with dg.DagsterInstance.ephemeral() as instance:
        failed = rematching.execute_in_process(instance=instance, raise_on_error=False)
        event, run = failed.get_run_failure_event(), failed.dagster_run
        given = {"sensor_name": "run_failed", "dagster_event": event, "dagster_instance": instance, "dagster_run": run}
        run_failed(dg.build_run_status_sensor_context(**given).for_run_failure())
        last = instance.all_logs(failed.run_id)[-1].dagster_event.message
    assert last == "own.yaml:4: kind: must be one of 'organisation'\nTo do: mend the line"
    with house.store.transaction() as transaction:
        rows = transaction.connection.execute("SELECT kind, message, hint FROM issues").fetchall()
    assert rows == [("run_failed", "rematching: own.yaml:4: kind: must be one of 'organisation'", "mend the line")]


def test_an_error_that_is_none_of_ours_keeps_its_kind():
    assert said("ZeroDivisionError: division by zero\n") == ("ZeroDivisionError: division by zero", "")


def test_a_red_check_is_an_issue_and_one_mail_and_a_warning_is_an_issue(house):
    error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    found = check_issues(
        [
            evaluation("articles_whole", error, False, "2 rows are wrong"),
            evaluation("texts_clean", warn, False, "1 source leaving furniture in their texts: s"),
            evaluation("extraction_steady", warn, True, "none"),
        ]
    )
    assert [(one.kind, one.subject) for one in found] == [
        ("check_failed", "articles.articles_whole"),
        ("check_warned", "articles.texts_clean"),
    ]
    for _ in range(2):
        with house.store.transaction() as transaction:
            record_issues(transaction, found, NOW)
            tell_operator(transaction, NOW, address="ops@desk.example", channel="eml", domain="desk.example")
            mails = transaction.connection.execute("SELECT n.kind, n.subject FROM ops.notices AS n").fetchall()
    assert mails == [("check_failed", "articles.articles_whole")]


class Watcher(HTTPServer):
    """A service that waits for a heartbeat."""

    def __init__(self):
        self.asked, self.status = [], 200
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append((self.headers["Host"], self.path))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def watcher():
    server = Watcher()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_good_run_asks_the_address_through_the_guard_and_notes_the_run(house, watcher):
    reach = json.dumps({"hc.example": f"127.0.0.1:{watcher.server_address[1]}"}).replace(":", " =", 1)
    house.configure(f'[monitoring]\nheartbeat = "http://hc.example/ping/1"\n[fetch]\nconnect_to = {reach}\n')
    with open_flow(house.settings) as opened:
        flow = replace(opened, now=lambda: NOW)
        assert beat(flow, "run-1") == "200"
        assert watcher.asked == [("hc.example", "/ping/1")]
        assert read_good_run(house.settings.good_run_file) == NOW
        watcher.status = 500
        assert beat(flow, "run-2").startswith("failed: ")
        inside = replace(flow, heartbeat=f"http://127.0.0.1:{watcher.server_address[1]}/")
        assert beat(inside, "run-3").startswith("failed: ")
    assert len(watcher.asked) == 2
    assert json.loads(house.settings.good_run_file.read_text("utf-8"))["run_id"] == "run-3"


@pytest.mark.fault("C120")
@pytest.mark.parametrize("cron", ["*/30 * * *", "61 * * * *", "* 24 * * *", "often", "*/0 * * * *", "5-x * * * *"])
def test_c120_a_schedule_that_is_none_names_its_line(house, cron):
    house.configure(f'[schedule]\ningest = "{cron}"\n')
    with pytest.raises(Exception, match=r"thinkwatch\.toml:2: schedule\.ingest: .*is no cron line"):
        load_settings(str(house.file))


@pytest.mark.parametrize("cron", ["*/30 * * * *", "0 6 * * 1-5", "7,22,37,52 * * * *", "0 0 1 1 0", "@daily"])
def test_a_schedule_is_taken_as_dagster_takes_it(house, cron):
    house.configure(f'[schedule]\ningest = "{cron}"\n')
    assert schedules(house.settings.schedule)[0].cron_schedule == cron
