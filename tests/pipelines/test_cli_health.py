"""What the operator sees of a source's health: its feed and its pages apart, since when, last good, what to do."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from pipelines.cli import thinkwatch
from pipelines.resources import open_warehouse
from pipelines.settings import load_settings
from warehouse.publish import publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ILL = ["blocked", "not_a_feed", "empty", "stale", "gone", "failing"]


@pytest.fixture
def house(tmp_path):
    """An installation whose published copy says of its source what a test wants: `tell(feed=…, pages=…)`, then `run`."""
    config = tmp_path / "thinkwatch.toml"
    config.write_text("", encoding="utf-8")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "s.yaml").write_text("id: s\nname: S\nfeeds:\n  - url: https://s.example/feed\n", encoding="utf-8")
    settings = load_settings(str(config))

    class House:
        def tell(self, state, *, error=None, pages=(), merges=0):
            store = open_warehouse(settings, NOW)
            times = {
                "state_since": NOW - timedelta(days=2),
                "last_good_at": NOW - timedelta(days=3),
                "next_due_at": NOW + timedelta(hours=1),
            }
            feed = {"feed_id": "f", "source_id": "s", "url": "https://s.example/feed", "enabled": True, "state": state, "last_error": error}
            with store.transaction() as transaction:
                transaction.merge("sources", [{"source_id": "s", "name": "S", "enabled": True, "added_at": NOW}], key=["source_id"])
                transaction.merge("feeds", [feed | times | {"failures": 4, "permanent_seen": 0, "gone_seen": 0}], key=["feed_id"])
                transaction.merge("fetches", [_page(number, status) for number, status in enumerate(pages)], key=["fetch_id"])
                transaction.merge("ops.merges", [_merge(number) for number in range(merges)], key=["merge_id"])
            publish(store, settings.published, NOW)

        def run(self, *arguments, status=0):
            done = CliRunner().invoke(thinkwatch, ["--config", str(config), *arguments], standalone_mode=False)
            assert done.exception is None, done.exception
            assert (done.return_value or 0) == status, done.output
            return done.stdout

    return House()


def _page(number, status):
    row = {"fetch_id": str(number), "source_id": "s", "purpose": "page", "url": f"https://s.example/{number}", "not_modified": False}
    fault = {"fault": "http_status", "error": f"status {status}"} if status != 200 else {"fault": None, "error": None}
    return row | fault | {"status": status, "requested_at": NOW + timedelta(minutes=number)}


def _merge(number):
    texts = dict.fromkeys(("source_id", "feed_id", "entry_id", "rule", "proof"), "s")
    return texts | {"merge_id": str(number), "merged_at": NOW, "aliases": [], "pins": []}


def test_a_source_that_does_well_is_one_line(house):
    house.tell("working")
    assert house.run("status").splitlines() == ["working     since 2026-02-28 12:00  s: 0 entries"]
    assert " working " in house.run("sources", "list")
    assert house.run("sources", "list", "--ill") == ""


@pytest.mark.parametrize("state", ILL)
def test_each_illness_says_since_when_what_was_last_good_and_what_to_do(house, state):
    house.tell(state, error="what happened")
    for shown in (house.run("status", status=1), house.run("sources", "show", "s")):
        assert f"{state}" in shown
        assert "2026-02-28 12:00" in shown
        assert "2026-02-27 12:00" in shown
        assert "what happened" in shown
    [row] = [json.loads(line) for line in house.run("status", "--json", status=1).splitlines()]
    assert len(row["to_do"]) > 10
    assert house.run("sources", "list", "--ill").split()[2] == state


def test_pages_that_cannot_be_had_are_told_apart_from_a_feed_that_works(house):
    house.tell("working", pages=[200, 403, 403, 403])
    shown = house.run("status", status=1)
    assert shown.startswith("working ")
    assert "pages blocked since 2026-03-02 12:01: status 403" in shown
    assert "last good 2026-03-02 12:00" in shown
    assert "Ask the site to let our robot read its pages" in house.run("sources", "show", "s")
    assert house.run("sources", "list", "--ill").split()[2] == "blocked"


def test_show_counts_the_merges_and_says_how_to_see_them(house):
    house.tell("working", merges=2)
    assert "Merges 2" in house.run("sources", "show", "s")
    assert json.loads(house.run("sources", "show", "s", "--json"))["merges"] == {"merges": 2, "undone": 0}


def test_before_the_first_run_a_source_is_new(house):
    assert house.run("sources", "list").split()[:3] == ["s", "on", "new"]
    assert "never polled" in house.run("sources", "show", "s")
