"""What of a text is compared with other texts: its overlapping word sequences, and a small sample of their hashes. Pure.

The sample is a bottom-k sketch (Broder, 1997): the smallest hashes of a set, so that two texts which share most of their
sequences share most of their samples, and one lookup by hash finds them.
"""

import re
import unicodedata
from hashlib import blake2b

# Bumped whenever a text would give other fingerprints than before.
VERSION = 1
WORDS = 5
SAMPLE = 48
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def shingles(text: str) -> frozenset[int]:
    """The hashes (63 bits, the same on every machine) of each run of five words; of a shorter text the one run that it is."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    runs = {" ".join(tokens[start : start + WORDS]) for start in range(max(len(tokens) - WORDS + 1, min(len(tokens), 1)))}
    return frozenset(int.from_bytes(blake2b(run.encode(), digest_size=8).digest()) >> 1 for run in runs)


def sketch(hashes: frozenset[int]) -> tuple[int, ...]:
    """The sample by which a text is looked up: its SAMPLE smallest hashes."""
    return tuple(sorted(hashes)[:SAMPLE])
