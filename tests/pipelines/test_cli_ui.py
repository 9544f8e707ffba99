"""Whom `thinkwatch ui` lets in: the operator at this machine, and others only when told so. Nothing is started here."""

import socket
import traceback

import pytest

from pipelines.cli.output import refuse_taken
from pipelines.cli.ui import refuse_strangers
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


def test_an_address_that_is_not_this_machine_s_is_said_too():
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1, port 3000") as refused:
        refuse_taken(3000, "192.0.2.1")
    assert "hint: name another one" in "".join(traceback.format_exception_only(refused.value))  # as a run's page in the UI shows it
