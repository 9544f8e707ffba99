"""The flow's last step through a real SMTP server, as the operator's settings ask for it."""

import email
import email.policy

import pytest
from aiosmtpd.controller import Controller

from assets.alerts import decide_alerts
from assets.articles import extract_pages
from assets.deliveries import send
from assets.entries import read_fetches
from assets.feeds import poll_feeds
from assets.mentions import match_revisions
from assets.pages import visit_pages
from bench.screenshots import free_port
from pipelines.replay.demo import install
from pipelines.resources import open_flow
from pipelines.settings import load_settings


class Sink:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.received.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 queued as 4711"


@pytest.fixture
def sink():
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def test_the_first_days_alerts_reach_their_addresses_once(tmp_path, sink, monkeypatch):
    install(tmp_path)
    monkeypatch.setenv("THINKWATCH_MAIL__TRANSPORT", "smtp")
    monkeypatch.setenv("THINKWATCH_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("THINKWATCH_MAIL__PORT", str(sink.port))
    settings = load_settings(str(tmp_path / "thinkwatch.toml"))
    for _ in range(2):
        with open_flow(settings, tick=0) as flow:
            for step in (poll_feeds, read_fetches, visit_pages, extract_pages, match_revisions, decide_alerts, send):
                step(flow)
    with flow.warehouse.transaction() as transaction:
        rows = transaction.connection.execute("SELECT address, message_id, state, receipt FROM deliveries").fetchall()
    assert rows
    assert sorted((address, message) for address, message, _, _ in rows) == sorted(
        (to[0], mail["Message-ID"]) for to, mail in sink.received
    )
    assert {(state, "4711" in receipt) for _, _, state, receipt in rows} == {("sent", True)}
