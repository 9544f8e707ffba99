"""Rules that many subscribers share, each judged once an article.

Here: which rules are the same, whom an article can concern, and what each rule says of it. Pure. Not here: what a rule
means (rules.py), who is told (select.py).
"""

from collections import defaultdict
from collections.abc import Hashable

from alerts.candidates import Candidate
from alerts.records import Rule, Subscription
from alerts.rules import Verdict, judge, named

Numbered = tuple[Subscription, int]  # a subscription and the number of its rule


class Bench:
    """The subscriptions by subscriber, and their distinct rules.

    Attributes:
        groups: each subscriber's subscriptions in the order of their admission, each with the number of its rule.
    """

    def __init__(self) -> None:
        self.groups: dict[str, list[Numbered]] = defaultdict(list)
        self._rules: list[Rule] = []
        self._numbers: dict[Hashable, int] = {}
        self._askers: list[dict[str, None]] = []  # by rule: the subscribers who have it
        self._watching: dict[str, list[int]] = defaultdict(list)  # by entity: the rules that it can hit
        self._of_authors: list[int] = []
        self._verdicts: dict[int, Verdict | None] = {}

    def admit(self, one: Subscription) -> None:
        """Take up a subscription."""
        number = self._number(one.rule)
        self._askers[number][one.subscriber.id] = None
        self.groups[one.subscriber.id].append((one, number))

    def concerned(self, candidate: Candidate) -> list[str]:
        """The subscribers who have a rule that names something in the article, or one that is about authors; by their ids."""
        self._verdicts = {}
        entities = {mention.entity for mention in candidate.mentions}
        rules = {number for entity in entities for number in self._watching.get(entity, ())}.union(self._of_authors)
        return sorted({who for number in rules for who in self._askers[number]})

    def verdict(self, number: int, candidate: Candidate) -> Verdict | None:
        """What a rule says of the article that `concerned` was asked about last; None where it names nothing that is asked for."""
        if number not in self._verdicts:
            self._verdicts[number] = self._judged(self._rules[number], candidate)
        return self._verdicts[number]

    @staticmethod
    def _judged(rule: Rule, candidate: Candidate) -> Verdict | None:
        verdict = judge(rule, candidate)
        return verdict if verdict.hit or named(rule, candidate) else None

    def _number(self, rule: Rule) -> int:
        number = self._numbers.setdefault(rule.key(), len(self._rules))
        if number == len(self._rules):
            self._rules.append(rule)
            self._askers.append({})
            self._index(rule, number)
        return number

    def _index(self, rule: Rule, number: int) -> None:
        watched = rule.reached(entity for group in rule.groups for entity in group)
        for entity in watched:
            self._watching[entity].append(number)
        if not watched:
            self._of_authors.append(number)
