"""Content encodings: all of the document, no more than allowed, never a part of it."""

import contextlib
import gzip
import random
import subprocess
import sys
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.fetching.decoding import BodyTooLargeError, BrokenBodyError, decode, zstd

GIBIBYTE = 1024**3
LIMIT = 20 * 1024 * 1024
DOCUMENT = random.Random(7).randbytes(2000) * 20
PACKERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("coding", PACKERS)
def test_what_was_packed_comes_out(coding):
    assert decode(PACKERS[coding](DOCUMENT), [coding], len(DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize("coding", PACKERS)
def test_one_byte_over_the_limit_is_too_large(coding):
    with pytest.raises(BodyTooLargeError):
        decode(PACKERS[coding](DOCUMENT), [coding], len(DOCUMENT) - 1)


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.9999])
@pytest.mark.fault("H32")
def test_a_part_is_never_taken_for_the_whole(coding, share):
    packed = PACKERS[coding](DOCUMENT)
    with pytest.raises(BrokenBodyError):
        decode(packed[: int(len(packed) * share)], [coding], LIMIT)


def test_gzip_and_zstd_of_several_parts_are_joined_and_what_follows_is_ignored():
    assert decode(gzip.compress(b"one") + gzip.compress(b"two") + b"\0\0", ["gzip"], LIMIT) == b"onetwo"
    assert decode(zstd.compress(b"one") + zstd.compress(b"two"), ["zstd"], LIMIT) == b"onetwo"


def test_the_limit_holds_for_all_parts_together():
    with pytest.raises(BodyTooLargeError):
        decode(gzip.compress(b"x" * 600) * 2, ["gzip"], 1000)
    with pytest.raises(BodyTooLargeError):
        decode(zstd.compress(b"x" * 600) * 2, ["zstd"], 1000)


def test_deflate_is_read_with_and_without_its_frame():
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert decode(packer.compress(DOCUMENT) + packer.flush(), ["deflate"], LIMIT) == DOCUMENT


def test_an_empty_body_is_empty_in_every_coding():
    assert [decode(b"", [coding], LIMIT) for coding in PACKERS] == [b""] * 4


@settings(deadline=None, derandomize=True)
@given(st.binary(), st.lists(st.sampled_from([*PACKERS, "identity", "Gzip", " x-gzip", ""]), max_size=3))
def test_any_bytes_are_decoded_or_refused_in_words(body, codings):
    with contextlib.suppress(BrokenBodyError, BodyTooLargeError):
        assert len(decode(body, codings, 5000)) <= 5000


def bombs():
    """Documents of a gibibyte of zeros, by their codings."""
    packer, zeros = zlib.compressobj(wbits=31), bytes(1024**2)
    first, rest = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    zipped = first + rest * 1023
    brotli_packer = brotli.Compressor(quality=1)
    zstd_packer = zstd.ZstdCompressor(level=1)
    return {
        "gzip": zipped,
        "gzip, gzip": gzip.compress(zipped, 1),
        "br": b"".join(brotli_packer.process(zeros) for _ in range(1024)) + brotli_packer.finish(),
        "zstd": b"".join(zstd_packer.compress(zeros) for _ in range(1024)) + zstd_packer.flush(),
    }


FETCH_BOMBS = """
import resource, sys
from assets.fetching.fetcher import fetch_all
from assets.fetching.records import Policy, Request

policy = Policy(contact="https://thinkwatch.example/", pace_seconds=0, connect_to={"bomb.example": sys.argv[1]})
kinds = []
def fetch(*paths):
    requests = [Request(f"http://bomb.example/{path}", "feed") for path in paths]
    fetch_all(requests, policy, lambda fetched: kinds.append(fetched.fault.kind if fetched.fault else len(fetched.body)))
fetch("small")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
fetch("0", "1", "2", "3")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, *kinds)
"""


@pytest.mark.fault("H28")
def test_bombs_of_a_gibibyte_are_refused_in_little_memory(web, answers):
    site = web.site("bomb.example")
    site.on("/small", answers.reply(body=b"x"))
    for number, (coding, body) in enumerate(bombs().items()):
        site.on(f"/{number}", answers.reply(headers={"Content-Encoding": coding}, body=body))
    command = [sys.executable, "-c", FETCH_BOMBS, web.targets["bomb.example"]]
    megabytes, *kinds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert kinds == ["1"] + ["too_large"] * 4
    assert int(megabytes) < 100
