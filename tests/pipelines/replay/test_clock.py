from datetime import UTC, datetime, timedelta

import pytest

from pipelines.replay.clock import LAST_TICK, TICKS, tick_of, tick_time


def test_the_fortnight_has_fifteen_daily_ticks():
    assert len(TICKS) == 15
    assert tick_time(0) == datetime(2021, 9, 15, 18, tzinfo=UTC)
    assert tick_time(LAST_TICK) == datetime(2021, 9, 29, 18, tzinfo=UTC)


@pytest.mark.parametrize("tick", [-1, 15])
def test_there_is_no_tick_outside_it(tick):
    with pytest.raises(ValueError, match="not one of"):
        tick_time(tick)


@pytest.mark.parametrize("tick", range(1, 15))
def test_what_is_published_at_a_tick_is_out_then_and_a_second_later_at_the_next(tick):
    assert tick_of(tick_time(tick)) == tick
    assert tick_of(tick_time(tick) + timedelta(seconds=1)) == tick + 1


def test_what_was_published_before_the_replay_is_out_from_the_start():
    assert tick_of(datetime(2020, 1, 1, tzinfo=UTC)) == 0
