"""The demo, run once for all tests that look at its result, and the steps of the flow without Dagster for those that need many runs."""

import fcntl
import json
import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.pipelines.launcher import Launcher


class Demo:
    """A finished demo in `folder`: its summary, and SQL on its analysts' copy."""

    def __init__(self, folder: Path, summary: dict, messages: str) -> None:
        self.folder, self.summary, self.messages = folder, summary, messages

    @property
    def config(self) -> str:
        return str(self.folder / "thinkwatch.toml")

    def sql(self, statement, **parameters):
        from warehouse.publish import AnalystsCopy

        return AnalystsCopy(self.folder / "thinkwatch.duckdb").rows(statement, **parameters)


@pytest.fixture(scope="session")
def thinkwatch():
    """Runs the command as a user would; returns the finished process with its text."""
    launcher = Launcher()

    def run(*arguments, check=True, cwd=None, **environment):
        own = {key: value for key, value in os.environ.items() if not key.startswith("THINKWATCH")} | environment
        done = launcher.run([*map(str, arguments)], cwd=cwd, env=own)
        if check and done.returncode:
            raise AssertionError(f"thinkwatch {done.args} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    yield run
    launcher.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory, worker_id, thinkwatch):
    """A finished demo of this worker's own; the first worker that asks makes it, the others copy what came of it.

    Where `DEMO_FOR_TESTS` names the folder of a demo that this code has just made, it is run once more instead of anew.
    """
    folder = tmp_path_factory.mktemp("demo")
    base = tmp_path_factory.getbasetemp()
    kept = (base if worker_id == "master" else base.parent) / "finished-demo"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (kept / "stdout").exists():
            shutil.copytree(kept / "demo", folder, symlinks=True, dirs_exist_ok=True)
        else:
            if made := os.environ.get("DEMO_FOR_TESTS"):
                shutil.copytree(made, folder, symlinks=True, dirs_exist_ok=True)
            done = thinkwatch("demo", "--dir", folder, "--json")
            shutil.copytree(folder, kept / "demo", symlinks=True)
            (kept / "stderr").write_text(done.stderr)
            (kept / "stdout").write_text(done.stdout.replace(str(folder), "FOLDER"))
    return Demo(folder, json.loads((kept / "stdout").read_text().replace("FOLDER", str(folder))), (kept / "stderr").read_text())


class Replaying:
    """The replay site on its last day, reachable by an installation of the operator's own through settings in the environment."""

    def __init__(self, site):
        self.environment = {
            "THINKWATCH_FETCH__CONNECT_TO": json.dumps(site.connect_to),
            "THINKWATCH_FETCH__PACE_SECONDS": "0",
        }
        source = next(source for source in site.sources if source["id"] == "wp-classic")
        self.feed, self.page = source["feeds"][0]["url"], source["home"]


@pytest.fixture
def replaying():
    from pipelines.replay.clock import LAST_TICK
    from pipelines.replay.site import ReplaySite

    with ReplaySite(tick=LAST_TICK) as site:
        yield Replaying(site)


class Institute:
    """An institute of our own on loopback: a feed, pages, and the installation that watches it, in `folder`."""

    def __init__(self, folder, port, served, *, is_new=True):
        self.folder, self.port, self.served = folder, port, served
        self.clock = datetime(2024, 5, 6, 8, tzinfo=UTC)
        self.items: dict[str, str] = {}
        if is_new:
            self.install()

    def install(self):
        """Write the installation that watches it."""
        folder = self.folder
        (folder / "sources").mkdir()
        (folder / "subscriptions.yaml").write_text("subscribers: []\nsubscriptions: []\n")
        (folder / "watchlists").mkdir()
        (folder / "thinkwatch.toml").write_text("threads = 1\n[fetch]\npace_seconds = 0\n")
        self.define()

    def define(self, extra=""):
        """Write the source's file, with more lines."""
        text = f"id: own\nname: Our Own Institute\nlanguages: [en]\nfeeds:\n  - url: http://own.example/feed\n{extra}"
        (self.folder / "sources" / "own.yaml").write_text(text, "utf-8")

    @staticmethod
    def url(name):
        return f"http://own.example/{name}"

    def serve(self, name, body, content_type="application/pdf"):
        """Serve a file at a path."""
        self.served[f"/{name}"] = (content_type, body)

    def publish(self, name, title, page, *, summary="", content_type="text/html; charset=utf-8", more="", link=None):
        """Put an entry into the feed and serve its page; None: the page is not there."""
        self.served.pop(f"/{name}", None)
        if page is not None:
            self.served[f"/{name}"] = (content_type, page.encode() if isinstance(page, str) else page)
        when = "Mon, 06 May 2024 07:00:00 GMT"
        self.items[name] = (
            f"<item><title>{title}</title><link>{link or self.url(name)}</link><guid>{name}</guid><pubDate>{when}</pubDate>"
            f"<description>{summary}</description>{more}</item>"
        )
        feed = f"<rss version='2.0'><channel><title>Own</title>{''.join(self.items.values())}</channel></rss>"
        self.served["/feed"] = ("application/rss+xml", feed.encode())

    @contextmanager
    def flow(self):
        """The installation as the assets see it, at our time."""
        from pipelines.resources import open_flow
        from pipelines.settings import load_settings

        with open_flow(load_settings(str(self.folder / "thinkwatch.toml"))) as opened:
            policy = replace(opened.policy, connect_to={"own.example": f"127.0.0.1:{self.port}"})
            yield replace(opened, now=lambda: self.clock, started_at=self.clock, policy=policy)

    def run(self, hours=0):
        """One cycle without Dagster, without matching and mail, `hours` later."""
        from assets.articles import extract_pages
        from assets.attachments import fetch_attachments, read_attachments
        from assets.entries import read_fetches
        from assets.feeds import poll_feeds
        from assets.pages import visit_pages

        self.clock += timedelta(hours=hours)
        with self.flow() as flow:
            for step in (poll_feeds, read_fetches, visit_pages, extract_pages, fetch_attachments, read_attachments):
                step(flow)

    def archived(self, name):
        """The body of a report as the archive holds it."""
        from warehouse.archive import ArchiveRef

        (row,) = self.sql("SELECT warc_file, warc_offset, warc_length, sha256 FROM attachments WHERE url = $url", url=self.url(name))
        with self.flow() as flow:
            return flow.archive.read(ArchiveRef(*row.values()))

    def tell(self):
        """The steps that follow: match, decide, send."""
        from assets.alerts import decide_alerts
        from assets.deliveries import send
        from assets.mentions import match_revisions

        with self.flow() as flow:
            for step in (match_revisions, decide_alerts, send):
                step(flow)

    def sql(self, statement, **parameters):
        import duckdb

        with duckdb.connect(self.folder / "data" / "warehouse.duckdb", read_only=True) as connection:
            cursor = connection.execute(statement, parameters or None)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def opened_institute(folder, like=None):
    """An institute in `folder`; with `like` a copy of that one, its site and its installation."""
    served: dict[str, tuple[str, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content_type, body = served.get(self.path, ("text/plain", b""))
            body = body() if callable(body) else body
            self.send_response(200 if self.path in served else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    if like:
        shutil.copytree(like.folder, folder, symlinks=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = Institute(folder, server.server_address[1], served, is_new=like is None)
    if like:
        made.clock, made.items = like.clock, dict(like.items)
        served.update(like.served)
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def institute(tmp_path):
    with opened_institute(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def institute_in():
    """Opens institutes: in a folder, or as a copy of another one."""
    return opened_institute
