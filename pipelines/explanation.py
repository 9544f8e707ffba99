"""One article through every gate, told from the analysts' copy: what was cut, what matched, who was told and who was not."""

import json
from dataclasses import dataclass, field

from alerts.candidates import read_candidates
from alerts.history import with_history
from alerts.records import read_rule
from alerts.rules import Gate, judge
from assets.matching.explaining import trace
from assets.matching.matcher import Matcher
from assets.matching.watchlist import unknown_entity
from assets.watching import compile_files
from pipelines.resources import watchlist_files
from pipelines.settings import Settings
from warehouse.errors import ConfigError
from warehouse.publish import AnalystsCopy
from warehouse.queries import statements
from warehouse.transaction import Row, Transaction

FACTS = (
    "title",
    "article",
    "source",
    "url",
    "published",
    "quality",
    "language",
    "authors",
    "text from",
    "characters",
    "score",
    "evidence",
    "revision",
    "change",
)


@dataclass(frozen=True)
class Explanation:
    """What `thinkwatch explain` prints.

    `entities` holds the reasons for each entity that was asked about, `gates` for each subscription of the subscriber that
    was asked about every condition of its rule, held against the article as it is now.
    """

    article: Row
    cut: list[Row]
    mentions: list[Row]
    entities: dict[str, list[str]]
    verdicts: list[Row]
    deliveries: list[Row]
    attachments: list[Row] = field(default_factory=list)
    gates: dict[str, list[Row]] = field(default_factory=dict)


def explain_article(settings: Settings, wanted: str, entity: str | None = None, subscriber: str | None = None) -> Explanation:
    """Explain the article whose id begins with `wanted`, or whose address it is.

    Raises ConfigError when there is none, or more than one.
    """
    copy = AnalystsCopy(settings.published)
    article_id = _find(copy, wanted)
    (row,) = copy.rows(statements()["explain_article"], article_id=article_id)
    return Explanation(
        article={name: row[name] for name in FACTS},
        cut=row["cut"] or [],
        mentions=copy.rows(statements()["explain_mentions"], revision_id=row["revision_id"]),
        entities={entity: _reasons(settings, row, entity)} if entity else {},
        verdicts=copy.rows(statements()["explain_verdicts"], article_id=article_id),
        deliveries=copy.rows(statements()["explain_deliveries"], article_id=article_id),
        attachments=copy.rows(statements()["explain_attachments"], article_id=article_id),
        gates=_gates(copy, article_id, row["revision_id"], subscriber) if subscriber else {},
    )


def _find(copy: AnalystsCopy, wanted: str) -> str:
    found = [row["article_id"] for row in copy.rows(statements()["find_article"], wanted=wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{wanted!r} begins several article ids", hint=f"give more of it: {', '.join(found)} …")
    raise ConfigError(f"there is no article {wanted!r}", hint='list them with: thinkwatch sql "SELECT article_id, title FROM articles"')


def _gates(copy: AnalystsCopy, article_id: str, revision_id: str, subscriber: str) -> dict[str, list[Row]]:
    """Every gate of every rule of a subscriber. Raises ConfigError when nobody is called so."""
    with copy.connect() as connection:
        transaction = Transaction(connection)
        subscriptions = transaction.rows("rules_of_subscriber", subscriber=subscriber)
        if not subscriptions:
            raise ConfigError(f"there is no subscriber {subscriber!r}", hint='see: thinkwatch sql "FROM subscriptions"')
        rules = {row["subscription_id"]: read_rule(json.loads(row["rule"])) for row in subscriptions}
        current = [one for one in read_candidates(transaction, article_id=article_id) if one.revision_id == revision_id]
        found = with_history(transaction, current[-1:], rules.values())
    if not found:
        return {name: [Gate("matched", False, "the article was not matched against the watch list yet")._asdict()] for name in rules}
    stopped = {row["subscription_id"] for row in subscriptions if not row["active"]}
    halt = [Gate("active", False, "the subscription is stopped")]
    return {
        name: [gate._asdict() for gate in (*(halt if name in stopped else []), *judge(rule, found[0]).gates)]
        for name, rule in rules.items()
    }


def _reasons(settings: Settings, row: Row, entity: str) -> list[str]:
    """What each form of the entity in title, text and cut met with; one line where there is none anywhere."""
    watchlist, compiled = compile_files(watchlist_files(settings), settings.data_folder / "cache")
    if entity not in {known.id for known in watchlist.entities}:
        raise unknown_entity(watchlist, entity)
    matcher = Matcher(compiled)
    reasons = [
        f"{field}, character {found.start}: «{found.matched}» {'counts' if found.counts else 'does not count'}: {found.reason}"
        for field in ("title", "text")
        for found in trace(matcher, entity, row[field], language=row["language"])
    ]
    removed = [
        f"«{found.matched}» stands only in what was cut as {cut['kind']} ({cut['rule']}): never matched"
        for cut in row["cut"] or []
        for found in trace(matcher, entity, cut["text"], language=row["language"])
    ]
    return [*reasons, *dict.fromkeys(removed)] or ["no form of its names stands in title, text or what was cut"]
