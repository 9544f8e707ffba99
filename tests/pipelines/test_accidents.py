"""Feeds being taken in when the process is killed or the power fails: the store opens, and each feed is in it whole or not at all."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.pipelines.accident_driver import content
from tests.pipelines.power import MODES, after_cut, record
from warehouse.errors import StoreError

DRIVER = Path(__file__).with_name("accident_driver.py")
KILLS = 200
ENTRIES = 3  # of each feed

strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (apt install strace)")


def drive(*arguments):
    subprocess.run([sys.executable, DRIVER, *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def kills(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    drive("kill", folder, KILLS)
    return json.loads((folder / "kills.json").read_text())


@pytest.mark.fault("W106")
def test_killed_at_any_of_200_statements_each_feed_is_taken_in_whole_or_not_at_all(kills):
    assert len({kill["point"] for kill in kills["kills"]}) == KILLS
    assert all(kill["killed"] for kill in kills["kills"])
    assert {kill["entries"] - ENTRIES * kill["read"] for kill in kills["kills"]} == {0}
    # One state a feed: every row of every table is as it was when the last feed was committed.
    states = {(kill["read"], kill["sum"]) for kill in kills["kills"]}
    assert len(states) == len({read for read, _ in states}) > KILLS // 20
    done = [kill["read"] for kill in sorted(kills["kills"], key=lambda kill: kill["point"])]
    assert done == sorted(done)


@pytest.mark.fault("W106")
def test_the_next_run_ends_as_an_undisturbed_one(kills):
    assert set(kills["ends"]) == {kills["whole"]["sum"]}


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """What lay there before a run over two feeds, and every write of it."""
    folder = tmp_path_factory.mktemp("power") / "store"
    drive("prepare", folder, 2)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    ops = record(folder, sys.executable, DRIVER, "run", folder)
    return folder, before, [op for op in ops if not op.name.startswith("tmp/")]  # what is spilled there is emptied by who comes next


def lay(files, place):
    place.mkdir()
    for name, data in files:
        (place / name).write_bytes(data)
    return place


def content_or_fault(folder):
    try:
        return content(folder)
    except StoreError as fault:
        return fault


@strace
@pytest.mark.fault("W107")
def test_after_a_power_cut_at_any_write_what_was_committed_is_there_or_the_store_is_refused_with_the_way_back(traced, tmp_path):
    folder, before, ops = traced
    sums, known = {}, {}
    assert {op.what for op in ops} >= {"write", "sync", "rename"}
    assert after_cut(before, ops, "all") == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for cut in range(len(ops) + 1):
        acknowledged = sum(op.what == "rename" and op.target.endswith(".generation") for op in ops[:cut])
        for mode in MODES:
            files = tuple(sorted(after_cut(before, ops[:cut], mode, seed=cut).items()))
            if files not in known:  # many cuts leave the same
                known[files] = content_or_fault(lay(files, tmp_path / f"{cut}-{mode}"))
            state = known[files]
            if isinstance(state, StoreError):
                # A checkpoint writes a block of its catalogue in place: torn, it fails its checksum, and DuckDB refuses the file.
                assert (mode, ops[cut - 1].name) == ("torn", "warehouse.duckdb"), (cut, mode, state)
                assert "Corrupt" in str(state)
                assert "restore" in state.hint
            else:
                assert state["read"] >= acknowledged, (cut, mode)
                assert state["entries"] == ENTRIES * state["read"], (cut, mode)
                assert sums.setdefault(state["read"], state["sum"]) == state["sum"], (cut, mode)
    assert set(sums) == {0, 1, 2}


EVENTS = """
import sys
from dagster import DagsterInstance, job, op

@op
def step(): pass

@job
def work(): step()

with DagsterInstance.local_temp(sys.argv[1]) as instance:
    assert work.execute_in_process(instance=instance).success
"""


@strace
@pytest.mark.fault("W107")
def test_after_a_power_cut_dagsters_own_storage_can_be_read_and_written(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    ops = record(home, sys.executable, "-c", EVENTS, home)
    cuts = range(0, len(ops) + 1, max(1, len(ops) // 40))
    seen = set()
    for cut in cuts:
        for mode in MODES:
            files = {name: data for name, data in after_cut({}, ops[:cut], mode, seed=cut).items() if not name.endswith("-shm")}
            for name, data in files.items():
                place = tmp_path / f"{cut}-{mode}" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
            for name in sorted(name for name in files if name.endswith(".db")):
                with closing(sqlite3.connect(tmp_path / f"{cut}-{mode}" / name)) as base:
                    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",), (cut, mode, name)
                    base.execute("CREATE TABLE probe (a)")
                    base.commit()
                seen.add(Path(name).name)
            shutil.rmtree(tmp_path / f"{cut}-{mode}", ignore_errors=True)
    assert {"runs.db", "index.db"} <= seen
