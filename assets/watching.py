"""What is watched and who is told, read from the operator's files. Shared by the assets and the command line.

Not here: how names match (matching/), what a rule means (the alerts package).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from alerts.records import Subscription
from alerts.subscriptions import Survey, load_subscriptions, survey_subscriptions
from assets.matching.compiling import Compiled, aliases_of, compile_watchlist
from assets.matching.watchlist import Alias, Watchlist, load_watchlist
from assets.sources.registry import Source
from warehouse.errors import ConfigError
from warehouse.transaction import Row, Transaction

Channel = Literal["mail", "eml"]

LABEL_LANGUAGES = ("en", "ru")


def compile_files(paths: Sequence[Path], cache: Path) -> tuple[Watchlist, Compiled]:
    """The watch list of these files and its compiled table, from the cache where it was compiled before.

    Raises ConfigError with the file and line of a fault, or when there is no file at all.
    """
    if not paths:
        raise ConfigError("there is no watch list", hint="name one in `watchlists` of thinkwatch.toml; `thinkwatch init` writes one")
    watchlist = load_watchlist(paths)
    return watchlist, compile_watchlist(watchlist, cache_dir=cache)


@dataclass(frozen=True)
class Watched:
    """What subscriptions may refer to: each entity's parents, its names for people by language, and the sources."""

    parents: Mapping[str, Sequence[str]]
    labels: Mapping[str, Mapping[str, str]]
    sources: Collection[str]


def watched_in_files(watchlist: Watchlist, sources: Sequence[Source]) -> Watched:
    """As the files say it."""
    parents = {entity.id: entity.parents for entity in watchlist.entities}
    return Watched(parents, labels(watchlist), {source.id for source in sources})


def watched_in_store(transaction: Transaction) -> Watched:
    """As this run has stored it, whatever has happened to the files since."""
    rows = transaction.rows("watched_entities")
    return Watched(
        parents={row["entity"]: row["parents"] or () for row in rows},
        labels={row["entity"]: json.loads(row["labels"]) for row in rows},
        sources={row["source_id"] for row in transaction.rows("source_ids")},
    )


def read_subscriptions(paths: Sequence[Path], watched: Watched, channel: Channel = "mail") -> tuple[Subscription, ...]:
    """The subscriptions of these files; `channel` is for subscribers who name none.

    Raises ConfigError with the line of one that refers to nothing known.
    """
    return load_subscriptions(paths, parents=watched.parents, labels=watched.labels, sources=watched.sources, default_channel=channel)


def survey(paths: Sequence[Path], watched: Watched, channel: Channel = "mail") -> Survey:
    """As `read_subscriptions`, but one that has a fault does not stop the others; raises nothing for the files."""
    return survey_subscriptions(paths, parents=watched.parents, labels=watched.labels, sources=watched.sources, default_channel=channel)


def labels(watchlist: Watchlist, languages: Sequence[str] = LABEL_LANGUAGES) -> dict[str, dict[str, str]]:
    """Names for people: by entity and language the acronym or the first name."""
    return {
        entity.id: {language: label for language in languages if (label := _label(aliases_of(entity, (language,)), language, entity.kind))}
        for entity in watchlist.entities
    }


def watchlist_rows(watchlist: Watchlist, compiled: Compiled, now: datetime) -> list[Row]:
    """The rows of table `watchlist`."""
    named = labels(watchlist)
    return [
        {
            "entity": entity.id,
            "kind": entity.kind,
            "label": named[entity.id].get("en") or entity.id,
            "labels": named[entity.id],
            "qid": entity.qid,
            "parents": list(entity.parents),
            "names": _by_language(aliases_of(entity, compiled.languages)),
            "forms": sum(len(forms) for _, forms in compiled.forms_of(entity.id)),
            "watchlist_hash": compiled.hash,
            "changed_at": now,
        }
        for entity in watchlist.entities
    ]


def _label(aliases: Sequence[Alias], language: str, kind: str) -> str | None:
    """An organisation is best known by its acronym, a country by its name («United States», not «US»)."""
    own = [alias for alias in aliases if alias.language == language]
    order = ("acronym", "name") if kind == "organisation" else ("name", "acronym")
    return next((alias.text for via in order for alias in own if alias.via == via), None)


def _by_language(aliases: Sequence[Alias]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alias in aliases:
        found.setdefault(alias.language or "any", []).append(alias.text)
    return found
