"""Rules about more than one article: who wrote it, what is new to a source, what is more than usual."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.history import History, Naming, with_history
from alerts.records import Only, Volume
from alerts.rules import judge, named

DAY = timedelta(days=1)
WEEKLY = Volume(times=3, hours=24, days=7, least=3)


def naming(desk, days, number=0, *, entity="csto", source="russtrat", story=None, seen=None, country="RU", language="en"):
    """An article `days` before the candidate."""
    at = desk.now - DAY * days
    article = f"old-{entity}-{source}-{days}-{number}"
    return Naming(entity, article, story or article, source, country, language, at, seen or at)


def judged(desk, *groups, history, **changes):
    candidate = desk.candidate("x", history=history, authors=("Елена Панина", "Dr. Ann B. Smith"), **changes.pop("article", {}))
    return judge(desk.subscription(*groups, **changes).rule, candidate)


def known(desk, *namings, days=400):
    return History(tuple(namings), desk.now - DAY * days, {"russtrat": desk.now - DAY * days})


@pytest.mark.parametrize(
    ("asked", "hit"),
    [
        ("Elena Panina", False),
        ("панина елена", True),
        ("Panina", False),
        ("Ann Smith", True),
        ("Smith, Ann", True),
        ("Ann Smithson", False),
        ("Bann Smith", False),
    ],
)
def test_articles_by_an_author_whatever_they_mention(newsroom_desk, asked, hit):
    verdict = judged(newsroom_desk, history=History(), authors=Only((asked,)), article={"title": "T", "text": "Nothing."})
    assert verdict.hit is hit
    assert verdict.entities == ((f"author:{asked}",) if hit else ())
    assert verdict.reason == (f"is by {asked}" if hit else f"the author is Елена Панина, Dr. Ann B. Smith (asked for: {asked})")


def test_an_author_that_is_only_named_in_the_text_is_none(newsroom_desk):
    rule = newsroom_desk.subscription(authors=Only(("Ann Smith",))).rule
    candidate = newsroom_desk.candidate(text="Ann Smith said so.", authors=())
    assert not judge(rule, candidate).hit
    assert not named(rule, candidate)


def test_authors_limit_what_is_watched(newsroom_desk):
    assert judged(newsroom_desk, "csto", history=History(), authors=Only(("Ann Smith",))).entities == ("csto",)
    assert not judged(newsroom_desk, "csto", history=History(), authors=Only((), ("Ann Smith",))).hit


def test_the_first_mention_by_a_source_is_one(newsroom_desk):
    for history in (
        known(newsroom_desk),
        known(newsroom_desk, naming(newsroom_desk, 91)),
        known(newsroom_desk, naming(newsroom_desk, 3, source="other")),
    ):
        assert judged(newsroom_desk, "csto", history=history, first_mention_days=90).hit
    later = judged(newsroom_desk, "csto", history=known(newsroom_desk, naming(newsroom_desk, 89)), first_mention_days=90)
    assert later.reason == "the source named CSTO 89 days ago; 90 days without it are asked for"


def test_a_child_that_was_named_before_makes_its_region_known(newsroom_desk):
    history = known(newsroom_desk, naming(newsroom_desk, 5, entity="kyrgyzstan"))
    assert not judged(newsroom_desk, "central-asia", history=history, first_mention_days=90).hit
    assert judged(newsroom_desk, "tajikistan", history=history, first_mention_days=90).hit


def test_nothing_is_new_to_a_source_that_is_known_for_less_than_the_time(newsroom_desk):
    verdict = judged(newsroom_desk, "csto", history=known(newsroom_desk, days=30), first_mention_days=90)
    assert verdict.reason == "the source is known for 30 days only; whether it is the first in 90 cannot be said"
    assert not judged(newsroom_desk, "csto", history=History(), first_mention_days=90).hit


def test_of_two_articles_of_one_run_only_one_is_the_first(newsroom_desk):
    at_once = naming(newsroom_desk, 0)
    assert not judged(newsroom_desk, "csto", history=known(newsroom_desk, at_once), first_mention_days=90).hit
    itself = at_once._replace(article_id="x")
    assert judged(newsroom_desk, "csto", history=known(newsroom_desk, itself), first_mention_days=90).hit


def usual(desk, per_day, today):
    """So many articles on each of eight days before, and so many in the last 24 hours."""
    old = [naming(desk, 1.5 + day, number) for day in range(8) for number in range(per_day)]
    return [*old, *(naming(desk, 0.5, 100 + number) for number in range(today))]


@pytest.mark.parametrize(
    ("per_day", "today", "hit"),
    [(1, 0, False), (1, 1, False), (1, 2, True), (1, 3, False), (2, 4, False), (2, 5, True), (2, 6, False), (0, 1, False), (0, 2, True)],
)
def test_only_the_article_that_makes_the_volume_unusual_is_told(newsroom_desk, per_day, today, hit):
    verdict = judged(newsroom_desk, "csto", history=known(newsroom_desk, *usual(newsroom_desk, per_day, today)), volume=WEEKLY)
    assert verdict.hit is hit
    (gate,) = [gate for gate in verdict.gates if gate.gate == "volume"]
    assert gate.why.startswith(f"article {today + 1} in 24 hours, usually {per_day}; from {max(3 * per_day, 3)} on it is unusual")


def test_copies_of_a_story_are_one_article(newsroom_desk):
    copies = [naming(newsroom_desk, 0.5, number, story="same", source=f"s{number}") for number in range(5)]
    assert not judged(newsroom_desk, "csto", history=known(newsroom_desk, *copies), volume=WEEKLY).hit
    own = [naming(newsroom_desk, 0.5, 1), naming(newsroom_desk, 0.5, 2, story="s-x")]
    assert not judged(newsroom_desk, "csto", history=known(newsroom_desk, *own), volume=WEEKLY).hit


def test_what_an_outage_held_back_is_no_surge(newsroom_desk):
    late = [naming(newsroom_desk, 2 + number, number, seen=newsroom_desk.now - DAY / 24) for number in range(6)]
    assert not judged(newsroom_desk, "csto", history=known(newsroom_desk, *late), volume=WEEKLY).hit


def test_volume_counts_what_the_rule_admits_and_all_that_it_names(newsroom_desk):
    two = [naming(newsroom_desk, 0.5, 1), naming(newsroom_desk, 0.4, 2)]
    foreign = [one._replace(country="KZ", source_id="kz") for one in two]
    assert not judged(newsroom_desk, "csto", history=known(newsroom_desk, *foreign), volume=WEEKLY, countries=Only(("RU",))).hit
    assert judged(newsroom_desk, "csto", history=known(newsroom_desk, *foreign), volume=WEEKLY).hit
    assert not judged(newsroom_desk, "csto", "tajikistan", history=known(newsroom_desk, *two), volume=WEEKLY).hit
    both = [*two, *(one._replace(entity="tajikistan") for one in two)]
    assert judged(newsroom_desk, "csto", "tajikistan", history=known(newsroom_desk, *both), volume=WEEKLY).hit


def test_a_young_store_does_not_know_what_is_usual(newsroom_desk):
    verdict = judged(newsroom_desk, "csto", history=known(newsroom_desk, *usual(newsroom_desk, 1, 2), days=6), volume=WEEKLY)
    assert verdict.reason == "the store is 6 days old; what is usual is told from 7"


def test_the_facts_are_read_only_for_rules_that_ask(newsroom):
    old = newsroom.candidate("old", first_seen_at=newsroom.now - 100 * DAY, published_at=None)
    newsroom.put(
        old, newsroom.candidate("older", first_seen_at=newsroom.now - 5 * DAY, published_at=newsroom.now - 7 * DAY, source_id="other")
    )
    candidate = newsroom.candidate("x")
    newsroom.put(candidate)
    asking, plain = newsroom.subscription("csto", first_mention_days=90).rule, newsroom.subscription("csto").rule
    with newsroom.warehouse.transaction() as transaction:
        assert with_history(transaction, [candidate], [plain])[0] is candidate
        (found,) = with_history(transaction, [candidate], [plain, asking])
    assert {(one.entity, one.article_id) for one in found.history.namings} == {("csto", "older"), ("csto", "x")}
    assert {one.at for one in found.history.namings if one.article_id == "older"} == {newsroom.now - 7 * DAY}
    assert judge(asking, found).hit
    assert not judge(asking, replace(found, source_id="other")).hit


def test_an_authors_article_is_alerted_and_mailed_without_a_mention(newsroom, post_office):
    newsroom.put(newsroom.candidate(title="On rivers", text="Water flows.", authors=("Ann Smith",)))
    assert newsroom.decide(newsroom.subscription(authors=Only(("Ann Smith",)))) == 1
    assert newsroom.rows("SELECT entities FROM alerts") == [(["author:Ann Smith"],)]
    newsroom.put(newsroom.candidate(title="On rivers", text="Water flows fast.", revision_no=2, authors=("Ann Smith",)))
    newsroom.deliver(mail=post_office.smtp())
    ((_, mail),) = post_office.mails
    assert b"Subject: Ann Smith: On rivers (RUSSTRAT, Russia)" in mail
    assert newsroom.decide(newsroom.subscription(authors=Only(("Ann Smith",)))) == 0
    with newsroom.warehouse.transaction() as transaction:
        assert transaction.rows("check_alerts_proved") == []
