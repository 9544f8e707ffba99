"""A store of any size, made by SQL and the same at every call: five years of articles in two languages, ten mentions each.

Texts are put together from a few hundred sentences and end each with words of their own, so offsets and matched words are true and
no text stands twice; nothing here was ever published. Of 250 entities the n-th is named as often as 1/n, some five in an article. One
article in fifty was edited, one in five hundred withdrawn, one in twenty repeats another.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.database import Warehouse
from warehouse.migrations import migrate

UNTIL = datetime(2021, 9, 30, tzinfo=UTC)
DAYS = 5 * 365
SOURCES = 160
SENTENCES = 400
PER_TEXT = 15
AT_ONCE = 100_000  # articles in one transaction
NAMES = {
    "un": ("UN", "ООН"), "china": ("China", "Китай"), "turkey": ("Turkey", "Турция"), "arctic": ("Arctic", "Арктика"),
    "central-asia": ("Central Asia", "Центральная Азия"), "kazakhstan": ("Kazakhstan", "Казахстан"), "csto": ("CSTO", "ОДКБ"),
    "tajikistan": ("Tajikistan", "Таджикистан"), "uzbekistan": ("Uzbekistan", "Узбекистан"), "kyrgyzstan": ("Kyrgyzstan", "Кыргызстан"),
    "sco": ("SCO", "ШОС"), **{f"land-{number}": (f"Land{number}", f"Страна{number}") for number in range(239)},
}  # fmt: skip
INSIDE = ("kazakhstan", "kyrgyzstan", "tajikistan", "uzbekistan")  # of central-asia
WORDS = {
    "en": (
        "the",
        "border",
        "water",
        "road",
        "treaty",
        "summit",
        "base",
        "rail",
        "energy",
        "trade",
        "minister",
        "talks",
        "army",
        "debt",
        "grain",
        "river",
    ),
    "ru": (
        "граница",
        "вода",
        "дорога",
        "договор",
        "саммит",
        "база",
        "торговля",
        "министр",
        "переговоры",
        "армия",
        "долг",
        "зерно",
        "порт",
        "река",
    ),
}


def make(folder: Path, articles: int, *, memory_limit: str = "1GB", threads: int = 2) -> Warehouse:
    """A migrated store below `folder` with so many articles, everything in it done: nothing is due, matched and decided all."""
    warehouse = Warehouse(folder / "warehouse.duckdb", memory_limit=memory_limit, threads=threads)
    migrate(warehouse, UNTIL)
    for first in range(0, articles, AT_ONCE):
        with warehouse.lock(), warehouse.connect() as connection:
            connection.execute("BEGIN")
            _sentences(connection)
            for statement in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";")[:-1]:
                connection.execute(statement, _numbers(statement, first, min(first + AT_ONCE, articles), articles))
            connection.execute("COMMIT")
    return warehouse


def _numbers(statement: str, first: int, end: int, articles: int) -> dict[str, object]:
    known = {"first": first, "end": end, "step": DAYS * 86400 // articles or 1, "until": UNTIL}
    known |= {"sources": SOURCES, "texts": SENTENCES, "inside": list(INSIDE)}
    return {name: value for name, value in known.items() if f"${name}" in statement}


def _sentences(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `texts`: for each language and number a text, with whom its sentences name, and where."""
    chosen = random.Random(6)
    rows = [row for place, language in enumerate(WORDS) for row in _texts(language, place, chosen)]
    shape = {"entity": "VARCHAR", "name": "VARCHAR", "start_char": "INTEGER", "sentence_start": "INTEGER", "sentence_end": "INTEGER"}
    structure = json.dumps([{"language": "VARCHAR", "kind": "INTEGER", "text": "VARCHAR", "said": [shape]}])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(from_json($rows::JSON, '{structure}'), max_depth := 2)",
        {"rows": json.dumps(rows, ensure_ascii=False)},
    )


def _texts(language: str, place: int, chosen: random.Random) -> Iterator[dict[str, object]]:
    """Each text is a run of sentences from a ring of them; each sentence names one entity, and they turn to another one every two."""
    ring: list[tuple[str, str, str, str]] = []
    often = [1 / rank for rank in range(1, len(NAMES) + 1)]
    for number in range(SENTENCES):
        words = chosen.choices(WORDS[language], k=chosen.randint(8, 14))
        # Every other sentence goes on about whom the one before named.
        entity = ring[-1][0] if number % 2 else chosen.choices(list(NAMES), often)[0]
        ring.append((entity, NAMES[entity][place], " ".join(words[:3]), " ".join(words[3:])))
    for kind in range(SENTENCES):
        text, said = "", []
        for entity, name, before, after in (ring[(kind + step) % SENTENCES] for step in range(PER_TEXT)):
            sentence = f"{before} {name} {after}."
            begins = len(text)
            said.append(
                {
                    "entity": entity,
                    "name": name,
                    "start_char": begins + len(before) + 1,
                    "sentence_start": begins,
                    "sentence_end": begins + len(sentence),
                }
            )
            text += sentence + (chr(10) * 2 if len(said) % 5 == 0 else " ")
        yield {"language": language, "kind": kind, "text": text.strip(), "said": said}
