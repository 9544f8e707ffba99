"""A newsroom for the tests of this room: articles whose mentions are found by plain search, stored in a real DuckDB file."""

import re
import shutil
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from ssl import SSLContext

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from alerts.assembly import assemble
from alerts.candidates import Candidate, Mention, read_candidates
from alerts.enrolment import enrol
from alerts.outbox import deliver, journal_of
from alerts.parcels import Asked, Parcel
from alerts.phrases import describe
from alerts.queueing import hold_floods, queue, read_history, read_withdrawals
from alerts.records import Rule, Subscriber, Subscription
from alerts.render import MailSettings, render
from alerts.select import decide
from alerts.transports import Smtp
from warehouse import generation
from warehouse.database import Warehouse
from warehouse.ids import hashed

NOW = datetime(2021, 9, 19, 12, 0, tzinfo=UTC)
NAMES = {
    "CSTO": ("csto", "acronym"),
    "NATO": ("nato", "acronym"),
    "Dushanbe": ("tajikistan", "name"),
    "Tajikistan": ("tajikistan", "name"),
    "Kyrgyzstan": ("kyrgyzstan", "name"),
    "Central Asia": ("central-asia", "name"),
    "Afghan": ("afghanistan", "demonym"),
    "Afghanistan": ("afghanistan", "name"),
    "ОДКБ": ("csto", "acronym"),
    "Таджикистана": ("tajikistan", "name"),
}
REACH = {"central-asia": ("central-asia", "tajikistan", "kyrgyzstan")}
LABELS = {"csto": "CSTO", "nato": "NATO", "central-asia": "Central Asia"}
TITLE = "Summit in Dushanbe: what was agreed"
TEXT = (
    "MOSCOW, 19 September. The council met on Thursday. The CSTO will hold exercises in Tajikistan next month. Nobody was surprised.\n\n"
    "NATO said nothing. Afghan refugees were not discussed.\n\nThe CSTO secretary closed the meeting."
)


