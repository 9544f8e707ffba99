"""`thinkwatch match`: documents against watch lists; no configuration, no warehouse.

What belongs here: reading documents, spreading them over processes, writing mentions. What does not: matching.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from pipelines.cli.output import dumps, note
from pipelines.words import counted
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from assets.matching.compiling import Compiled
    from assets.matching.matcher import Matcher

CHUNK = 50  # documents that a process takes at a time


class Result(NamedTuple):
    """What came of one line of the documents: lines to write, or what was wrong with it."""

    lines: list[str]
    fault: str = ""


@click.command("match")
@click.option(
    "--watchlist",
    "watchlists",
    multiple=True,
    required=True,
    metavar="FILE...",
    help="Watch lists, or pack:NAME; later ones extend earlier ones.",
)
@click.argument("more", nargs=-1, metavar="")
@click.option("--docs", required=True, metavar="DOCS.jsonl", help='Documents, one {"id","lang"?,"title","text"} a line; "-" for stdin.')
@click.option("--out", metavar="OUT.jsonl", help="Where to write.  [default: stdout]")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Processes to match with.")
@click.option("--per-document", is_flag=True, help="One line a document: its entities, with mentions and salience.")
@click.option("--cache", metavar="DIR", help="Keep the compiled watch list here for the next time.  [default: nowhere]")
def match(
    watchlists: tuple[str, ...], more: tuple[str, ...], docs: str, out: str | None, jobs: int, per_document: bool, cache: str | None
) -> int:
    """Match documents against watch lists; stores nothing.

    Writes one line a mention: {"doc","entity","field","start","end","matched","name","score", …}; start and end are
    character offsets into the field ("title" or "text"), score is how central the entity is to the document, 0 to 1.
    A line that cannot be read is named and passed over (exit status 1).

    Example: thinkwatch match --watchlist day-one.yaml --docs articles.jsonl --out mentions.jsonl
    """
    from assets.matching.compiling import compile_watchlist
    from assets.matching.packs import locate
    from assets.matching.watchlist import load_watchlist

    watchlist = load_watchlist([locate(name) for name in (*watchlists, *more)])
    source = sys.stdin.buffer if docs == "-" else _open(docs)
    compiled = compile_watchlist(watchlist, cache_dir=Path(cache) if cache else None)
    failed = 0
    with source, open(out, "w", encoding="utf-8") if out else nullcontext(sys.stdout) as target:  # noqa: PTH123
        for number, result in enumerate(_results(source, compiled, jobs, per_document), 1):
            if result.fault:
                failed += 1
                note(f"error: {docs}:{number}: {result.fault}")
            target.writelines(line + "\n" for line in result.lines)
    if failed:
        passed = counted(failed, "line was", "lines were")
        note(f"{passed} passed over, the others are matched\n  hint: mend what is named and match it again")
    return 1 if failed else 0


def _open(name: str):  # noqa: ANN202 - a binary file
    try:
        return open(name, "rb")  # noqa: PTH123 - closed by the caller
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=name, hint="check the path and its permissions") from fault


def _results(lines: Iterable[bytes], compiled: "Compiled", jobs: int, per_document: bool) -> Iterator[Result]:
    """One result a line, in the order of the lines."""
    from assets.matching.matcher import Matcher

    if jobs == 1:
        matcher = Matcher(compiled)
        yield from (_match_line(matcher, line, per_document) for line in lines)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Started afresh, so that no thread or lock of this process comes along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _prepare, (compiled, per_document)) as pool:
        yield from pool.map(_match_prepared, lines, chunksize=CHUNK)


_prepared: "tuple[Matcher, bool] | None" = None


def _prepare(compiled: "Compiled", per_document: bool) -> None:
    """Build the matcher once in each process."""
    from assets.matching.matcher import Matcher

    global _prepared  # noqa: PLW0603 - a process pool has no other place for what all its tasks share
    _prepared = (Matcher(compiled), per_document)


def _match_prepared(line: bytes) -> Result:
    if _prepared is None:
        return Result([], "the process was not prepared")
    return _match_line(_prepared[0], line, _prepared[1])


def _match_line(matcher: "Matcher", line: bytes, per_document: bool) -> Result:
    from assets.matching.mentions import find_mentions

    if not line.strip():
        return Result([])
    try:
        document = _document(line)
        found = find_mentions(matcher, title=document["title"], text=document["text"], language=document["lang"])
    except ValueError as fault:
        return Result([], str(fault))
    except Exception as fault:  # one document that breaks the matcher must not stop the others
        return Result([], f"{type(fault).__name__}: {fault}")
    if per_document:
        return Result([dumps({"doc": document["id"], "entities": _summed(found)})])
    return Result([dumps({"doc": document["id"], **mention._asdict()}) for mention in found])


def _document(line: bytes) -> dict[str, Any]:
    """The document of a line. Raises ValueError that says what is wrong with it."""
    try:
        document = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"not UTF-8 at byte {fault.start} of the line") from fault
    except json.JSONDecodeError as fault:
        raise ValueError(f"not JSON: {fault.msg} at character {fault.pos + 1}") from fault
    if not isinstance(document, dict) or not isinstance(document.get("id"), str | int):
        raise ValueError('no document: it needs {"id", "title", "text"}')  # noqa: TRY004 - wrong data, not wrong code
    for key in ("title", "text", "lang"):
        if not isinstance(document.setdefault(key, ""), str | None):
            raise ValueError(f"{key} is no string")  # noqa: TRY004 - as above
        document[key] = document[key] or ""
    return document


def _summed(found: list[Any]) -> list[dict[str, Any]]:
    """The entities of a document, the most central first."""
    counts: dict[str, int] = {}
    scores: dict[str, float] = {}
    for mention in found:
        counts[mention.entity] = counts.get(mention.entity, 0) + 1
        scores[mention.entity] = mention.score
    order = sorted(counts, key=lambda entity: (-scores[entity], entity))
    return [{"entity": entity, "mentions": counts[entity], "salience": scores[entity]} for entity in order]
