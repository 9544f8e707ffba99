"""A fault in a subscription file while the flow runs: it is named, the others go on, and what cannot be read goes on as it was."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from alerts.notices import tell_operator
from assets.alerts import decide_alerts

DESK = "subscribers:\n  - {id: desk, address: desk@institute.example, name: Desk}\n"
GOOD = "  - {id: csto, subscriber: desk, watch: {any: [csto]}}\n"
OTHER = "  - {id: nato, subscriber: desk, watch: {any: [nato]}, frequency: immediate}\n"
ENTITIES = ("csto", "nato", "afghanistan")


class House:
    """An installation whose subscription files are written anew before each run."""

    def __init__(self, newsroom, folder):
        self.newsroom, self.folder, self.hours = newsroom, folder, 0
        rows = [
            {"entity": one, "kind": "region", "label": one, "labels": {}, "parents": [], "forms": 1, "watchlist_hash": "x"}
            | {"names": {}, "changed_at": newsroom.now}
            for one in ENTITIES
        ]
        with newsroom.warehouse.transaction() as transaction:
            transaction.merge("watchlist", rows, key=["entity"])

    def run(self, *texts):
        """Another hour: a new article that names everything is decided upon; who was alerted of it, and all issues' words."""
        self.hours += 1
        now = self.newsroom.now + timedelta(hours=self.hours)
        paths = [self.folder / f"subscriptions-{number}.yaml" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        name = f"a{self.hours}"
        self.newsroom.put(self.newsroom.candidate(name, first_seen_at=now, matched_at=now))
        mail = SimpleNamespace(domain="thinkwatch.example")
        decide_alerts(
            SimpleNamespace(
                warehouse=self.newsroom.warehouse, subscriptions=paths, channel="mail", started_at=now, now=lambda: now, mail=mail
            )
        )
        asked = f"SELECT json_extract_string(rule, '$[*].subscription') FROM alerts WHERE article_id = '{name}'"
        return sorted(one for (ids,) in self.newsroom.rows(asked) for one in ids), self.issues(now)

    def issues(self, since):
        """Line, words and hint of what is wrong since then."""
        seen = f"SELECT message, hint FROM issues WHERE kind = 'subscription_faulty' AND last_seen_at >= TIMESTAMPTZ '{since}' ORDER BY ALL"
        return self.newsroom.rows(seen)


@pytest.fixture
def house(newsroom, tmp_path):
    return House(newsroom, tmp_path)


BAD = {
    "an entity that is not watched": "  - {id: nato, subscriber: desk, watch: {any: [natto]}}\n",
    "an unknown key": "  - {id: nato, subscriber: desk, wach: {any: [nato]}}\n",
    "a wrong value": "  - {id: nato, subscriber: desk, watch: {any: [nato]}, min_salience: much}\n",
    "an unknown subscriber": "  - {id: nato, subscriber: dusk, watch: {any: [nato]}}\n",
    "nothing that is watched": "  - {id: nato, subscriber: desk}\n",
    "two of one id": OTHER + "  - {id: nato, subscriber: desk, watch: {any: [csto]}}\n",
    "no id": "  - {subscriber: desk, watch: {any: [nato]}}\n",
    "another id that is none": "  - {id: N A T O, subscriber: desk, watch: {any: [nato]}}\n",
    "no mapping": "  - nato\n",
}


@pytest.mark.fault("M83")
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_m83_a_bad_subscription_among_good_ones_is_named_and_goes_on_with_its_last_good_rule(house, bad):
    new = "  - {id: kabul, subscriber: desk, watch: {any: [afghanistan]}}\n"
    head = DESK + "subscriptions:\n"
    assert house.run(head + GOOD + OTHER) == (["csto", "nato"], [])
    alerted, ((message, hint),) = house.run(head + GOOD + bad + new)
    assert alerted == ["csto", "kabul", "nato"]
    assert f"subscriptions-0.yaml:{5 + bad.count('- ') - 1}: " in message
    assert hint
    assert house.run(head + GOOD + OTHER) == (["csto", "nato"], [])
    assert house.run(head + GOOD) == (["csto"], [])


@pytest.mark.fault("M83")
def test_m83_a_bad_subscription_that_was_never_good_waits_and_says_so(house):
    alerted, ((message, hint),) = house.run(DESK + "subscriptions:\n" + GOOD + BAD["an entity that is not watched"])
    assert alerted == ["csto"]
    assert message.endswith("subscriptions-0.yaml:5: no such entity in the watch list: natto; it waits until it is mended")
    assert hint == "did you mean nato?"


@pytest.mark.fault("M83")
def test_m83_one_that_was_taken_out_or_switched_off_does_not_come_back_with_a_fault(house):
    head = DESK + "subscriptions:\n"
    house.run(head + GOOD + OTHER)
    assert house.run(head + GOOD)[0] == ["csto"]
    assert house.run(head + GOOD + BAD["a wrong value"])[0] == ["csto"]
    assert house.run(head + GOOD + "  - nato\n")[0] == ["csto"]


@pytest.mark.fault("M83")
@pytest.mark.parametrize(
    "broken",
    ["subscriptions:\n  - {id: nato\n", "subscriptions: nothing\n", "subscriptons: []\n", b"\xff\xfe\x00", None, "[]\n", "a: 1\na: 2\n"],
    ids=["no YAML", "no list", "a misspelt key", "no text", "no file", "no mapping", "a key twice"],
)
def test_m83_what_stood_in_a_file_that_cannot_be_read_goes_on_as_it_was(house, broken):
    ours, theirs = DESK + "subscriptions:\n" + GOOD, "subscriptions:\n" + OTHER
    assert house.run(ours, theirs) == (["csto", "nato"], [])
    before = house.newsroom.rows("SELECT * FROM subscriptions ORDER BY ALL")
    alerted, ((message, _),) = house.run(ours, broken)
    assert alerted == ["csto", "nato"]
    assert "subscriptions-1.yaml" in message
    assert message.endswith("; go on as they were before: nato")
    assert house.newsroom.rows("SELECT * FROM subscriptions ORDER BY ALL") == before
    assert house.run(ours, "") == (["csto"], [])


@pytest.mark.fault("M83")
def test_m83_a_subscriber_with_a_fault_keeps_the_address_that_was_good(house):
    others = "subscribers:\n  - {id: anna, address: %s, name: Anna, digest: {at: '06:30', weekday: friday}, quiet: {from: '23:00', to: '05:00'}}\n"
    mine = "subscriptions:\n  - {id: nato, subscriber: anna, watch: {any: [nato]}}\n"
    ours = DESK + "subscriptions:\n" + GOOD
    house.run(ours, others % "anna@desk.example" + mine)
    before = house.newsroom.rows("SELECT * FROM subscriptions ORDER BY ALL")
    alerted, issues = house.run(ours, others % "anna.desk.example" + mine)
    assert alerted == ["csto", "nato"]
    assert house.newsroom.rows("SELECT * FROM subscriptions ORDER BY ALL") == before
    assert [("not a mail address" in message, "its subscriber anna has a fault" in message) for message, _ in issues] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.fault("M83")
def test_m83_the_operator_is_told_once_a_subscription(house):
    house.run(DESK + "subscriptions:\n" + GOOD + BAD["an unknown key"])
    house.run(DESK + "subscriptions:\n" + GOOD + BAD["an unknown key"])
    now = house.newsroom.now + timedelta(hours=3)
    with house.newsroom.warehouse.transaction() as transaction:
        told = [tell_operator(transaction, now, address="op@desk.example", channel="mail", domain="t.example") for _ in range(2)]
    assert told == [1, 0]
    assert house.newsroom.rows("SELECT kind, subject FROM ops.notices") == [("subscription_faulty", "nato")]
