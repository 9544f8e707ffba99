"""Whether one rule is hit by one article: gates that each explain themselves.

Pure: a rule and a candidate in, a verdict out. Not here: what was told before, and to whom (select.py).
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alerts.candidates import Candidate, Mention
from alerts.history import known_days, last_named, surge
from alerts.records import AUTHOR, Only, Rule

# Two characters stand for a word where no spaces part them (Chinese, Japanese, Thai, Lao, Burmese, Khmer).
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\W{_UNSPACED}]+")


class Gate(NamedTuple):
    """One condition: its name, whether it was passed, and why in words."""

    gate: str
    passed: bool
    why: str


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a candidate.

    Attributes:
        hit: every gate was passed.
        reason: in words; for a miss that of the first closed gate.
        mention_ids: the mentions that cause the hit, in the order of the article; empty for a miss.
        entities: what those mentions name.
        gates: every condition that the rule sets, passed or not.
    """

    hit: bool
    reason: str
    mention_ids: tuple[str, ...]
    entities: tuple[str, ...]
    gates: tuple[Gate, ...]


def judge(rule: Rule, candidate: Candidate) -> Verdict:
    """Put the candidate through every gate of the rule."""
    counted, gates = _count(rule, candidate) if rule.groups else ([], [])
    cause = [mention for group in _groups(rule, counted) for mention in group]
    if rule.groups:
        gates.append(_all_named(rule, counted))
    if rule.within:
        cause = _near(rule, candidate, counted)
        gates.append(Gate("within", bool(cause), f"{_names(rule, cause)} {_distance(rule)}" if cause else f"never {_distance(rule)}"))
    gates += [gate for test in _TESTS if (gate := test(rule, candidate, counted))]
    closed = next((gate for gate in gates if not gate.passed), None)
    if closed:
        return Verdict(False, closed.why, (), (), tuple(gates))
    cause = sorted(set(cause), key=_place)
    authors = [asked for asked in rule.authors.any if _wrote(asked, candidate.authors)]
    reason = f"names {_names(rule, cause)}" + (f" {_distance(rule)}" if rule.within else "") if cause else f"is by {', '.join(authors)}"
    # In the order of the rule, which is what the subscriber looks for first.
    entities = tuple(dict.fromkeys(mention.entity for group in _groups(rule, cause) for mention in group))
    entities = entities or tuple(AUTHOR + author for author in authors)
    return Verdict(True, reason, tuple(mention.mention_id for mention in cause), entities, tuple(gates))


def named(rule: Rule, candidate: Candidate) -> bool:
    """Whether the candidate mentions anything at all that the rule asks for, or is by whom it asks for."""
    if not rule.groups:
        return any(_wrote(asked, candidate.authors) for asked in rule.authors.any)
    watched = rule.reached(entity for group in rule.groups for entity in group)
    return any(mention.entity in watched for mention in candidate.mentions)


def _count(rule: Rule, candidate: Candidate) -> tuple[list[Mention], list[Gate]]:
    """The mentions that count for the rule, and the gates at which the others fell."""
    watched = rule.reached(entity for group in rule.groups for entity in group)
    counted = [mention for mention in candidate.mentions if mention.entity in watched]
    gates = [Gate("named", bool(counted), f"names {_names(rule, counted)}" if counted else "names nothing that is watched")]
    for name, keeps, where in _filters(rule):
        kept = [mention for mention in counted if keeps(mention)]
        if counted and (len(kept) < len(counted) or name != "alerting"):
            gates.append(Gate(name, bool(kept), f"{len(kept)} of {len(counted)} mentions {where}"))
        counted = kept
    return counted, gates


def _filters(rule: Rule) -> Iterable[tuple[str, Callable[[Mention], bool], str]]:
    yield "alerting", lambda mention: mention.alerting, "stand where a mention counts, not in a dateline or byline"
    if rule.zones:
        yield "zones", lambda mention: mention.zone in rule.zones, f"stand in {' or '.join(rule.zones)}"
    if rule.via:
        yield "via", lambda mention: mention.via in rule.via, f"are by {' or '.join(rule.via)}"


