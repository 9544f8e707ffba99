"""What an operator may do to a running installation: change its files in the middle, forget its password, run the past again.

A small replay of two institutes, without Dagster.
"""

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from assets.alerts import decide_alerts
from assets.articles import extract_pages
from assets.deliveries import send
from assets.entries import read_fetches
from assets.feeds import poll_feeds
from assets.mentions import match_revisions
from assets.pages import visit_pages
from bench.screenshots import free_port
from pipelines.checkup import check_up
from pipelines.replay.demo import install
from pipelines.resources import open_flow
from pipelines.settings import load_settings
from warehouse.errors import ConfigError

KEPT = {"wp-classic.yaml", "elementor-old.yaml"}
STEPS = (poll_feeds, read_fetches, visit_pages, extract_pages, match_revisions, decide_alerts, send)


class House:
    """An installation of two institutes; `live` runs a day, or some of its steps."""

    def __init__(self, folder):
        self.folder = folder
        install(folder)
        config = folder / "thinkwatch.toml"
        config.write_text(config.read_text("utf-8").replace("total_seconds = 5 ", "total_seconds = 60 "), "utf-8")  # on a busy machine
        for path in (folder / "sources").iterdir():
            if path.name not in KEPT:
                path.unlink()

    @property
    def settings(self):
        return load_settings(str(self.folder / "thinkwatch.toml"))

    def live(self, tick, meanwhile=None, steps=STEPS):
        """All steps of a day, or some; `meanwhile` is called with the name of each before it begins."""
        with open_flow(self.settings, tick=tick) as flow:
            for step in steps:
                if meanwhile:
                    meanwhile(step.__name__)
                step(flow)
        return flow

    def sql(self, statement):
        with open_flow(self.settings, tick=0) as flow, flow.warehouse.transaction() as transaction:
            return transaction.connection.execute(statement).fetchall()

    def change(self, *statements):
        with open_flow(self.settings, tick=0) as flow, flow.warehouse.transaction() as transaction:
            transaction.changed = True
            for statement in statements:
                transaction.connection.execute(statement)

    def everything(self):
        """What is told of articles and to subscribers, without the times at which steps ran."""
        return {
            "entries": self.sql("SELECT entry_id, title, url, baseline, first_seen_at FROM entries ORDER BY ALL"),
            "articles": self.sql("SELECT article_id, revision_id, title, md5(text), published_at FROM articles ORDER BY ALL"),
            "revisions": self.sql("SELECT revision_id, revision_no, change_kind FROM revisions ORDER BY ALL"),
            "mentions": self.sql("SELECT mention_id, entity, start_char, alerting FROM mentions ORDER BY ALL"),
            "alerts": self.sql("SELECT alert_id, state FROM alerts ORDER BY ALL"),
            "deliveries": self.sql("SELECT delivery_id, state, attempts FROM deliveries ORDER BY ALL"),
            "mails": sorted(path.name for path in (self.folder / "mail").rglob("*.eml")),
        }


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.mark.fault("C121")
def test_c121_a_bad_row_is_named_its_list_is_refused_whole_and_the_texts_wait_for_it(house):
    bad = house.folder / "watchlists" / "own.yaml"
    bad.write_text("version: 1\nentities:\n  - id: gazprom\n    kind: organisatoin\n    labels: {en: {names: [Gazprom]}}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"own\.yaml:4: .*kind"):
        house.live(0)
    assert house.sql("SELECT count(*) FROM articles") > [(0,)]
    assert house.sql("SELECT count(*) FROM mentions") == [(0,)]
    assert house.sql("SELECT count(*) FROM alerts") == [(0,)]
    bad.unlink()
    house.live(0)
    assert house.sql("SELECT count(*) FROM mentions") > [(0,)]
    assert house.sql("SELECT count(*) FROM alerts") > [(0,)]


@pytest.mark.fault("C122")
def test_c122_what_changes_during_a_run_counts_from_the_next_one(house):
    places = ["subscriptions.yaml", "watchlists/day-one.yaml", "sources/wp-classic.yaml"]
    files = {house.folder / place: (house.folder / place).read_text("utf-8") for place in (*places, "thinkwatch.toml")}
    newcomer = house.folder / "sources" / "later.yaml"

    def change(step):
        if step == "poll_feeds":  # the run has begun, and has not read any of them yet
            for file in files:
                file.write_text("no = sense: at all\n", "utf-8")
            newcomer.write_text("no: source\n", "utf-8")

    house.live(0, change)
    (house.folder / "thinkwatch.toml").write_text(files.pop(house.folder / "thinkwatch.toml"), "utf-8")
    first = house.everything()
    assert first["alerts"]
    assert first["mails"]
    assert house.sql("SELECT subject FROM issues WHERE kind = 'subscription_faulty'") == []
    with pytest.raises(ConfigError, match=r"later\.yaml:1"):
        house.live(1, steps=[poll_feeds])
    newcomer.unlink()
    with pytest.raises(ConfigError, match=r"wp-classic\.yaml:1"):
        house.live(1, steps=[poll_feeds])
    with pytest.raises(ConfigError, match=r"day-one\.yaml:1"):
        house.live(1, steps=[match_revisions])
    house.live(1, steps=[decide_alerts])  # its fault stops only a subscription file: who stood there goes on as before
    (said,) = house.sql("SELECT subject FROM issues WHERE kind = 'subscription_faulty'")
    assert said[0].endswith("subscriptions.yaml")
    assert house.everything() == first


class Guarded:
    """A relay that takes mail from nobody who does not log in."""

    def __init__(self):
        self.received = 0
        self.tried = []

    async def handle_DATA(self, _server, _session, _envelope):  # noqa: N802 - aiosmtpd's name
        self.received += 1
        return "250 queued"

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.tried.append(data.password)
        return AuthResult(success=data.password == b"open sesame")


@pytest.mark.fault("C123")
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # the relay is on this machine
def test_c123_without_its_mail_password_it_ingests_and_says_that_mail_waits(house, monkeypatch):
    relay = Guarded()
    controller = Controller(
        relay, hostname="127.0.0.1", port=free_port(), authenticator=relay.authenticate, auth_required=True, auth_require_tls=False
    )
    controller.start()
    try:
        mail = {"TRANSPORT": "smtp", "HOST": "127.0.0.1", "PORT": str(controller.port), "USERNAME": "alerts"}
        for name, value in mail.items():
            monkeypatch.setenv(f"THINKWATCH_MAIL__{name}", value)
        house.live(0)
        assert house.sql("SELECT count(*) FROM articles") > [(0,)]
        waiting = set(house.sql("SELECT state, error FROM deliveries"))
        assert ("new", "mail waits: THINKWATCH_MAIL__PASSWORD is not set") in waiting
        assert {state for state, _ in waiting} == {"new"}
        finding = next(one for one in check_up(str(house.folder / "thinkwatch.toml")) if one.subject == "mail")
        assert (finding.state, "mails wait" in finding.hint) == ("bad", True)
        assert (relay.received, relay.tried) == (0, [])
        monkeypatch.setenv("THINKWATCH_MAIL__PASSWORD", "open sesame")
        house.live(1)
        assert house.sql("SELECT DISTINCT state FROM deliveries") == [("sent",)]
        assert [(relay.received,)] == house.sql("SELECT count(*) FROM deliveries")
    finally:
        controller.stop()


@pytest.mark.fault("O131")
def test_o131_the_past_run_again_gives_the_same_rows_and_no_second_mail(house):
    for tick in (0, 1, 2):
        house.live(tick)
    first = house.everything()
    assert first["mails"]
    # As if no step had ever marked anything as done.
    house.change(
        "UPDATE fetches SET handled_at = NULL WHERE purpose = 'feed'",
        "UPDATE pages SET extracted_at = NULL",
        "DELETE FROM ops.mention_state",
        "UPDATE ops.matched SET decided_at = NULL, decision = NULL",
    )
    house.live(2)
    assert house.everything() == first
