"""`thinkwatch init`: a commented starting configuration, and the three facts that only its owner knows."""

import os
import re
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from zoneinfo import available_timezones

import click

from pipelines.cli.output import note
from warehouse.errors import ConfigError

STARTER = ("thinkwatch.toml", "subscriptions.yaml", "sources/russtrat.yaml")
CONTACT, ADDRESS, ZONE = "https://thinkwatch.example/about-our-robot", "me@desk.example", "timezone: UTC"
ANYBODY = re.compile(r"[^@\s\"']+@[^@\s\"']+")
NEXT = """
Next:{folder}
  {thinkwatch} sources add https://institute.example/    # finds the feed of a site
  {thinkwatch} sources add ecfr    # takes one of those that ship: {thinkwatch} sources list --all
  {thinkwatch} doctor && {thinkwatch} run"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--contact", metavar="URL|MAIL", help="Who runs this robot: a page or a mail address that every asked server sees.")
@click.option("--address", metavar="MAIL", help="Where your own alerts go.")
@click.option("--timezone", metavar="ZONE", help="Zone in which your mails show times, such as Europe/Berlin.")
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
def init(folder: Path, contact: str | None, address: str | None, timezone: str | None, dry_run: bool) -> None:
    """Write a commented starting configuration into FOLDER (default: here). Existing files are never overwritten.

    On a terminal it asks for what was not given; an empty answer leaves the line for later, marked CHANGE ME.

    Example: thinkwatch init my-watch --contact mailto:me@example.org --address me@example.org
    """
    texts = {name: files("pipelines").joinpath("starter", *name.split("/")).read_text(encoding="utf-8") for name in STARTER}
    texts["watchlists/day-one.yaml"] = files("assets.matching").joinpath("packs", "day-one.yaml").read_text(encoding="utf-8")
    if sys.stdin.isatty() and not all((folder / name).exists() for name in ("thinkwatch.toml", "subscriptions.yaml")):
        contact = contact or _ask("Your contact for webmasters, a page or a mail address")
        address = address or _ask("Mail address for your own alerts")
        timezone = timezone or _ask("Your time zone, such as Europe/Berlin")
    _fill(texts, "thinkwatch.toml", CONTACT, _contact(contact))
    _fill(texts, "subscriptions.yaml", ADDRESS, _address(address))
    _fill(texts, "subscriptions.yaml", ZONE, _zone(timezone))
    for name, text in texts.items():
        path = folder / name
        if path.exists():
            note(f"kept     {path}")
        else:
            if not dry_run:
                _write(path, text)
            note(f"{'would write' if dry_run else 'wrote   '} {path}")
    note(NEXT.format(folder="" if folder == Path() else f"\n  cd {shlex.quote(str(folder))}", thinkwatch=_command(folder)))


def _command(folder: Path) -> str:
    """How this command is called in the folder: by its name where the shell finds it, else by its path from there."""
    called = Path(sys.argv[0])
    return "thinkwatch" if called.name != "thinkwatch" or shutil.which("thinkwatch") else os.path.relpath(called.absolute(), folder)


def _ask(question: str) -> str:
    return click.prompt(question, default="", show_default=False, err=True).strip()


def _fill(texts: dict[str, str], name: str, placeholder: str, answer: str | None) -> None:
    """Put an answer in the place of its placeholder; the mark to change it goes."""
    if answer:
        pattern = re.compile(rf"^(.*){re.escape(placeholder)}(.*)$", re.MULTILINE)
        texts[name] = pattern.sub(
            lambda line: line[1] + answer + line[2].replace(" # CHANGE ME:", " #").replace(" # CHANGE ME", ""), texts[name]
        )


def _contact(answer: str | None) -> str | None:
    if answer and ANYBODY.fullmatch(answer.removeprefix("mailto:")):
        return f"mailto:{answer.removeprefix('mailto:')}"
    if answer and not re.fullmatch(r"https?://[^\s\"]+", answer):
        raise ConfigError(f"{answer!r} is no contact", hint="a page (https://…) or a mail address that reaches you")
    return answer


def _address(answer: str | None) -> str | None:
    from alerts.subscribers import ADDRESS

    if answer and not ADDRESS.fullmatch(answer):
        raise ConfigError(f"{answer!r} is no mail address", hint="such as me@example.org; a domain in other letters as xn--…")
    return answer


def _zone(answer: str | None) -> str | None:
    if answer and answer not in available_timezones():
        raise ConfigError(f"{answer!r} is no time zone", hint="such as Europe/Berlin or Asia/Dushanbe: timedatectl list-timezones")
    return f"timezone: {answer}" if answer else None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=path, hint="make the folder writable, or name another") from fault
