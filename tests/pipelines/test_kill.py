"""SIGKILL in the middle of a run, at every kind of moment; the next run ends where an undisturbed one does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("kill_driver.py")

# Tables whose rows must be the same whether a run was killed or not. `fetches` may hold more: what was asked for twice was asked twice.
SAME = [
    *("sources", "feeds", "entries", "pages", "articles", "revisions", "stories", "mentions", "watchlist", "subscriptions"),
    *("alerts", "alert_mentions", "deliveries", "issues", "ops.entry_keys", "ops.matched", "ops.mention_state", "ops.verdicts"),
]


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """For each kill point: the content of every table and the mails after killed run and re-run; `none` is the undisturbed run."""
    folder = tmp_path_factory.mktemp("kill")
    subprocess.run([sys.executable, DRIVER, folder, *SAME], check=True)
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def points():
    return list(subprocess.run([sys.executable, DRIVER, "--list"], check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("point", points())
def test_w106_a_killed_run_ends_as_an_undisturbed_one_after_the_next(states, point):
    undisturbed, killed = states["none"], states[point]
    assert killed["was_killed"]
    assert undisturbed["tables"]["deliveries"]
    for table in SAME:
        assert killed["tables"][table] == undisturbed["tables"][table], table


@pytest.mark.parametrize("point", points())
def test_e87_no_mail_is_lost_and_none_is_there_twice(states, point):
    assert states[point]["mails"] == states["none"]["mails"]
