"""Pictures of the analyst's desk for docs/, one a page of it.

    python -m bench.desk_pictures demo/thinkwatch.toml docs

Needs Chromium, what `make desk` installs, and an installation that has run. Nothing leaves this machine.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from bench.screenshots import browsing, free_port

PAGES = ("Timeline", "Regions", "Together", "Sources", "Read", "Changes")
SIZE: ViewportSize = {"width": 1280, "height": 960}
SETTLE_MS = 2500  # for what the browser still draws; only pictures wait


@contextmanager
def desk_served(config: Path | str, **environment: str) -> Iterator[str]:
    """`thinkwatch desk` for this installation, with more variables in its environment; yields its address once it is ready."""
    port = free_port()
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--config", str(config), "desk", "--no-browser"]
    command += ["--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        try:
            for line in process.stderr or ():
                if line.startswith("ready:"):
                    break
            else:
                raise RuntimeError(f"thinkwatch desk ended with status {process.wait()}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


def open_page(page: Page, name: str) -> None:
    """Turn to a page of the desk; the changes of an article are shown where it is read."""
    page.get_by_role("tab", name="Read" if name == "Changes" else name).click()


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of one of the filters."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def tick(page: Page, title: str) -> None:
    """Tick the article of this title in the list of articles, to read it."""
    page.get_by_role("row").filter(has_text=title).get_by_role("checkbox").click()


def show(page: Page, name: str) -> None:
    """A page of the desk at its most telling: the reader with an article that names many, and with one that was edited."""
    open_page(page, name)
    if name == "Read":
        choose(page, "Watched", "CSTO")
        tick(page, "CSTO Summit")
        page.locator(".desk-article h2", has_text="CSTO Summit").wait_for()
    elif name == "Changes":
        choose(page, "Watched", "Deselect all")
        choose(page, "Watched", "Afghanistan")
        tick(page, "Two rivers, one basin")
        page.get_by_label("changes").click()
        page.locator(".desk-revisions").first.wait_for()
    elif name == "Sources":
        page.get_by_text("state_since").first.wait_for()
    else:
        page.locator("canvas, svg.marks").first.wait_for()
    page.wait_for_timeout(SETTLE_MS)


def main(arguments: list[str]) -> None:
    """Write `desk-<page>.png` for each page into the folder."""
    config, folder = Path(arguments[0]), Path(arguments[1])
    with desk_served(config) as address, browsing(address) as page:
        page.set_viewport_size(SIZE)
        page.goto(address)
        for name in PAGES:
            show(page, name)
            page.screenshot(path=folder / f"desk-{name.lower()}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
