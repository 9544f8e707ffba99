"""The desk in a real browser: what an analyst clicks, from the published copy only, with nothing asked of any other machine."""

import importlib.util
import shutil
import socket
import threading

import pytest

from bench.desk_pictures import choose, desk_served, open_page, tick
from bench.screenshots import browsing, chromium
from pipelines.resources import open_warehouse
from pipelines.settings import load_settings
from tests.pipelines.proxy import NGINX, PASSWORD, ask, proxied
from warehouse.publish import publish

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine; CI installs Debian's"),
    pytest.mark.skipif(importlib.util.find_spec("marimo") is None, reason="marimo is not installed: make desk"),
]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@pytest.fixture(scope="module")
def house(demo, tmp_path_factory):
    """The demo's store and files, copied: these tests publish."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("thinkwatch.toml", "warehouse.duckdb", "warehouse.generation"):
        shutil.copy2(demo.folder / name, folder / name)
    return folder


def republish(house, now):
    settings = load_settings(str(house / "thinkwatch.toml"))
    publish(open_warehouse(settings, now), settings.published, now)
    return settings


@pytest.fixture(scope="module")
def reported():
    """A proxy that takes down whom the server process would have asked, and answers nobody."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(200))

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked


def test_filters_charts_reader_revisions_and_a_newer_copy(house, reported, now, tmp_path):
    proxy, asked = reported
    settings = republish(house, now)
    strangers = []
    with (
        desk_served(house / "thinkwatch.toml", **dict.fromkeys(PROXIES, proxy), NO_PROXY="127.0.0.1", no_proxy="127.0.0.1") as address,
        browsing(address, strangers) as page,
    ):
        page.goto(address)
        page.get_by_text("121 articles of 13 sources").wait_for()
        page.locator("canvas, svg.marks").first.wait_for()
        open_page(page, "Together")
        page.get_by_text("Who stands in one article").wait_for()
        page.locator("canvas, svg.marks").first.wait_for()
        open_page(page, "Sources")
        page.get_by_text("listing-only").first.wait_for()

        open_page(page, "Read")
        choose(page, "Watched", "CSTO")
        tick(page, "CSTO Summit: what we managed to agree on")
        page.locator(".desk-article h2", has_text="CSTO Summit").wait_for()
        assert page.locator(".desk-article mark", has_text="Tajikistan").count() > 2
        assert "Turkey" not in page.locator(".desk-legend").inner_text()

        choose(page, "Watched", "Deselect all")
        choose(page, "Watched", "Afghanistan")
        tick(page, "Two rivers, one basin")
        page.get_by_label("changes").click()
        page.locator(".desk-revisions ins", has_text="Afghanistan").first.wait_for()

        before = settings.published.resolve().stem
        with open_warehouse(settings, now).transaction() as transaction:
            transaction.connection.execute("DELETE FROM articles WHERE language = 'de'")
        republish(house, now.replace(year=2022))
        after = settings.published.resolve().stem
        assert after != before
        page.get_by_text(after).wait_for()
        assert page.locator(".desk-revisions ins", has_text="Afghanistan").count() > 0

        if NGINX:
            with proxied(tmp_path, desk=int(address.rpartition(":")[2])) as port:
                assert ask(port, "desk.example.org", "/") == 401
                assert ask(port, "desk.example.org", "/", password=PASSWORD) == 200
    assert strangers == []
    assert asked == []


def test_without_a_copy_or_with_a_taken_port_it_says_what_to_do(tmp_path, thinkwatch):
    (tmp_path / "thinkwatch.toml").write_text("", encoding="utf-8")
    done = thinkwatch("--config", tmp_path / "thinkwatch.toml", "desk", check=False)
    assert done.returncode == 1
    assert "hint: run: thinkwatch run" in done.stderr
