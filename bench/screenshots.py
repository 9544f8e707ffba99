"""Pictures of the running Dagster UI for docs/: the asset graph, a run, charts and plots of an asset, checks, the schedules.

    python -m bench.screenshots demo/thinkwatch.toml docs

Needs Chromium (`$CHROMIUM`, else the one on the path) and an installation that has run. Nothing leaves this machine.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FloatRect, Page, Route, sync_playwright

WAIT_MS = 300_000  # on a machine that does much else
PATIENCE_MS = 5_000
SIZE = {"width": 1440, "height": 900}
ASSETS = (
    *("feeds", "entries", "pages", "articles", "mentions", "alerts", "deliveries", "attachments"),
    *("analysts_copy", "search_index", "heartbeat"),
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def chromium() -> str | None:
    """Path of the browser; None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(config: Path) -> Iterator[str]:
    """`thinkwatch ui` for this installation; yields its address once it is ready."""
    port = free_port()
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--config", str(config), "ui", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr or ():
                if line.startswith("ready:"):
                    break
            else:
                raise RuntimeError(f"thinkwatch ui ended with status {process.wait()}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def browsing(address: str, strangers: list[str] | None = None) -> Iterator[Page]:
    """A page of a headless browser; requests to anywhere but `address` are refused and added to `strangers`."""

    def guard(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            (strangers if strangers is not None else []).append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(WAIT_MS)
        page.route("**/*", guard)
        try:
            yield page
        finally:
            browser.close()


def show_graph(page: Page, address: str) -> None:
    """The asset graph with its groups expanded, as large as it fits."""
    page.goto(f"{address}/asset-groups")
    page.get_by_text("ingest").first.wait_for()
    page.keyboard.press("Alt+e")
    _wait_for_assets(page)


def _wait_for_assets(page: Page) -> None:
    for asset in ASSETS:
        page.get_by_text(re.compile(f"^{asset}$")).first.wait_for()


def show_last_run(page: Page, address: str) -> None:
    """The newest run, which must have succeeded."""
    page.goto(f"{address}/runs")
    page.get_by_text("Success").first.wait_for()
    page.locator("a[href*='/runs/']:not([href*='tab'])").first.click()
    page.get_by_text("Success").first.wait_for()
    page.get_by_text("analysts_copy").first.wait_for()


def show_checks(page: Page, address: str, asset: str, check: str) -> None:
    """What a check found last, with its table."""
    page.goto(f"{address}/assets/{asset}?view=checks&checkDetail={check}")
    page.get_by_text("Latest execution").first.wait_for()
    page.get_by_text("Metadata").first.wait_for()


def show_charts(page: Page, address: str, asset: str, key: str) -> None:
    """An asset's page with its columns folded away, so that its numbers, tables and charts are seen."""
    page.goto(f"{address}/assets/{asset}?view=overview")
    page.get_by_text(re.compile(f"^{key}$")).first.wait_for()
    page.get_by_text(re.compile("^Columns$")).first.click()


def show_plots(page: Page) -> None:
    """The numbers of the asset shown, run by run."""
    page.get_by_text(re.compile("^Plots$")).first.click()


def show_schedules(page: Page, address: str) -> None:
    """Schedules and sensors, all running."""
    page.goto(f"{address}/automation")
    page.get_by_text("watchlist_changed").first.wait_for()


def show_launchpad(page: Page, address: str, job: str) -> None:
    """Where a job by hand is configured and launched."""
    page.goto(f"{address}/locations/thinkwatch/jobs/{job}/playground")
    page.get_by_text("No errors").first.wait_for()


def _metadata(page: Page) -> FloatRect | None:
    """The part of an asset's page that shows what its last run said, down to the end of the window."""
    left, right = (page.get_by_text(re.compile(f"^{name}$")).first.bounding_box() for name in ("Metadata", "Definition"))
    if not (left and right and page.viewport_size):
        return None
    x, y = left["x"] - 45, left["y"] - 25
    return {"x": x, "y": y, "width": right["x"] - 60 - x, "height": page.viewport_size["height"] - y}


def _make_room(page: Page) -> None:
    """Fold away the list of groups, by the button after its filter: what was fitted beside it has room then."""
    box = page.get_by_placeholder("Jump to").bounding_box()
    if box:
        page.mouse.click(box["x"] + box["width"] + 22, box["y"] + box["height"] / 2)
    page.wait_for_timeout(1000)


def _enlarge_steps(page: Page) -> None:
    """Let the upper half of a run's page have the whole height, by the button before "Re-execute"."""
    box = page.get_by_text("Re-execute all").bounding_box()
    if box:
        page.mouse.click(box["x"] - 55, box["y"] + box["height"] / 2)
    page.wait_for_timeout(1000)


def take_operators_pictures(page: Page, address: str, folder: Path) -> None:
    """What an operator looks at: a red check, green ones, an asset's charts and plots, the schedules, a Launchpad."""

    def take(name: str, width: int, height: int, part: Callable[[Page], FloatRect | None] = lambda _: None) -> None:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(PATIENCE_MS)  # the UI asks for its states one after the other
        page.screenshot(path=folder / f"dagster-{name}.png", clip=part(page))

    show_checks(page, address, "feeds", "sources_healthy")
    take("ill-source", 1600, 1180)
    show_checks(page, address, "entries", "sources_fresh")
    take("checks", 1400, 1060)
    show_charts(page, address, "articles", "last_seven_days")
    take("charts", 1400, 1750, _metadata)
    show_plots(page)
    take("plots", 1400, 1400)
    show_schedules(page, address)
    take("schedules", 1400, 620)
    show_launchpad(page, address, "history")
    take("launchpad", 1440, 900)


def main(arguments: list[str]) -> None:
    """Write the pictures into the folder, each called `dagster-….png`."""
    config, folder = Path(arguments[0]), Path(arguments[1])
    with served(config) as address, browsing(address) as page:
        page.set_viewport_size({"width": 2000, "height": 620})
        page.goto(f"{address}/asset-groups")
        page.get_by_text("Hide navigation").click()
        show_graph(page, address)
        page.reload()  # groups that are expanded already are fitted into the view
        _wait_for_assets(page)
        page.wait_for_timeout(PATIENCE_MS)
        _make_room(page)
        page.screenshot(path=folder / "dagster-assets.png", clip={"x": 0, "y": 0, "width": 2000, "height": 500})
        page.set_viewport_size({"width": 1500, "height": 620})
        show_last_run(page, address)
        _enlarge_steps(page)
        page.screenshot(path=folder / "dagster-run.png")
        take_operators_pictures(page, address, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
