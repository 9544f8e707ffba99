"""How long it takes to decide about a batch of articles for many subscribers, and what memory it takes.

    python -m bench.deciding [SUBSCRIBERS [ARTICLES]]

Each subscriber asks for one of 400 entities; each article names three. Prints the time of one pass in units of one that has a
tenth of the subscribers, and the process's memory. Of the past only the alerts on these very articles are ever read.
"""

import random
import resource
import sys
import time
from datetime import UTC, datetime

from alerts.candidates import Candidate, Mention
from alerts.records import Rule, Subscriber, Subscription
from alerts.select import decide

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)
ENTITIES = 400


def subscriptions(count: int) -> list[Subscription]:
    """So many subscribers with a rule each."""
    found, since = [], datetime(2021, 1, 1, tzinfo=UTC)
    for number in range(count):
        who = Subscriber(f"s{number}", f"S {number}", f"s{number}@desk.example", "en", "UTC", "mail")
        found.append(Subscription(f"r{number}", who, Rule(((f"e{number % ENTITIES}",),)), "a rule", added_at=since))
    return found


def candidates(count: int) -> list[Candidate]:
    """So many articles that name three entities each."""
    chosen = random.Random(1)
    found = []
    for number in range(count):
        mentions = tuple(
            Mention(f"m{number}-{place}", f"e{entity}", "text", "body", 4, 8, "CSTO", "CSTO", "acronym", 0, 13)
            for place, entity in enumerate(chosen.sample(range(ENTITIES), 3))
        )
        name = f"a{number}"
        told = (name, f"{name}r", 1, "new", name, "s", "S", None, "en", "T", "The CSTO met.", None, None, None)
        found.append(Candidate(*told, NOW, False, NOW, "w", mentions))
    return found


def main(subscribers: int = 50_000, articles: int = 200) -> None:
    """Print the table."""
    seconds = {}
    for count in (subscribers // 10, subscribers):
        rules, batch = subscriptions(count), candidates(articles)
        began = time.perf_counter()
        decision = decide(batch, rules, [], NOW)
        seconds[count] = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{count} subscribers × {articles} articles: {len(decision.alerts)} alerts, {peak / 2**10:.0f} MiB at most", flush=True)
    small, large = seconds.values()
    print(f"ten times the subscribers take {large / small:.1f} times as long; {large:.1f} s here")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
