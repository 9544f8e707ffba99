"""`thinkwatch fixture`: a page that was read wrong becomes a test, and the tests are run."""

from pathlib import Path

import click

from pipelines.cli.output import dumps, note
from pipelines.words import counted
from warehouse.errors import ConfigError


@click.command()
@click.argument("article", required=False, metavar="[URL|ARTICLE]")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("fixtures"), show_default=True, help="Where it is written.")
@click.option("--note", "why", metavar="TEXT", help="Why the page is kept; stands in its expect.yaml.")
@click.option("--check", "below", type=click.Path(path_type=Path), metavar="DIR", help="Run every fixture below DIR instead.")
@click.option("--json", "as_json", is_flag=True, help="With --check: one JSON object a fixture.")
@click.pass_obj
def fixture(config: str | None, article: str | None, folder: Path, why: str | None, below: Path | None, as_json: bool) -> int:
    """Save a page of a source as a test case, or run the test cases.

    ARTICLE is an id or the start of one, its address, or the id of a page; of an article the newest archived page is taken.
    It is written to DIR/SOURCE/PAGE with expect.yaml, which says what was read from it: correct there what is wrong.
    With --check the pages are read anew, by the very extractor; exit status 1 when one is read otherwise than it says.

    Example: thinkwatch fixture https://institute.example/2021/09/summit --note "the related box is in the text"
    """
    if (article is None) == (below is None):
        raise ConfigError("give either an article or --check DIR", hint="thinkwatch fixture URL; `thinkwatch fixture --help` says more")
    if below is not None:
        return _check(below, as_json=as_json)
    from pipelines.fixtures import NAME, keep_page
    from pipelines.settings import load_settings

    kept = keep_page(load_settings(config), str(article), folder, why)
    click.echo(kept.folder)
    note(f"read as {kept.fixture.expect.status}; correct {kept.folder / NAME}, then: thinkwatch fixture --check {folder}")
    return 0


def _check(below: Path, *, as_json: bool) -> int:
    from assets.extraction.workers import Limits
    from pipelines.fixtures import check, read_fixtures

    results = list(check(read_fixtures(below), Limits()))
    for result in results:
        if as_json:
            click.echo(dumps(result))
            continue
        click.echo(f"{'differs' if result.differences else 'ok':8}{result.folder}")
        for line in result.differences:
            click.echo(f"{'':8}{line}")
    failed = sum(bool(result.differences) for result in results)
    note(f"{counted(len(results), 'fixture')}, {counted(failed, 'differs', 'differ')}")
    return 1 if failed else 0
