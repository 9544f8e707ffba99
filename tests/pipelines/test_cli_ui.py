"""Whom `thinkwatch ui` lets in: the operator at this machine, and others only when told so. Nothing is started here."""

import os
import socket
import sqlite3
import traceback
from contextlib import closing

import pytest

from pipelines.cli.output import refuse_taken
from pipelines.cli.ui import last_words, refuse_strangers
from pipelines.instance import make_tables, prepare_home
from pipelines.settings import Settings
from warehouse.errors import ConfigError


@pytest.mark.fault("O133")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "monitor.example.org", "127.0.0.1.example.org"])
def test_o133_an_address_that_others_reach_is_refused_and_only_warned_of_when_it_is_meant(host, capsys):
    with pytest.raises(ConfigError, match="has no log-in") as refused:
        refuse_strangers(host, allowed=False)
    assert refused.value.exit_status == 2
    assert "proxy with a log-in" in refused.value.hint
    refuse_strangers(host, allowed=True)
    assert f"warning: whoever reaches {host}" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_word(host, capsys):
    refuse_strangers(host, allowed=False)
    assert capsys.readouterr().err == ""


@pytest.mark.fault("O133")
def test_o133_the_command_refuses_before_it_starts_anything(tmp_path, thinkwatch):
    done = thinkwatch("ui", "--host", "0.0.0.0", check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0][:22]) == (2, "error: --host 0.0.0.0:")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["ui", "desk", "serve"])
def test_a_taken_port_is_said_before_anything_is_started(command, tmp_path, thinkwatch):
    (tmp_path / "thinkwatch.toml").write_text("", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = thinkwatch(command, "--port", port, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()) == (2, [f"error: port {port} is taken", "  hint: name another one: --port"])
    assert [path.name for path in tmp_path.iterdir()] == ["thinkwatch.toml"]


def test_the_tables_of_a_new_home_are_made_by_one_process(tmp_path):
    """Web server and daemon both make those that are missing; started at once, one of them died of the other's."""
    home = prepare_home(Settings(base=tmp_path))
    with (tmp_path / "log").open("ab") as log:
        make_tables(home, os.environ | {"DAGSTER_HOME": str(home)}, log.fileno())
    for file, table in (
        ("history/runs.db", "secondary_indexes"),
        ("history/runs/index.db", "event_logs"),
        ("schedules/schedules.db", "jobs"),
    ):
        with closing(sqlite3.connect(home / file)) as database:
            assert (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()


def test_of_a_log_the_error_is_told_and_not_what_follows_it():
    log = [
        "Traceback …",
        "sqlalchemy.exc.OperationalError: table runs already exists",
        "[SQL: CREATE …]",
        "(Background on this error at: …)",
    ]
    assert last_words(log) == "sqlalchemy.exc.OperationalError: table runs already exists"
    assert last_words(["one", "two", ""]) == "two"
    assert last_words([]) == "no output"


def test_an_address_that_is_not_this_machine_s_is_said_too():
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1, port 3000") as refused:
        refuse_taken(3000, "192.0.2.1")
    assert "hint: name another one" in "".join(traceback.format_exception_only(refused.value))  # as a run's page in the UI shows it
