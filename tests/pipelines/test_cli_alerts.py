"""The commands around alerts, as an operator calls them, over an installation that has run for a day."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

from assets.alerts import decide_alerts
from assets.articles import extract_pages
from assets.entries import read_fetches
from assets.feeds import poll_feeds
from assets.mentions import match_revisions
from assets.pages import visit_pages
from pipelines.cli import thinkwatch as command
from pipelines.replay.demo import install
from pipelines.resources import open_flow
from pipelines.settings import load_settings
from warehouse.publish import publish


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    settings = install(folder)
    with open_flow(settings, tick=0) as flow:
        for step in (poll_feeds, read_fetches, visit_pages, extract_pages, match_revisions, decide_alerts):
            step(flow)
        publish(flow.warehouse, flow.copy, flow.now())
    return folder / "thinkwatch.toml"


@pytest.fixture
def run(installation):
    def run(*arguments: str, status: int = 0, **environment: str):
        done = CliRunner().invoke(command, ["--config", str(installation), *map(str, arguments)], env=environment, standalone_mode=False)
        if done.exception and not isinstance(done.exception, SystemExit):
            if status == 0:
                raise done.exception
            return done.exception
        assert (done.return_value or 0) == status, done.output
        return done

    return run


def sql(installation, statement: str) -> list:
    settings = load_settings(str(installation))
    from pipelines.resources import open_warehouse, wall_clock

    with open_warehouse(settings, wall_clock()).transaction() as transaction:
        return transaction.connection.execute(statement).fetchall()


def test_backtest_says_what_would_have_been_sent(run, installation):
    told = json.loads(run("backtest", "tajikistan", "--json").stdout)
    articles = {row[0] for row in sql(installation, "SELECT DISTINCT article_id FROM mentions WHERE entity = 'tajikistan' AND alerting")}
    assert told["alerts"] == len(articles) > 0
    assert sum(row["alerts"] for row in told["days"]) == told["alerts"]
    assert all(sample["sentence"] and sample["reason"] for sample in told["samples"])
    assert all(set(row) == {"subscription", "shared"} for row in told["overlap"])
    text = run("backtest", "tajikistan", "--samples", "1").stdout
    assert text.startswith("tajikistan: Tajikistan\n")
    assert "no such subscription" in str(run("backtest", "nobody", status=2))
    assert json.loads(run("backtest", "tajikistan", "--days", "1", "--json").stdout)["alerts"] == 0


@pytest.mark.parametrize("digest", [(), ("--digest", "daily"), ("--digest", "weekly")])
def test_preview_writes_a_page_that_needs_nothing_else(run, tmp_path, digest):
    page = tmp_path / "preview.html"
    done = run("alerts", "preview", "--to", page, "--no-open", "--subscription", "tajikistan", *digest)
    assert done.stdout.strip() == str(page)
    text = page.read_text(encoding="utf-8")
    assert "Tajikistan" in text
    assert "cid:" not in text
    assert ("data:image/png;base64," in text) is (digest == ("--digest", "weekly"))


def test_test_mail_goes_to_the_given_address_and_nothing_is_stored(run, installation):
    class Sink:
        def __init__(self):
            self.mails = []

        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
            self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
            return "250 queued as 4711"

    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    office = Controller(sink, hostname="127.0.0.1", port=port)
    office.start()
    relay = {"THINKWATCH_MAIL__TRANSPORT": "smtp", "THINKWATCH_MAIL__HOST": "127.0.0.1", "THINKWATCH_MAIL__PORT": str(port)}
    before = sql(installation, "SELECT count(*) FROM deliveries")
    try:
        done = run("alerts", "test", "me@desk.example", "--digest", "daily", "--json", **relay)
        run("alerts", "test", "me@desk.example", "--dry-run", **relay)
    finally:
        office.stop()
    assert json.loads(done.stdout)["reply"] == "sent"
    ((to, mail),) = sink.mails
    assert to == ["me@desk.example"]
    assert mail["To"].addresses[0].addr_spec == "me@desk.example"
    assert mail["Subject"].startswith("[test] Daily digest (")
    assert sql(installation, "SELECT count(*) FROM deliveries") == before
    run("alerts", "test", "me@desk.example", status=1, **relay)
    assert "not a mail address" in str(run("alerts", "test", "Me <me@desk.example>", status=2))


def test_suppress_and_release(run, installation):
    ((alert,), *_) = sql(installation, "SELECT alert_id FROM alerts WHERE state = 'queued' ORDER BY 1")
    assert "would suppress" in run("alerts", "suppress", "--alert", alert).stderr
    assert sql(installation, f"SELECT state FROM alerts WHERE alert_id = '{alert}'") == [("queued",)]
    run("alerts", "suppress", "--alert", alert, "--because", "a test", "--yes")
    found = sql(
        installation, f"SELECT a.state, d.state, d.error FROM alerts AS a JOIN deliveries AS d USING (alert_id) WHERE alert_id = '{alert}'"
    )
    assert found == [("suppressed", "suppressed", "a test")]
    assert "no such alert" in str(run("alerts", "suppress", "--alert", "none", "--yes", status=2))

    run("alerts", "suppress", "--address", "gone@desk.example", "--yes")
    assert "gone@desk.example" in run("alerts", "release").stdout
    run("alerts", "release", "--address", "gone@desk.example", "--dry-run")
    assert len(json.loads(run("alerts", "release", "--json").stdout)["suppressed"]) == 1
    run("alerts", "release", "--address", "gone@desk.example")
    assert json.loads(run("alerts", "release", "--json").stdout) == {"sources": [], "parked": [], "suppressed": []}
    assert "no held source" in str(run("alerts", "release", "--source", "nobody", status=2))


def test_parked_delivery_is_tried_again(run, installation):
    ((delivery,), *_) = sql(installation, "SELECT delivery_id FROM deliveries WHERE state = 'new' ORDER BY 1")
    sql(installation, f"UPDATE deliveries SET state = 'parked', error = 'a test', attempts = 9 WHERE delivery_id = '{delivery}'")
    run("alerts", "release", "--delivery", delivery)
    assert sql(installation, f"SELECT state, attempts FROM deliveries WHERE delivery_id = '{delivery}'") == [("new", 0)]


def test_serve_needs_a_key_and_an_address_and_answers_on_loopback(run, installation, tmp_path):
    assert "no key" in str(run("serve", status=2))
    keys = {"THINKWATCH_MAIL__TOKEN_KEYS": "a key of the tests that is long"}
    assert "base_url is not set" in str(run("serve", status=2, **keys))
    assert "at least 16 characters" in str(run("serve", status=2, THINKWATCH_MAIL__TOKEN_KEYS="short"))
    start = [sys.executable, "-c", "from pipelines.cli import main; main()", "--config", str(installation), "serve", "--port", "0"]
    environment = os.environ | keys | {"THINKWATCH_MAIL__BASE_URL": "https://alerts.example"}
    with subprocess.Popen(start, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stderr.readline().split()[1]
            # Its mails are of 2021: they are long overdue.
            with pytest.raises(urllib.error.HTTPError) as stuck:
                urllib.request.urlopen(address, timeout=30)
            assert json.loads(stuck.value.read())["unsent_for_an_hour"] > 0
            stuck.value.close()
        finally:
            process.terminate()
            process.wait(30)


def test_new_names_are_listed_by_region_and_kept_for_sql(run, installation):
    told = run("watch", "new-names", "--weeks", "52", "--least", "1", "--by", "all", "--most", "99999", "--store", "--json")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert {row["level"] for row in rows} == {"country", "region"}
    assert sql(installation, "SELECT count(*) FROM new_names") == [(len(rows),)]
    assert f"{len(rows)} names are stored in new_names" in told.stderr
    shown = run("watch", "new-names", "--weeks", "52", "--by", "region").stdout
    assert " europe " in shown
    assert " RU " not in shown


def test_mail_of_unknown_fate_is_shown_as_such_and_so_is_one_that_may_have_come_twice(installation, run):
    waiting = (
        "SELECT alert_id, d.state FROM deliveries AS d JOIN alerts AS a USING (alert_id) WHERE d.kind = 'alert' AND a.state = 'queued'"
    )
    ((alert, before), *_) = sql(installation, f"{waiting} ORDER BY 1")
    sql(installation, f"UPDATE deliveries SET state = 'unknown', maybe_duplicate = true WHERE alert_id = '{alert}'")
    (line,) = [line for line in run("alerts", "list").output.splitlines() if line.startswith(alert)]
    assert " unknown " in line
    sql(
        installation,
        f"UPDATE deliveries SET state = 'sent' WHERE alert_id = '{alert}'; UPDATE alerts SET state = 'sent' WHERE alert_id = '{alert}'",
    )
    (line,) = [line for line in run("alerts", "list").output.splitlines() if line.startswith(alert)]
    assert " sent " in line
    assert line.endswith("(may have come twice)")
    sql(installation, f"UPDATE deliveries SET state = '{before}', maybe_duplicate = false WHERE alert_id = '{alert}'")
    sql(installation, f"UPDATE alerts SET state = 'queued' WHERE alert_id = '{alert}'")
