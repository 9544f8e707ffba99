"""Runs the questions of docs/analysts.md on an installation and puts their output below them.

    python -m bench.cookbook demo/thinkwatch.toml docs/analysts.md

Each ```sql block is followed by a ```text block with what `thinkwatch sql` prints of it; a test compares them with the demo.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

RECIPE = re.compile(r"```sql\n(?P<sql>.*?)```\n\n```text\n(?P<output>.*?)```\n", re.DOTALL)
WIDTH = 130


def asking(config: str) -> Callable[[str], str]:
    """A function that answers a statement as `thinkwatch sql` prints it on a page of WIDTH columns."""
    from pipelines.cli.table import lay_out
    from pipelines.settings import load_settings
    from warehouse.publish import AnalystsCopy

    copy = AnalystsCopy(load_settings(config).published)

    def answer(statement: str) -> str:
        columns, rows = copy.ask(statement)
        lines, _ = lay_out(columns, rows, WIDTH)
        return "".join(f"{line}\n" for line in lines)

    return answer


def filled(page: str, answer: Callable[[str], str]) -> str:
    """The page with the output of each of its statements put anew."""
    return RECIPE.sub(lambda found: f"```sql\n{found['sql']}```\n\n```text\n{answer(found['sql'])}```\n", page)


def main(arguments: list[str]) -> None:
    """Rewrite the page."""
    config, page = arguments[0], Path(arguments[1])
    page.write_text(filled(page.read_text(encoding="utf-8"), asking(config)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
