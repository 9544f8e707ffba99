"""Fixtures: an archived page with what must be read from it, so that "this page is read wrong" becomes a test. Pure.

Here: the record that `expect.yaml` holds, how it is made of a page and its reading, and how a later reading differs from it.
Folders, archives and YAML are the business of `pipelines.fixtures`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from assets.extraction.calls import ENOUGH_PAGES, hints_of, read, site_rules_of
from assets.extraction.records import Extract, Hints, Status, ZoneKind
from assets.extraction.site_rules import SiteRules
from assets.extraction.templates import rules_from_rows
from assets.extraction.workers import Call
from assets.parsing.records import DateQuality
from warehouse.transaction import Row

PLAIN = ("status", "reason", "title", "authors", "published", "published_quality", "language")
_FIRST_WORDS = 8  # of a cut
_MOST_SHOWN = 5  # differing paragraphs
_QUOTED = 70  # characters of a paragraph


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Foreign(_Strict):
    """What must not be in the text: the kind of furniture that it is and the words it begins with."""

    kind: str
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Expected(_Strict):
    """What must be read from the page; what is not given is not compared.

    Attributes:
        zones: how many blocks of each kind; a kind that is not named occurs not at all.
        absent: what must stand nowhere in the text.
        others: as in `Extract`.
    """

    status: Status = "ok"
    reason: str | None = None
    title: str | None = None
    authors: list[str] = []
    published: AwareDatetime | None = None
    published_quality: DateQuality | None = None
    language: str | None = None
    text: str = ""
    zones: dict[ZoneKind, Annotated[int, Field(ge=0)]] = {}
    absent: list[Foreign] = []


class Told(_Strict):
    """What the feed and the source's file told of the page; see `Hints`."""

    title: str | None = None
    published: AwareDatetime | None = None
    published_quality: DateQuality | None = None
    authors: list[str] = []
    language: str | None = None
    content: str | None = None
    country: str | None = None
    timezone: str | None = None


class Recurring(_Strict):
    """One rule of a template; see `assets.extraction.templates.Rule`."""

    kind: Literal["line", "place", "text"]
    place: str
    text: str
    seen: int


class Learnt(_Strict):
    """The template in force."""

    version: int
    pages: int
    rules: list[Recurring]


class Fixture(_Strict):
    """One page as a test case.

    Attributes:
        note: why it was kept.
        url, source, content_type: of the page.
        read_at: the time that counts as now: rules that have ended then are not used, dates after it are in the future.
        expect: what must be read.
        told, rules, template: what the extractor is given beside the page.
    """

    note: str | None = None
    url: str | None = None
    source: str
    content_type: str | None = None
    read_at: AwareDatetime
    expect: Expected
    told: Told = Told()
    rules: SiteRules | None = None
    template: Learnt | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.expect.model_fields_set:
            raise ValueError("`expect` names nothing, so the fixture could not fail")
        return self


def fixture_of(page: Row, template: Row | None, note: str | None) -> Fixture:
    """The fixture of a stored page (a row of `page_to_keep`), still without what must be read from it.

    Args:
        page: row of `page_to_keep`.
        template: the source's newest row of `templates`.
        note: why it is kept.
    """
    return Fixture(
        note=note,
        url=page["url"],
        source=page["source_id"],
        content_type=page["content_type"],
        read_at=page["extracted_at"] or page["fetched_at"],
        expect=Expected(status="ok"),
        told=Told.model_validate(asdict(hints_of(page)) | {"authors": list(page["entry_authors"] or ())}),
        rules=site_rules_of(page),
        template=Learnt.model_validate({name: template[name] for name in ("version", "pages", "rules")}) if template else None,
    )


