"""What an installation takes: bytes by part, for each article and run; seconds and memory of a run; memory of the UI and of the desk.

    python -m bench.sizing demo/thinkwatch.toml

The installation must have run. It is run once more, and its UI and desk are started and stopped.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench.desk_pictures import desk_served
from bench.screenshots import served
from pipelines.settings import load_settings
from warehouse.publish import AnalystsCopy

MIB = 1024**2
PARTS = {"store": "warehouse.duckdb", "archive": "archive", "search index": "search", "Dagster's history": "dagster"}


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def memory(root: int) -> float:
    """MiB of a process and all below it, what they share counted once."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    family, found = [root], []
    while family:
        found.append(family.pop())
        family += children.get(found[-1], [])
    return sum(_share(process) for process in found) / 1024


def _share(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def main(arguments: list[str]) -> None:
    """Print the table."""
    config = Path(arguments[0])
    settings = load_settings(str(config))
    (counts,) = AnalystsCopy(settings.published).rows(
        "SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(DISTINCT run_id) FROM fetches) AS runs, "
        "(SELECT sum(length(text)) // count(*) FROM articles) AS characters"
    )
    print(f"{counts['articles']} articles of {counts['characters']} characters on average, {counts['runs']} runs")
    for name, place in PARTS.items():
        taken = size(settings.data_folder / place)
        each = [f"{taken / 1024 / counts[unit]:7.1f} KiB {word}" for unit, word in (("articles", "an article"), ("runs", "a run"))]
        print(f"{name:18} {taken / MIB:8.1f} MiB  {'  '.join(each)}")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--config", str(config), "run"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"a run that finds nothing new: {spent:.1f} s CPU, {after.ru_maxrss / 1024:.0f} MiB at most")
    for name, serving in (("UI with daemon, idle", served), ("desk, idle", desk_served)):
        with serving(config):
            time.sleep(20)
            print(f"{name}: {memory(_newest_child()):.0f} MiB")


def _newest_child() -> int:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return max(map(int, children))


if __name__ == "__main__":
    main(sys.argv[1:])
