"""`thinkwatch explain`: one article through every gate, from its page to the mail."""

from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from pipelines.explanation import Explanation
    from warehouse.transaction import Row


@click.command()
@click.argument("article")
@click.option("--entity", help="Also say why this watched entity did or did not match.")
@click.option("--for", "subscriber", metavar="SUBSCRIBER", help="Also say what each condition of this subscriber's rules says of it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def explain(config: str | None, article: str, entity: str | None, subscriber: str | None, as_json: bool) -> None:
    """Say why ARTICLE (an id or the start of one, or its address) was stripped, matched, alerted or not.

    Example: thinkwatch explain 3f2a9c --entity turkey --for desk
    """
    from pipelines.explanation import explain_article
    from pipelines.settings import load_settings

    explanation = explain_article(load_settings(config), article, entity, subscriber)
    if as_json:
        write_json(explanation)
    else:
        _print(explanation)


def _print(explanation: "Explanation") -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)

    def section(title: str, lines: list[str]) -> None:
        console.print(f"\n{title}", style="bold")
        for line in lines or ["  none"]:
            console.print(f"  {line}" if lines else line, markup=False)

    facts: dict[str, Any] = explanation.article
    console.print(str(facts.pop("title")), style="bold", markup=False)
    for name, value in facts.items():
        console.print(f"  {name:13} {value}", markup=False)
    section("Cut from the page, by rule", [f"{cut['kind']:12} {cut['rule']:32} {_short(cut['text'])}" for cut in explanation.cut])
    section("Mentions", [f"{m['entity']:18} {m['count']:>3} × {m['zones']:18} {m['forms']}" for m in explanation.mentions])
    section("Reports beside the page (for SQL, never alerting)", [_report(one) for one in explanation.attachments])
    for name, reasons in explanation.entities.items():
        section(f"Why {name} did or did not match", reasons)
    section("Subscriptions", [f"{v['subscription_id']:28} {v['verdict']:10} {v['reason']}" for v in explanation.verdicts])
    for name, gates in explanation.gates.items():
        section(f"Every condition of {name}", [f"{'yes' if gate['passed'] else 'NO':4} {gate['gate']:14} {gate['why']}" for gate in gates])
    section("Mail", [f"{d['subscriber_id']:20} {d['state']:9} {d['detail']}" for d in explanation.deliveries])


def _report(one: "Row") -> str:
    said = one["error"] or f"named by the {one['named_by']}"
    if one["state"] == "read":
        said = (
            f"{counted(one['pages'], 'page')}, {counted(one['characters'], 'character')}; mentions {one['mentions'] or 'nothing watched'}"
        )
    return f"{one['state']:12} {one['url']}  {said}"


def _short(text: str, length: int = 90) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= length else f"{folded[: length - 1]}…"
