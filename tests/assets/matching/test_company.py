import random

import pytest

from assets.matching.company import NOBODY, Company


@pytest.mark.parametrize("seed", range(20))
def test_ranking_gives_what_looking_at_each_place_gives(seed):
    chance = random.Random(seed)
    places = [(start, start + chance.randint(1, 9), f"p{start}") for start in (chance.randint(0, 60) for _ in range(chance.randint(0, 12)))]
    company = Company(places)
    for start in range(60):
        end = start + chance.randint(1, 5)
        covered = any(left <= start and end <= right for left, right, _ in places)
        near = any(max(left - end, start - right, 0) <= 7 for left, right, _ in places)
        assert bool(company.covering(start, end)) is covered
        assert company.within(start, end, 7) is near


def test_nobody_covers_and_nobody_is_near():
    assert NOBODY.covering(0, 1) == ""
    assert not NOBODY.within(0, 1, 1000)


def test_a_covering_place_gives_its_name():
    assert Company([(0, 9, "wide"), (2, 4, "narrow")]).covering(3, 8) == "wide"