class Newsroom:
    """Builds candidates, keeps them in a store, and runs the room over them."""

    now = NOW
    settings = MailSettings("alerts@thinkwatch.example", "Thinkwatch", "thinkwatch.example", "stop@thinkwatch.example")

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def mentions(self, title: str, text: str, names: dict = NAMES, revision: str = "") -> tuple[Mention, ...]:
        """Every name in `names`: written form → (entity, via)."""
        found = []
        for field, whole in (("title", title), ("text", text)):
            for name, (entity, via) in names.items():
                for match in re.finditer(rf"\b{re.escape(name)}\b", whole):
                    start, end = sentence(whole, match.start())
                    zone = "title" if field == "title" else "body"
                    key = hashed(revision, entity, field, str(match.start()))
                    found.append(
                        Mention(key, entity, field, zone, match.start(), match.end(), match[0], name, via, start, end, alerting=True)
                    )
        return tuple(sorted(found, key=lambda one: (one.field != "title", one.start)))

    def candidate(self, article_id: str = "a1", *, title: str = TITLE, text: str = TEXT, names: dict = NAMES, **changes) -> Candidate:
        """A new article, matched now."""
        revision_no = changes.pop("revision_no", 1)
        given = {
            "article_id": article_id,
            "revision_id": f"{article_id}r{revision_no}",
            "revision_no": revision_no,
            "change_kind": "new" if revision_no == 1 else "edited",
            "story_id": f"s-{article_id}",
            "source_id": "russtrat",
            "source_name": "RUSSTRAT",
            "country": "RU",
            "language": "en",
            "title": title,
            "text": text,
            "url": f"https://russtrat.example/{article_id}?a=1&b=2",
            "published_at": datetime(2021, 9, 19, 9, 30, tzinfo=UTC),
            "published_quality": "exact",
            "first_seen_at": NOW,
            "baseline": False,
            "matched_at": NOW,
            "watchlist_hash": "0123456789abcdef",
            "mentions": self.mentions(title, text, names, f"{article_id}r{revision_no}"),
        }
        return Candidate(**(given | changes))

    def subscriber(self, name: str = "desk", **changes) -> Subscriber:
        given = {"name": name.title(), "address": f"{name}@institute.example", "language": "en", "timezone": "UTC", "channel": "mail"}
        return Subscriber(id=name, **(given | changes))

    def subscription(self, *groups: str, id: str = "watch", subscriber: Subscriber | str = "desk", **changes) -> Subscription:  # noqa: A002
        """A subscription that alerts since long; each group is written «csto|nato»."""
        who = self.subscriber(subscriber) if isinstance(subscriber, str) else subscriber
        state = {key: changes.pop(key) for key in ("active", "added_at", "frequency", "paused_until") if key in changes}
        rule = Rule(**({"groups": tuple(tuple(group.split("|")) for group in groups), "reach": REACH, "labels": LABELS} | changes))
        since = {"added_at": datetime(2021, 1, 1, tzinfo=UTC)} | state
        return Subscription(id, who, rule, describe(rule, who.language), **since)

    def parcel(self, candidate: Candidate | None = None, subscription: Subscription | None = None, **changes) -> Parcel:
        """The delivery of an alert on this candidate, as the outbox hands it to the renderer."""
        candidate = candidate or self.candidate()
        subscription = subscription or self.subscription("csto", "central-asia", within="sentence")
        (alert,) = decide([candidate], [subscription], [], NOW).alerts
        who, rule = subscription.subscriber, subscription.rule
        labels = dict(rule.labels)
        given = {key: value for key, value in vars(candidate).items() if key in Parcel.__dataclass_fields__}
        given |= {"delivery_id": "fedcba9876543210fedc", "alert_id": "0123456789abcdef0123", "subscription_id": subscription.id}
        given |= {"subscriber_id": who.id, "subscriber_name": who.name, "channel": who.channel, "address": who.address}
        given |= {"language": who.language, "timezone": who.timezone, "message_id": "<fedcba9876543210fedc@thinkwatch.example>"}
        given |= {"attempts": 1, "maybe_duplicate": False, "queued_at": NOW, "created_at": NOW, "withdrawn_at": None}
        given |= {"entities": alert.entities, "asked": (Asked(subscription.id, subscription.words, labels),)}
        given |= {"mentions": tuple(one for one in candidate.mentions if one.entity in alert.entities)}
        given |= {"cause": frozenset(alert.mention_ids), "article_language": candidate.language}
        return Parcel(**(given | changes))

    def put(self, *candidates: Candidate) -> None:
        """Store articles as the steps before leave them: matched, not decided."""
        with self.warehouse.transaction() as transaction:
            for one in candidates:
                self._put(transaction, one)

    def _put(self, transaction, one: Candidate) -> None:
        source = {"source_id": one.source_id, "name": one.source_name, "country": one.country, "enabled": True, "added_at": NOW}
        transaction.merge("sources", [source], key=["source_id"])
        article = {
            key: getattr(one, key) for key in ("article_id", "revision_id", "source_id", "story_id", "url", "title", "text", "language")
        }
        article |= {key: getattr(one, key) for key in ("published_at", "published_quality", "first_seen_at", "baseline")}
        article |= {"authors": list(one.authors)}
        transaction.merge("articles", [article | {"text_source": "page", "changed_at": NOW}], key=["article_id"])
        revision = {
            key: getattr(one, key) for key in ("revision_id", "article_id", "revision_no", "change_kind", "title", "text", "language")
        }
        revision |= {"seen_from": one.matched_at, "text_hash": hashed(one.text), "text_source": "page", "extractor": "zones/1"}
        transaction.merge("revisions", [revision], key=["revision_id"])
        matched = {"revision_id": one.revision_id, "watchlist_hash": one.watchlist_hash, "matched_at": one.matched_at}
        transaction.merge("ops.matched", [matched], key=["revision_id", "watchlist_hash"])
        transaction.merge("mentions", [self._mention(one, mention) for mention in one.mentions], key=["mention_id"])

    def _mention(self, one: Candidate, mention: Mention) -> dict:
        row = {key: getattr(mention, key) for key in ("mention_id", "entity", "field", "zone", "matched", "name", "via")}
        row |= {key: getattr(mention, key) for key in ("sentence_start", "sentence_end", "alerting")}
        titled = {mention.entity for mention in one.mentions if mention.field == "title"}
        row |= {
            "score": 0.8 if mention.entity in titled else 0.2,
            "start_char": mention.start,
            "end_char": mention.end,
            "watchlist_hash": one.watchlist_hash,
        }
        return row | {"article_id": one.article_id, "revision_id": one.revision_id}

    def decide(self, *subscriptions: Subscription, now: datetime = NOW) -> int:
        """Enrol, decide and queue in one transaction, as the alerts step does; the number of alerts."""
        with self.warehouse.transaction() as transaction:
            enrolled = enrol(transaction, subscriptions, now)
            candidates = [replace(one, matched_at=now) for one in read_candidates(transaction)]
            told = read_history(transaction, candidates)
            held = hold_floods(transaction, candidates, now)
            return queue(transaction, decide(candidates, enrolled, told, now, held=held), now, domain="thinkwatch.example")

    def withdraw(self, *subscriptions: Subscription) -> int:
        """Tell of pages that are gone, as the alerts step does."""
        with self.warehouse.transaction() as transaction:
            enrolled = enrol(transaction, subscriptions, self.now)
            return queue(transaction, read_withdrawals(transaction, enrolled, self.now), self.now, domain="thinkwatch.example")

    def deliver(self, *, now: datetime = NOW, **transports):
        """What the deliveries step does: digests are put together, then one round of the sender."""
        with self.warehouse.transaction() as transaction:
            assemble(transaction, now, domain="thinkwatch.example", told=journal_of(self.warehouse).told)
        return deliver(self.warehouse, transports, partial(render, settings=self.settings), now)

    def put_back(self, backup) -> None:
        """An earlier copy of the store in its place, by hand; who does that must say so by deleting what knows better."""
        shutil.copy(backup, self.warehouse.path)
        generation.path(self.warehouse.path).unlink(missing_ok=True)

    def rows(self, sql: str) -> list[tuple]:
        """What a query finds in the store."""
        with self.warehouse.transaction() as transaction:
            return transaction.connection.execute(sql).fetchall()


