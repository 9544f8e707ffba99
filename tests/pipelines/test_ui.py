"""The Dagster UI as the operator sees it, in a real browser."""

import base64
import socket
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bench.screenshots import FLAGS, browsing, chromium, served, show_graph, show_last_run
from tests.pipelines.proxy import NGINX, PASSWORD, USER, ask, proxied

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


@pytest.mark.fault("O133")
def test_o133_no_other_page_can_have_the_operator_s_browser_start_or_stop_anything(address):
    asked = urllib.parse.urlencode({"query": "mutation { reloadWorkspace { __typename } }"})
    other = {"Origin": "https://elsewhere.example"}
    for request in (
        urllib.request.Request(f"{address}/graphql?{asked}"),  # as a picture's address
        urllib.request.Request(f"{address}/graphql", b'{"query": "{version}"}', other | {"Content-Type": "application/json"}),
        urllib.request.Request(f"{address}/graphql", b'{"query": "{version}"}', {"Host": "elsewhere.example"}),
    ):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)
    host = address.removeprefix("http://")
    with socket.create_connection(host.split(":")) as connection:
        connection.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: {host}\r\nOrigin: https://elsewhere.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


@pytest.mark.fault("O133")
@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine; CI installs Debian's")
def test_o133_behind_the_documented_proxy_the_ui_lives_for_who_logs_in_and_is_not_there_for_others(address, tmp_path):
    with proxied(tmp_path, ui=int(address.rpartition(":")[2])) as port:
        for path in ("/", "/graphql", "/server_info", "/runs", "/logs/x", "/download_debug/x"):
            assert ask(port, "ui.example.org", path) == 401
            assert ask(port, "ui.example.org", path, password="guessed") == 401
        assert ask(port, "ui.example.org", "/server_info", password=PASSWORD) == 200
        with sync_playwright() as playwright:
            rule = f"--host-resolver-rules=MAP ui.example.org:443 127.0.0.1:{port}"
            browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, rule])
            page = browser.new_page(ignore_https_errors=True, http_credentials={"username": USER, "password": PASSWORD})
            page.set_default_timeout(120_000)
            frames = []
            page.on("websocket", lambda one: one.on("framereceived", lambda frame: frames.append((one.url, frame))))
            show_last_run(page, "https://ui.example.org")
            page.get_by_text("RUN_SUCCESS").first.wait_for()  # events come by the websocket
            browser.close()
    assert {url for url, _ in frames} == {"wss://ui.example.org/graphql"}
