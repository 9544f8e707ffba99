"""Which sources a run is for: those that are named, or its share where several runs divide the work, the same on every machine."""

import re
from collections.abc import Iterable

from assets.sources.registry import Source, unknown_source
from warehouse.errors import ConfigError
from warehouse.ids import hashed


def members(group: str, source_ids: Iterable[str]) -> list[str]:
    """Those of the sources that are in a group such as `2/4`, the second of four. Raises ConfigError for another form."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", group)
    number, of = (int(found[1]), int(found[2])) if found else (1, 0)
    if number > of:
        raise ConfigError(f"{group!r} is not a group of sources", hint="write it as 2/4: the second of four")
    return sorted(source_id for source_id in set(source_ids) if int(hashed(source_id), 16) % of == number - 1)


def names(count: int) -> list[str]:
    """All groups when there are so many."""
    return [f"{number}/{count}" for number in range(1, count + 1)]


def refuse_unpolled(source_ids: Iterable[str], sources: Iterable[Source]) -> None:
    """Raise ConfigError for the first of the ids that no source bears, or one that is not polled."""
    known = {source.id: source for source in sources}
    for source_id in source_ids:
        if source_id not in known:
            raise unknown_source(source_id, known)
        if not known[source_id].enabled:
            raise ConfigError(f"the source {source_id} is not enabled", hint="set `enabled: true` in its file")
