"""The private store of an installation, for commands that do without Dagster."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.settings import Settings
from warehouse.database import Warehouse
from warehouse.migrations import migrate

if TYPE_CHECKING:
    from warehouse.lake import Place


def open_warehouse(settings: Settings, now: datetime, *, lock_seconds: float = 120) -> Warehouse:
    """The private store, migrated. Raises StoreBusyError when another process writes for longer than `lock_seconds`."""
    warehouse = warehouse_of(settings, lock_seconds=lock_seconds)
    migrate(warehouse, now)
    return warehouse


def warehouse_of(settings: Settings, *, lock_seconds: float = 120) -> Warehouse:
    """The private store that the settings name, not opened yet."""
    path = settings.data_folder / "warehouse.duckdb"
    limits: dict[str, Any] = {"memory_limit": settings.memory_limit, "threads": settings.threads, "lock_seconds": lock_seconds}
    if settings.store.kind == "file":
        return Warehouse(path, **limits)
    from warehouse.lake import Lake  # noqa: PLC0415 - only where there is one

    return Lake(path, place_of(settings), **limits)


def place_of(settings: Settings) -> "Place":
    """Where the lake of these settings lies."""
    from warehouse.lake import Place  # noqa: PLC0415 - only where there is one

    store = settings.store
    data = store.data if "://" in store.data else str(settings.path(Path(store.data)))
    secret = store.s3_secret.get_secret_value() if store.s3_secret else ""
    s3 = {"KEY_ID": store.s3_key_id or "", "SECRET": secret, "REGION": store.s3_region, "USE_SSL": str(store.s3_tls).lower()}
    if store.s3_endpoint:
        s3 |= {"ENDPOINT": store.s3_endpoint, "URL_STYLE": "path"}
    return Place(
        store.catalogue,
        data,
        store.password.get_secret_value() if store.password else None,
        tuple(s3.items()) if data.startswith("s3://") else (),
    )
