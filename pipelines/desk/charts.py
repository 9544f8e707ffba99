"""The desk's charts as Vega-Lite, which the browser draws from what marimo ships: pure functions of rows, nothing is fetched."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pipelines.desk.network import Node, arrange

Row = Mapping[str, Any]
Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name that the library knows; it is not fetched
COLOURS = ["#1f5f8b", "#c8553d", "#4f772d", "#8a5a9e", "#b8860b", "#3a8f8a", "#7d4f50", "#5b6c9e"]
OTHERS, OTHERS_COLOUR = "others", "#b5b5b5"
MOST_LINES, MOST_BARS, MOST_NODES = 8, 20, 24
WEEKLY_FROM_DAYS = 120  # a longer time is drawn by week


class Chart:
    """A Vega-Lite chart that marimo shows."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def _mime_(self) -> tuple[str, str]:
        import json  # noqa: PLC0415 - only the notebook draws

        return "application/vnd.vegalite.v5+json", json.dumps(self.spec, ensure_ascii=False)


def timeline(rows: Sequence[Row]) -> Spec:
    """Articles over time, stacked by entity: by day, or by week (Monday) where it is long; an article counts for each that it names."""
    days = [row["day"] for row in rows]
    weekly = bool(days) and (max(days) - min(days)).days > WEEKLY_FROM_DAYS
    counts = Counter((_bin(row["day"], weekly=weekly), label) for row, label in zip(rows, _named(rows), strict=True))
    values = [{"day": day.isoformat(), "entity": label, "articles": count} for (day, label), count in sorted(counts.items())]
    unit = "yearweek" if weekly else "yearmonthdate"
    return _spec(
        values,
        mark={"type": "bar", "tooltip": True},
        height=300,
        encoding={
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": f"utc{unit}",
                "title": None,
                "axis": {"format": "%d %b", "labelOverlap": True},
            },
            "y": {"field": "articles", "type": "quantitative", "aggregate": "sum", "title": "articles", "axis": {"tickMinStep": 1}},
            "color": _colour([label for _, label in counts]),
        },
    )


def bars(rows: Sequence[Row], kind: str) -> Spec:
    """Articles an entity of one kind (`region`, `organisation`, …), the most first."""
    articles: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["kind"] == kind:
            articles[row["label"]].add(row["article_id"])
    ranked = sorted(articles.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST_BARS]
    values = [{"entity": label, "articles": len(ids)} for label, ids in ranked]
    return _spec(
        values,
        mark={"type": "bar", "tooltip": True, "color": COLOURS[0]},
        height={"step": 20},
        encoding={
            "y": {"field": "entity", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "articles", "type": "quantitative", "axis": {"tickMinStep": 1}},
        },
    )


def network(rows: Sequence[Row]) -> Spec:
    """Who is named with whom: a point an entity, a line a pair that stands in one article, the thicker the more often."""
    nodes, pairs = together(rows)
    places = arrange([node.name for node in nodes], pairs)
    points = [
        {"entity": node.label, "kind": node.kind, "articles": node.articles, "x": places[node.name][0], "y": places[node.name][1]}
        for node in nodes
    ]
    labels = {node.name: node.label for node in nodes}
    lines = [
        {"pair": f"{labels[one]} – {labels[other]}", "articles": count} | _ends(places[one], places[other])
        for (one, other), count in pairs.items()
    ]
    axes = {axis: {"field": axis, "type": "quantitative", "axis": None, "scale": {"domain": [-1.25, 1.25]}} for axis in ("x", "y")}
    ends = {axis: {"field": axis} for axis in ("x2", "y2")}
    size = {"field": "articles", "type": "quantitative", "legend": None}
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": 560,
        "layer": [
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "color": "#9aa5b1", "opacity": 0.55},
                "encoding": axes | ends | {"strokeWidth": size | {"scale": {"range": [0.6, 7]}}, "tooltip": _tips("pair", "articles")},
            },
            {
                "data": {"values": points},
                "mark": {"type": "circle", "opacity": 1},
                "encoding": axes
                | {
                    "size": size | {"scale": {"range": [80, 900]}},
                    "color": {"field": "kind", "type": "nominal", "scale": {"range": COLOURS}, "legend": {"title": None, "orient": "top"}},
                    "tooltip": _tips("entity", "articles"),
                },
            },
            {
                "data": {"values": points},
                "mark": {"type": "text", "dy": -16, "fontSize": 12},
                "encoding": axes | {"text": {"field": "entity"}},
            },
        ],
        "config": {"view": {"stroke": None}},
    }


def together(rows: Sequence[Row]) -> tuple[list[Node], dict[tuple[str, str], int]]:
    """The entities that are named most, and how many articles name each pair of them."""
    named: dict[str, set[str]] = defaultdict(set)
    about: dict[str, Row] = {}
    for row in rows:
        named[row["article_id"]].add(row["entity"])
        about[row["entity"]] = row
    counts = Counter(entity for entities in named.values() for entity in entities)
    chosen = [entity for entity, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_NODES]]
    pairs: Counter[tuple[str, str]] = Counter()
    for entities in named.values():
        present = sorted(entities & set(chosen))
        pairs.update((one, other) for place, one in enumerate(present) for other in present[place + 1 :])
    return [Node(entity, about[entity]["label"], about[entity]["kind"], counts[entity]) for entity in chosen], dict(sorted(pairs.items()))


def _named(rows: Sequence[Row]) -> list[str]:
    """The label of each row, with all but the most frequent entities as one."""
    most = {label for label, _ in Counter(row["label"] for row in rows).most_common(MOST_LINES)}
    return [row["label"] if row["label"] in most else OTHERS for row in rows]


def _colour(labels: Iterable[str]) -> Spec:
    counted = [label for label, _ in Counter(labels).most_common() if label != OTHERS]
    domain = [*counted, OTHERS]
    colours = [*(COLOURS[place % len(COLOURS)] for place in range(len(counted))), OTHERS_COLOUR]
    return {"field": "entity", "type": "nominal", "title": None, "scale": {"domain": domain, "range": colours}}


def _bin(day: date, *, weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if weekly else day


def _ends(one: tuple[float, float], other: tuple[float, float]) -> dict[str, float]:
    return {"x": one[0], "y": one[1], "x2": other[0], "y2": other[1]}


def _tips(*fields: str) -> list[Spec]:
    return [{"field": field} for field in fields]


def _spec(values: list[Spec], **more: Any) -> Spec:
    return {"$schema": SCHEMA, "width": "container", "data": {"values": values}, "config": {"view": {"stroke": None}}} | more
