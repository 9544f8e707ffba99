"""`thinkwatch doctor` finds each fault, says so in one line, and says how to mend it."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from bench.screenshots import free_port
from pipelines import checkup_outside as outside
from pipelines.checkup import check_up
from pipelines.instance import prepare_home
from pipelines.resources import open_warehouse, wall_clock
from pipelines.settings import load_settings
from warehouse.errors import ConfigError, StoreError
from warehouse.publish import publish


class House:
    """An empty installation; `found(subject)` is what the doctor says of it."""

    def __init__(self, folder):
        self.folder = folder
        self.write("")
        (folder / "subscriptions.yaml").write_text("subscribers: []\nsubscriptions: []\n", encoding="utf-8")
        for name in ("sources", "watchlists"):
            (folder / name).mkdir()
        nato = "version: 1\nentities:\n  - id: nato\n    kind: organisation\n    labels: {en: {names: [NATO]}}\n"
        (folder / "watchlists" / "own.yaml").write_text(nato, encoding="utf-8")

    @property
    def config(self):
        return str(self.folder / "thinkwatch.toml")

    def write(self, text):
        (self.folder / "thinkwatch.toml").write_text(text, encoding="utf-8")

    def publish(self, **rows):
        settings = load_settings(self.config)
        store = open_warehouse(settings, wall_clock())
        with store.transaction() as transaction:
            for table, row in rows.items():
                transaction.merge(table, [row], key=[next(iter(row))])
        publish(store, settings.published, wall_clock())
        return settings

    def source(self, url):
        (self.folder / "sources" / "s.yaml").write_text(f"id: s\nname: S\nfeeds:\n  - url: {url}\n", encoding="utf-8")

    def found(self, subject):
        [finding] = [finding for finding in check_up(self.config) if finding.subject == subject]
        assert finding.state == "good" or finding.hint
        return finding


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def relay():
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


def smtp(port, more=""):
    return f'[mail]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\n{more}'


def test_an_empty_installation_has_nothing_to_mend(house):
    findings = list(check_up(house.config))
    assert [finding for finding in findings if finding.state == "bad"] == []
    subjects = {finding.subject for finding in findings}
    assert {"python", "dagster", "lock", "settings", "files", "sources", "folder", "disk", "file system", "store"} <= subjects
    assert {"copy", "schedule", "clock", "dns", "contact", "mail", "secrets"} <= subjects


def test_a_relay_that_answers_and_one_that_does_not(house, relay):
    house.write(smtp(relay))
    assert house.found("mail").state == "good"
    house.write(smtp(free_port()))
    found = house.found("mail")
    assert (found.state, "does not answer" in found.message, "mail.port" in found.hint) == ("bad", True, True)


def test_a_relay_without_the_wanted_encryption_or_log_in(house, relay, monkeypatch):
    house.write(smtp(relay, 'security = "starttls"\n'))
    found = house.found("mail")
    assert (found.state, "STARTTLS" in found.message, "mail.security" in found.hint) == ("bad", True, True)
    house.write(smtp(relay, 'username = "me"\n'))
    assert "THINKWATCH_MAIL__PASSWORD" in house.found("mail").hint


def test_secrets_that_settings_need_are_missed(house, monkeypatch):
    for line in ('base_url = "https://alerts.example.org"', 'bounces = "bounces@alerts.example.org"'):
        house.write(f"[mail]\n{line}\n")
        found = house.found("secrets")
        assert (found.state, "openssl rand" in found.hint) == ("bad", True)
    monkeypatch.setenv("THINKWATCH_MAIL__TOKEN_KEYS", "k" * 64)
    assert house.found("secrets").message == "set: token keys"


def test_a_clock_that_went_back(house):
    later = wall_clock() + timedelta(days=2)
    fetch = {"fetch_id": "1", "source_id": "s", "purpose": "feed", "url": "u", "requested_at": later, "not_modified": False}
    house.publish(fetches=fetch)
    found = house.found("clock")
    assert (found.state, "timedatectl" in found.hint) == ("bad", True)


def test_nobody_polls(house):
    ago = wall_clock() - timedelta(hours=5)
    feed = {"feed_id": "f", "source_id": "s", "url": "u", "enabled": True, "state": "working", "failures": 0, "permanent_seen": 0}
    house.publish(feeds=feed | {"next_due_at": ago, "last_polled_at": ago})
    found = house.found("schedule")
    assert (found.state, "nobody polls" in found.message, "thinkwatch ui" in found.hint) == ("odd", True, True)
    house.publish(feeds=feed | {"next_due_at": wall_clock() + timedelta(hours=1), "last_polled_at": ago})
    assert house.found("schedule").state == "good"


def test_a_copy_that_fell_behind(house):
    settings = house.publish()
    assert house.found("copy").state == "good"
    later = time.time() + 5 * 3600
    os.utime(settings.data_folder / "warehouse.duckdb", (later, later))
    found = house.found("copy")
    assert (found.state, "hours behind" in found.message) == ("odd", True)


def test_names_that_cannot_be_resolved(house):
    house.source("http://nowhere.invalid/feed")
    found = house.found("dns")
    assert (found.state, "nowhere.invalid" in found.message) == ("bad", True)
    house.source("http://localhost/feed")
    assert house.found("dns").state == "good"


def test_another_version_than_the_lock_names(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("click==0.1 \\\n    --hash=sha256:00\nnot-there==1 ; python_version < '3'\n# via x\n", encoding="utf-8")
    monkeypatch.setattr(outside, "LOCK", lock)
    found = outside.lock_file()
    assert (found.state, "1 packages" in found.message, "click" in found.message, "make" in found.hint) == ("odd", True, True, True)


def test_a_network_file_system_or_a_full_disk_are_said(house, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    for free, state in ((1024, "bad"), (1024**3, "odd")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(10, 10, free))
        assert house.found("disk").state == state


def test_a_fault_in_a_file_is_said_once(house):
    (Path(house.config).parent / "sources").mkdir(exist_ok=True)
    (Path(house.config).parent / "sources" / "x.yaml").write_text("id: x\nname: [unclosed\n", encoding="utf-8")
    assert sum("x.yaml:3" in finding.message for finding in check_up(house.config)) == 1


def test_two_subscribers_with_one_address_are_named(house):
    subscribers = "".join(
        f"  - {{id: {name}, name: N, address: {address}}}\n" for name, address in (("desk", "A@b.example"), ("me", "a@B.example"))
    )
    subscriptions = "".join(f"  - {{id: {name}-nato, subscriber: {name}, watch: {{any: [nato]}}}}\n" for name in ("desk", "me"))
    (house.folder / "subscriptions.yaml").write_text(f"subscribers:\n{subscribers}subscriptions:\n{subscriptions}", encoding="utf-8")
    assert "desk and me" in house.found("files").message
    (house.folder / "subscriptions.yaml").write_text(
        f"subscribers:\n{subscribers}subscriptions:\n{subscriptions.splitlines()[0]}\n", encoding="utf-8"
    )
    assert house.found("files").state == "good"


def test_no_run_begins_where_nothing_can_be_written(tmp_path, monkeypatch):
    """Else Dagster says so, in a page of traceback."""
    import shutil
    from collections import namedtuple

    (tmp_path / "thinkwatch.toml").write_text("", encoding="utf-8")
    settings = load_settings(str(tmp_path / "thinkwatch.toml"))
    home = prepare_home(settings)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 1024))
    with pytest.raises(StoreError, match="the disk is full: 0 MB are free") as full:
        prepare_home(settings)
    assert "free some space" in full.value.hint
    monkeypatch.setattr(os, "access", lambda path, _: path != home)
    with pytest.raises(ConfigError, match="cannot be written"):
        prepare_home(settings)


def test_faulty_settings_stop_it_with_their_line(house):
    house.write("[fetch]\npace_seconds = 'fast'\n")
    last = list(check_up(house.config))[-1]
    assert (last.state, last.subject, "thinkwatch.toml:2" in last.message) == ("bad", "settings", True)


@pytest.mark.parametrize(
    ("until", "kept", "state", "words"),
    [("2999-01-01", False, "odd", "no page tests those of s"), ("2999-01-01", True, "good", "those of s have a kept page"), ("2020-01-01", True, "odd", "have ended")],
)  # fmt: skip
def test_rules_for_a_site_end_and_have_a_page_that_tests_them(house, until, kept, state, words):
    house.source("https://institute.example/feed")
    with (house.folder / "sources" / "s.yaml").open("a", encoding="utf-8") as file:
        file.write(f"rules: {{until: {until}, drop: [.abo]}}\n")
    if kept:
        (house.folder / "fixtures" / "s" / "page").mkdir(parents=True)
        (house.folder / "fixtures" / "s" / "page" / "expect.yaml").write_text("source: s\n", encoding="utf-8")
    found = house.found("site rules")
    assert (found.state, words in found.message) == (state, True)
