"""Some feeds taken in, with accidents: killed at any statement, or watched write by write.

`accident_driver.py kill FOLDER POINTS` kills the run at so many evenly spread points, each in a child of its own, and writes
FOLDER/kills.json; `prepare FOLDER FEEDS` makes the installation, `run FOLDER` takes in what waits.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from assets.entries import read_fetches
from warehouse.archive import Archive
from warehouse.database import Warehouse
from warehouse.migrations import migrate

NOW = datetime(2024, 5, 6, 8, tzinfo=UTC)
FEEDS = 15
WORKERS = 2
LEDGER = ("entries", "feeds", "ops.entry_keys", "issues", "ops.merges", "backfills", "fetches")


def main(command, folder, *rest):
    folder = Path(folder)
    if command == "prepare":
        prepare(folder, *map(int, rest))
    elif command == "run":
        take_in(folder)
    else:
        kill_everywhere(folder, int(rest[0]))


def prepare(folder, feeds=FEEDS):
    """A store with feeds whose documents were fetched and not read yet."""
    migrate(store(folder), NOW)
    with Archive(folder / "archive") as archive:
        rows = [row(archive, number) for number in range(feeds)]
    with store(folder).transaction() as transaction:
        for table, key in (("sources", "source_id"), ("feeds", "feed_id"), ("fetches", "fetch_id")):
            transaction.merge(table, [one[table] for one in rows], key=[key])


def row(archive, number):
    url = f"http://s{number}.example/feed"
    items = "".join(
        f"<item><title>Paper {number}.{one} on the railway</title><link>http://s{number}.example/{one}</link><guid>{number}-{one}</guid>"
        f"<pubDate>Mon, 06 May 2024 0{one}:00:00 GMT</pubDate></item>"
        for one in range(3)
    )
    body = f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()
    ref = archive.write(url, NOW, 200, [], [("Content-Type", "application/rss+xml")], body)
    source = {"source_id": f"s{number}", "name": "S", "languages": ["en"], "enabled": True, "added_at": NOW}
    feed = {
        "feed_id": f"f{number}",
        "source_id": f"s{number}",
        "url": url,
        "enabled": True,
        "state": "new",
        "failures": 0,
        "permanent_seen": 0,
    }
    fetch = {"fetch_id": f"x{number}", "source_id": f"s{number}", "purpose": "feed", "feed_id": f"f{number}", "url": url, "final_url": url}
    fetch |= {"requested_at": NOW, "status": 200, "not_modified": False, "content_type": "application/rss+xml", "etag": f'"{number}"'}
    return {
        "sources": source,
        "feeds": feed,
        "fetches": fetch | {"sha256": ref.sha256, "warc_file": ref.file, "warc_offset": ref.offset, "warc_length": ref.length},
    }


def store(folder):
    return Warehouse(folder / "warehouse.duckdb", threads=1)


def take_in(folder):
    with Archive(folder / "archive") as archive:
        read_fetches(SimpleNamespace(warehouse=store(folder), archive=archive, now=lambda: NOW, mine=None))


def content(folder):
    """What the store holds: how many fetches were read, how many entries there are, and a checksum of every row."""
    with store(folder).transaction() as transaction:
        rows = {table: sorted(map(str, transaction.connection.execute(f"FROM {table}").fetchall())) for table in LEDGER}
        read = transaction.connection.execute("SELECT count(*) FROM fetches WHERE handled_at IS NOT NULL").fetchone()[0]
    return {"read": read, "entries": len(rows["entries"]), "sum": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}


class Counting:
    """A connection that counts what is asked of it, and may die at one of the points."""

    point, at = 0, None

    def __init__(self, connection):
        self.connection = connection

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def execute(self, sql, *rest):
        self.pass_by()
        done = self.connection.execute(sql, *rest)
        if sql == "COMMIT":
            self.pass_by()
        return done

    def close(self):
        self.pass_by()
        self.connection.close()

    @classmethod
    def pass_by(cls):
        cls.point += 1
        if cls.point == cls.at:
            os.kill(os.getpid(), signal.SIGKILL)


def counted_run(folder, at=None):
    """Take in all feeds and return the number of points passed; dies at the point `at`."""
    import duckdb

    connect = duckdb.connect
    duckdb.connect = lambda *arguments, **options: Counting(connect(*arguments, **options))
    Counting.at = at
    take_in(folder)
    return Counting.point


def kill_everywhere(folder, points):
    prepare(folder / "ready")
    shutil.copytree(folder / "ready", folder / "warm")
    take_in(folder / "warm")  # in this process, so that every child starts with all imported, compiled and loaded
    whole = folder / "whole"
    shutil.copytree(folder / "ready", whole)
    total = in_child(folder, lambda: counted_run(whole))
    chosen = sorted({1 + place * (total - 1) // (points - 1) for place in range(points)})
    shares = [chosen[number::WORKERS] for number in range(WORKERS)]
    workers = [fork(folder, number, lambda share=share, number=number: die(folder, number, share)) for number, share in enumerate(shares)]
    for worker in workers:
        os.waitpid(worker, 0)
    found = [one for number in range(WORKERS) for one in json.loads((folder / f"result-{number}.json").read_text())]
    states = {one["sum"]: one["place"] for one in found}
    ends = [again(folder, place) for place in states.values()]
    (folder / "kills.json").write_text(json.dumps({"total": total, "kills": found, "whole": content(whole), "ends": ends}))


def die(folder, number, points):
    """Kill a run at each of these points; what is stored then."""
    found = []
    for point in points:
        place = folder / f"at-{point}"
        shutil.copytree(folder / "ready", place)
        child = fork(folder, f"run-{number}", lambda place=place, point=point: counted_run(place, point))
        _, status = os.waitpid(child, 0)
        found.append({"point": point, "killed": os.WIFSIGNALED(status), "place": str(place), **content(place)})
    return found


def again(folder, place):
    """The next run after a kill."""
    in_child(folder, lambda: take_in(Path(place)))
    return content(Path(place))["sum"]


def in_child(folder, work):
    child = fork(folder, "one", work)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"a run ended with {status}")
    return json.loads((folder / "result-one.json").read_text())


def fork(folder, name, work):
    """A child that writes what `work` returns to result-NAME.json."""
    child = os.fork()
    if child:
        return child
    try:
        (folder / f"result-{name}.json").write_text(json.dumps(work()))
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
