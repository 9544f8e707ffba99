"""The demo, run once for all tests that look at its result, and the steps of the flow without Dagster for those that need many runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

THINKWATCH = [sys.executable, "-c", "from pipelines.cli import main; main()"]


class Demo:
    """A finished demo in `folder`: its summary, and SQL on its analysts' copy."""

    def __init__(self, folder: Path, summary: dict, messages: str) -> None:
        self.folder, self.summary, self.messages = folder, summary, messages

    @property
    def config(self) -> str:
        return str(self.folder / "thinkwatch.toml")

    def sql(self, statement, **parameters):
        from warehouse.publish import AnalystsCopy

        return AnalystsCopy(self.folder / "thinkwatch.duckdb").rows(statement, **parameters)


def run_thinkwatch(*arguments, check=True, cwd=None, **environment):
    """Run the command as a user would; returns the finished process with its text."""
    return subprocess.run(
        [*THINKWATCH, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=check,
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if not key.startswith("THINKWATCH")} | environment,
    )


@pytest.fixture(scope="session")
def thinkwatch():
    return run_thinkwatch


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = run_thinkwatch("demo", "--dir", folder, "--json")
    return Demo(folder, json.loads(done.stdout), done.stderr)


class Replaying:
    """The replay site on its last day, reachable by an installation of the operator's own through settings in the environment."""

    def __init__(self, site):
        self.environment = {
            "THINKWATCH_FETCH__CONNECT_TO": json.dumps(site.connect_to),
            "THINKWATCH_FETCH__PACE_SECONDS": "0",
        }
        source = next(source for source in site.sources if source["id"] == "wp-classic")
        self.feed, self.page = source["feeds"][0]["url"], source["home"]


@pytest.fixture
def replaying():
    from pipelines.replay.clock import LAST_TICK
    from pipelines.replay.site import ReplaySite

    with ReplaySite(tick=LAST_TICK) as site:
        yield Replaying(site)
