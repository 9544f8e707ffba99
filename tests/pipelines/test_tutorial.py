"""docs/tutorial.md, followed literally: its files are written, its commands run one after the other, against the replay site."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
STEP = re.compile(r"^```(?:console|yaml file=(?P<file>\S+))\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("make ", "export ", "(second terminal)")  # what other tests run, or what is the shell's
STATUS = {"thinkwatch sources check elementor-old": 1}  # as the page says: nothing new since 2021


def steps():
    """What a reader does, in order: ("write", file, text) or ("run", arguments)."""
    for found in STEP.finditer(PAGE):
        if found["file"]:
            yield "write", found["file"], found["text"]
            continue
        for line in found["text"].splitlines():
            command = line.removeprefix("$ ")
            if line.startswith("$ ") and not command.startswith(ELSEWHERE):
                yield "run", command, shlex.split(command)


@pytest.fixture(scope="module")
def followed(tmp_path_factory, thinkwatch):
    """The folder that the reader ends with, and what each command said."""
    from pipelines.replay.clock import LAST_TICK
    from pipelines.replay.site import ReplaySite

    place, said = tmp_path_factory.mktemp("reader"), {}
    with ReplaySite(tick=LAST_TICK) as site:
        own = {"THINKWATCH_FETCH__PACE_SECONDS": "0", "THINKWATCH_FETCH__CONNECT_TO": json.dumps(site.connect_to)}
        for kind, name, what in steps():
            if kind == "write":
                (place / name).write_text(what, encoding="utf-8")
            elif what[0] == "cd":
                place /= what[1]
            else:
                assert what[0] == "thinkwatch"
                said[name] = done = thinkwatch(*what[1:], cwd=place, check=False, **own)
                assert done.returncode == STATUS.get(name, 0), (name, done.stdout, done.stderr)
    return place, said


def told(said, beginning):
    [done] = [done for command, done in said.items() if command.startswith(beginning)]
    return done.stdout + done.stderr


def test_each_command_does_what_the_page_says(followed):
    place, said = followed
    assert (place / "sources" / "elementor-old.yaml").exists()
    assert "no form" not in told(said, 'thinkwatch watch test csto-joint-staff "Об')
    assert "counts" in told(said, 'thinkwatch watch test csto-joint-staff "Об')
    assert "5 rows" in told(said, "thinkwatch sql")
    assert "CSTO Summit" in told(said, "thinkwatch backtest")
    preview = (place / "preview.html").read_text(encoding="utf-8")
    assert "CSTO Summit" in preview
    assert "Dushanbe" in preview
    assert list(place.glob("data/mail/*.eml")) == []


def test_init_filled_in_what_its_owner_said(followed):
    place, _ = followed
    settings = (place / "thinkwatch.toml").read_text(encoding="utf-8")
    assert 'contact = "mailto:me@example.org" # a page' in settings


def test_a_mistake_in_the_subscription_is_named_with_its_line(followed, thinkwatch):
    place, _ = followed
    path = place / "subscriptions.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("csto, tajikistan]", "csto, tajikistann]"), encoding="utf-8")
    done = thinkwatch("doctor", cwd=place, check=False)
    path.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "subscriptions.yaml:12" in done.stdout
    assert "tajikistan" in done.stdout


def test_every_page_that_the_documents_name_is_there():
    for page in (ROOT / "docs").glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)
