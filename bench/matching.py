"""How well and how fast the matcher works: `python bench/matching.py`.

Prints precision, recall and F1 over the four sets of the public matching benchmark (by its own scorer), what compiling
costs, and the throughput as a ratio to `str.lower` over the same texts in the same process. Peers are shown where they
are installed; nothing is installed for them. The benchmark is expected beside the repository; `--benchmark DIR` names
another place.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assets.matching.compiling import Compiled, compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.mentions import find_mentions
from assets.matching.packs import DAY_ONE
from assets.matching.watchlist import load_watchlist, parse_watchlist

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "matching"
SETS = ("ntrex", "factru", "gum", "micro")
LANGUAGES = ("en", "ru", "uk", "fr", "de", "es", "ar", "zh")
EXTRA = {"salience_auc": 7, "span_recall": 9}  # measures that not every set has, and the width of their columns
ENTITIES = 250
ROUNDS = 5


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--benchmark", type=Path, default=DEFAULT, help="folder of the benchmark  [default: %(default)s]")
    folder = options.parse_args().benchmark
    if not folder.is_dir():
        sys.exit(f"no benchmark at {folder}\n  hint: name its folder with --benchmark")
    print(f"{'set':8}{'language':10}{'P':>7}{'R':>7}{'F1':>7}{'AUC':>7}{'spans R':>9}")
    for name in SETS:
        show_quality(folder, name)
    show_compiling()
    show_throughput([document for name in SETS[:3] for document in read_lines(folder / name / "docs.jsonl")])


def show_quality(folder: Path, name: str) -> None:
    score = json.loads(scored(folder, name))
    total = {**score, "language": "all"}
    languages = [{"language": code, **row} for code, row in score["by_lang"].items()] if len(score["by_lang"]) > 1 else []
    for row in (total, *languages):
        extra = "".join(f"{row[measure]:{width}.3f}" if row.get(measure) else " " * width for measure, width in EXTRA.items())
        print(f"{name:8}{row['language']:10}{row['precision']:7.3f}{row['recall']:7.3f}{row['f1']:7.3f}{extra}")


def scored(folder: Path, name: str) -> str:
    """The scorer's JSON over predictions made here."""
    matcher = Matcher(compile_watchlist(load_watchlist([folder / name / "watchlist.json"])))
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for document in read_lines(folder / name / "docs.jsonl"):
            file.writelines(json.dumps(row) + "\n" for row in predictions(matcher, document))
        file.flush()
        command = [sys.executable, str(folder / "score.py"), str(folder / name), file.name, "--spans", "--json"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def predictions(matcher: Matcher, document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    mentions = find_mentions(matcher, title=document["title"], text=document["text"], language=document["lang"])
    for mention in mentions:
        spans = [[mention.start, mention.end]] if mention.field == "text" else []
        yield {"doc": document["id"], "entity": mention.entity, "spans": spans, "score": mention.score}


def show_compiling() -> None:
    watchlist = load_watchlist([DAY_ONE])
    for languages in (("en", "ru"), None):
        started = time.process_time()
        compiled = compile_watchlist(watchlist, languages)
        seconds = time.process_time() - started
        print(f"\ncompiling day-one for {', '.join(compiled.languages)}: {compiled.forms} forms in {seconds:.1f} s of CPU", end="")
    print()


def show_throughput(documents: list[dict[str, Any]]) -> None:
    compiled = compile_watchlist(territories())
    matcher = Matcher(compiled)
    languages = {document["text"]: document["lang"] for document in documents}
    texts = list(languages)
    size = sum(len(text.encode()) for text in texts)
    base = best(str.lower, texts)
    print(f"\n{len(compiled.entities)} entities, {compiled.forms} forms, {len(LANGUAGES)} languages, {size / 1e6:.1f} MB of text")
    print(f"{'str.lower':34}{size / base / 1e6:8.1f} MB/s   ratio 1")
    engines = {
        "thinkwatch, language known": lambda text: matcher.find(text, language=languages[text]),
        "thinkwatch, language unknown": matcher.find,
        **peers(compiled),
    }
    for label, find in engines.items():
        seconds = best(find, texts)
        print(f"{label:34}{size / seconds / 1e6:8.1f} MB/s   ratio {base / seconds:.3f}")


def territories() -> Any:
    """A watch list of territories in the eight languages of the benchmark."""
    from babel import Locale

    codes = sorted(code for code in Locale.parse("en").territories if len(code) == 2)[:ENTITIES]
    entities = [{"id": code.lower(), "kind": "region", "from": f"cldr:{code}"} for code in codes]
    return parse_watchlist(json.dumps({"languages": list(LANGUAGES), "entities": entities}))


def peers(compiled: Compiled) -> dict[str, Callable[[str], Any]]:
    """Engines that only look for the same strings: no case rule, no exclusions, no other spellings."""
    words = sorted({form for phrase in compiled.phrases if len(phrase.slots) == 1 for form in phrase.slots[0]})
    engines: dict[str, Callable[[str], Any]] = {}
    if find_spec("flashtext2"):
        processor = import_module("flashtext2").KeywordProcessor(case_sensitive=False)
        for word in words:
            processor.add_keyword(word)
        engines["flashtext2"] = processor.extract_keywords
    if find_spec("ahocorasick_rs"):
        automaton = import_module("ahocorasick_rs").AhoCorasick(words)
        engines["ahocorasick_rs, no word ends"] = lambda text: automaton.find_matches_as_indexes(text.lower(), overlapping=True)
    return engines


def best(work: Callable[[str], Any], texts: list[str]) -> float:
    """Seconds of CPU in the fastest of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            work(text)
        rounds.append(time.process_time() - started)
    return min(rounds)


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
