"""The Dagster UI as the operator sees it, in a real browser."""

import urllib.request
from pathlib import Path

import pytest

from bench.screenshots import browsing, chromium, served, show_graph, show_last_run

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine; CI installs Debian's")


@pytest.fixture(scope="module")
def address(demo):
    with served(demo.folder / "thinkwatch.toml") as address:
        yield address


def test_the_graph_a_successful_run_the_schedule_and_a_run_from_the_launchpad(address):
    strangers = []
    with browsing(address, strangers) as page:
        show_graph(page, address)
        show_last_run(page, address)

        page.goto(f"{address}/automation")
        page.get_by_text("ingest").first.wait_for()
        page.get_by_text("watchlist_changed").first.wait_for()
        assert page.locator("[role=switch][aria-checked=false], input[type=checkbox]:not(:checked)[role=switch]").count() == 0

        page.goto(f"{address}/locations/thinkwatch/jobs/monitor/playground")
        page.get_by_text("No errors").first.wait_for()
        page.get_by_role("button", name="Launch Run").click()
        page.wait_for_url("**/runs/*")
        page.get_by_text("RUN_SUCCESS").first.wait_for()
    assert strangers == []


def test_nothing_is_reported_to_anyone_and_no_pop_up_asks_for_an_address(demo):
    settings = (demo.folder / "dagster" / "dagster.yaml").read_text(encoding="utf-8")
    assert "telemetry: {enabled: false}" in settings
    assert "nux: {enabled: false}" in settings


@pytest.mark.fault("O133")
def test_o133_it_listens_on_loopback_only(address):
    with urllib.request.urlopen(f"{address}/server_info") as answer:
        assert answer.status == 200
    port = int(address.rpartition(":")[2])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:] if line.split()[3] == "0A"]
    assert {place.split(":")[0] for place in listening if int(place.split(":")[1], 16) == port} == {"0100007F"}
