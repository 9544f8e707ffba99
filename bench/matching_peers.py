"""Peers of the matcher: what is usually taken for finding names in texts, each with the same names and no more.

What belongs here: making an engine of a list of names. An engine is a function from texts to the names found in each, as
the watch list writes them in small letters. The names are base forms, acronyms and demonyms; no engine knows inflection.
What does not: measuring. A peer that is not installed is left out; `uv pip install --group bench` installs them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec

Engine = Callable[[Sequence[str]], list[set[str]]]
MODULES = {"flashtext2": "flashtext2", "spaCy LOWER": "spacy", "spaCy ORTH": "spacy", "re": "re", "DuckDB regexp": "duckdb"}


def engines(names: Iterable[str]) -> dict[str, Engine]:
    """Every engine that is installed, made for these names."""
    makers = {"flashtext2": _flashtext, "spaCy LOWER": _spacy_lower, "spaCy ORTH": _spacy_orth, "re": _re, "DuckDB regexp": _duckdb}
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return {label: make(ordered) for label, make in makers.items() if find_spec(MODULES[label])}


def absent() -> list[str]:
    """The peers that are not installed."""
    return [label for label, module in MODULES.items() if not find_spec(module)]


def _flashtext(names: list[str]) -> Engine:
    processor = import_module("flashtext2").KeywordProcessor(case_sensitive=False)
    for name in names:
        processor.add_keyword(name, name.lower())
    return lambda texts: [set(processor.extract_keywords(text)) for text in texts]


def _spacy_lower(names: list[str]) -> Engine:
    return _spacy(names, "LOWER")


def _spacy_orth(names: list[str]) -> Engine:
    return _spacy(names, "ORTH")


def _spacy(names: list[str], attribute: str) -> Engine:
    """Matches over the blank pipeline for any language: its tokeniser and nothing else."""
    pipeline = import_module("spacy").blank("xx")
    matcher = import_module("spacy.matcher").PhraseMatcher(pipeline.vocab, attr=attribute)
    for name in names:
        matcher.add(name.lower(), [pipeline.make_doc(name)])
    return lambda texts: [{pipeline.vocab.strings[found[0]] for found in matcher(pipeline.make_doc(text))} for text in texts]


def _pattern(names: list[str]) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, names))})\b"


def _re(names: list[str]) -> Engine:
    pattern = re.compile(_pattern(names), re.IGNORECASE)
    return lambda texts: [{match.lower() for match in pattern.findall(text)} for text in texts]


def _duckdb(names: list[str]) -> Engine:
    r"""DuckDB's regular expressions are RE2's: \b knows letters of ASCII only."""
    import duckdb

    pattern = "(?i)" + _pattern([name.replace("\n", " ") for name in names])
    connection = duckdb.connect()

    def found(texts: Sequence[str]) -> list[set[str]]:
        connection.execute("CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest($texts) AS body", {"texts": list(texts)})
        rows = connection.execute("SELECT regexp_extract_all(body, $pattern) FROM texts", {"pattern": pattern}).fetchall()
        return [{match.lower() for match in matches} for (matches,) in rows]

    return found
