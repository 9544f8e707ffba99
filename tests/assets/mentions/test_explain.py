"""`thinkwatch explain ARTICLE --for SUBSCRIBER`: every condition of every rule, passed or not."""

import json

import pytest

from alerts.enrolment import enrol
from alerts.subscriptions import load_subscriptions
from pipelines.cli import main
from warehouse.publish import publish

RULES = """
subscribers: [{id: desk, name: Desk, channel: eml}]
subscriptions:
  - {id: hit, subscriber: desk, watch: {any: [georgia]}}
  - {id: barred, subscriber: desk, watch: {any: [georgia]}, min_mentions: 9, languages: [ru]}
  - {id: absent, subscriber: desk, watch: {any: [mali]}}
  - {id: fresh, subscriber: desk, watch: {any: [georgia]}, first_mention_in_days: 30}
  - {id: written, subscriber: desk, authors: [Ann Smith]}
  - {id: stopped, subscriber: desk, active: false, watch: {any: [georgia]}}
"""


@pytest.fixture(scope="module")
def desk(new_desk):
    desk = new_desk()
    names = {"georgia": "Georgia", "mali": "Mali"}
    desk.match({name: {"labels": {"de": {"names": [text]}}} for name, text in names.items()})
    path = desk.list.with_name("rules.yaml")
    path.write_text(RULES, encoding="utf-8")
    with desk.warehouse.transaction() as transaction:
        enrol(transaction, load_subscriptions([path], parents={"georgia": (), "mali": ()}), desk.now)
    publish(desk.warehouse, desk.config.parent / "data" / "thinkwatch.duckdb", desk.now)
    return desk


def explained(desk, capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(desk.config), "explain", *arguments])
    return ended.value.code, capsys.readouterr()


def test_every_condition_of_a_subscribers_rules_is_told(desk, capsys):
    status, said = explained(desk, capsys, "a0", "--for", "desk", "--json")
    assert status == 0
    gates = {name: {gate["gate"]: gate for gate in each} for name, each in json.loads(said.out)["gates"].items()}
    assert all(gate["passed"] for gate in gates["hit"].values())
    assert [gates["barred"][name]["passed"] for name in ("named", "min_mentions", "languages")] == [True, False, False]
    assert gates["absent"]["watch"]["why"] == "does not name Mali"
    assert "the source is known for 0 days only" in gates["fresh"]["first_mention"]["why"]
    assert gates["written"]["authors"]["why"] == "the author is unknown (asked for: Ann Smith)"
    assert not gates["stopped"]["active"]["passed"]


def test_the_terminal_shows_them_and_an_unknown_subscriber_is_named(desk, capsys):
    _, said = explained(desk, capsys, "a0", "--for", "desk")
    assert "Every condition of barred" in said.out
    assert "NO   min_mentions" in said.out
    status, said = explained(desk, capsys, "a0", "--for", "nobody")
    assert status == 2
    assert "there is no subscriber 'nobody'" in said.err
