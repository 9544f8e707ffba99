"""Subscribers as the files describe them, checked, and what reading them shares with reading subscriptions.

Not here: the subscriptions (subscriptions.py).
"""

import re
from collections.abc import Iterable
from datetime import time
from difflib import get_close_matches
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from alerts.records import Subscriber
from warehouse.documents import Document
from warehouse.errors import ConfigError


def _clock(value: object) -> object:
    """YAML reads an unquoted 22:00 as the number 1320."""
    return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value


ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
Id = Annotated[str, StringConstraints(pattern=f"^{ID.pattern}$")]
Clock = Annotated[str, BeforeValidator(_clock), StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Location = tuple[int | str, ...]
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]+"
)
LONGEST_ADDRESS = 254
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Shape(BaseModel):
    """A part of a file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestShape(Shape):
    """When and how a subscriber gets digests."""

    at: Clock = "07:00"
    weekday: Weekday = "monday"
    group_by: Literal["story", "region"] = "story"


class QuietShape(Shape):
    """The hours in which nothing is sent."""

    start: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]


class SubscriberShape(Shape):
    """One subscriber."""

    id: Id
    address: str | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    language: Literal["en", "ru"] = "en"
    timezone: str = "UTC"
    channel: Literal["mail", "eml", "webhook"] | None = None
    digest: DigestShape = DigestShape()
    quiet: QuietShape | None = None


class Page:
    """One entry's place in its file, for faults that name their line."""

    def __init__(self, document: Document, place: Location) -> None:
        self.document = document
        self.place = place

    def fault(self, message: str, *location: int | str, hint: str = "") -> ConfigError:
        """A fault at a place below this one."""
        return self.document.fault(message, (*self.place, *location), hint=hint)


def subscriber_of(given: SubscriberShape, default_channel: str, page: Page) -> Subscriber:
    """The subscriber of a checked shape. Raises ConfigError with the line of the first fault."""
    channel = given.channel or default_channel
    _check_address(given, channel, page)
    try:
        ZoneInfo(given.timezone)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise page.fault(f"no such time zone: {given.timezone}", "timezone", hint="such as Europe/Berlin") from fault
    return _subscriber(given, channel, page)


def _subscriber(given: SubscriberShape, channel: str, page: Page) -> Subscriber:
    quiet = (time.fromisoformat(given.quiet.start), time.fromisoformat(given.quiet.end)) if given.quiet else None
    if quiet and quiet[0] == quiet[1]:
        raise page.fault("quiet: the hours end when they begin", "quiet", hint='such as {from: "22:00", to: "07:00"}')
    return Subscriber(
        id=given.id,
        name=given.name,
        address=given.address,
        language=given.language,
        timezone=given.timezone,
        channel=channel,
        digest_at=time.fromisoformat(given.digest.at),
        digest_weekday=get_args(Weekday).index(given.digest.weekday),
        quiet=quiet,
        group_by=given.digest.group_by,
    )


def _check_address(given: SubscriberShape, channel: str, page: Page) -> None:
    if channel == "webhook":
        _check_web_address(given, page)
    elif given.address is None:
        if channel == "mail":
            raise page.fault(f"{given.id}: mail needs an address", hint="add: address: name@host.example")
    elif len(given.address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(given.address):
        hint = "only the bare ASCII address, such as name@host.example; a domain of other letters in its xn-- form"
        raise page.fault(f"{given.id}: not a mail address: {given.address!r}", "address", hint=hint)


def _check_web_address(given: SubscriberShape, page: Page) -> None:
    hint = "such as address: https://desk.example/hooks/thinkwatch"
    if given.address is None:
        raise page.fault(f"{given.id}: a webhook needs an address", hint=f"add one, {hint}")
    try:
        parts = urlsplit(given.address)
    except ValueError as fault:
        raise page.fault(f"{given.id}: no address: {given.address!r}", "address", hint=hint) from fault
    if parts.hostname in LOOPBACK:
        fault = f"{given.id}: {given.address!r} is on this machine, and we post only to public addresses"
        raise page.fault(fault, "address", hint=f"let a proxy show it, {hint}; or read the eml folder or the Atom feed on this machine")
    if parts.scheme != "https":
        raise page.fault(f"{given.id}: not an https address: {given.address!r}", "address", hint=hint)


def meant(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: those that are close to it, else some that are known."""
    close = get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(sorted(known)[:12])}"
