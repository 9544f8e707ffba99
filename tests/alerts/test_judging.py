"""Rules that many share are judged once an article, and nobody's mail changes by it."""

import random
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from alerts import judging
from alerts.candidates import Candidate, Mention
from alerts.decisions import Decision
from alerts.records import Only, Rule, Subscriber, Subscription
from alerts.rules import judge, named
from alerts.select import as_told, decide

ENTITIES = [f"e{number}" for number in range(6)]
AUTHORS = ["Anna Berg", "Boris Hill"]


class World:
    """Articles and subscriptions by chance: shared rules, two languages, authors, exclusions, regions, stopped and new ones."""

    def __init__(self, seed: int, now) -> None:
        self.chance = random.Random(seed)
        self.now = now
        self.subscriptions = [self.subscription(number) for number in range(self.chance.randint(5, 30))]
        self.candidates = [one for number in range(6) for one in self.revisions(number)]

    def subscription(self, number: int) -> Subscription:
        chance = self.chance
        language = chance.choice(["en", "ru"])
        who = Subscriber(f"s{chance.randrange(9)}", "S", "a@b.example", language, "UTC", "mail")
        groups = tuple(tuple(chance.sample(ENTITIES[:3], chance.randint(1, 2))) for _ in range(chance.randint(0, 2)))
        rule = Rule(
            groups,
            none=(chance.choice(ENTITIES),) if chance.random() < 0.3 else (),
            reach={"e0": ("e0", "e4", "e5")} if chance.random() < 0.3 else {},
            labels={"e1": {"en": "One", "ru": "Один"}[language]},
            min_mentions=chance.choice([1, 1, 2]),
            within=chance.choice(["", "sentence"]) if len(groups) > 1 else "",
            authors=Only((chance.choice(["anna", "hill"]),)) if not groups or chance.random() < 0.2 else Only(),
        )
        added = self.now + timedelta(days=chance.choice([-30, -30, -1, 1]))
        return Subscription(f"r{number}", who, rule, "words", active=chance.random() < 0.9, added_at=added)

    def revisions(self, number: int) -> list[Candidate]:
        found, earlier = [], frozenset()
        for count in range(1, self.chance.randint(1, 3) + 1):
            name = f"a{number}r{count}"
            mentions = tuple(
                Mention(f"{name}m{place}", self.chance.choice(ENTITIES), "text", "body", place, place + 1, "X", "X", "name", 0, 9)
                for place in range(self.chance.randint(0, 6))
            )
            kind = "new" if count == 1 else self.chance.choice(["edited", "restored", "re-extracted"])
            story = f"story{self.chance.randrange(4)}"
            told = (f"a{number}", name, count, kind, story, "s", "S", None, "en", "T", "x" * 20, None, None, None)
            authors = tuple(self.chance.sample(AUTHORS, self.chance.randint(0, 2)))
            found.append(Candidate(*told, self.now, False, self.now, "w", mentions, earlier_entities=earlier, authors=authors))
            earlier |= {mention.entity for mention in mentions}
        return found

    def history(self, decision: Decision) -> list:
        return [replace(as_told(alert), fate=self.chance.choice(["reached", "unsent", "dropped"])) for alert in decision.alerts]


@pytest.mark.parametrize("seed", range(40))
def test_each_subscriber_is_told_what_they_would_be_told_alone(now, seed):
    world = World(seed, now)
    first = decide(world.candidates[:5], world.subscriptions, [], now)
    history = world.history(first)
    together = decide(world.candidates, world.subscriptions, history, now)
    superseded = []
    for who in {one.subscriber.id for one in world.subscriptions}:
        own = [one for one in world.subscriptions if one.subscriber.id == who]
        alone = decide(world.candidates, own, [told for told in history if told.subscriber_id == who], now)
        assert [alert for alert in together.alerts if alert.subscriber.id == who] == list(alone.alerts)
        assert [ruling for ruling in together.verdicts if ruling.subscription.subscriber.id == who] == list(alone.verdicts)
        superseded += alone.superseded
    assert sorted(together.superseded) == sorted(superseded)


@pytest.mark.parametrize("seed", range(40))
def test_every_rule_that_is_named_in_an_article_is_judged_by_its_own_words(now, seed):
    world = World(seed, now)
    firsts = [one for one in world.candidates if one.revision_no == 1]
    found = {(one.candidate.revision_id, one.subscription.id): one for one in decide(firsts, world.subscriptions, [], now).verdicts}
    asked = {(article.revision_id, one.id): (one.rule, article) for article in firsts for one in world.subscriptions}
    assert found.keys() == {pair for pair, (rule, article) in asked.items() if judge(rule, article).hit or named(rule, article)}
    for pair, ruling in found.items():
        verdict = judge(*asked[pair])
        assert verdict.hit is (ruling.verdict != "no hit")
        assert ruling.verdict not in {"no hit", "alert"} or ruling.reason == verdict.reason


def test_rule_that_a_thousand_share_is_judged_once_an_article(now):
    world = World(1, now)
    (article,) = [replace(world.candidates[0], mentions=(Mention("m", "e1", "text", "body", 0, 1, "X", "X", "name", 0, 9),))]
    people = [Subscriber(f"p{number}", "P", "a@b.example", "en", "UTC", "mail") for number in range(1000)]
    many = [Subscription(f"r{who.id}", who, Rule((("e1",),)), "words", added_at=now) for who in people]
    with patch.object(judging, "judge", wraps=judge) as judged:
        assert len(decide([article], many, [], now).alerts) == len(many)
    assert judged.call_count == 1