@lru_cache(maxsize=4)
def sentence_ends(text: str) -> list[tuple[int, int]]:
    """Where each sentence ends and the next one begins."""
    return [(found.start() + len(found[0].rstrip()), found.end()) for found in re.finditer(r"(?<=[.!?])[»\"]*\s+|\n+", text)]


def sentence(text: str, place: int) -> tuple[int, int]:
    """The sentence around a place."""
    breaks = [(0, 0), *sentence_ends(text), (len(text), len(text))]
    number = bisect_right(breaks, place, key=lambda one: one[1]) - 1
    return breaks[number][1], breaks[number + 1][0]


@pytest.fixture
def newsroom(empty_store, tmp_path) -> Newsroom:
    path = tmp_path / "store" / "private.duckdb"
    path.parent.mkdir()
    shutil.copyfile(empty_store, path)
    return Newsroom(Warehouse(path, threads=1, lock_seconds=5))


@pytest.fixture
def newsroom_desk(tmp_path) -> Newsroom:
    """A newsroom for pure decisions: it has no store."""
    return Newsroom(Warehouse(tmp_path / "none.duckdb"))


class PostOffice(Controller):
    """A real SMTP server on loopback that keeps what it accepted and fails as told.

    `refuse` maps a step (MAIL, RCPT or DOT) and an address to what is answered there; "drop" cuts the line.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.refuse: dict[tuple[str, str], str] = {}
        self.sessions = 0
        self.most_per_session: int | None = None
        self.starttls: SSLContext | None = None
        self.password: str | None = None
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
        self.sessions = 0

    def factory(self):
        self.sessions += 1
        offers = {"tls_context": self.starttls} if self.starttls else {}
        if self.password:
            offers |= {"authenticator": self._check, "auth_require_tls": False}
        return SMTP(self, hostname="relay.example", enable_SMTPUTF8=False, **offers)

    def _check(self, *conversation) -> AuthResult:
        return AuthResult(success=conversation[-1].password.decode() == self.password, handled=False)

    async def handle_MAIL(self, server, session: Session, envelope: Envelope, address: str, _options: list) -> str:  # noqa: N802 - aiosmtpd's names
        session.mails = getattr(session, "mails", 0) + 1
        if self.most_per_session and session.mails > self.most_per_session:
            server.transport.close()
            return "421 4.7.0 enough for this session"
        if answer := self.refuse.get(("MAIL", address)):
            return answer
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _server, _session, envelope, address: str, _options: list) -> str:  # noqa: N802
        if answer := self.refuse.get(("RCPT", address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, _session, envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        answer = self.refuse.get(("DOT", address), "")
        if not answer.startswith(("4", "5")):
            self.mails.append((address, envelope.content))
        if answer == "drop":
            server.transport.close()
        return answer if answer and answer != "drop" else f"250 2.0.0 Ok: queued as Q{len(self.mails)}"

    def smtp(self) -> Smtp:
        return Smtp("127.0.0.1", self.port, timeout=10, hello="thinkwatch.example")


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.stop()
