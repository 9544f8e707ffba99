"""What stands around an article on its page: the boilerplate that must never reach the stored text.

All words come from the phrase files and the institute; the templates only place them. So `planted` can list what a page shows besides its
article, and `traps` the watched entities that only this furniture mentions. How the cards look is for the templates.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from pipelines.replay.articles import Article
from pipelines.replay.clock import START
from pipelines.replay.gold import gold_blocks, gold_text
from pipelines.replay.institutes import SEED_SLUG, Institute, Teaser
from pipelines.replay.seed import seed_tail
from pipelines.replay.state import shown

Furniture = dict[str, dict[str, Any]]

CARD_WORDS = 24
UNLABELLED = "3.14"  # from this Elementor on, share buttons show no words
UNSPACED = frozenset({"zh"})
CHARACTERS_A_WORD = 2
READ_ALSO_AFTER = 2  # paragraphs; the templates count the same
SHORTEST_PLANTED = 6
_NOT_SHOWN = frozenset({"names", "path", "image", "id", "networks"})


def furniture(institute: Institute, article: Article, tick: int) -> Furniture:
    """The blocks of an article's page, by name, each with its words. Cards never name what the article mentions."""
    blocks = {name: dict(words) for name, words in institute.phrases(article.language).items()}
    if article.slug == SEED_SLUG:
        blocks |= {"share": _seed_share(), "related": _seed_related(blocks["related"]), "synthetic": institute.boiler["seed"]}
    else:
        blocks["related"]["cards"] = _cards(institute, article, tick)
    if "popular" in blocks:
        blocks["popular"]["cards"] = _rotated(institute, article, tick, range(institute.cards, institute.cards + institute.popular))
    if blocks.pop("read_also", None) and _has_room(article):
        blocks["read_also"] = _read_also(institute.phrases(article.language)["read_also"], article)
    if institute.markup == UNLABELLED:
        blocks["share"].pop("labels")
    if "tags" in blocks:
        blocks["tags"]["items"] = list(article.front.tags)
    return blocks


def planted(institute: Institute, article: Article, tick: int) -> list[str]:
    """The pieces of boilerplate that an article's page shows at a tick; none of them stands in its gold text."""
    gold = gold_text(article)
    words = _words(furniture(institute, article, tick))
    return sorted({text for text in words if len(text) >= SHORTEST_PLANTED and text not in gold})


def traps(institute: Institute, article: Article, tick: int) -> frozenset[str]:
    """The watched entities that the page names although the article does not: an alert for one of them is false."""
    return _names(furniture(institute, article, tick)) - article.mentioned


def excerpt_of(article: Article, words: int) -> str:
    """The first words of an article, cut wherever they end."""
    text = " ".join(" ".join(line.split()) for kind, line in gold_blocks(article) if kind in {"dateline", "paragraph"})
    return text[: words * CHARACTERS_A_WORD] if article.language in UNSPACED else " ".join(text.split(" ")[:words])


def day_text(institute: Institute, moment: datetime, language: str) -> str:
    """A day as this institute's pages tell it."""
    return format_datetime(moment.astimezone(ZoneInfo(institute.timezone)), institute.date_format, locale=language)


def _cards(institute: Institute, article: Article, tick: int) -> list[dict[str, Any]]:
    sibling = _siblings(institute, article, tick)
    teasers = _rotated(institute, article, tick, range(institute.cards - len(sibling)))
    return [*teasers[:1], *sibling, *teasers[1:]]


def _rotated(institute: Institute, article: Article, tick: int, places: range) -> list[dict[str, Any]]:
    fitting = [card for card in institute.teasers if card.language == article.language and not card.names & article.mentioned]
    turn = _hash(article.slug) + (tick if institute.rotates else 0)
    return [_card(institute, fitting[(turn + place) % len(fitting)]) for place in places]


def _card(institute: Institute, card: Teaser) -> dict[str, Any]:
    words = {"title": card.title, "excerpt": card.excerpt, "badge": card.badge, "names": card.names}
    day = card.day or (START - timedelta(days=1 + _hash(card.title) % 60)).date()
    return words | {
        "date": format_date(day, institute.date_format, locale=card.language),
        "path": _archived(card.title),
        "image": f"card-{_hash(card.title) % 100}",
        "id": _hash(card.title) % 9000,
    }


def _siblings(institute: Institute, article: Article, tick: int) -> list[dict[str, Any]]:
    if not institute.rotates:
        return []
    others = [other for other in shown(institute.id, tick) if _fits(other, article)]
    if not others:
        return []
    other = others[(_hash(article.slug) + tick) % len(others)]
    words = {"title": other.title, "excerpt": excerpt_of(other, CARD_WORDS), "badge": "", "names": frozenset()}
    place = {"path": institute.path_of(other), "image": other.slug, "id": _hash(other.slug) % 9000}
    return [words | place | {"date": day_text(institute, other.published, other.language)}]


def _fits(other: Article, article: Article) -> bool:
    same = (other.slug, other.language) == (article.slug, article.language)
    return not same and other.language == article.language and other.slug != SEED_SLUG and not other.mentioned & article.mentioned


def _seed_share() -> dict[str, Any]:
    return {"labels": list(seed_tail().share)}


def _seed_related(words: dict[str, Any]) -> dict[str, Any]:
    kicker, heading = seed_tail().headings
    names = frozenset({"turkey", "syria", "united-states"})
    cards = [
        {
            "title": title,
            "excerpt": excerpt,
            "badge": "",
            "names": names,
            "date": "",
            "path": _archived(title),
            "image": f"seed-{place}",
            "id": place,
        }
        for place, (title, excerpt) in enumerate(seed_tail().cards)
    ]
    cards[0]["badge"] = seed_tail().badge
    return words | {"kicker": kicker, "heading": heading, "cards": cards}


def _has_room(article: Article) -> bool:
    return sum(block.kind in {"dateline", "paragraph"} for block in article.blocks) >= READ_ALSO_AFTER


def _read_also(words: dict[str, Any], article: Article) -> dict[str, Any]:
    fitting = [item for item in words["items"] if not set(item["names"]) & article.mentioned]
    return {"label": words["label"], "item": fitting[0] | {"path": _archived(fitting[0]["title"])}}


def _archived(title: str) -> str:
    """Where a teaser leads: to an address that is not found, for the replay holds no article for it."""
    return f"/archive/{_hash(title) % 10_000}/"


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NOT_SHOWN:
                yield from _words(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _words(inner)


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, dict):
        return frozenset(value.get("names", ())).union(*(_names(inner) for key, inner in value.items() if key != "names"))
    return frozenset().union(*(_names(inner) for inner in value)) if isinstance(value, list) else frozenset()


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest())
