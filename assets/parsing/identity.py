"""Who an entry is, across polls: the same article keeps its id while its guid, link, title or date changes.

No single field can be trusted: guids are made anew at every poll or used again for another article, links change scheme, host
or slug, titles are corrected, dates are bumped. So an entry is known again when two of its five features (url, guid, title,
date, text) agree with one that was seen before; a feature that several entries of one poll share says nothing. Pure: what is
known comes in, keys to remember go out.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from assets.parsing.fieldtext import plain_text
from assets.parsing.records import ParsedEntry
from assets.parsing.urls import is_home_page, url_key

# Pairs of features, the most telling first; single letters are features that must stand alone when their partners are absent.
PAIRS = ("ug", "ut", "gt", "ud", "gd", "ux", "gx", "td", "tx", "dx")
PINS = ("=u", "=g")  # an operator's word on a link or guid, which outweighs all evidence
FEWEST_SPACES = 2  # in a title that can tell an article together with its minute of publication
SHORTEST_TEXT = 80  # characters of text that tell an article; shorter ones are often the same for all
CHURN = 0.8  # share of known entries whose feature is new: it is made anew at every poll, and remembering it is waste
FEWEST_CHURNED = 3

Features = dict[str, str]
Borne = Mapping[str, tuple[str | None, str | None]]  # entry_id → its link and guid


@dataclass(frozen=True, slots=True)
class Resolved:
    """An entry with its id (20 hex characters); `keys` are the aliases to remember for it, each at most 19 characters.

    `proof` are the features by which a known entry was known again, such as "td" for title and date; empty when they are not
    among what this scope had seen.
    """

    entry: ParsedEntry
    entry_id: str
    is_new: bool
    keys: tuple[str, ...]
    proof: str = ""


def resolve(
    entries: Iterable[ParsedEntry], known: Mapping[str, str], *, scope: str, borne: Callable[[Collection[str]], Borne] = lambda _: {}
) -> list[Resolved]:
    """Give each entry of one poll its id.

    Args:
        entries: the entries of one document, in its order.
        known: alias key → entry_id, for all that this scope has seen.
        scope: id of the source; equal entries of two sources get different ids.
        borne: says what known entries bore at the poll before; asked only where links or guids are new on nearly all of them.

    Returns:
        One result an entry, in order. An entry that stands twice in the document gets one id, and is new only once.
    """
    listed = list(entries)
    features = _reliable([_features(entry) for entry in listed])
    matched = _match(features, known)
    churned = _churned(features, matched, known, borne)
    if churned:
        features = [_without(feature, churned) for feature in features]
        matched = [first or again for first, again in zip(matched, _match(features, known, matched), strict=True)]
    ids, is_new = _name_the_new(features, matched, {*known.values()}, scope)
    keys = _keys_to_remember(features, ids, known)
    proofs = [_proof(feature, entry_id, known) for feature, entry_id in zip(features, ids, strict=True)]
    return [Resolved(*one) for one in zip(listed, ids, is_new, keys, proofs, strict=True)]


def pins(url: str | None, guid: str | None) -> frozenset[str]:
    """The aliases that decide alone, before all evidence, whose entry bears this link or this guid."""
    return frozenset(_pins(_address_features(url, guid)).values())


def _features(entry: ParsedEntry) -> Features:
    """What can tell an entry; "firm" and "timed" say that its title and date, or its date alone, can tell it well."""
    text = plain_text(entry.content if len(entry.content) >= len(entry.summary) else entry.summary)
    date = entry.published.isoformat() if entry.published else entry.published_raw
    title, is_timed = _words(entry.title), entry.published_quality == "exact"
    must_tell = not title or not (entry.url or entry.guid)
    found = _address_features(entry.url, entry.guid) | {
        "t": title,
        "d": date or "",
        "x": _words(text) if len(text) >= SHORTEST_TEXT or must_tell else "",
        "timed": "1" if is_timed else "",
        "firm": "1" if is_timed and title.count(" ") >= FEWEST_SPACES else "",
    }
    return {name: value for name, value in found.items() if value}


def _address_features(url: str | None, guid: str | None) -> Features:
    found = {"u": url_key(url) if url and not is_home_page(url) else "", "g": _guid_key(guid or "")}
    return {name: value for name, value in found.items() if value}


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _guid_key(guid: str) -> str:
    """A guid without what changes when a site moves: scheme, `www.`, and the host in Drupal's "123 at https://host"."""
    node = re.fullmatch(r"(\d+) at https?://\S+", guid.strip())
    return f"node {node[1]}" if node else re.sub(r"(?i)^https?://(?:www\.)?", "", guid.strip()).rstrip("/")


