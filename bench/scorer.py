"""The extraction benchmark: where it lies, its rows, and its own scorer."""

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "extraction"


def rows(folder: Path) -> list[dict[str, Any]]:
    """The lines of the manifest; ends the program where there is none."""
    if not (folder / "manifest.jsonl").is_file():
        sys.exit(f"no benchmark at {folder}")
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]


def page(folder: Path, row: dict[str, Any]) -> bytes:
    """The bytes of one page."""
    return gzip.decompress((folder / row["html"]).read_bytes())


def scorer(folder: Path) -> ModuleType:
    """The benchmark's own scorer as a module."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        sys.exit(f"no scorer in {folder}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
