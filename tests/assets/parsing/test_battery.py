"""The hostile-feed battery and the third-party feeds, where the benchmark data is present."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

from bench import feeds as bench

ROOT = Path(__file__).parents[3]


@pytest.fixture
def battery(benchmarks):
    folder = benchmarks / "feeds"
    if not (folder / "check.py").is_file():
        pytest.skip("the feed battery does not lie beside the checkout")
    return folder


def test_every_case_of_the_battery_is_survived(battery):
    command = [sys.executable, battery / "check.py", battery, "bench.feeds:parse"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in lines if line.startswith("FAIL")] == []
    assert "survived 124 of 124" in lines[-1]


def test_third_party_feeds_raise_nothing_and_every_difference_has_a_reason(battery):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        differing = bench.third_party(battery / "thirdparty")
    assert "0 parser failures" in said.getvalue()
    assert {name for name, *_ in differing} <= set(bench.reasons())