def _groups(rule: Rule, mentions: Sequence[Mention]) -> list[list[Mention]]:
    reaches = [rule.reached(group) for group in rule.groups]
    return [[mention for mention in mentions if mention.entity in reach] for reach in reaches]


def _all_named(rule: Rule, counted: Sequence[Mention]) -> Gate:
    found = _groups(rule, counted)
    missing = [" or ".join(map(rule.label, group)) for group, mentions in zip(rule.groups, found, strict=True) if not mentions]
    why = f"does not name {' and not '.join(missing)}" if missing else f"names {_names(rule, counted)}"
    return Gate("watch", not missing, why)


def _near(rule: Rule, candidate: Candidate, counted: Sequence[Mention]) -> list[Mention]:
    """The mentions that stand in a sentence, paragraph or stretch of words where every group is named."""
    windows = _rooms(rule, candidate, counted) if rule.most_words is None else _stretches(rule.most_words, candidate, counted)
    return [mention for window in windows if all(_groups(rule, window)) for mention in window]


def _rooms(rule: Rule, candidate: Candidate, counted: Sequence[Mention]) -> Iterable[list[Mention]]:
    rooms: dict[tuple[str, int], list[Mention]] = defaultdict(list)
    for mention in counted:
        paragraph = candidate.text.count("\n\n", 0, mention.start) if mention.field == "text" else 0
        rooms[mention.field, mention.sentence_start if rule.within == "sentence" else paragraph].append(mention)
    return rooms.values()


def _stretches(most: int, candidate: Candidate, counted: Sequence[Mention]) -> Iterable[list[Mention]]:
    for field, text in (("title", candidate.title), ("text", candidate.text)):
        starts = [word.start() for word in _WORD.finditer(text)]
        inside = sorted((mention for mention in counted if mention.field == field), key=_place)
        for number, first in enumerate(inside):
            end = bisect_left(starts, first.end)
            yield [other for other in inside[number:] if bisect_left(starts, other.start) - end <= most]


def _frequency(rule: Rule, _candidate: Candidate, counted: Sequence[Mention]) -> Gate | None:
    if rule.min_mentions <= 1:
        return None
    least = min(map(len, _groups(rule, counted)), default=0)
    why = f"named {least} times, {rule.min_mentions} are asked for"
    if not rule.or_in_title:
        return Gate("min_mentions", least >= rule.min_mentions, why)
    titled = all(any(mention.field == "title" for mention in group) for group in _groups(rule, counted))
    return Gate("min_mentions", titled or least >= rule.min_mentions, "named in the title" if titled else f"{why}, or the title")


def _salience(rule: Rule, candidate: Candidate, counted: Sequence[Mention]) -> Gate | None:
    if not rule.min_salience:
        return None
    groups = _groups(rule, counted)
    least = min(max((candidate.salience.get(mention.entity, 0.0) for mention in group), default=0.0) for group in groups)
    return Gate("min_salience", least >= rule.min_salience, f"salience {least:.2f}, {rule.min_salience:g} is asked for")


def _none(rule: Rule, candidate: Candidate, _counted: Sequence[Mention]) -> Gate | None:
    if not rule.none:
        return None
    barred = rule.reached(rule.none)
    found = [mention for mention in candidate.mentions if mention.alerting and mention.entity in barred]
    return Gate("none", not found, f"names {_names(rule, found)}, which is excluded" if found else "names nothing excluded")


def _source(rule: Rule, candidate: Candidate, _counted: Sequence[Mention]) -> Gate | None:
    return _limit("sources", rule.sources, candidate.source_id, "the source")


def _country(rule: Rule, candidate: Candidate, _counted: Sequence[Mention]) -> Gate | None:
    return _limit("countries", rule.countries, candidate.country, "the source's country")


def _language(rule: Rule, candidate: Candidate, _counted: Sequence[Mention]) -> Gate | None:
    primary = candidate.language.replace("_", "-").split("-")[0].lower() if candidate.language else None
    return _limit("languages", rule.languages, primary, "the language")


