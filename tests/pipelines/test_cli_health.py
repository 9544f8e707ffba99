"""What the operator sees of a source's health: its feed and its pages apart, since when, last good, what to do."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from assets.goodrun import write_good_run
from pipelines.cli import thinkwatch
from pipelines.settings import load_settings
from pipelines.store import open_warehouse
from warehouse.publish import publish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOTED = "just now"
ILL = ["blocked", "not_a_feed", "empty", "stale", "gone", "failing"]


@pytest.fixture
def house(tmp_path):
    """An installation whose published copy says of its source what a test wants: `tell(feed=…, pages=…)`, then `run`."""
    config = tmp_path / "thinkwatch.toml"
    config.write_text("[monitoring]\nfree_gigabytes = 0\n", encoding="utf-8")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "s.yaml").write_text("id: s\nname: S\nfeeds:\n  - url: https://s.example/feed\n", encoding="utf-8")
    settings = load_settings(str(config))

    class House:
        def tell(self, state, *, error=None, pages=(), merges=0, templates=(), mails=(), last_good_run=NOTED):
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
                transaction.merge("deliveries", [_mail(*mail) for mail in mails], key=["delivery_id"])
                transaction.merge("templates", [_template(*template) for template in templates], key=["template_id"])
            publish(store, settings.published, NOW)
            settings.good_run_file.unlink(missing_ok=True)
            if last_good_run:
                write_good_run(settings.good_run_file, "run", datetime.now(UTC) if last_good_run == NOTED else last_good_run)

        def configure(self, text):
            config.write_text(text, encoding="utf-8")

        def writing(self):
            return open_warehouse(settings, NOW).lock()

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


def _mail(state, hours):
    row = {"delivery_id": state, "alert_id": "a", "subscriber_id": "desk", "channel": "eml", "state": state, "message_id": f"<{state}>"}
    times = {"created_at": datetime.now(UTC) - timedelta(hours=hours), "next_attempt_at": None}
    return row | times | {"attempts": 0, "kind": "alert", "maybe_duplicate": False}


def _merge(number):
    texts = dict.fromkeys(("source_id", "feed_id", "entry_id", "rule", "proof"), "s")
    return texts | {"merge_id": str(number), "merged_at": NOW, "aliases": [], "pins": []}


def _template(version, rules):
    names = ("kind", "place", "text", "seen")
    times = {"learnt_at": NOW + timedelta(days=version), "expires_at": NOW + timedelta(days=30 + version)}
    row = {"template_id": str(version), "source_id": "s", "version": version, "made_by": "template/2", "pages": 5, "page_ids": ["p"]}
    return row | times | {"rules": [dict(zip(names, rule, strict=True)) for rule in rules]}


def test_a_source_that_does_well_is_one_line(house):
    house.tell("working")
    first, facts, *lines = house.run("status").splitlines()
    assert first == "all is well"
    assert "0 mails wait" in facts
    assert lines == ["working     since 2026-02-28 12:00  s: 0 entries"]
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
    told = json.loads(house.run("status", "--json", status=1))
    assert (told["ok"], told["sources"]["ill"]) == (False, ["s"])
    assert len(told["feeds"][0]["to_do"]) > 10
    assert house.run("sources", "list", "--ill").split()[2] == state


def test_pages_that_cannot_be_had_are_told_apart_from_a_feed_that_works(house):
    house.tell("working", pages=[200, 403, 403, 403])
    shown = house.run("status", status=1)
    assert "\nworking " in shown
    assert "pages blocked since 2026-03-02 12:01: status 403" in shown
    assert "last good 2026-03-02 12:00" in shown
    assert "Ask the site to let our robot read its pages" in house.run("sources", "show", "s")
    assert house.run("sources", "list", "--ill").split()[2] == "blocked"


def test_show_counts_the_merges_and_says_how_to_see_them(house):
    house.tell("working", merges=2)
    assert "Merges 2" in house.run("sources", "show", "s")
    assert json.loads(house.run("sources", "show", "s", "--json"))["merges"] == {"merges": 2, "undone": 0}


def test_show_tells_the_newest_template_in_words_and_all_of_it_as_json(house):
    house.tell("working")
    assert "Template" not in house.run("sources", "show", "s")
    assert json.loads(house.run("sources", "show", "s", "--json"))["template"] == {}
    rules = [("line", "p > div.foot > body", f"reprints need letter {number}", 3) for number in range(7)]
    rules += [("place", "div.share > main", "", 5), ("text", "", "follow us", 4)]
    house.tell("working", templates=[(1, []), (2, rules)])
    shown = house.run("sources", "show", "s").split("Template ")[1].splitlines()
    assert shown[0].startswith("2: ")
    assert [" ".join(line.split()) for line in shown[1:6]] == [
        "learnt 2026-03-04 12:00 UTC, from 5 pages",
        "anew 2026-04-03 12:00 UTC at the latest",
        "rules 1 place where all is furniture, 7 lines at their places, 1 line wherever it stands",
        "place whatever stands in div.share > main, on 5 of 5 pages",
        "text «follow us» anywhere, on 4 of 5 pages",
    ]
    assert "«reprints need letter 0» in p > div.foot, on 3 of 5 pages" in shown[6]
    assert shown[-1].strip() == "… and 3 more: thinkwatch sources show s --json"
    learnt = json.loads(house.run("sources", "show", "s", "--json"))["template"]
    assert (learnt["version"], len(learnt["rules"])) == (2, 9)


def test_a_template_in_which_nothing_recurs_says_so(house):
    house.tell("working", templates=[(1, [])])
    assert "none: nothing recurs" in house.run("sources", "show", "s")


def test_before_the_first_run_a_source_is_new(house):
    assert house.run("sources", "list").split()[:3] == ["s", "on", "new"]
    assert "never polled" in house.run("sources", "show", "s")


@pytest.mark.fault("O132")
def test_o132_one_look_tells_the_last_good_run_ill_sources_parked_rows_unsent_mail_and_the_disk(house):
    house.tell("working")
    told = json.loads(house.run("status", "--json"))
    assert (told["ok"], told["problems"], told["parked"], told["unsent"]["mails"]) == (True, [], {"mails": 0, "texts": 0}, 0)
    assert told["hours_since_good_run"] < 1
    assert told["disk"]["free_gigabytes"] > 0
    assert told["sources"] == {"polled": 1, "ill": [], "held": 0}

    house.tell("failing", error="what happened", mails=[("parked", 1), ("new", 5)], last_good_run=datetime.now(UTC) - timedelta(hours=4))
    told = json.loads(house.run("status", "--json", status=1))
    assert (told["ok"], told["parked"]["mails"], told["unsent"]["mails"], told["sources"]["ill"]) == (False, 1, 1, ["s"])
    assert told["unsent"]["oldest_hours"] > 4
    late, unsent, parked, ill = told["problems"]
    assert "4.0 hours ago" in late
    assert "1 mail waits, the oldest for 5.0 hours" in unsent
    assert "1 mail is parked" in parked
    assert "1 of 1 source is not well: s" in ill
    assert all(problem in house.run("status", status=1) for problem in told["problems"])


def test_a_full_disk_and_a_run_that_never_ended_well_are_told(house):
    house.tell("working", last_good_run=None)
    house.configure("[monitoring]\nfree_gigabytes = 1e9\n")
    never, disk = json.loads(house.run("status", "--json", status=1))["problems"]
    assert "no run has come through" in never
    assert "GB are free on the disk" in disk


def test_while_a_run_writes_for_long_the_copy_is_asked(house, monkeypatch):
    house.tell("working")
    monkeypatch.setattr("pipelines.overview.PATIENCE_SECONDS", 0.05)
    with house.writing():
        assert json.loads(house.run("status", "--json"))["feeds"][0]["source_id"] == "s"
