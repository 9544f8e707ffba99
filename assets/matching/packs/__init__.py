"""The watch lists that are shipped, by name. Here are only files and their paths."""

from pathlib import Path

from warehouse.errors import ConfigError

_FOLDER = Path(__file__).parent
PREFIX = "pack:"
DAY_ONE = _FOLDER / "day-one.yaml"


def pack_names() -> list[str]:
    """The names of all packs."""
    return sorted(file.stem for file in _FOLDER.glob("*.yaml"))


def pack_file(name: str) -> Path:
    """The file of a pack. Raises ConfigError that lists the packs there are."""
    if name not in pack_names():
        raise ConfigError(f"there is no pack {name!r}", hint=f"there are: {', '.join(pack_names())}")
    return _FOLDER / f"{name}.yaml"


def locate(place: str) -> Path:
    """The file that `pack:NAME` or a path means. Raises ConfigError for a pack that there is not."""
    return pack_file(place.removeprefix(PREFIX)) if place.startswith(PREFIX) else Path(place)
