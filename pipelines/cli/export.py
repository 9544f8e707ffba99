"""`thinkwatch export`: the tables as Parquet."""

from pathlib import Path

import click

from pipelines.cli.output import note, write_lines
from pipelines.words import counted


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_obj
def export(config: str | None, folder: Path, as_json: bool) -> None:
    """Write every table of the analysts' copy to FOLDER as Parquet, large ones a file a month (UTC), with a schema.json.

    Run it again to bring FOLDER up to date; files that would not change are left alone.

    Example: thinkwatch export exchange && duckdb -c "FROM 'exchange/articles/*.parquet'"
    """
    from pipelines.settings import load_settings
    from warehouse.export import export as write_tables
    from warehouse.publish import AnalystsCopy

    settings = load_settings(config)
    done = write_tables(AnalystsCopy(settings.published, settings.reading), folder)
    if as_json:
        write_lines(done)
    else:
        for one in done:
            if one.is_new:
                click.echo(f"{one.rows:10,}  {folder / one.path}")
    note(
        f"{counted(len(done), 'file')}, {sum(one.is_new for one in done)} of them new or changed; what is in them: {folder / 'schema.json'}"
    )
