"""The watch lists that are shipped. Here are only files and their paths."""

from pathlib import Path

DAY_ONE = Path(__file__).parent / "day-one.yaml"