def _reliable(features: list[Features]) -> list[Features]:
    """Without links and guids that several articles of the document share: those say where it lies, not which it is."""
    shared = {name: _shared(features, name, other) for name, other in ("ug", "gu")}
    return [{name: value for name, value in feature.items() if value not in shared.get(name, ())} for feature in features]


def _shared(features: list[Features], name: str, other: str) -> set[str]:
    """Values of a feature that stand beside several titles, or beside several dates and several values of `other`."""
    beside = {feature: _values_beside(features, name, feature) for feature in ("t", "d", other)}
    several = {feature: {value for value, found in values.items() if len(found) > 1} for feature, values in beside.items()}
    return several["t"] | (several["d"] & several[other])


def _values_beside(features: list[Features], name: str, other: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for feature in features:
        if name in feature and other in feature:
            found.setdefault(feature[name], set()).add(feature[other])
    return found


def _without(feature: Features, names: Collection[str]) -> Features:
    return {name: value for name, value in feature.items() if name not in names} if set(feature) & set("ugtdx") - set(names) else feature


def _keys(feature: Features) -> dict[str, str]:
    """Kind of evidence → alias key, in the order of its weight."""
    kinds = [pair for pair in PAIRS if pair[0] in feature and pair[1] in feature]
    if "u" in feature:
        # With another link, "News" of the same day is other news: only strong proof makes it the same.
        weak = {"tx"} | ({"td"} if "firm" not in feature else set()) | ({"dx", "gd"} if "timed" not in feature else set())
        kinds = [kind for kind in kinds if kind not in weak]
    if "u" in feature and "g" not in feature:
        kinds.append("u")
    if "g" in feature and "u" not in feature and len(feature.keys() & set("tdx")) < len("td"):
        kinds.append("g")
    if not kinds:
        kinds = [name for name in "gtdx" if name in feature][:1]
    return {kind: _key(kind, feature) for kind in kinds}


def _pins(feature: Features) -> dict[str, str]:
    return {pin: f"{pin}:{_digest(feature[pin[1]], size=8)}" for pin in PINS if pin[1] in feature}


def _key(kind: str, feature: Features) -> str:
    return f"{kind}:{_digest(*(feature[name] for name in kind), size=8)}"


def _digest(*parts: str, size: int) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=size).hexdigest()


def _match(features: Sequence[Features], known: Mapping[str, str], matched: Sequence[str | None] = ()) -> list[str | None]:
    """The known id of each entry: strongest evidence first over all entries, so that none takes what another proves better."""
    # A bare link is remembered only for entries whose guid is absent or worthless, and then it tells the article whatever guid it has now.
    keys = [_pins(feature) | _keys(feature) | ({"u": _key("u", feature)} if "u" in feature else {}) for feature in features]
    found = list(matched) or [None] * len(features)
    holders = {entry_id: feature for entry_id, feature in zip(found, features, strict=True) if entry_id}
    for kind in (*PINS, *PAIRS, *"ugtdx"):
        for place, feature in enumerate(features):
            known_id = known.get(keys[place].get(kind, "")) if found[place] is None else None
            if known_id and not _contradicts(holders.get(known_id), feature):
                found[place] = known_id
                holders.setdefault(known_id, feature)
    return found


def _proof(feature: Features, entry_id: str, known: Mapping[str, str]) -> str:
    """The most telling evidence by which the store's entry of this id is this one; empty when it is none of the store's."""
    keys = _keys(feature) | ({"u": _key("u", feature)} if "u" in feature else {})
    return next((kind for kind in (*PAIRS, *"ugtdx") if known.get(keys.get(kind, "")) == entry_id), "")


