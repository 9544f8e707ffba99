"""The demo: an installation of its own in one folder, driven through the fortnight tick by tick.

The same job and assets as any installation's; only the institutes and the clock are the replay's.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import yaml

from pipelines.cycle import run_cycle
from pipelines.instance import open_instance
from pipelines.replay.clock import LAST_TICK, tick_time
from pipelines.replay.institutes import load_institutes
from pipelines.replay.progress import read_progress, write_progress
from pipelines.resources import open_warehouse
from pipelines.settings import Settings, load_settings
from warehouse.errors import ConfigError
from warehouse.transaction import Row


def install(folder: Path) -> Settings:
    """Write the demo's configuration into `folder`, where it is not there yet, and read it."""
    ours = files("pipelines.replay").joinpath("installation")
    texts = {
        "thinkwatch.toml": ours.joinpath("thinkwatch.toml").read_text(encoding="utf-8"),
        "subscriptions.yaml": ours.joinpath("subscriptions.yaml").read_text(encoding="utf-8"),
        "watchlists/day-one.yaml": files("assets.matching").joinpath("packs", "day-one.yaml").read_text(encoding="utf-8"),
    }
    for institute in load_institutes().values():
        texts[f"sources/{institute.id}.yaml"] = yaml.safe_dump(institute.source, allow_unicode=True, sort_keys=False)
    for name, text in texts.items():
        _write_once(folder / name, text)
    return load_settings(str(folder / "thinkwatch.toml"))


def replay(settings: Settings) -> Iterator[int]:
    """Run the cycle of each day that is still to do, and yield each as it is finished; at least the last one is run again.

    A run that was killed begins again with the day that it had not finished.
    """
    finished = read_progress(settings.data_folder, default=-1)
    with open_instance(settings) as instance:
        for tick in range(min(finished + 1, LAST_TICK), LAST_TICK + 1):
            run_cycle(instance, tick=tick)
            write_progress(settings.data_folder, tick)
            yield tick


def counts(settings: Settings) -> Row:
    """What the store holds now, by noun."""
    with open_warehouse(settings, tick_time(LAST_TICK)).transaction() as transaction:
        return transaction.row("count_flow") or {}


def _write_once(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=path, hint="choose a folder that you can write to with --dir") from fault
