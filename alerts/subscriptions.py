"""Subscriptions, read from YAML and checked against the watch list.

Here: the files' shape and every fault that a person can make in them. Not here: one subscription's own shape (watches.py), what a
rule means (rules.py), the store's rows (enrolment.py).

    subscribers:
      - id: desk
        address: desk@institute.example
        name: Central Asia desk
        language: en
        timezone: Europe/Berlin
        digest: {at: "07:00", weekday: monday, group_by: region}   # of digests; the times are those of the zone
        quiet: {from: "22:00", to: "07:00"}                        # nothing is sent in between
    subscriptions:
      - id: csto-central-asia
        subscriber: desk
        watch:
          all: [csto, [central-asia, afghanistan]]   # each of these; a list in the list is «any of»
          none: [olympics]
        within: paragraph                            # sentence, paragraph, or such as «30 words»
        languages: [ru, en]                          # or {none: [zh]}; likewise sources, countries, authors
        first_mention_in_days: 90                    # only what the source has not named for so long
        volume: {times: 3, hours: 24, median_of_days: 30}   # only when it is named so much more than usual
        frequency: daily                             # immediate (when nothing is said), hourly, daily or weekly
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from alerts.phrases import describe
from alerts.records import Subscriber, Subscription
from alerts.subscribers import ID, DigestShape, Location, Page, Shape, SubscriberShape, meant, subscriber_of
from alerts.watches import Known, Limits, SubscriptionShape, VolumeShape, Watch, rule_of
from warehouse.documents import Document
from warehouse.errors import ConfigError

__all__ = ["Faulty", "Survey", "describe", "load_subscriptions", "survey_subscriptions"]


class _File(Shape):
    """The parts are checked one by one, so that a fault in one does not hide the others."""

    version: Literal[1] = 1
    subscribers: tuple[Any, ...] = ()
    subscriptions: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Faulty:
    """Something that could not be read: why, and the subscription that it is known to be; None: it could be any."""

    error: ConfigError
    subscription_id: str | None = None
    is_subscriber: bool = False


@dataclass(frozen=True)
class Survey:
    """What could be read of the files, and what could not.

    Attributes:
        faults: those of files first, then those of subscribers, then those of subscriptions, each in the files' order.
    """

    subscriptions: tuple[Subscription, ...] = ()
    faults: tuple[Faulty, ...] = ()

    def may_hold(self, subscription_id: str) -> bool:
        """Whether a subscription that is not among those read may stand where there is a fault."""
        ids = {one.subscription_id for one in self.faults if not one.is_subscriber}
        return None in ids or subscription_id in ids


def load_subscriptions(
    paths: Sequence[Path],
    *,
    parents: Mapping[str, Sequence[str]],
    labels: Mapping[str, Mapping[str, str]] | None = None,
    sources: Collection[str] | None = None,
    default_channel: Literal["mail", "eml"] = "mail",
) -> tuple[Subscription, ...]:
    """Every subscription of the files, in their order; a subscriber may stand in another file than their subscriptions.

    Args:
        paths: YAML files.
        parents: every entity of the watch list, with the regions or groups that hold it.
        labels: names for people, by entity and language; an entity without one shows its id.
        sources: known source ids; None: any is taken.
        default_channel: for subscribers who name none.

    Raises ConfigError with the line of the first fault.
    """
    read = survey_subscriptions(paths, parents=parents, labels=labels, sources=sources, default_channel=default_channel)
    for faulty in read.faults:
        raise faulty.error
    return read.subscriptions


def survey_subscriptions(
    paths: Sequence[Path],
    *,
    parents: Mapping[str, Sequence[str]],
    labels: Mapping[str, Mapping[str, str]] | None = None,
    sources: Collection[str] | None = None,
    default_channel: Literal["mail", "eml"] = "mail",
) -> Survey:
    """As `load_subscriptions`, but a fault does not hide what stands beside it. Raises nothing for the files."""
    found = _Reading(Known(parents, labels or {}, sources), default_channel)
    for path in paths:
        found.open(path)
    for document, file in found.files:
        found.read_subscribers(document, file)
    for document, file in found.files:
        found.read_subscriptions(document, file)
    return found.result()


class _Reading:
    """Files, subscribers and subscriptions as far as they are read."""

    def __init__(self, known: Known, default_channel: str) -> None:
        self.known = known
        self.default_channel = default_channel
        self.files: list[tuple[Document, _File]] = []
        self.subscribers: dict[str, Subscriber] = {}
        self.found: dict[str, Subscription] = {}
        self.faults: list[Faulty] = []
        self.faulty_subscribers: set[str] = set()

    def open(self, path: Path) -> None:
        try:
            document = Document.read(path)
            _refuse_unknown_keys(document, _File, document.data, ())
            self.files.append((document, document.validate(_File)))
        except ConfigError as fault:
            self.faults.append(Faulty(fault))

    def read_subscribers(self, document: Document, file: _File) -> None:
        for number, raw in enumerate(file.subscribers):
            page = Page(document, ("subscribers", number))
            try:
                given = _shaped(page, SubscriberShape, raw)
                if given.id in self.subscribers:
                    raise page.fault(f"the subscriber {given.id!r} stands twice", "id", hint="give one of them another id")
                self.subscribers[given.id] = subscriber_of(given, self.default_channel, page)
            except ConfigError as fault:
                self.faults.append(Faulty(fault, is_subscriber=True))
                self.faulty_subscribers.add(_id(raw) or "")

    def read_subscriptions(self, document: Document, file: _File) -> None:
        for number, raw in enumerate(file.subscriptions):
            page = Page(document, ("subscriptions", number))
            try:
                one = self._subscription(_shaped(page, SubscriptionShape, raw), page)
                self.found[one.id] = one
            except ConfigError as fault:
                self.faults.append(Faulty(fault, _id(raw)))

    def _subscription(self, given: SubscriptionShape, page: Page) -> Subscription:
        if given.id in self.found:
            raise page.fault(f"the subscription {given.id!r} stands twice", "id", hint="give one of them another id")
        if given.subscriber in self.faulty_subscribers:
            raise page.fault(f"{given.id}: its subscriber {given.subscriber} has a fault", "subscriber", hint="mend the subscriber")
        if given.subscriber not in self.subscribers:
            fault = f"{given.id}: no such subscriber: {given.subscriber}"
            raise page.fault(fault, "subscriber", hint=meant(given.subscriber, self.subscribers))
        subscriber = self.subscribers[given.subscriber]
        rule = rule_of(given, page, self.known, subscriber.language)
        return Subscription(given.id, subscriber, rule, describe(rule, subscriber.language), given.active, frequency=given.frequency)

    def result(self) -> Survey:
        """Of two with one id neither is taken: which of them is meant cannot be known."""
        faulty = {one.subscription_id for one in self.faults}
        return Survey(tuple(one for one in self.found.values() if one.id not in faulty), tuple(self.faults))


def _id(raw: Any) -> str | None:
    """The id of an entry that has a fault; None where that is the fault."""
    given = raw.get("id") if isinstance(raw, dict) else None
    return given if isinstance(given, str) and ID.fullmatch(given) else None


Part = TypeVar("Part", bound=BaseModel)


def _shaped(page: Page, shape: type[Part], raw: Any) -> Part:
    _refuse_unknown_keys(page.document, shape, raw, page.place)
    return page.document.validate(shape, at=page.place)


def _refuse_unknown_keys(document: Document, shape: type[BaseModel], data: Any, place: Location) -> None:
    """Before anything else, because «did you mean» helps more than «extra inputs are not permitted»."""
    inner: dict[str, type[BaseModel]] = {"watch": Watch, "sources": Limits}
    inner |= {"countries": Limits, "languages": Limits, "authors": Limits, "volume": VolumeShape, "digest": DigestShape}
    for key, value in data.items() if isinstance(data, dict) else ():
        if key not in shape.model_fields:
            raise document.fault(f"unknown key: {key}", (*place, key), hint=meant(str(key), shape.model_fields))
        below = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, item in below:
            if key in inner:
                _refuse_unknown_keys(document, inner[key], item, (*place, key, *([] if number is None else [number])))
