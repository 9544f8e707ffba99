"""How well and how fast the matcher works, beside its peers: `python -m bench.matching`.

Prints precision, recall and F1 over the four sets of the public matching benchmark (by its own scorer), the same for the
peers that are installed (`uv pip install --group bench`), what compiling costs, and the throughput as a ratio to
`str.lower` over the same texts in the same process: with 250 entities in eight languages, with 10,000 made of CLDR's names
(`bench.watchlists.many`), and what a year of 1,000 articles a day takes. The benchmark is expected beside the repository;
`--benchmark DIR` names another place; `--quick` leaves out the peers and the long list.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from assets.matching.compiling import Compiled, compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.mentions import find_mentions
from assets.matching.packs import pack_file
from assets.matching.watchlist import Watchlist, load_watchlist
from bench.matching_peers import Engine, absent, engines
from bench.watchlists import LANGUAGES, many, territories

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "matching"
SETS = ("ntrex", "factru", "gum", "micro")
ROUNDS = 5
SLOW = 12  # every so manieth text is enough for engines that take seconds for it
YEAR = 365 * 1000  # articles
ARTICLE = 6_000  # bytes of UTF-8 in an article, as measured on think tanks

Documents = list[dict[str, Any]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--benchmark", type=Path, default=DEFAULT, help="folder of the benchmark  [default: %(default)s]")
    options.add_argument("--quick", action="store_true", help="without the peers and the long list")
    chosen = options.parse_args()
    if not chosen.benchmark.is_dir():
        sys.exit(f"no benchmark at {chosen.benchmark}\n  hint: name its folder with --benchmark")
    show_quality(chosen.benchmark, peers=not chosen.quick)
    show_languages(chosen.benchmark / "ntrex")
    show_compiling()
    documents = [document for name in SETS[:3] for document in read_lines(chosen.benchmark / name / "docs.jsonl")]
    show_throughput(documents, long=not chosen.quick)


def show_quality(folder: Path, *, peers: bool) -> None:
    """Precision, recall and F1 of each engine on each set."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for name in SETS:
        documents = read_lines(folder / name / "docs.jsonl")
        watchlist = load_watchlist([folder / name / "watchlist.json"])
        score = scored(folder / name, own_predictions(watchlist, documents))
        table["thinkwatch"].append(shown(score))
        if "salience_auc" in score:
            print(f"salience AUC on {name}: {score['salience_auc']:.3f}")
        for label, engine in engines(alias.text for entity in watchlist.entities for alias in entity.aliases).items() if peers else ():
            table[label].append(shown(scored(folder / name, peer_predictions(engine, watchlist, documents))))
    print("\n" + " ".join([f"{'P / R / F1':16}", *(f"{name:20}" for name in SETS)]))
    for label, cells in table.items():
        print(" ".join([f"{label:16}", *(f"{cell:20}" for cell in cells)]))
    if peers and absent():
        print(f"not installed: {', '.join(absent())} (uv pip install --group bench)")


def shown(score: dict[str, Any]) -> str:
    return f"{score['precision']:.2f} / {score['recall']:.2f} / {score['f1']:.3f}"


def show_languages(folder: Path) -> None:
    documents = read_lines(folder / "docs.jsonl")
    score = scored(folder, own_predictions(load_watchlist([folder / "watchlist.json"]), documents))
    recalls = ", ".join(f"{code} {row['recall']:.3f}" for code, row in score["by_lang"].items())
    print(f"\nrecall on {folder.name} by language: {recalls}")


def own_predictions(watchlist: Watchlist, documents: Documents) -> Iterable[dict[str, Any]]:
    matcher = Matcher(compile_watchlist(watchlist))
    for document in documents:
        for mention in find_mentions(matcher, title=document["title"], text=document["text"], language=document["lang"]):
            yield {"doc": document["id"], "entity": mention.entity, "score": mention.score}


