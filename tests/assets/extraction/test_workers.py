"""Worker processes: a call that hangs, crashes or grows is ended alone, and nothing is left behind."""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from functools import partial
from operator import add, truediv

import pytest

from assets.extraction.workers import Ended, Limits, Workers


@pytest.fixture(scope="module")
def workers():
    some = Workers(Limits(seconds=1, megabytes=600, workers=2))
    yield some
    some.close()


def is_gone(pid, seconds=10):
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    return bool(select.select([process], [], [], seconds)[0])


def call(function, *arguments):
    return partial(function, *arguments), {}


@pytest.mark.fault("P63", "W116")
@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        (call(time.sleep, 600), "hung", "longer than 1 s"),
        (call(os.abort), "crashed", "SIGABRT"),
        (call(ctypes.string_at, 0), "crashed", "SIGSEGV"),
        (call(os._exit, 3), "crashed", "exit status 3"),
        (call(bytearray, 2**31), "memory", "600 MB"),
    ],
)
def test_a_call_that_misbehaves_is_ended_and_the_others_are_done(workers, bad, kind, words):
    results = workers.run([call(add, 1, 1), bad, *(call(add, number, 1) for number in range(5))])
    ended = results.pop(1)
    assert isinstance(ended, Ended)
    assert ended.kind == kind
    assert words in ended.message
    assert results == [2, 1, 2, 3, 4, 5]


def test_a_call_that_raises_gives_its_exception_and_the_worker_goes_on(workers):
    first, fault = workers.run([call(os.getpid), call(truediv, 1, 0)])
    assert isinstance(fault, ZeroDivisionError)
    assert first in {worker.process.pid for worker in workers._idle}


def test_a_result_that_cannot_be_handed_over_is_said_to_be_one(workers):
    (found,) = workers.run([call(open, os.devnull)])
    assert "cannot be handed over" in str(found)


def test_workers_are_used_again_and_one_that_died_in_its_idle_time_is_replaced(workers):
    before = set(workers.run([call(os.getpid)] * 6))
    assert len(before) <= 2
    for worker in workers._idle:
        worker.process.kill()
        worker.process.join()
    assert workers.run([call(add, 2, 3)] * 3) == [5, 5, 5]


def test_a_caller_that_goes_away_in_the_middle_leaves_no_call_running(workers):
    stream = workers.stream([call(add, 1, 2), call(time.sleep, 600), call(time.sleep, 600)])
    next(stream)
    stream.close()
    assert workers.run([call(add, 1, 2)]) == [3]


def test_without_workers_calls_run_here():
    assert Workers(Limits(workers=0)).run([call(os.getpid)]) == [os.getpid()]


def test_workers_end_with_a_process_that_is_killed():
    script = (
        "import os, signal\nfrom functools import partial\nfrom assets.extraction.workers import Limits, Workers\n"
        "print(Workers(Limits(workers=1)).run([(os.getpid, {})])[0], flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    pid = int(said.stdout)
    assert said.returncode == -signal.SIGKILL
    assert is_gone(pid)
