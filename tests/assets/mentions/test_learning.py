"""A reader calls an alert false: what is proposed is tried on the stored history by the very matcher."""

import json

import pytest

from alerts.records import Rule, Volume, read_rule
from assets.learning import find_alert, learn, mark
from pipelines.cli import main
from warehouse.errors import ConfigError

TEXTS = [
    ("en", f"Number {number}", f"{text} Then came the rest.")
    for number, text in enumerate(
        [
            "A study of Georgia Tech shows it.",
            "He works for Georgia Tech now.",
            *(f"Talks between Russia and Georgia went on in Tbilisi, part {part}." for part in range(6)),
            "Mali and the Georgia Tech choir met in Mali.",
        ]
    )
]
GEORGIA = {"kind": "region", "labels": {"de": {"names": ["Georgia"]}}}
MALI = {"kind": "region", "labels": {"de": {"names": ["Mali"]}}}


@pytest.fixture
def desk(new_desk):
    desk = new_desk()
    desk.put(TEXTS)
    desk.match({"georgia": GEORGIA, "mali": MALI})
    for alert, revision, groups in (
        ("aa1", "r0", [["georgia"]]),
        ("ab2", "r1", [["georgia"]]),
        ("b3", "r2", [["georgia"]]),
        ("c4", "r8", [["georgia", "mali"]]),
    ):
        desk.put_alert(alert, revision, tuple(map(tuple, groups)))
    return desk


def test_what_is_proposed_prevents_the_alert_and_shows_all_else_that_it_would_change(desk):
    exclude, near = learn(desk.warehouse, "aa1", [desk.list], desk.flow.cache, entity="georgia")
    assert exclude.yaml == 'entities:\n  - id: "georgia"\n    exclude: ["Georgia Tech"]\n'
    assert exclude.prevents
    assert dict(exclude.foreseen.gone) == {"georgia": 3}
    assert [row["alert_id"] for row in exclude.foreseen.alerts] == ["aa1", "ab2"]
    assert near.proposal.words == ("Russia",)
    assert near.prevents


def test_other_alerts_that_were_called_false_are_learnt_from_too(desk):
    with desk.warehouse.transaction() as transaction:
        mark(transaction, "ab2", "false", "a university", desk.now)
    exclude, _ = learn(desk.warehouse, "aa1", [desk.list], desk.flow.cache)
    assert (exclude.proposal.false_gone, exclude.proposal.false_all) == (2, 2)


def test_the_last_word_on_an_alert_holds(desk):
    with desk.warehouse.transaction() as transaction:
        mark(transaction, "aa1", "false", "oh", desk.now)
        mark(transaction, "aa1", "right", None, desk.now)
    assert desk.rows("SELECT alert_id, verdict, because FROM alert_marks") == [("aa1", "right", None)]


@pytest.mark.parametrize(("wanted", "message"), [("a", "begins several"), ("zz", "there is no alert")])
def test_an_alert_that_is_not_one(desk, wanted, message):
    with desk.warehouse.transaction() as transaction, pytest.raises(ConfigError, match=message):
        find_alert(transaction, wanted)


def test_a_watch_list_that_has_changed_since_is_matched_first(desk):
    desk.list.write_text(desk.document({"mali": MALI}), encoding="utf-8")
    with pytest.raises(ConfigError, match="changed since") as raised:
        learn(desk.warehouse, "aa1", [desk.list], desk.flow.cache)
    assert raised.value.hint == "run first: thinkwatch rematch"


def run(desk, capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(desk.config), *arguments])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_the_command_marks_and_proposes(desk, capsys):
    status, out, _ = run(desk, capsys, "alerts", "mark", "aa", "--false", "--because", "a university")
    assert status == 0
    assert 'exclude: ["Georgia Tech"]' in out
    assert "3 mentions and 2 alerts would vanish" in out
    assert desk.rows("SELECT verdict, because FROM alert_marks") == [("false", "a university")]
    status, out, _ = run(desk, capsys, "alerts", "mark", "aa1", "--false", "--dry-run", "--json")
    assert json.loads(out)["proposals"][0]["prevents"] is True
    assert run(desk, capsys, "alerts", "mark", "b3", "--right")[0] == 0
    assert ("right",) in desk.rows("SELECT verdict FROM alert_marks")


def test_the_command_says_what_it_wants(desk, capsys):
    assert run(desk, capsys, "alerts", "mark", "aa1")[0] == 2
    assert run(desk, capsys, "alerts", "mark", "nothing", "--false")[0] == 2
    desk.list.write_text(desk.document({"mali": MALI}), encoding="utf-8")
    status, _, err = run(desk, capsys, "alerts", "mark", "aa1", "--false")
    assert (status, desk.rows("SELECT verdict FROM alert_marks")) == (1, [("false",)])
    assert "thinkwatch rematch" in err


def test_a_rule_is_read_back_as_it_was_written():
    rule = Rule(groups=(("a", "b"), ("c",)), reach={"a": ("a", "d")}, within="3 words", zones=("title",), volume=Volume(3, 24, 30, 3))
    assert read_rule(rule.plain()) == rule
    assert read_rule({"groups": [["a"]]}) == Rule(groups=(("a",),))