def peer_predictions(engine: Engine, watchlist: Watchlist, documents: Documents) -> Iterable[dict[str, Any]]:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for entity in watchlist.entities:
        for alias in entity.aliases:
            owners[alias.text.lower()].add(entity.id)
    found = engine([f"{document['title']}\n\n{document['text']}" for document in documents])
    for document, names in zip(documents, found, strict=True):
        for entity in sorted(set().union(*(owners[name] for name in names))):
            yield {"doc": document["id"], "entity": entity}


def scored(folder: Path, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What the benchmark's own scorer says."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
        file.flush()
        command = [sys.executable, str(folder.parent / "score.py"), str(folder), file.name, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def show_compiling() -> None:
    with tempfile.TemporaryDirectory() as cache:
        for packs in (["day-one"], ["countries", "organisations"]):
            watchlist = load_watchlist([pack_file(name) for name in packs])
            seconds = [spent(partial(compile_watchlist, watchlist, cache_dir=Path(cache))) for _ in range(2)]
            forms = compile_watchlist(watchlist, cache_dir=Path(cache)).forms
            print(f"compiling {' and '.join(packs)}: {forms} forms; from the cache in {seconds[1] / seconds[0]:.3f} of the time")


def show_throughput(documents: Documents, *, long: bool) -> None:
    languages = {document["text"]: document["lang"] for document in documents}
    texts = list(languages)
    size = sum(len(text.encode()) for text in texts)
    base = best(lambda: [text.lower() for text in texts])
    print(f"\n{size / 1e6:.1f} MB of text in {len(set(languages.values()))} languages; ratio 1 is str.lower in the same process")
    lists = [territories(), many()] if long else [territories()]
    for watchlist in lists:
        matcher = Matcher(compile_watchlist(watchlist))
        known = best(lambda matcher=matcher: [matcher.find(text, language=languages[text]) for text in texts])
        unknown = best(lambda matcher=matcher: [matcher.find(text) for text in texts])
        entities = f"{len(watchlist.entities)} entities, {matcher.compiled.forms} forms"
        print(f"{'thinkwatch, language known':28}{base / known:8.4f}   {entities}")
        print(f"{'thinkwatch, language unknown':28}{base / unknown:8.4f}")
    if long:
        show_peers(lists[0], texts)
    show_year(compile_watchlist(lists[0]), texts, size)


def show_peers(watchlist: Watchlist, texts: list[str]) -> None:
    """The peers look for the names as they stand, in all eight languages: a tenth of the forms."""
    from assets.matching.compiling import aliases_of

    names = {alias.text for entity in watchlist.entities for alias in aliases_of(entity, LANGUAGES)}
    sample = texts[::SLOW]
    base = best(lambda: [text.lower() for text in sample])
    for label, engine in engines(names).items():
        print(f"{label:28}{base / best(partial(engine, sample), rounds=1):8.4f}   {len(names)} names")


def show_year(compiled: Compiled, texts: list[str], size: int) -> None:
    """Two processes match the texts a few times; a year is reckoned from that."""
    rounds = 6
    with ProcessPoolExecutor(2, initializer=_prepare, initargs=(compiled,)) as pool:
        list(pool.map(_match, texts[:50]))  # both processes have their tables
        started = time.perf_counter()
        list(pool.map(_match, texts * rounds, chunksize=50))
        seconds = time.perf_counter() - started
    year = seconds * YEAR * ARTICLE / (size * rounds)
    print(f"a year of 1,000 articles a day in two processes: {year / 60:.0f} minutes, reckoned from {size * rounds / 1e6:.0f} MB")


_matcher: list[Matcher] = []


def _prepare(compiled: Compiled) -> None:
    _matcher.append(Matcher(compiled))


def _match(text: str) -> int:
    return len(find_mentions(_matcher[0], title="", text=text))


def best(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Seconds of CPU in the fastest of some rounds."""
    return min(spent(work) for _ in range(rounds))


def spent(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def read_lines(path: Path) -> Documents:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
