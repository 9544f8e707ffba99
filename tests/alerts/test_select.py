"""Who is told what, and what is never told."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.memory import Told, told_before
from alerts.select import CORRECTED, SUPERSEDED, decide, withdrawal


def told(subscriber="desk", article="a1", story="s-a1", entities=("csto",)):
    return told_before([{"subscriber_id": subscriber, "article_id": article, "story_id": story, "entities": list(entities)}])


@pytest.fixture
def verdict(newsroom_desk):
    """The one verdict on a candidate for one subscription, and the number of alerts."""

    def verdict(candidate, subscription=None, past=()):
        decision = decide([candidate], [subscription or newsroom_desk.subscription("csto")], past, newsroom_desk.now)
        if not decision.verdicts:
            return next(iter(decision.summaries().values())), len(decision.alerts)
        (ruling,) = decision.verdicts
        assert ruling.reason
        return ruling.verdict, len(decision.alerts)

    return verdict


def test_first_article_alerts_with_its_reason(newsroom_desk):
    subscription = newsroom_desk.subscription("csto", "central-asia", within="sentence")
    decision = decide([newsroom_desk.candidate()], [subscription], [], newsroom_desk.now)
    (alert,) = decision.alerts
    assert alert.reason == "names CSTO and Tajikistan in one sentence"
    assert alert.entities == ("csto", "tajikistan")
    assert alert.created_at == newsroom_desk.now
    assert len(alert.alert_id) == 20
    assert int(alert.alert_id, 16)
    assert decision.summaries() == {("a1r1", "0123456789abcdef"): "1 alert"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"baseline": True}, "baseline"),
        ({"change_kind": "re-extracted", "revision_no": 2, "earlier_entities": frozenset({"csto"})}, "re-extracted"),
        ({"change_kind": "re-extracted", "revision_no": 2, "first_seen_at": datetime(2021, 9, 10, tzinfo=UTC)}, "re-extracted"),
        ({"rematched": True}, "back-match"),
        ({"title": "Nothing", "text": "Nothing."}, "not mentioned"),
    ],
)
def test_what_is_never_told(newsroom_desk, verdict, change, word):
    assert verdict(newsroom_desk.candidate(**change)) == (word, 0)


def test_whom_we_had_overlooked_in_a_young_article_is_told_once_we_read_it_better(newsroom_desk, verdict):
    better = {"change_kind": "re-extracted", "revision_no": 2}
    assert verdict(newsroom_desk.candidate(**better, earlier_entities=frozenset({"un"}))) == ("alert", 1)
    assert verdict(newsroom_desk.candidate(**better, baseline=True)) == ("baseline", 0)


@pytest.mark.parametrize("kind", ["new", "edited", "restored", "completed"])
def test_every_change_of_the_page_itself_may_alert(newsroom_desk, verdict, kind):
    assert verdict(newsroom_desk.candidate(change_kind=kind, revision_no=1 if kind == "new" else 2)) == ("alert", 1)


def test_miss_is_told_apart_from_no_mention(newsroom_desk, verdict):
    assert verdict(newsroom_desk.candidate(), newsroom_desk.subscription("csto", min_mentions=9)) == ("no hit", 0)


@pytest.mark.fault("M84")
@pytest.mark.parametrize(("offset", "expected"), [(-1, "alert"), (0, "alert"), (1, "added later")])
def test_m84_subscription_alerts_only_for_what_is_matched_from_then_on(newsroom_desk, verdict, offset, expected):
    added = newsroom_desk.now + timedelta(minutes=offset)
    assert verdict(newsroom_desk.candidate(), newsroom_desk.subscription("csto", added_at=added))[0] == expected


def test_stopped_or_unknown_subscription_does_not_alert(newsroom_desk, verdict):
    assert verdict(newsroom_desk.candidate(), newsroom_desk.subscription("csto", active=False)) == ("inactive", 0)
    assert verdict(newsroom_desk.candidate(), newsroom_desk.subscription("csto", added_at=None)) == ("added later", 0)


def test_article_is_told_once_across_the_rules_of_a_subscriber(newsroom_desk):
    rules = [newsroom_desk.subscription("csto", id="b-csto"), newsroom_desk.subscription("nato", id="a-nato")]
    decision = decide([newsroom_desk.candidate()], rules, [], newsroom_desk.now)
    (alert,) = decision.alerts
    assert [one.id for one in alert.subscriptions] == ["b-csto", "a-nato"]
    assert alert.entities == ("csto", "nato")
    assert len(alert.mention_ids) == 3
    assert [ruling.verdict for ruling in decision.verdicts] == ["alert", "same alert"]
    assert decision.verdicts[1].reason == "told by b-csto; it names NATO"


def test_each_subscriber_is_told(newsroom_desk):
    rules = [newsroom_desk.subscription("csto", id=name, subscriber=name) for name in ("anna", "boris")]
    decision = decide([newsroom_desk.candidate()], rules, told("anna"), newsroom_desk.now)
    assert [alert.subscriber.id for alert in decision.alerts] == ["boris"]


def test_copies_of_a_story_are_told_once(newsroom_desk):
    copies = [newsroom_desk.candidate(name, story_id="story") for name in ("a1", "a2", "a3")]
    decision = decide(copies, [newsroom_desk.subscription("csto")], [], newsroom_desk.now)
    assert [ruling.verdict for ruling in decision.verdicts] == ["alert", "story already told", "story already told"]
    assert "article a1" in decision.verdicts[1].reason


def test_copy_of_a_story_told_yesterday_is_not_told(newsroom_desk, verdict):
    past = told(article="yesterday", story="story")
    assert verdict(newsroom_desk.candidate(story_id="story"), past=past) == ("story already told", 0)
    assert verdict(newsroom_desk.candidate(story_id=None), past=past) == ("alert", 1)


def test_copy_that_was_edited_since_is_told_for_what_it_adds(newsroom_desk, verdict):
    past = told(article="yesterday", story="story")
    edited = newsroom_desk.candidate(story_id="story", revision_no=2)
    assert verdict(edited, past=past) == ("story already told", 0)
    assert verdict(edited, newsroom_desk.subscription("csto|nato"), past=past) == ("alert", 1)


@pytest.mark.fault("F23")
def test_f23_later_revision_is_told_only_for_what_it_adds(newsroom_desk, verdict):
    edited = newsroom_desk.candidate(revision_no=2)
    assert verdict(edited, past=told()) == ("already told", 0)
    assert verdict(edited, newsroom_desk.subscription("csto|nato"), told(entities=("csto", "nato"))) == ("already told", 0)
    assert verdict(edited, newsroom_desk.subscription("csto|nato"), told()) == ("alert", 1)


def test_three_revisions_in_one_batch_are_told_in_their_order(newsroom_desk):
    texts = ["The CSTO met.", "The CSTO met today.", "The CSTO met NATO today."]
    revisions = [newsroom_desk.candidate(title="Talks", text=text, revision_no=number) for number, text in enumerate(texts, 1)]
    decision = decide(reversed(revisions), [newsroom_desk.subscription("csto|nato")], [], newsroom_desk.now)
    assert [ruling.verdict for ruling in decision.verdicts] == ["alert", "alert", "alert"]
    # None was sent yet, so only the text as it is now is told.
    assert [(alert.revision_id, alert.entities) for alert in decision.alerts] == [("a1r3", ("csto", "nato"))]


def test_old_article_that_is_touched_up_is_not_news_for_a_new_subscription(newsroom_desk, verdict):
    subscription = newsroom_desk.subscription("csto", added_at=newsroom_desk.now - timedelta(hours=1))
    old = newsroom_desk.candidate(
        revision_no=2, first_seen_at=newsroom_desk.now - timedelta(days=9), earlier_entities=frozenset({"csto", "tajikistan"})
    )
    assert verdict(old, subscription) == ("nothing new", 0)
    assert verdict(replace(old, earlier_entities=frozenset({"tajikistan"})), subscription) == ("alert", 1)


def test_alert_ids_do_not_depend_on_the_run(newsroom_desk):
    def ids(*names):
        candidates = [newsroom_desk.candidate(name) for name in names]
        return {alert.alert_id for alert in decide(candidates, [newsroom_desk.subscription("csto")], [], newsroom_desk.now).alerts}

    assert ids("a1", "a2") == ids("a2", "a1") == ids("a1") | ids("a2")
    assert len(ids("a1", "a2")) == 2


@pytest.mark.fault("F25")
def test_f25_first_import_of_five_hundred_old_articles_is_silent(newsroom_desk):
    old = [newsroom_desk.candidate(f"old{number}", title="Old", text="The CSTO met.", baseline=True) for number in range(500)]
    decision = decide([*old, newsroom_desk.candidate("new")], [newsroom_desk.subscription("csto")], [], newsroom_desk.now)
    assert [alert.candidate.article_id for alert in decision.alerts] == ["new"]


def sent(newsroom_desk, candidate, *groups, subscription=None, **changes):
    """The history after this candidate was told, and sent."""
    (alert,) = decide([candidate], [subscription or newsroom_desk.subscription(*groups)], [], newsroom_desk.now).alerts
    proof = {}
    for mention in candidate.mentions:
        if mention.mention_id in alert.mention_ids:
            proof.setdefault(mention.entity, []).append(mention.mention_id)
    given = {"subscriber_id": "desk", "article_id": candidate.article_id, "story_id": candidate.story_id, "fate": "reached"}
    given |= {"entities": frozenset(alert.entities), "alert_id": alert.alert_id, "revision_id": alert.revision_id}
    given |= {"subscription_ids": ("watch",), "proof": {entity: tuple(ids) for entity, ids in proof.items()}}
    return Told(**(given | changes))


def test_revision_that_no_longer_names_what_was_told_says_so_and_quotes_what_it_said(newsroom_desk):
    first = newsroom_desk.candidate(title="Talks", text="The CSTO met NATO.")
    history = [sent(newsroom_desk, first, "csto|nato")]
    later = newsroom_desk.candidate(title="Talks", text="NATO met.", revision_no=2)
    decision = decide([later], [newsroom_desk.subscription("csto|nato")], history, newsroom_desk.now)
    (alert,) = decision.alerts
    assert (alert.kind, alert.removed, alert.entities, alert.revision_id) == ("removal", ("csto",), ("csto",), "a1r1")
    assert set(alert.mention_ids) == {one.mention_id for one in first.mentions if one.entity == "csto"}
    assert [ruling.verdict for ruling in decision.verdicts] == ["already told", "no longer mentioned"]
    assert alert.reason == "no longer names CSTO"
    again = replace(history[0], alert_id=alert.alert_id, removed=frozenset({"csto"}), entities=frozenset({"csto"}))
    third = newsroom_desk.candidate(title="Talks", text="NATO met again.", revision_no=3)
    assert decide([third], [newsroom_desk.subscription("csto|nato")], [*history, again], newsroom_desk.now).alerts == ()


def test_revision_that_adds_and_removes_is_told_once(newsroom_desk):
    history = [sent(newsroom_desk, newsroom_desk.candidate(title="Talks", text="The CSTO met."), "csto|nato")]
    later = newsroom_desk.candidate(title="Talks", text="NATO met.", revision_no=2)
    (alert,) = decide([later], [newsroom_desk.subscription("csto|nato")], history, newsroom_desk.now).alerts
    assert (alert.kind, alert.entities, alert.removed, alert.revision_id) == ("mention", ("nato",), ("csto",), "a1r2")


@pytest.mark.parametrize(
    "change",
    [{"change_kind": "re-extracted"}, {"rematched": True}],
)
def test_our_own_second_look_takes_nothing_back(newsroom_desk, change):
    history = [sent(newsroom_desk, newsroom_desk.candidate(title="Talks", text="The CSTO met."), "csto")]
    later = newsroom_desk.candidate(title="Talks", text="Nobody met.", revision_no=2, **change)
    assert decide([later], [newsroom_desk.subscription("csto")], history, newsroom_desk.now).alerts == ()


def test_subscription_that_is_stopped_is_not_told_of_removals(newsroom_desk):
    history = [sent(newsroom_desk, newsroom_desk.candidate(title="Talks", text="The CSTO met."), "csto")]
    later = newsroom_desk.candidate(title="Talks", text="Nobody met.", revision_no=2)
    assert decide([later], [newsroom_desk.subscription("csto", active=False)], history, newsroom_desk.now).alerts == ()


@pytest.mark.fault("M85")
def test_m85_alert_that_was_not_sent_before_its_article_changed_gives_way(newsroom_desk):
    first = newsroom_desk.candidate(title="Talks", text="The CSTO met NATO.")
    history = [sent(newsroom_desk, first, "csto", fate="unsent")]

    def after(text, **changes):
        later = newsroom_desk.candidate(title="Talks", text=text, revision_no=2, **changes)
        decision = decide([later], [newsroom_desk.subscription("csto")], history, newsroom_desk.now)
        return [(alert.kind, alert.revision_id) for alert in decision.alerts], [one.reason for one in decision.superseded]

    assert after("NATO met.") == ([], [CORRECTED])
    assert after("The CSTO met today.") == ([("mention", "a1r2")], [SUPERSEDED])
    assert after("The CSTO met today.", change_kind="re-extracted") == ([], [])
    (fresh,) = decide([newsroom_desk.candidate(revision_no=2)], [newsroom_desk.subscription("csto")], history, newsroom_desk.now).alerts
    assert fresh.alert_id != history[0].alert_id


def test_addition_that_was_taken_back_before_it_was_sent_is_not_sent(newsroom_desk):
    first = sent(newsroom_desk, newsroom_desk.candidate(title="Talks", text="The CSTO met."), "csto|nato")
    added = replace(first, alert_id="second", revision_id="a1r2", fate="unsent", entities=frozenset({"csto", "nato"}))
    third = newsroom_desk.candidate(title="Talks", text="The CSTO met.", revision_no=3)
    decision = decide([third], [newsroom_desk.subscription("csto|nato")], [first, added], newsroom_desk.now)
    assert (decision.alerts, decision.superseded) == ((), (("second", CORRECTED),))


def test_alert_that_was_dropped_is_not_made_again_on_the_same_text(newsroom_desk):
    dropped = sent(newsroom_desk, newsroom_desk.candidate(), "csto", fate="dropped")
    assert decide([newsroom_desk.candidate()], [newsroom_desk.subscription("csto")], [dropped], newsroom_desk.now).alerts == ()
    later = newsroom_desk.candidate(text="The CSTO met again.", revision_no=2)
    (alert,) = decide([later], [newsroom_desk.subscription("csto")], [dropped], newsroom_desk.now).alerts
    assert alert.alert_id != dropped.alert_id


def test_withdrawal_is_told_to_whom_the_article_was_told(newsroom_desk):
    candidate = newsroom_desk.candidate()
    told_of = sent(newsroom_desk, candidate, "csto")
    alert = withdrawal(told_of, candidate, [newsroom_desk.subscription("csto")], newsroom_desk.now)
    assert (alert.kind, alert.entities, alert.revision_id) == ("withdrawal", ("csto",), "a1r1")
    assert withdrawal(told_of, candidate, [newsroom_desk.subscription("csto", active=False)], newsroom_desk.now) is None


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "queued"),
        ({"frequency": "daily"}, "waiting"),
        ({"paused_until": datetime(2021, 9, 20, tzinfo=UTC)}, "waiting"),
        ({"paused_until": datetime(2021, 9, 18, tzinfo=UTC)}, "queued"),
    ],
)
def test_alert_waits_for_its_digest_or_the_end_of_a_pause(newsroom_desk, change, state):
    (alert,) = decide([newsroom_desk.candidate()], [newsroom_desk.subscription("csto", **change)], [], newsroom_desk.now).alerts
    assert alert.state == state


def test_most_urgent_of_the_rules_that_are_hit_decides(newsroom_desk):
    rules = [newsroom_desk.subscription("csto", id="a", frequency="weekly"), newsroom_desk.subscription("nato", id="b")]
    (alert,) = decide([newsroom_desk.candidate()], rules, [], newsroom_desk.now).alerts
    assert alert.state == "queued"


@pytest.mark.fault("E101")
def test_e101_alert_in_the_quiet_hours_waits(newsroom_desk):
    sleeper = newsroom_desk.subscriber(quiet=(time(11), time(13)))
    (alert,) = decide([newsroom_desk.candidate()], [newsroom_desk.subscription("csto", subscriber=sleeper)], [], newsroom_desk.now).alerts
    assert alert.state == "waiting"


@pytest.mark.fault("O130")
def test_o130_alerts_of_a_held_source_are_made_and_held(newsroom_desk):
    (alert,) = decide([newsroom_desk.candidate()], [newsroom_desk.subscription("csto")], [], newsroom_desk.now, held={"russtrat"}).alerts
    assert alert.state == "held"
