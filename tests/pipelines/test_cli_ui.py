"""Whom `thinkwatch ui` lets in: the operator at this machine, and others only when told so. Nothing is started here."""

import pytest

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
