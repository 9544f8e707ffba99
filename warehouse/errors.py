"""Every error that Thinkwatch raises on purpose, in one tree.

ThinkwatchError            says what is wrong and what to do next
├── ConfigError            a setting, file or argument is wrong; nothing was done (exit status 2)
├── StoreError             the warehouse cannot be opened, locked, migrated or published
│   └── StoreBusyError     another process is writing and did not finish in time
└── ArchiveError           a raw document is missing from the archive or damaged

Failures of single sources, pages and mails are not exceptions: they are rows that say what happened.
"""

from pathlib import Path


class ThinkwatchError(Exception):
    """Something went wrong that a person can mend: `message` says what, `hint` what to do next."""

    exit_status = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")  # for the pages and logs that show a traceback, such as a run's in the UI


class ConfigError(ThinkwatchError):
    """A configuration file, an argument or a setting is wrong; `path` and `line` say where (line is 1-based)."""

    exit_status = 2

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None, hint: str = "") -> None:
        place = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(place + message, hint=hint)
        self.path = path
        self.line = line


class StoreError(ThinkwatchError):
    """The warehouse cannot do what was asked."""


class StoreBusyError(StoreError):
    """Another process holds the writer's lock."""


class ArchiveError(ThinkwatchError):
    """A raw document cannot be read back from the archive."""
