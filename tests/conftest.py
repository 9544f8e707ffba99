"""What every test may use: a fixed time, an empty migrated store, and the folder of benchmark data where it is present."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse.database import Warehouse
from warehouse.migrations import migrate

ROOT = Path(__file__).parent.parent


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
    return Warehouse(path)


@pytest.fixture(scope="session")
def benchmarks():
    folder = ROOT.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip("the benchmark data does not lie beside the checkout")
    return folder
