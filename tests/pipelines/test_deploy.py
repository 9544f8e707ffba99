"""What docs/operators.md and docs/deploy/ promise: the units, the proxy and the container hold together, and the way back from a backup works."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from alerts.tokens import Grant, Signer
from pipelines.cli import COMMANDS
from tests.pipelines.proxy import NGINX, SITES, ask, proxied

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "docs" / "deploy"
PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
WATCHLIST = "version: 1\nentities:\n  - id: nato\n    kind: organisation\n    labels: {en: {names: [NATO]}}\n"
WRITERS = {"thinkwatch.service", "thinkwatch-serve.service"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine; CI installs Debian's systemd")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(unit, tmp_path):
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    program = tmp_path / "thinkwatch"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    text = text.replace("/opt/thinkwatch/.venv/bin/thinkwatch", str(program)).replace("file:///opt/thinkwatch", "file:///")
    (tmp_path / unit).write_text(re.sub("(?m)^(User|Group)=thinkwatch$", r"\1=root", text), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if unit in line]
    assert (ours, done.returncode) == ([], 0), done.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_a_command_that_there_is_and_gives_it_nothing_to_write_that_it_need_not(unit):
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    [line] = re.findall("^ExecStart=(.*)$", text, re.MULTILINE)
    words = shlex.split(line)
    assert words[3] in COMMANDS
    help_text = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", words[3], "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(word in help_text for word in words if word.startswith("--") and word != "--config")
    assert "ProtectSystem=strict" in text
    assert ("ReadWritePaths=/srv/thinkwatch" in text) == (unit in WRITERS)


def test_only_the_subscribers_site_of_the_proxy_is_open():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    servers = text.split("\nserver {")[1:]
    locked = {re.search("server_name ([^;]+)", server)[1]: "auth_basic_user_file" in server for server in servers}
    assert locked == {"ui.example.org": True, "desk.example.org": True, "alerts.example.org": False}
    assert re.findall(r"proxy_pass http://([\d.]+):(\d+)", text) == [("127.0.0.1", str(port)) for port in SITES.values()]


SUBSCRIPTIONS = """
version: 1
subscribers: [{id: me, name: Me, address: me@example.org}]
subscriptions: [{id: nato, subscriber: me, watch: {all: [nato]}}]
"""


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine; CI installs Debian's")
def test_through_the_proxy_a_subscriber_stops_by_one_click_without_a_password(institute, tmp_path_factory):
    (institute.folder / "watchlists" / "own.yaml").write_text(WATCHLIST, encoding="utf-8")
    (institute.folder / "subscriptions.yaml").write_text(SUBSCRIPTIONS, encoding="utf-8")
    institute.tell()
    key = "a key of the tests which is long enough to sign with"
    own = {"THINKWATCH_MAIL__TOKEN_KEYS": key, "THINKWATCH_MAIL__BASE_URL": "https://alerts.example.org"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("THINKWATCH")} | own
    link = f"/unsubscribe/{Signer((key,)).sign('unsubscribe', Grant('me', ('nato',)))}"
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=institute.folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = next(line for line in process.stderr if line.startswith("ready:"))
            with proxied(tmp_path_factory.mktemp("nginx"), alerts=int(re.search(r":(\d+)/health", told)[1])) as port:
                one_click = partial(ask, port, "alerts.example.org", body="List-Unsubscribe=One-Click")
                assert ask(port, "alerts.example.org", "/health") == 200
                assert ask(port, "alerts.example.org", link) == 200  # asks first
                assert one_click(link + "x") == 404
                assert one_click(link) == 200
                assert ask(port, "alerts.example.org", "/graphql") == 404
        finally:
            process.terminate()
    assert institute.sql("SELECT subscription_id, active FROM subscriptions") == [{"subscription_id": "nato", "active": False}]


def test_the_container_is_built_of_what_is_there():
    text = re.sub(r"(?m)^#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"))
    instructions = [line.split(maxsplit=1) for line in text.splitlines() if line]
    known = {"ARG", "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "HEALTHCHECK", "CMD"}
    assert {name for name, _ in instructions} == known
    copied = [word for name, rest in instructions if name == "COPY" for word in rest.split()[:-1]]
    assert [word for word in copied if not (ROOT / word).exists()] == []
    packages = re.search(r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    assert set(re.findall(r'"(\w+)"', packages)) <= set(copied)
    for name, rest in instructions:
        if name == "RUN":
            subprocess.run(["sh", "-n"], input=rest, text=True, check=True)
    starts = [re.findall(r'"([^"]+)"', rest) for name, rest in instructions if name in {"CMD", "HEALTHCHECK"}]
    assert [words[0] for words in starts] == ["thinkwatch", "thinkwatch"]
    assert {words[1] for words in starts} <= set(COMMANDS)
    user = [name for name, _ in instructions].index("USER")
    assert "RUN" not in [name for name, _ in instructions[user:]]


def test_the_page_names_only_commands_that_there_are():
    named = set(re.findall(r"(?:`|\$ |# )thinkwatch ([a-z]+)", PAGE))
    assert len(named) > 10
    assert named - set(COMMANDS) == set()


def backup_commands():
    """The commands of the section on backups, in order."""
    section = PAGE.split("## Backups, and the way back")[1].split("\n## ")[0]
    return [
        re.sub(r"thinkwatch-\d{8}T\d{6}Z", "thinkwatch-*", line.removeprefix("$ thinkwatch "))  # the one that is made here
        for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL)
        for line in block.splitlines()
    ]


def test_the_way_back_is_the_one_that_the_page_describes(institute):
    """A store with an article is backed up, lost, and restored by the page's own commands."""
    institute.publish("one", "One", f"<article><h1>One</h1>{'<p>Words of the article, enough of them to be one. </p>' * 12}</article>")
    (institute.folder / "watchlists" / "own.yaml").write_text(WATCHLIST, encoding="utf-8")
    institute.run()
    before = institute.sql("SELECT article_id, text FROM articles ORDER BY ALL")
    assert before
    environment = {key: value for key, value in os.environ.items() if not key.startswith("THINKWATCH")}
    said = []
    for number, line in enumerate(backup_commands()):
        words = [one for word in shlex.split(line) for one in (sorted(map(str, institute.folder.glob(word))) or [word])]
        if number == 2:
            (institute.folder / "data" / "warehouse.duckdb").write_bytes(b"lost")
        done = subprocess.run(
            [sys.executable, "-c", "from pipelines.cli import main; main()", *words],
            cwd=institute.folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said.append(done.stdout + done.stderr)
        if words[0] != "doctor":
            assert done.returncode == 0, (line, said[-1])
    assert "agree with their checksums" in said[2]
    assert "no mail leaves until you say so" in said[3]
    assert "nothing that the store does not know" in said[4]  # the restore has taken it up already
    assert "mail was held" in said[5]
    assert institute.sql("SELECT article_id, text FROM articles ORDER BY ALL") == before