def call_of(fixture: Fixture, body: bytes) -> Call:
    """The call that reads the page as the flow reads it."""
    hints = Hints(**fixture.told.model_dump() | {"authors": tuple(fixture.told.authors)})
    template = fixture.template
    return read, {
        "body": body,
        "url": fixture.url,
        "content_type": fixture.content_type,
        "hints": hints,
        "site_rules": fixture.rules,
        "rules": rules_from_rows([rule.model_dump() for rule in template.rules]) if template else (),
        "weak": template is not None and template.pages < ENOUGH_PAGES,
        "now": fixture.read_at,
    }


def expected_of(found: Extract) -> Expected:
    """What a reading gave as what must be read; of the cuts what stands nowhere in the text."""
    folded = _fold(found.text)
    absent = [Foreign(kind=cut.kind, words=words) for cut in found.cut if (words := _first_words(cut.text)) and words not in folded]
    return Expected.model_validate(
        {name: getattr(found, name) for name in PLAIN}
        | {"authors": list(found.authors), "text": found.text, "zones": _zones(found), "absent": list(dict.fromkeys(absent))}
    )


def differences(expected: Expected, found: Extract) -> list[str]:
    """How a reading differs from what was expected, a line each; none where it does not."""
    given = expected.model_fields_set
    said = [
        f"{name}: {_shown(is_now)} instead of {_shown(wanted)}"
        for name in PLAIN
        if name in given and (wanted := getattr(expected, name)) != (is_now := _plain(getattr(found, name)))
    ]
    if "text" in given:
        said += _text_differences(expected.text.strip().split("\n\n"), found.text.split("\n\n"))
    if "zones" in given:
        said += _zone_differences(Counter(expected.zones), Counter(_zones(found)))
    folded = _fold(found.text)
    return said + [f"text: has «{one.words}», which is {one.kind}" for one in expected.absent if _fold(one.words) in folded]


def _text_differences(wanted: Sequence[str], found: Sequence[str]) -> list[str]:
    changes = [change for change in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes() if change[0] != "equal"]
    said = [line for _, start, end, since, until in changes for line in _paragraphs(wanted[start:end], found[since:until], start, since)]
    more = [f"text: and {len(said) - _MOST_SHOWN} more paragraphs differ"] if len(said) > _MOST_SHOWN else []
    return said[:_MOST_SHOWN] + more


def _paragraphs(wanted: Sequence[str], found: Sequence[str], start: int, since: int) -> Iterator[str]:
    """One run of differing paragraphs: those in one place differ, the others are missing or too many."""
    both = min(len(wanted), len(found))
    for place in range(both):
        was, now = _where_they_part(wanted[place], found[place])
        yield f"text: paragraph {since + place + 1} says {now} instead of {was}"
    yield from (f"text: paragraph {start + place + 1} is missing: {_shown(wanted[place])}" for place in range(both, len(wanted)))
    yield from (f"text: paragraph {since + place + 1} is too much: {_shown(found[place])}" for place in range(both, len(found)))


def _where_they_part(one: str, other: str) -> tuple[str, str]:
    """Both from a few characters before the first that differs."""
    place = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    start = max(0, place - _QUOTED // 3)
    return _shown(one[start:], begun=start > 0), _shown(other[start:], begun=start > 0)


def _zone_differences(wanted: Counter[str], found: Counter[str]) -> list[str]:
    return [f"zones: {found[kind]} × {kind} instead of {wanted[kind]}" for kind in sorted(wanted | found) if wanted[kind] != found[kind]]


def _zones(found: Extract) -> dict[ZoneKind, int]:
    return dict(Counter(zone.kind for zone in found.zones))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _fold(text: str) -> str:
    return " ".join(text.split())


def _first_words(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split()[:_FIRST_WORDS])


def _shown(value: Any, *, begun: bool = False) -> str:
    if value is None or value == []:
        return "nothing"
    text = _fold(", ".join(value) if isinstance(value, list) else str(value))
    return f"«{'…' if begun else ''}{text if len(text) <= _QUOTED else text[: _QUOTED - 1] + '…'}»"
