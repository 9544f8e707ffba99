"""A working copy of the store, to try on it what would change and to take over what shall.

Not here: what is tried. The copy is a store like any other and may be deleted at any time.
"""

from pathlib import Path

from warehouse.database import Warehouse
from warehouse.errors import StoreError


def shadow_at(warehouse: Warehouse, folder: Path) -> Warehouse:
    """The working copy that lies in `folder`, made or not, with the settings of the store."""
    settings = warehouse.settings
    return Warehouse(folder / "warehouse.duckdb", memory_limit=settings["memory_limit"], threads=settings["threads"])


def make_shadow(warehouse: Warehouse, folder: Path) -> Warehouse:
    """Copy the store into `folder`, in the place of an earlier copy; it is whole or not there.

    Raises StoreError when the disk is full or the folder cannot be written.
    """
    drop_shadow(folder)
    shadow = shadow_at(warehouse, folder)
    unfinished = shadow.path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with warehouse.lock():
            warehouse.copy_to(unfinished)
        unfinished.replace(shadow.path)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise StoreError(
            f"cannot copy the store to {folder}: {fault.strerror or fault}",
            hint="free as much space as the store takes; nothing was changed",
        ) from fault
    return shadow


def drop_shadow(folder: Path) -> None:
    """Delete the working copy."""
    for path in folder.glob("warehouse.*") if folder.is_dir() else ():
        path.unlink()
