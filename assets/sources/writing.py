"""The text of a source's YAML file, as a person would write it: commented, and with what is not known left to be filled in.

Pure: text goes out; writing it, and never over another file, is the business of the commands.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args
from urllib.parse import urlsplit

import yaml

from assets.sources.registry import FeedKind, Source
from warehouse.documents import Document

GENERIC = {"www", "com", "org", "net", "gov", "edu", "ac", "co", "int", "feeds", "rss", "blog", "news"}
Feed = Mapping[str, str | None]  # url, and what is known besides: kind, said


def source_text(
    *,
    source_id: str,
    name: str,
    languages: Sequence[str],
    home: str,
    feeds: Sequence[Feed],
    story: Sequence[str] = (),
    enabled: bool = True,
) -> str:
    """A whole definition. `story` are comment lines for its head: how it was found. Raises ConfigError when it would not be valid."""
    known = [code for code in languages if re.fullmatch(r"[a-z]{2}", code)]
    lines = [
        *(f"# {_flat(line)}" for line in story),
        f"id: {source_id}",
        f"name: {_scalar(name)}",
        "# country: XX # ISO 3166",
        f"languages: [{', '.join(map(_scalar, known))}]" if known else "# languages: [en] # ISO 639, that of the feeds first",
        f"home: {_scalar(home)}",
        "# timezone: Europe/Moscow # for dates that bear no zone; UTC as long as it is not given",
        f"enabled: {_scalar(enabled)}",
        *_feed_lines(feeds),
    ]
    return _checked(lines, source_id)


def overlay_text(source: Source, *, enabled: bool, feeds: Sequence[Feed] = (), story: Sequence[str] = ()) -> str:
    """A file that takes over a source of the registry and changes only what must be. Raises ConfigError when it would not be valid."""
    lines = [
        f"# {_flat(source.name)}, from the registry that ships with Thinkwatch: thinkwatch sources show {source.id}",
        "# Keys that stand here replace the registry's; all others are taken from there.",
        *(f"# {_flat(line)}" for line in story),
        f"id: {source.id}",
        f"enabled: {_scalar(enabled)}",
        *_feed_lines(feeds),
    ]
    text = "\n".join(lines) + "\n"
    given = Document(text, f"{source.id}.yaml")
    given.validate(Source, over=source.model_dump(exclude_none=True))
    return text


def proposed_id(url: str) -> str:
    """A name for a source after its host: "www.russtrat.ru" gives "russtrat"."""
    labels = [label for label in (urlsplit(url).hostname or "").split(".") if label]
    telling = [label for label in labels[:-1] if label not in GENERIC] or labels
    name = re.sub(r"[^a-z0-9-]+", "-", telling[-1].lower() if telling else "source").strip("-")
    return name or "source"


def free_id(wanted: str, taken: set[str]) -> str:
    """The id, with a number when it is taken."""
    candidates = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _feed_lines(feeds: Sequence[Feed]) -> list[str]:
    lines = ["feeds:"] if feeds else []
    for feed in feeds:
        lines.append(f"  - url: {_scalar(feed['url'])}")
        if feed.get("kind") in get_args(FeedKind):
            comment = f" # {_flat(feed['said'])}" if feed.get("said") else ""
            lines.append(f"    kind: {feed['kind']}{comment}")
    return lines


def _checked(lines: Sequence[str], source_id: str) -> str:
    text = "\n".join(lines) + "\n"
    Document(text, f"{source_id}.yaml").validate(Source)
    return text


def _scalar(value: Any) -> str:
    """One YAML value on one line, quoted where it must be."""
    text = _flat(value) if isinstance(value, str) else value
    return yaml.safe_dump(text, allow_unicode=True, width=10**6, default_flow_style=True).removesuffix("\n").removesuffix("\n...")


def _flat(text: Any) -> str:
    """A comment or name from a stranger's page must stay on its line."""
    return " ".join(str(text).split())
