"""Files as a run found them: whatever is written into them later counts from the next run on.

A run reads sources, watch lists and subscriptions in different steps, minutes apart. What this gives is read as any path is,
names the same place in messages, and says what the file said when the run began; so all steps are of one state.
"""

import io
from collections.abc import Iterable
from pathlib import Path, PosixPath
from typing import Any


class FoundFile(PosixPath):
    """A file with its bytes, or with the error that reading it gave."""

    found: bytes | OSError = FileNotFoundError()

    def read_bytes(self) -> bytes:
        """What it held when it was found. Raises the OSError of then."""
        if isinstance(self.found, OSError):
            raise self.found
        return self.found

    def read_text(self, encoding: str | None = None, errors: str | None = None, newline: str | None = None) -> str:
        """As `read_bytes`, as text."""
        return io.TextIOWrapper(io.BytesIO(self.read_bytes()), encoding or "utf-8", errors, newline).read()

    def exists(self, **_: bool) -> bool:
        """Whether there was such a file."""
        return not isinstance(self.found, FileNotFoundError)

    def is_dir(self, **_: bool) -> bool:
        """It was none."""
        return False


class FoundFolder(PosixPath):
    """A folder with the YAML files below it, by name."""

    files: tuple[FoundFile, ...] = ()

    def exists(self, **_: bool) -> bool:
        """It was there."""
        return True

    def is_dir(self, **_: bool) -> bool:
        """It was one."""
        return True

    def rglob(self, pattern: str, **_: bool) -> Any:
        """The files that were below it; only YAML files are known."""
        return (file for file in self.files if file.match(pattern))


def as_found(places: Iterable[Path]) -> tuple[Path, ...]:
    """These files and folders as they are now."""
    return tuple(_folder(place) if place.is_dir() else _file(place) for place in places)


def _folder(place: Path) -> FoundFolder:
    folder = FoundFolder(place)
    folder.files = tuple(_file(path) for path in sorted(place.rglob("*.yaml")))
    return folder


def _file(path: Path) -> FoundFile:
    file = FoundFile(path)
    try:
        file.found = path.read_bytes()
    except OSError as fault:
        file.found = fault
    return file
