"""What every test may use: a fixed time, an empty migrated store, and the folder of benchmark data where it is present."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from warehouse.database import Warehouse
from warehouse.migrations import migrate

ROOT = Path(__file__).parent.parent


@pytest.fixture
def now():
    return datetime(2021, 9, 19, 18, 0, tzinfo=UTC)


@pytest.fixture
def warehouse(tmp_path, now):
    store = Warehouse(tmp_path / "store" / "warehouse.duckdb")
    migrate(store, now)
    return store


@pytest.fixture(scope="session")
def benchmarks():
    folder = ROOT.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip("the benchmark data does not lie beside the checkout")
    return folder
