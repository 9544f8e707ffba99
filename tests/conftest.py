"""What every test may use: a fixed time, an empty migrated store, and the folder of benchmark data where it is present.

Here too: the longest files come first, so that no worker is left alone with one of them at the end, and Hypothesis tries the same
examples each time, however busy the machine is.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from warehouse.database import Warehouse
from warehouse.migrations import migrate

ROOT = Path(__file__).parent.parent
LONGEST = (  # half a minute and more, longest first
    *("pipelines/test_accidents.py", "pipelines/test_kill.py", "pipelines/test_ledger.py", "pipelines/test_ui.py"),
    *("pipelines/test_tutorial.py", "warehouse/lake/test_lake.py", "pipelines/test_backup.py", "pipelines/test_bad_input.py"),
    *("pipelines/test_demo.py", "assets/test_backfills.py", "assets/mentions/test_rematching.py", "assets/matching/test_packs.py"),
    *("assets/test_asking.py", "pipelines/test_cli_fixture.py", "pipelines/desk/test_desk.py", "pipelines/test_attachments.py"),
)

_UNHURRIED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("the same on any machine", deadline=None, derandomize=True, suppress_health_check=_UNHURRIED)
hypothesis.settings.load_profile("the same on any machine")


def pytest_collection_modifyitems(items):
    """Put the longest files first; pytest keeps the order of the others, and of the tests of each."""
    ranks = {ROOT / "tests" / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture
def now():
    return datetime(2021, 9, 19, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """The file of a migrated store without rows, to be copied: migrating anew for each test costs more than most tests do."""
    path = tmp_path_factory.mktemp("store") / "empty.duckdb"
    migrate(Warehouse(path), datetime(2021, 9, 19, 18, 0, tzinfo=UTC))
    return path


@pytest.fixture
def warehouse(empty_store, tmp_path):
    path = tmp_path / "store" / "warehouse.duckdb"
    path.parent.mkdir()
    shutil.copyfile(empty_store, path)
    return Warehouse(path, threads=1)


@pytest.fixture(scope="session")
def benchmarks():
    folder = ROOT.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip("the benchmark data does not lie beside the checkout")
    return folder
