"""What a changed watch list costs: `python bench/rematch.py`.

Fills a store with texts made of paragraphs of the replay site, English and every fourth Russian, matches them against
the shipped list, then changes the list as an operator does and matches again. Prints the CPU time of each step, of all
processes together and shared among them, without what any run costs, for a year of 1,000 articles a day, and says that
the rows are the same as those of matching everything.
"""

import argparse
import random
import resource
import tempfile
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from assets.matching.packs import DAY_ONE
from assets.mentions import Done, match_revisions
from warehouse.database import Warehouse
from warehouse.migrations import migrate

YEAR = 365_000
NOW = datetime(2021, 9, 19, tzinfo=UTC)
CHARACTERS = 6000  # a text
CHANGES = {
    "one organisation added": "entities: [{id: interpol, labels: {en: {names: [Interpol]}, ru: {names: [Интерпол]}}}]",
    "one country excluded": "entities: [{id: georgia, exclude: [State of Georgia]}]",
    "ten names added": "entities: [{id: ports, labels: {en: {names: ["
    + ", ".join(f"Port {name}" for name in ("Anzali", "Aktau", "Baku", "Poti", "Batumi", "Sochi", "Sudak", "Mersin", "Trabzon", "Odesa"))
    + "]}}}]",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--texts", type=int, default=6000, help="how many texts  [default: %(default)s]")
    options.add_argument("--processes", type=int, default=2, help="that match  [default: %(default)s]")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stored = Store(Path(folder), given.processes)
        stored.fill(given.texts)
        print(f"{given.texts} texts of {CHARACTERS} characters, {given.processes} processes")
        print(f"{'':26}{'matched':>9}{'passed over':>13}{'ms a text':>12}{'a year, minutes':>17}")
        stored.show("everything", [DAY_ONE])
        for number, (label, change) in enumerate(CHANGES.items()):
            own = Path(folder) / f"{number}.yaml"
            own.write_text(change, encoding="utf-8")
            stored.show(label, [DAY_ONE, own])
        before = stored.rows()
        stored.forget()
        stored.show("the last list, everything", [DAY_ONE, own])
        print("the same rows" if stored.rows() == before else "THE ROWS DIFFER")


class Store:
    """A store of synthetic texts, and the step that matches it."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.warehouse = Warehouse(folder / "warehouse.duckdb", threads=processes)
        self.flow: Any = SimpleNamespace(warehouse=self.warehouse, cache=folder / "cache", watchlists=[], now=lambda: NOW)
        migrate(self.warehouse, NOW)

    def fill(self, count: int) -> None:
        """Store that many texts."""
        texts = [file.read_text(encoding="utf-8") for file in sorted(files("pipelines.replay").joinpath("articles").iterdir(), key=str)]
        russian = [text for text in texts if sum("а" <= letter <= "я" for letter in text) > len(text) / 2]
        english = [text for text in texts if sum(map(str.isascii, text)) > 0.97 * len(text)]
        source = {"source_id": "s", "name": "S", "languages": ["en"], "enabled": True, "added_at": NOW}
        with self.warehouse.transaction() as transaction:
            transaction.merge("sources", [source], key=["source_id"])
        chance = random.Random(1)
        for start in range(0, count, 2000):
            rows = [_revision(number, chance, russian if number % 4 == 0 else english) for number in range(start, min(count, start + 2000))]
            articles = [{key: row[key] for key in ("revision_id", "article_id", "title", "language", "text")} for row in rows]
            known = {"source_id": "s", "story_id": "s", "text_source": "page", "first_seen_at": NOW, "changed_at": NOW, "baseline": False}
            with self.warehouse.transaction() as transaction:
                transaction.merge("revisions", rows, key=["revision_id"])
                transaction.merge("articles", [article | known for article in articles], key=["article_id"])

    def show(self, label: str, lists: list[Path]) -> None:
        """Match against these lists, and print what it cost."""
        from assets.watching import compile_files

        self.flow.watchlists = lists
        compile_files(lists, self.flow.cache)  # which takes seconds for any number of texts
        seconds, done = self._match()
        fixed, _ = self._match()  # which finds nothing to do
        each = max(0.0, seconds - fixed) / self.warehouse.threads / (done.texts + done.passed_over)
        print(f"{label:26}{done.texts:9}{done.passed_over:13}{each * 1000:12.2f}{YEAR * each / 60:17.1f}")

    def _match(self) -> tuple[float, Done]:
        started = cpu_seconds()
        done = match_revisions(self.flow)
        return cpu_seconds() - started, done

    def forget(self) -> None:
        """Begin anew with the same texts."""
        with self.warehouse.transaction() as transaction:
            for table in ("mentions", "ops.mention_state", "ops.matched"):
                transaction.connection.execute(f"DELETE FROM {table}")

    def rows(self) -> list[tuple[Any, ...]]:
        """All mentions, but for which list found them."""
        with self.warehouse.transaction() as transaction:
            return transaction.connection.execute("SELECT * EXCLUDE (watchlist_hash) FROM mentions ORDER BY mention_id").fetchall()


def cpu_seconds() -> float:
    """Of this process and of those that it has waited for."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def _revision(number: int, chance: random.Random, texts: list[str]) -> dict[str, Any]:
    """A text of shuffled paragraphs."""
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < CHARACTERS:
        paragraphs.append(chance.choice(chance.choice(texts).split("\n\n")))
    return {
        "revision_id": f"{chance.getrandbits(80):020x}",
        "article_id": f"a{number}",
        "revision_no": 1,
        "change_kind": "new",
        "seen_from": NOW + timedelta(minutes=number),
        "title": f"Number {number}",
        "text": "\n\n".join(paragraphs)[:CHARACTERS],
        "language": "ru" if number % 4 == 0 else "en",
        "text_hash": "x",
        "text_source": "page",
        "extractor": "bench",
    }


if __name__ == "__main__":
    main()
