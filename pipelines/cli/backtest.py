"""`thinkwatch backtest`: what a subscription would have sent.

What belongs here: arguments and printing. What does not: deciding.
"""

from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import write_json
from pipelines.words import counted

if TYPE_CHECKING:
    from alerts.decisions import Alert


@click.command()
@click.argument("subscription")
@click.option("--days", type=click.IntRange(1, 36500), help="Only articles first seen in so many days.  [default: all that is stored]")
@click.option("--samples", type=click.IntRange(0, 1000), default=5, show_default=True, help="How many alerts to show, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def backtest(config: str | None, subscription: str, days: int | None, samples: int, as_json: bool) -> None:
    """Say what SUBSCRIPTION would have sent over the stored articles, by the engine that sends: hits a day, samples, overlap.

    What was old at its source's first poll counts too. Nothing is sent or stored.

    Example: thinkwatch backtest csto --days 90
    """
    from datetime import timedelta

    from pipelines.rehearsing import rehearsed
    from pipelines.resources import wall_clock
    from pipelines.settings import load_settings

    since = wall_clock() - timedelta(days=days) if days else None
    found, rehearsal = rehearsed(load_settings(config), subscription, since=since)
    told = {
        "subscription": found.id,
        "rule": found.words,
        "articles": rehearsal.articles,
        "alerts": len(rehearsal.alerts),
        "days": [{"day": day, "alerts": count} for day, count in sorted(rehearsal.by_day().items())],
        "samples": [_sample(alert) for alert in reversed(rehearsal.alerts[-samples:] if samples else ())],
        "overlap": [
            {"subscription": name, "shared": count} for name, count in sorted(rehearsal.shared.items(), key=lambda one: (-one[1], one[0]))
        ],
    }
    if as_json:
        write_json(told)
    else:
        _print(told)


def _sample(alert: "Alert") -> dict[str, Any]:
    candidate = alert.candidate
    causing = [one for one in candidate.mentions if one.mention_id in alert.mention_ids]
    first = next((one for one in causing if one.field == "text"), causing[0])
    whole = candidate.text if first.field == "text" else candidate.title
    return {
        "article": candidate.article_id,
        "first_seen_at": candidate.first_seen_at,
        "source": candidate.source_id,
        "title": candidate.title,
        "reason": alert.reason,
        "sentence": " ".join(whole[first.sentence_start : first.sentence_end].split()),
    }


def _print(told: dict[str, Any]) -> None:
    click.echo(f"{told['subscription']}: {told['rule']}")
    click.echo(f"{counted(told['alerts'], 'alert')} on {counted(told['articles'], 'article')}, on {counted(len(told['days']), 'day')}")
    most = max((row["alerts"] for row in told["days"]), default=1)
    for row in told["days"]:
        click.echo(f"  {row['day']} {row['alerts']:>4} {'█' * max(1, round(30 * row['alerts'] / most))}")
    for sample in told["samples"]:
        click.echo(
            f"\n{sample['first_seen_at']:%Y-%m-%d} {sample['source']}: {sample['title']}\n  {sample['reason']}\n  «{sample['sentence']}»"
        )
    for row in told["overlap"]:
        click.echo(f"\n{counted(row['shared'], 'of these articles is', 'of these articles are')} hit by {row['subscription']} as well")
