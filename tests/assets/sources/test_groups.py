"""Sources shared out among runs: each to one run, the same one everywhere."""

import pytest

from assets.sources.groups import members, names
from warehouse.errors import ConfigError

SOURCES = [f"source-{number}" for number in range(100)]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_source_is_in_one_group_whatever_the_order_of_the_files(count):
    groups = [members(name, SOURCES) for name in names(count)]
    assert sorted(source for group in groups for source in group) == sorted(SOURCES)
    assert all(groups)
    assert groups == [members(name, [*reversed(SOURCES), *SOURCES]) for name in names(count)]


def test_a_source_that_comes_or_goes_moves_no_other():
    assert set(members("1/3", SOURCES[1:])) == set(members("1/3", SOURCES)) - {SOURCES[0]}


@pytest.mark.parametrize("wrong", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", ""])
def test_another_form_is_refused_and_the_right_one_shown(wrong):
    with pytest.raises(ConfigError) as refusal:
        members(wrong, SOURCES)
    assert "2/4" in refusal.value.hint
