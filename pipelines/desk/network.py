"""Where the points of the co-mention network stand: springs along the lines, all points pushing each other away.

The same data gives always the same picture.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 200
GRAVITY = 0.6  # towards the middle, so that who is named alone does not drift away
Place = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """An entity with the articles that name it."""

    name: str
    label: str
    kind: str
    articles: int


def arrange(names: Sequence[str], pairs: Mapping[tuple[str, str], int]) -> dict[str, Place]:
    """A place in -1..1 for each name; who is often named together stands near. No chance in it: it begins on a circle."""
    if not names:
        return {}
    turn = 2 * math.pi / len(names)
    places = {name: (math.cos(turn * number), math.sin(turn * number)) for number, name in enumerate(names)}
    length = 1.2 / math.sqrt(len(names))
    for step in range(ROUNDS):
        reach = 0.12 * (1 - step / ROUNDS)
        places = {name: _moved(places[name], _force(name, places, pairs, length), reach) for name in names}
    return _spread(places)


def _force(name: str, places: Mapping[str, Place], pairs: Mapping[tuple[str, str], int], length: float) -> Place:
    x, y = places[name]
    fx = fy = 0.0
    for other, (ox, oy) in places.items():
        if other == name:
            continue
        dx, dy = x - ox, y - oy
        distance = max(math.hypot(dx, dy), 0.01)
        weight = pairs.get((name, other), 0) or pairs.get((other, name), 0)
        push = length**2 / distance - (distance**2 / length * (0.2 + 0.1 * math.log(weight)) if weight else 0)
        fx += dx / distance * push
        fy += dy / distance * push
    return fx - GRAVITY * x, fy - GRAVITY * y


def _moved(place: Place, force: Place, reach: float) -> Place:
    strength = math.hypot(*force)
    scale = min(reach, strength) / strength if strength else 0.0
    return place[0] + force[0] * scale, place[1] + force[1] * scale


def _spread(places: Mapping[str, Place]) -> dict[str, Place]:
    """Fill -1..1 in both directions, so that the labels have room."""
    bounds = [(min(values), max(values)) for values in zip(*places.values(), strict=True)]
    return {name: (_scaled(place[0], bounds[0]), _scaled(place[1], bounds[1])) for name, place in places.items()}


def _scaled(value: float, bound: tuple[float, float]) -> float:
    low, high = bound
    return round(2 * (value - low) / (high - low) - 1, 4) if high > low else 0.0
