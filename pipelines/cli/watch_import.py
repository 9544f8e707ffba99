"""`thinkwatch watch import`: a watch list from a table of names or from an export of Wikidata.

What belongs here: arguments, reading and writing files. What does not: the formats (assets.matching).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.output import note
from pipelines.words import counted
from warehouse.errors import ConfigError

if TYPE_CHECKING:
    from assets.matching.drafts import Draft


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--wikidata", is_flag=True, help="FILE is an export of Wikidata in JSON (wbgetentities, Special:EntityData, SPARQL).")
@click.option("--ids", metavar="FILE", help="With --wikidata: only these ids, one a line, each with the id it shall have: Q318693 csto")
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="With --wikidata: languages to take.  [default: twelve]")
@click.option("--out", metavar="FILE", help="Where to write; never overwrites.  [default: stdout]")
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
def import_(file: str, wikidata: bool, ids: str | None, languages: tuple[str, ...], out: str | None, dry_run: bool) -> int:
    """Write a commented watch list from FILE, a CSV table or an export of Wikidata that you have.

    The columns of a table: id, type (org, region, person, topic), qid, parents, from, note, and one a language (en, ru, …) with
    its names parted by semicolons; Организаци* becomes a base form, to be checked. What must be decided before use stands at
    the head of the list and on stderr. Exit status 1 when ids are not in the export; the others are written.

    Example: thinkwatch watch import institutes.csv --out watchlists/institutes.yaml
    """
    from assets.matching.drafts import write

    if (ids or languages) and not wikidata:
        raise ConfigError("--ids and --lang choose from an export of Wikidata", hint="add --wikidata, or leave them out")
    target = Path(out) if out else None
    if target and target.exists():
        raise ConfigError("the file exists and is not overwritten", path=target, hint="name another file, or move this one away")
    drafts, missing = _from_wikidata(file, ids, languages) if wikidata else (_from_csv(file), [])
    text, decide = write(drafts, Path(file).name)
    for line in decide:
        note(line)
    for qid in missing:
        note(f"{qid} is not in {file}\n  hint: export it too, or take it out of {ids}")
    entities = counted(len(drafts), "entity", "entities")
    note(f"{'would write' if dry_run else 'wrote'} {entities}{f' to {target}' if target else ''}; {len(decide)} to decide")
    if not dry_run:
        _write(text, target)
    return 1 if missing else 0


def _from_csv(file: str) -> "list[Draft]":
    from assets.matching.csv_lists import read_csv

    return read_csv(_read(file), file)


def _from_wikidata(file: str, ids: str | None, languages: tuple[str, ...]) -> "tuple[list[Draft], list[str]]":
    from assets.matching.compiling import BASE_LANGUAGES
    from assets.matching.wikidata import read_export, read_ids

    wanted = read_ids(_read(ids), ids) if ids else None
    return read_export(_read(file), file, languages or BASE_LANGUAGES, wanted)


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ConfigError(f"not UTF-8 at byte {fault.start}", path=file, hint="save the file as UTF-8") from fault
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=file, hint="check the path and its permissions") from fault


def _write(text: str, target: Path | None) -> None:
    if target is None:
        click.echo(text, nl=False)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=target, hint="make the folder writable, or name another") from fault
