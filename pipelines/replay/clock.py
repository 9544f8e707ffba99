"""The replay's own time: fifteen daily ticks of September 2021. Nothing here reads the machine's clock."""

from datetime import UTC, datetime, timedelta

START = datetime(2021, 9, 15, 18, 0, tzinfo=UTC)
STEP = timedelta(days=1)
LAST_TICK = 14
TICKS = range(LAST_TICK + 1)


def tick_time(tick: int) -> datetime:
    """The moment (UTC) of a tick: 0 is 15 September 2021, 18:00, 14 is the 29th. Raises ValueError outside 0..14."""
    if tick not in TICKS:
        raise ValueError(f"tick {tick} is not one of 0..{LAST_TICK}")
    return START + tick * STEP


def tick_of(moment: datetime) -> int:
    """The first tick at which something published at `moment` is on the site: 0 for all that came before the replay starts."""
    days, rest = divmod(moment - START, STEP)
    return max(0, days + bool(rest))
