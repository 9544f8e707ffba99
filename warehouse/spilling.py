"""Where DuckDB puts what its memory does not hold: for each database that a process has open, a folder of its own.

DuckDB names these files alike everywhere. Two that write them into one folder at once destroy each other's, and both end with a
segmentation fault. So each takes the first of the numbered folders that nobody has, and holds its lock; who dies lets it go.
"""

import fcntl
import os
import shutil
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from warehouse.errors import StoreError

MOST = 256  # databases that are open at once
_OPEN: "weakref.WeakValueDictionary[Path, Spill]" = weakref.WeakValueDictionary()
_OPENING = threading.Lock()


class Spill:
    """A folder that nobody else has until `close`, in the first of `roots` that can be used. DuckDB makes it when it needs it.

    Raises StoreError when no root can be used.
    """

    def __init__(self, *roots: Path) -> None:
        self.path, lock = _first(roots)
        shutil.rmtree(self.path, ignore_errors=True)  # of one that was killed
        self.close = weakref.finalize(self, os.close, lock)


def spill_of(file: Path) -> Spill | None:
    """What everybody in this process shares who has this file open, as they share DuckDB's memory; None where nothing can be written."""
    with _OPENING, suppress(StoreError):
        spill = _OPEN.get(file) or Spill(local_root())
        _OPEN[file] = spill
        return spill
    return None


def local_root() -> Path:
    """This user's folder among the temporary ones of this machine. Raises StoreError on one without such a place."""
    try:
        return Path(tempfile.gettempdir()) / f"thinkwatch-spill-{os.getuid()}"
    except FileNotFoundError as fault:
        raise StoreError(str(fault), hint="set TMPDIR to a folder that can be written to") from fault


def _first(roots: tuple[Path, ...]) -> tuple[Path, int]:
    for root in roots:
        with suppress(OSError):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)  # rows of the store may lie there
            if root.stat().st_uid != os.getuid():  # who runs us as root leaves nothing there that the owner cannot use
                continue
            for number in range(MOST):
                if (lock := _taken(root / f"{number}.lock")) is not None:  # 0 is a file, too
                    return root / str(number), lock
    raise StoreError(f"{roots[0]}: cannot be written to", hint="make the folder writable, or set another `data` folder")


def _taken(path: Path) -> int | None:
    """The open lock; None when somebody has it, or another user has made it."""
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            return handle
    return None
