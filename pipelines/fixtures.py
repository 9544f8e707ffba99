"""Fixtures on disk: a folder a page, with its bytes and `expect.yaml`; how they are made from an installation, and checked.

What stands in `expect.yaml` and how readings are compared is in `assets.extraction.fixtures`.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assets.extraction.calls import extracted
from assets.extraction.fixtures import Fixture, call_of, differences, expected_of, fixture_of
from assets.extraction.pdf import is_pdf
from assets.extraction.workers import Limits, shared
from pipelines.settings import Settings
from warehouse.archive import Archive, ArchiveRef
from warehouse.documents import Document
from warehouse.errors import ConfigError
from warehouse.publish import AnalystsCopy
from warehouse.queries import statements
from warehouse.transaction import Row

NAME = "expect.yaml"
PAGES = ("page.html", "page.pdf")
_BREAKS = ("\x85", "\u2028", "\u2029")  # that a block of YAML does not give back as they were

HEAD = "# A page as a test case. Correct below what was read wrong; what you take out of `expect` is no longer compared.\n"
COMMENTS = {
    "note": "Why it was kept.",
    "url": "The page, and the time that counts as now when it is read.",
    "expect": "What must be read: paragraphs with a blank line between them, zones by how many blocks of each kind, and what\n"
    "# must not be in the text, by its kind and its first words.",
    "told": "What the feed and the source's file told of the page.",
    "rules": "The rules of the source's file.",
    "template": "What had been learnt of the site: furniture by its place, its text, or both.",
}


@dataclass(frozen=True)
class Kept:
    """A fixture on disk."""

    folder: Path
    fixture: Fixture
    body: bytes


@dataclass(frozen=True)
class Checked:
    """What came of one fixture: `differences` is empty where the page is read as it must be."""

    folder: Path
    differences: list[str]


class _Dumper(yaml.SafeDumper):
    """YAML that a person edits: longer texts as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if any(character in text for character in _BREAKS) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def keep_page(settings: Settings, wanted: str, below: Path, note: str | None = None) -> Kept:
    """Write the newest archived page of an article, or a page itself, as a fixture into `below/SOURCE/PAGE`.

    Args:
        settings: of the installation.
        wanted: id of an article or the start of one, its address, or the id of a page.
        below: folder of fixtures.
        note: why it is kept.

    Raises ConfigError when there is no such article, it has no archived page, or the folder is there already;
    ArchiveError when the archived page cannot be read.
    """
    copy = AnalystsCopy(settings.published)
    page = _page(copy, wanted)
    templates = copy.rows(statements()["newest_templates"], source_ids=[page["source_id"]])
    ref = ArchiveRef(page["warc_file"], page["warc_offset"], page["warc_length"], page["sha256"])
    body = Archive(settings.data_folder / "archive").read(ref)
    fixture = fixture_of(page, templates[0] if templates else None, note)
    folder = below / page["source_id"] / page["page_id"]
    if folder.exists():
        raise ConfigError("is there already, and is never overwritten", path=folder, hint="remove it first, or name another --dir")
    (found,) = shared(_limits(settings)).run([call_of(fixture, body)])
    fixture = fixture.model_copy(update={"expect": expected_of(extracted(found))})
    _write(folder, body, dumps(fixture))
    return Kept(folder, fixture, body)


def read_fixtures(below: Path) -> list[Kept]:
    """Every fixture below a folder. Raises ConfigError when there is none, or one is damaged, with its line."""
    paths = sorted(below.rglob(NAME))
    if not paths:
        raise ConfigError(f"no {NAME} below it", path=below, hint="make one with: thinkwatch fixture URL")
    return [_read(path) for path in paths]


def check(fixtures: Sequence[Kept], limits: Limits) -> Iterator[Checked]:
    """Read each page as the flow reads pages, in worker processes, and compare."""
    calls = [call_of(kept.fixture, kept.body) for kept in fixtures]
    for kept, outcome in zip(fixtures, shared(limits).run(calls), strict=True):
        yield Checked(kept.folder, differences(kept.fixture.expect, extracted(outcome)))


def dumps(fixture: Fixture) -> str:
    """The text of `expect.yaml`, commented."""
    data = fixture.model_dump(exclude_none=True) | {"expect": fixture.expect.model_dump()}
    if fixture.rules:
        data["rules"] = fixture.rules.model_dump(by_alias=True, exclude_none=True)
    # A rule a line: a site may have hundreds.
    learnt = data.get("template", {}).pop("rules", [])
    parts = [f"{_comment(key)}{_yaml({key: value})}" for key, value in data.items() if value != {}]
    lines = [f"  - {_yaml(rule, default_flow_style=True)}" for rule in learnt]
    return HEAD + "".join(parts) + ("  rules:\n" if lines else "  rules: []\n" if "template" in data else "") + "".join(lines)


def _comment(key: str) -> str:
    return f"\n# {COMMENTS[key]}\n" if key in COMMENTS else ""


def _yaml(value: Any, **how: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9, **how)


def _page(copy: AnalystsCopy, wanted: str) -> Row:
    entries = [row["entry_id"] for row in copy.rows(statements()["entries_to_keep"], wanted=wanted)]
    if not entries:
        hint = 'list them with: thinkwatch sql "SELECT article_id, title, url FROM articles"'
        raise ConfigError(f"there is no article or page {wanted!r}", hint=hint)
    if len(entries) > 1:
        raise ConfigError(f"{wanted!r} stands for several articles", hint=f"give one of their ids: {', '.join(entries)} …")
    pages = copy.rows(statements()["page_to_keep"], entry_id=entries[0], wanted=wanted)
    if not pages:
        hint = "its text is the feed's own; see why: thinkwatch explain " + entries[0]
        raise ConfigError(f"no page of the article {entries[0]} is in the archive", hint=hint)
    return pages[0]


def _write(folder: Path, body: bytes, expect: str) -> None:
    """Both files, or none: the folder has its name only when it is whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
        try:
            unfinished.chmod(0o755)
            (unfinished / PAGES[is_pdf(body)]).write_bytes(body)
            (unfinished / NAME).write_text(expect, encoding="utf-8")
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=folder, hint="make the folder writable, or name another --dir") from fault


def _read(path: Path) -> Kept:
    fixture = Document.read(path).validate(Fixture)
    pages = [path.parent / name for name in PAGES if (path.parent / name).is_file()]
    if len(pages) != 1:
        raise ConfigError(f"a fixture has one page beside it, {' or '.join(PAGES)}; here are {len(pages)}", path=path)
    return Kept(path.parent, fixture, pages[0].read_bytes())


def _limits(settings: Settings) -> Limits:
    return Limits(settings.extraction.seconds, settings.extraction.megabytes, settings.extraction.workers)
