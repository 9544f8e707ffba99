"""`thinkwatch init`: a commented starting configuration."""

from importlib.resources import files
from pathlib import Path

import click

from pipelines.cli.output import note
from warehouse.errors import ConfigError

STARTER = ("thinkwatch.toml", "subscriptions.yaml", "sources/russtrat.yaml")
NEXT = """
Next: put your contact address into thinkwatch.toml, then
  thinkwatch sources add https://institute.example/     finds the feed of a site
  thinkwatch sources add ecfr                           takes one of those that ship: thinkwatch sources list --all
  thinkwatch doctor && thinkwatch run"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
def init(folder: Path, dry_run: bool) -> None:
    """Write a commented starting configuration into FOLDER (default: here). Existing files are never overwritten.

    Example: thinkwatch init my-watch
    """
    texts = {name: files("pipelines").joinpath("starter", *name.split("/")).read_text(encoding="utf-8") for name in STARTER}
    texts["watchlists/day-one.yaml"] = files("assets.matching").joinpath("packs", "day-one.yaml").read_text(encoding="utf-8")
    for name, text in texts.items():
        path = folder / name
        if path.exists():
            note(f"kept     {path}")
        else:
            note(f"{'would write' if dry_run else 'wrote   '} {path}")
            if not dry_run:
                _write(path, text)
    note(NEXT)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=path, hint="make the folder writable, or name another") from fault
