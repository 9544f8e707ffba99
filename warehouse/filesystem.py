"""What depends on the file system: locks cannot be trusted on a network one, and a copy may cost nothing on others."""

import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

from warehouse.errors import StoreError

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs"}
)
MOST_AT_ONCE = 1024**3  # bytes


def kind_of(folder: Path, mounts: str) -> str | None:
    """The type of the file system that holds `folder`, an absolute path; `mounts` is the text of /proc/mounts."""
    table = [line.split()[1:3] for line in mounts.splitlines() if line.strip()]
    # The kernel writes a space in a path as \040; of mounts one over the other the last counts.
    holding = [(len(point), place, kind) for place, (point, kind) in enumerate(table) if folder.is_relative_to(point.replace("\\040", " "))]
    return max(holding, default=(0, 0, None))[2]


@cache
def mounted(folder: Path) -> str | None:
    """The type of the file system that `folder` is on; None where the system does not say."""
    table = Path("/proc/mounts")
    return kind_of(folder.resolve(), table.read_text(encoding="utf-8")) if table.exists() else None


def refuse_network(folder: Path, kind: str | None) -> None:
    """Raise StoreError when `folder` is on a network file system."""
    if kind in NETWORK:
        raise StoreError(
            f"{folder} is on a network file system ({kind}), where locks cannot be trusted", hint="move the `data` folder to a local disk"
        )


def copy_file(source: Path, target: Path) -> None:
    """Copy a file and its times: in an instant on a file system whose files can share blocks (btrfs, XFS), else byte by byte."""
    with suppress(OSError, AttributeError), source.open("rb", buffering=0) as old, target.open("wb", buffering=0) as new:
        while os.copy_file_range(old.fileno(), new.fileno(), MOST_AT_ONCE):
            pass
        if new.tell() == source.stat().st_size:
            shutil.copystat(source, target)
            return
    shutil.copy2(source, target)
