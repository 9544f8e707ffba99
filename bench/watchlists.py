"""Watch lists for the benches, made from CLDR: 250 territories, and 10,000 entities in eight languages."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from assets.matching.watchlist import Watchlist, parse_watchlist

LANGUAGES = ("en", "ru", "uk", "fr", "de", "es", "ar", "zh")


def territories(count: int = 250) -> Watchlist:
    """The first `count` two-letter territories of CLDR, with their names in eight languages."""
    codes = sorted(code for code in Locale.parse("en").territories if len(code) == 2)[:count]
    return _parsed([{"id": code.lower(), "kind": "region", "from": f"cldr:{code}"} for code in codes])


def many(count: int = 10_000) -> Watchlist:
    """Territories, languages and scripts as CLDR names them, then made-up institutions of each city: Baku Institute, Институт Баку.

    The institutions share their first words, as real ones do. Their names are put together without regard to grammar.
    """
    entities = [*_named("territories"), *_named("languages"), *_named("scripts"), *_institutions()]
    return _parsed(entities[:count])


def _named(what: str) -> Iterator[dict[str, Any]]:
    tables = {language: getattr(Locale.parse(language), what) for language in LANGUAGES}
    for code in sorted(tables["en"]):
        yield _entity(f"{what}-{code}", {language: table[code] for language, table in tables.items() if len(table.get(code, "")) > 1})


def _institutions() -> Iterator[dict[str, Any]]:
    with Path(__file__).with_name("institutions.tsv").open(encoding="utf-8") as file:
        kinds = list(csv.DictReader(file, delimiter="\t"))
    for zone in sorted(set(get_global("zone_territories")) - {"Etc/Unknown"}):
        cities = {language: get_timezone_location(zone, locale=language, return_city=True) for language in LANGUAGES}
        for number, kind in enumerate(kinds):
            yield _entity(f"{zone}-{number}", {language: kind[language].format(city) for language, city in cities.items()})


def _entity(entity_id: str, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": entity_id.replace(" ", "-"),
        "kind": "organisation",
        "labels": {language: {"names": [name]} for language, name in names.items()},
    }


def _parsed(entities: list[dict[str, Any]]) -> Watchlist:
    return parse_watchlist(json.dumps({"languages": LANGUAGES, "entities": entities}))
