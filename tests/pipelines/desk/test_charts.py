"""What the desk draws, before a browser draws it."""

from datetime import date, timedelta

from pipelines.desk.charts import OTHERS, bars, network, timeline, together
from pipelines.desk.network import arrange

DAY = date(2021, 9, 6)


def row(entity, article, day=0, kind="region"):
    return {"entity": entity, "label": entity.title(), "kind": kind, "article_id": article, "day": DAY + timedelta(days=day), "mentions": 1}


def test_a_short_time_is_drawn_by_day_and_a_long_one_by_week():
    short = timeline([row("nato", "a"), row("nato", "b", 1), row("un", "b", 1)])
    assert [(one["day"], one["entity"], one["articles"]) for one in short["data"]["values"]] == [
        ("2021-09-06", "Nato", 1),
        ("2021-09-07", "Nato", 1),
        ("2021-09-07", "Un", 1),
    ]
    long = timeline([row("nato", "a", 2), row("nato", "b", 200)])
    assert [one["day"] for one in long["data"]["values"]] == ["2021-09-06", "2022-03-21"]


def test_beyond_eight_the_others_are_one_colour_and_none_is_lost():
    rows = [row(f"e{number}", f"a{number}-{again}") for number in range(12) for again in range(12 - number)]
    values = timeline(rows)["data"]["values"]
    assert sum(one["articles"] for one in values) == len(rows)
    assert sum(one["articles"] for one in values if one["entity"] == OTHERS) == 4 + 3 + 2 + 1


def test_bars_count_articles_once_and_only_of_their_kind():
    rows = [row("nato", "a", kind="organisation"), row("china", "a"), row("china", "b"), row("china", "b"), row("iran", "b")]
    assert [(one["entity"], one["articles"]) for one in bars(rows, "region")["data"]["values"]] == [("China", 2), ("Iran", 1)]


def test_pairs_are_articles_that_name_both():
    nodes, pairs = together([row("csto", "a"), row("nato", "a"), row("nato", "b"), row("csto", "c"), row("nato", "c")])
    assert [(node.name, node.articles) for node in nodes] == [("nato", 3), ("csto", 2)]
    assert pairs == {("csto", "nato"): 2}


def test_who_is_named_together_stands_nearer_and_the_picture_is_always_the_same():
    names = [f"n{number}" for number in range(10)]
    pairs = {("n0", "n5"): 8}
    places = arrange(names, pairs)
    assert places == arrange(names, pairs)

    def apart(one, other):
        return sum((a - b) ** 2 for a, b in zip(places[one], places[other], strict=True))

    assert apart("n0", "n5") < min(apart("n0", other) for other in names if other not in {"n0", "n5"})
    assert all(-1 <= value <= 1 for place in places.values() for value in place)


def test_nothing_and_a_single_name_can_be_drawn():
    assert arrange([], {}) == {}
    assert arrange(["one"], {}) == {"one": (0.0, 0.0)}
    assert network([row("nato", "a")])["layer"][0]["data"]["values"] == []
