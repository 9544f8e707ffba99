"""The private store of an installation, for commands that do without Dagster."""

from datetime import datetime

from pipelines.settings import Settings
from warehouse.database import Warehouse
from warehouse.migrations import migrate


def open_warehouse(settings: Settings, now: datetime, *, lock_seconds: float = 120) -> Warehouse:
    """The private store, migrated. Raises StoreBusyError when another process writes for longer than `lock_seconds`."""
    warehouse = Warehouse(
        settings.data_folder / "warehouse.duckdb",
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        lock_seconds=lock_seconds,
    )
    migrate(warehouse, now)
    return warehouse
