"""Sites in shapes that no stored page has: templates of `tests/sites/shapes`, each with seven articles of our own making.

What must come out is made from the same texts without any HTML, so it does not depend on a template.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parents[2] / "sites" / "shapes"
SHAPES = {
    "hugo-papermod": "en",
    "jekyll-minima": "en",
    "ghost-casper": "en",
    "squarespace": "en",
    "typo3-news": "de",
    "spip": "fr",
    "joomla-k2": "es",
    "wix-blog": "en",
    "arabic-drupal": "ar",
    "chinese-gov": "zh",
    "divi-theme-builder": "en",
    "css-modules": "en",
    "flat-words": "it pt pl tr ar",
}
NAMES = [(shape, language) for shape, languages in SHAPES.items() for language in languages.split()]
PLAIN_CAPTIONS = {"joomla-k2", "wix-blog", "chinese-gov"}  # shapes whose pages bear no caption
_SAID = {"chinese-gov": "{}"}  # a list without bullets
_PAGES = 7


@dataclass(frozen=True)
class Shown:
    """One page and what must be read from it."""

    url: str
    html: bytes
    text: str
    title: str
    author: str
    day: str
    teasers: tuple[str, ...]


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "texts.toml").read_text("utf-8"))


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))


def _article(language: str, number: int) -> dict[str, Any]:
    said = _texts()[language]
    places = said["places"]
    slots = {"p": places[number], "q": places[(number + 3) % _PAGES], "n": 13 + 3 * number, "m": 5 + number}
    when = date(2024, 3, 12) + timedelta(days=9 * number)
    locale = {"zh": "zh_CN", "pt": "pt_PT"}.get(language, language)
    first = said["paragraphs"][0].format(**slots)
    return {
        "number": 1041 + number,
        "url": f"/analysis/{1041 + number}/",
        "title": said["title"].format(**slots),
        "author": said["authors"][number],
        "heading": said["heading"].format(**slots),
        "p": [paragraph.format(**slots) for paragraph in said["paragraphs"]],
        "points": [item.format(**slots) for item in said["items"]],
        "quote": said["quote"].format(**slots),
        "caption": said["caption"].format(**slots),
        "excerpt": first[: min(90, len(first) // 2)] + "…",
        "day": when.isoformat(),
        "long": format_date(when, "long", locale),
        "medium": format_date(when, "MMM d, yyyy", "en"),
        "full": format_date(when, "full", locale),
        "modified_full": format_date(when + timedelta(days=90), "full", locale),
        "spoken": format_date(when, "d MMMM yyyy", locale),
        "short": format_date(when, "dd.MM.yyyy", locale),
        "us_short": format_date(when, "MMM d, yyyy", "en"),
        "levant": f"{when.day} {_LEVANT[when.month]}/{format_date(when, 'MMMM', 'ar')} {when.year}",
    }


_LEVANT = {3: "آذار", 4: "نيسان", 5: "أيار"}


@cache
def site(shape: str, language: str) -> list[Shown]:
    """All pages of one site."""
    template = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined).get_template(f"{shape}.html")
    articles = [_article(language, number) for number in range(_PAGES)]
    made = []
    for number, article in enumerate(articles):
        others = [articles[(number + step) % _PAGES] for step in (1, 2, 4)]
        page = template.render(a=article, o=others, w=_words().get(language, {}))
        teasers = tuple(text for other in others for text in (other["title"], other["excerpt"]))
        made.append(
            Shown(
                f"https://{shape}.example{article['url']}",
                page.encode(),
                _text(shape, article),
                article["title"],
                article["author"],
                article["day"],
                teasers,
            )
        )
    return made


def _text(shape: str, article: dict[str, Any]) -> str:
    """The article as it must be read, without its title."""
    items = [_SAID.get(shape, "- {}").format(item) for item in article["points"]]
    p = article["p"]
    caption = [] if shape in PLAIN_CAPTIONS else [article["caption"]]
    quote = f"“{article['quote']}”" if shape == "squarespace" else article["quote"]
    return "\n\n".join([p[0], p[1], article["heading"], p[2], *items, quote, p[3], *caption, p[4]])
