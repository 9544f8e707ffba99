"""Runs one day of the replay again and again, killing itself each time at another point, and writes down what is stored at the end.

`kill_driver.py --list` prints the points; `kill_driver.py FOLDER TABLE…` writes FOLDER/<point>.json for each, and none.json.
A child process is forked for every run, after the days before it, so that what is imported and compiled once serves all of them.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

DAY = 4  # the day of the seed article
WORKERS = 2
SOURCES = {"elementor-old", "wp-classic", "drupal", "bitrix-ru", "static-table"}  # each point replays the day twice

# point → (module, attribute, at which call, before or after it)
POINTS = {
    "polled": ("assets.ledger", "FetchLedger.add", 2, "after"),
    "fetches-stored": ("assets.ledger", "FetchLedger._flush", 1, "after"),
    "feed-parsed": ("assets.reading", "parse_feed", 2, "after"),
    "entries-merged": ("assets.entries", "record_issues", 1, "before"),
    "feed-committed": ("assets.entries", "_read_fetch", 2, "after"),
    "page-archived": ("assets.pages", "_Keeper.add", 3, "after"),
    "pages-stored": ("assets.pages", "_Keeper.flush", 1, "after"),
    "page-extracted": ("assets.articles", "extracted", 2, "after"),
    "article-merged": ("assets.articles", "_save", 2, "after"),
    "text-matched": ("assets.matching.batches", "Reader.match", 2, "after"),
    "mentions-merged": ("assets.mentions", "_store", 1, "after"),
    "alerts-decided": ("assets.alerts", "decide", 1, "after"),
    "alerts-queued": ("assets.alerts", "queue", 1, "after"),
    "mail-claimed": ("assets.deliveries", "render", 1, "before"),
    "mail-written": ("alerts.transports", "EmlFolder.send", 1, "after"),
    "mail-marked": ("alerts.outbox", "_Round._mark", 1, "after"),
    "publishing": ("warehouse.database", "Warehouse.copy_to", 1, "after"),
    "published": ("warehouse.publish", "_point", 1, "before"),
}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(POINTS))
        return
    folder, tables = Path(arguments[0]), arguments[1:]
    ready = folder / "ready"
    settings = install(ready)
    for tick in range(DAY):  # in this process, so that every child starts with all imported, compiled and loaded
        one_day(settings, tick)
    points = ("none", *POINTS)
    workers = [
        start_child(lambda share=points[number::WORKERS]: [try_point(folder, point, tables) for point in share])
        for number in range(WORKERS)
    ]
    for worker in workers:
        wait_for(worker)


def try_point(folder, point, tables):
    """Kill a run at this point, run again, and write down what is there."""
    place = folder / point
    shutil.copytree(folder / "ready", place, symlinks=True)
    own = install(place)
    was_killed = point != "none" and run_in_child(lambda: (arm(point), one_day(own, DAY))) == signal.SIGKILL
    run_in_child(lambda: one_day(own, DAY))
    state = {"was_killed": was_killed, "tables": content(own, tables), "mails": mails(place)}
    (folder / f"{point}.json").write_text(json.dumps(state, default=str, ensure_ascii=False), encoding="utf-8")


def install(folder):
    from pipelines.replay.demo import install

    # In the process itself, where all is loaded already: each of forty runs would start a server and workers of its own.
    os.environ |= {"THINKWATCH_EXTRACTION__WORKERS": "0", "THINKWATCH_THREADS": "1"}
    settings = install(folder)
    for file in (folder / "sources").glob("*.yaml"):
        if file.stem not in SOURCES:
            file.unlink()
    return settings


def one_day(settings, tick):
    from assets.alerts import decide_alerts
    from assets.articles import extract_pages
    from assets.backfills import fill_gaps
    from assets.deliveries import send
    from assets.entries import read_fetches
    from assets.feeds import poll_feeds
    from assets.mentions import match_revisions
    from assets.pages import visit_pages
    from pipelines.resources import open_flow
    from warehouse import publish

    with open_flow(settings, tick=tick) as flow:
        for step in (poll_feeds, read_fetches, fill_gaps, visit_pages, extract_pages, match_revisions, decide_alerts, send):
            step(flow)
        publish.publish(flow.warehouse, flow.copy, flow.now())


def arm(point):
    """Replace the named function by one that ends this process without any farewell."""
    import importlib

    module, path, call, when = POINTS[point]
    *owners, name = path.split(".")
    owner = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    original, calls = getattr(owner, name), iter(range(1, 1_000_000))

    def deadly(*arguments, **options):
        last = next(calls) == call
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


def run_in_child(work):
    """Run `work` in a forked child; returns the signal that ended it, or 0. Any other failure ends the driver."""
    return wait_for(start_child(work))


def start_child(work):
    """Fork a child for `work`; returns its process id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def wait_for(child):
    """Wait for a child; returns the signal that ended it, or 0. Any other failure ends this process."""
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"a run failed with status {os.WEXITSTATUS(status)}")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def content(settings, tables):
    """Every row of every table, in an order that does not depend on how they came; without what says which run it was."""
    from warehouse.database import Warehouse

    with Warehouse(settings.data_folder / "warehouse.duckdb").transaction() as transaction:
        return {table: sorted(map(str, rows(transaction, table))) for table in tables}


def rows(transaction, table):
    # Where a body lies in the archive, and how often a sender tried, tell of the kill; what was stored must not.
    dropped = {
        "pages": "EXCLUDE (warc_file, warc_offset, warc_length)",
        "deliveries": "EXCLUDE (attempts)",
        "issues": "EXCLUDE (seen_count)",
    }
    return transaction.connection.execute(f"SELECT * {dropped.get(table, '')} FROM {table}").fetchall()


def mails(place):
    return {path.name: path.read_text(encoding="ascii") for path in sorted((place / "mail").glob("*.eml"))}


if __name__ == "__main__":
    main(sys.argv[1:])
