"""How soon the command line answers: what needs no Dagster must not wait for it."""

import resource
import subprocess
import sys

import pytest


def cpu_seconds(*arguments):
    """CPU time of a Python process, which other work on the machine does not lengthen."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_at_most_a_tenth_of_importing_dagster():
    own = cpu_seconds("from pipelines.cli import main; main()", "--help")
    assert own <= cpu_seconds("import dagster") / 10


@pytest.mark.parametrize("module", ["pipelines.overview", "pipelines.cli.status", "pipelines.cli.ui"])
def test_what_an_outside_monitor_calls_does_not_import_dagster(module):
    subprocess.run([sys.executable, "-c", f"import sys, {module}; sys.exit('dagster' in sys.modules)"], check=True)