def _contradicts(holder: Features | None, feature: Features) -> bool:
    """Whether two entries of one document are two articles: different links and guids, or without these different titles."""
    if holder is None:
        return False
    agree = [holder[name] == feature[name] for name in "ug" if name in holder and name in feature]
    if not agree:
        agree = [holder["t"] == feature["t"]] if "t" in holder and "t" in feature else [True]
    return not any(agree)


def _name_the_new(features: Sequence[Features], matched: Sequence[str | None], taken: set[str], scope: str) -> tuple[list[str], list[bool]]:
    """Ids for the entries that are not known; one that a document lists twice gets one id."""
    ids: list[str] = []
    is_new: list[bool] = []
    firsts: dict[str, tuple[str, Features]] = {}
    for feature, entry_id in zip(features, matched, strict=True):
        own = list(_keys(feature).values()) or [""]
        twins = [firsts[key] for key in own if key in firsts] if entry_id is None else []
        twin = next((name for name, other in twins if not _contradicts(other, feature)), None)
        name = entry_id or twin or _new_id(feature, scope, taken)
        if entry_id is None and twin is None:
            taken.add(name)
            for key in own:
                firsts.setdefault(key, (name, feature))
        ids.append(name)
        is_new.append(entry_id is None and twin is None)
    return ids, is_new


def _new_id(feature: Features, scope: str, taken: Collection[str]) -> str:
    """An id from the most lasting feature; from more of them when that one already names another article."""
    entry_id = ""
    parts = [scope]
    for name in [name for name in "ugtdx" if name in feature] or [""]:
        parts.append(name + feature.get(name, ""))
        entry_id = _digest(*parts, size=10)
        if entry_id not in taken:
            return entry_id
    while entry_id in taken:
        entry_id = _digest(entry_id, size=10)
    return entry_id


def _keys_to_remember(features: Sequence[Features], ids: Sequence[str], known: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The keys of each entry, without those that fit several entries of this document or belong to another one."""
    keys = [tuple(_keys(feature).values()) for feature in features]
    owners: dict[str, set[str]] = {}
    for entry_id, own in zip(ids, keys, strict=True):
        for key in own:
            owners.setdefault(key, set()).add(entry_id)
    return [
        tuple(key for key in own if len(owners[key]) == 1 and known.get(key, entry_id) == entry_id)
        for entry_id, own in zip(ids, keys, strict=True)
    ]


def _churned(
    features: Sequence[Features], matched: Sequence[str | None], known: Mapping[str, str], borne: Callable[[Collection[str]], Borne]
) -> set[str]:
    """Features that are new on nearly all entries that are known: the server makes them anew at every poll.

    One that the entries bore at the poll before already is not: there the site has moved once, and what it bears now is remembered.
    """
    fresh = {
        place: {name for name in "ugdx" if name in feature} - _recognised(feature, entry_id, known)
        for place, (feature, entry_id) in enumerate(zip(features, matched, strict=True))
        if entry_id
    }
    churned = _on_nearly_all(features, fresh)
    if churned & {"u", "g"}:
        last = borne({entry_id for entry_id in matched if entry_id})
        for place, names in fresh.items():
            before = _address_features(*last.get(matched[place] or "", (None, None)))
            names -= {name for name, value in before.items() if features[place].get(name) == value}
        churned = _on_nearly_all(features, fresh)
    return churned


def _recognised(feature: Features, entry_id: str, known: Mapping[str, str]) -> set[str]:
    return {name for kind, key in _keys(feature).items() if known.get(key) == entry_id for name in kind}


def _on_nearly_all(features: Sequence[Features], fresh: Mapping[int, Collection[str]]) -> set[str]:
    seen = Counter(name for place in fresh for name in "ugdx" if name in features[place])
    new = Counter(name for names in fresh.values() for name in names)
    return {name for name, count in seen.items() if count >= FEWEST_CHURNED and new[name] >= CHURN * count}
