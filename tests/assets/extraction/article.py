"""An article of our own making, for tests of what stands around one."""

from datetime import UTC, datetime

NOW = datetime(2024, 11, 1, tzinfo=UTC)
BODY = [
    "The port stands on the eastern shore of the sea, and ferries cross from here to the other side in about a day and a half.",
    "Grain, metals and oil products leave the country by this way. Containers from the east have joined them over the last years.",
    "The sea itself sets a limit. Its level has been falling for years, and ships can load less than what they were built for.",
    "Customs work is the second limit: a wagon that crosses three borders is inspected three times unless states agree on papers.",
    "A shared timetable for ferries and trains would help more than another berth, say those who wait for the wagons every day.",
    "None of this is beyond reach. It asks for patience more than for money, and for people who read the same form alike.",
]