def _author(rule: Rule, candidate: Candidate, _counted: Sequence[Mention]) -> Gate | None:
    if not rule.authors:
        return None
    written = ", ".join(candidate.authors) or "unknown"
    barred = [asked for asked in rule.authors.none if _wrote(asked, candidate.authors)]
    wanted = not rule.authors.any or any(_wrote(asked, candidate.authors) for asked in rule.authors.any)
    return Gate("authors", wanted and not barred, f"the author is {written} ({_asked(rule.authors)})")


def _wrote(asked: str, authors: Iterable[str]) -> bool:
    """Whether one of the authors bears all words of the asked name, in any order: Panina, Elena A."""
    wanted = set(_words(asked))
    return any(wanted <= set(_words(author)) for author in authors)


def _words(name: str) -> list[str]:
    """The words of a name without accents, which pages and people write or leave out: José, Jose."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter))
    return re.findall(r"\w+", bare)


def _first(rule: Rule, candidate: Candidate, counted: Sequence[Mention]) -> Gate | None:
    days = rule.first_mention_days
    if not days or not counted:
        return None
    known = known_days(candidate.history.sources_since.get(candidate.source_id), candidate)
    if known < days:
        return Gate("first_mention", False, f"the source is known for {known} days only; whether it is the first in {days} cannot be said")
    asked = [entity for group in rule.groups for entity in group if rule.reached([entity]) & {mention.entity for mention in counted}]
    since = {entity: _days_ago(last_named(candidate.history, candidate, rule.reached([entity])), candidate) for entity in asked}
    fresh = [rule.label(entity) for entity, ago in since.items() if ago is None or ago >= days]
    if fresh:
        return Gate("first_mention", True, f"the source had not named {', '.join(fresh)} for {days} days")
    stale = [f"{rule.label(entity)} {ago} days ago" for entity, ago in since.items()]
    return Gate("first_mention", False, f"the source named {', '.join(stale)}; {days} days without it are asked for")


def _days_ago(at: datetime | None, candidate: Candidate) -> int | None:
    return (candidate.first_seen_at - at).days if at else None


def _volume(rule: Rule, candidate: Candidate, counted: Sequence[Mention]) -> Gate | None:
    if not rule.volume or not counted:
        return None
    volume = rule.volume
    known = known_days(candidate.history.watched_since, candidate)
    if known < volume.days:
        return Gate("volume", False, f"the store is {known} days old; what is usual is told from {volume.days}")
    found = surge(candidate.history, candidate, rule, volume)
    enough = max(volume.times * found.usual, volume.least)
    why = f"article {found.count} in {volume.hours} hours, usually {found.usual:g}; from {enough:g} on it is unusual"
    # Only the article that crosses the line is told: one alert for a surge, not one for each article of it.
    return Gate("volume", found.before < enough <= found.count, why + (" and was before" if found.before >= enough else ""))


_TESTS = (_frequency, _salience, _none, _source, _country, _language, _author, _first, _volume)


def _limit(gate: str, only: Only, value: str | None, what: str) -> Gate | None:
    return Gate(gate, only.admits(value), f"{what} is {value or 'unknown'} ({_asked(only)})") if only else None


def _asked(only: Only) -> str:
    parts = {"asked for": only.any, "excluded": only.none}
    return "; ".join(f"{what}: {', '.join(values)}" for what, values in parts.items() if values)


def _distance(rule: Rule) -> str:
    return f"in one {rule.within}" if rule.most_words is None else f"within {rule.within}"


def _names(rule: Rule, mentions: Iterable[Mention]) -> str:
    counts = Counter(mention.entity for mention in mentions)
    names = [rule.label(entity) + (f" {count} times" if count > 1 else "") for entity, count in counts.items()]
    return ", ".join(names[:-1]) + (" and " if names[1:] else "") + names[-1]


def _place(mention: Mention) -> tuple[bool, int, int, str]:
    return mention.field != "title", mention.start, mention.end, mention.entity
