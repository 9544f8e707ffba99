"""The extractors that ours is held against, each as a function from a page to a prediction of the benchmark's scorer.

Trafilatura is a dependency anyway; the others are not, and are left out, saying so, where they are not installed:
uv pip install --group bench
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Prediction = dict[str, Any]
Peer = Callable[[bytes], Prediction]
NEEDS = {"resiliparse": "resiliparse", "readability": "readability-lxml"}


def _trafilatura(page: bytes, **options: Any) -> Prediction:
    from trafilatura import bare_extraction

    found = bare_extraction(page, include_comments=False, with_metadata=True, **options)
    if found is None or isinstance(found, dict):
        return {"text": ""}
    return {"text": found.text, "title": found.title, "author": found.author, "date": found.date, "lang": found.language}


def _precision(page: bytes) -> Prediction:
    return _trafilatura(page, favor_precision=True)


def _recall(page: bytes) -> Prediction:
    return _trafilatura(page, favor_recall=True)


def _resiliparse(page: bytes) -> Prediction:
    encoding, text = import_module("resiliparse.parse.encoding"), import_module("resiliparse.extract.html2text")
    return {"text": text.extract_plain_text(encoding.bytes_to_str(page, encoding.detect_encoding(page)), main_content=True)}


def _readability(page: bytes) -> Prediction:
    from lxml import html

    document = import_module("readability").Document(page)
    return {"text": "\n".join(html.fromstring(document.summary()).itertext()), "title": document.short_title()}


PEERS: dict[str, Peer] = {
    "trafilatura": _trafilatura,
    "trafilatura precision": _precision,
    "trafilatura recall": _recall,
    "resiliparse": _resiliparse,
    "readability": _readability,
}


def missing() -> list[str]:
    """The packages of the peers that are not installed."""
    return [package for module, package in NEEDS.items() if find_spec(module) is None]


def present() -> dict[str, Peer]:
    """The peers that can be asked here."""
    return {name: peer for name, peer in PEERS.items() if NEEDS.get(name) not in missing()}
