"""End to end through Debian's Postfix and OpenDKIM on loopback: out, signed, into a maildir, and back as a bounce."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial

import pytest
from click.testing import CliRunner

from alerts.bounces import return_path
from alerts.parcels import Digest
from alerts.rehearsal import digest_of
from alerts.render import render
from alerts.tokens import Signer
from alerts.transports import Smtp
from bench import imap
from bench.mails import LIMIT
from bench.relay import HOUSE, Relay, missing, running
from pipelines.cli import thinkwatch
from warehouse.database import Warehouse

pytestmark = pytest.mark.skipif(bool(missing()), reason=str(missing()))

KEY = "a key of the tests that is long enough"
LONGEST_LINE = 998  # RFC 5321, without the line's end
RUSSIAN = "Саммит ОДКБ прошёл в Душанбе. Секретариат ОДКБ объявил об учениях «Рубеж» — весной. Ёлки, щука, съезд, №7."
ARABIC = "عقدت منظمة CSTO قمتها في دوشنبه. وقال الأمين العام إن CSTO ستجري تدريبات في الربيع؛ ولم يُدعَ أحد."
STRANGE = f"The CSTO met. {'word' * 2_000} <b>not bold</b>\n.\n..\nFrom here on, the CSTO rests. 会議 🙂"
MIXED = [("en", "alert"), ("ru", "digest")]
CASES = {"ru": ("Саммит ОДКБ", RUSSIAN), "ar": ("قمة CSTO", ARABIC), "en": (f"CSTO 🙂 {'é' * 400}", STRANGE)}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    readers = [f"{language}-{kind}" for language in CASES for kind in ("alert", "digest")]
    with running(("anna", "clara", *readers, *(f"{language}-{kind}-mixed" for language, kind in MIXED))) as servers:
        yield servers


@pytest.fixture
def desk(newsroom, tmp_path, monkeypatch):
    """A newsroom as an installation of its own, whose links and return paths are signed."""
    (tmp_path / "thinkwatch.toml").write_text('data = "store"\n')
    monkeypatch.setenv("THINKWATCH_MAIL__TOKEN_KEYS", KEY)
    path = newsroom.warehouse.path.rename(newsroom.warehouse.path.with_name("warehouse.duckdb"))
    newsroom.warehouse = Warehouse(path, threads=1, lock_seconds=5)
    newsroom.settings = replace(newsroom.settings, base_url=f"https://alerts.{HOUSE}", signer=Signer([KEY]))
    return newsroom


def way_out(relay: Relay) -> Smtp:
    envelope = partial(return_path, Signer([KEY]), f"bounces@{HOUSE}")
    return Smtp("127.0.0.1", relay.port, timeout=10, hello=HOUSE, envelope=envelope)


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def said(mail: EmailMessage) -> list[str]:
    """The subject and what both parts say."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    return [str(mail["Subject"]), *(part.get_content().replace("\r\n", "\n") for part in parts)]


@pytest.mark.fault("E98")
@pytest.mark.parametrize("language", CASES)
@pytest.mark.parametrize("kind", ["alert", "digest"])
def test_e98_every_script_arrives_as_it_was_sent_and_the_signature_holds(desk, relay, language, kind):
    title, text = CASES[language]
    names = {"ОДКБ": ("csto", "acronym"), "CSTO": ("csto", "acronym")}
    candidate = desk.candidate(title=title, text=text, language=language, mentions=desk.mentions(title, text, names))
    reader = desk.subscriber(f"{language}-{kind}", language="ru" if language == "ru" else "en")
    letter = parcel = desk.parcel(candidate, desk.subscription("csto", subscriber=reader))
    if kind == "digest":
        letter = Digest(
            "f" * 20, reader.id, "mail", reader.address, "<x@t.example>", 1, False, desk.now, "daily", None, False, (parcel,) * 2
        )
    mail = render(letter, desk.settings)
    transport = way_out(relay)
    assert transport.send(letter, mail).kind == "sent"
    transport.close()

    (content,) = relay.await_mails(reader.id, 1)
    assert said(parsed(content)) == said(parsed(mail.as_bytes()))
    assert text.split(".")[0] in said(parsed(content))[1].replace("*", "")
    assert max(map(len, content.splitlines())) <= LONGEST_LINE
    assert relay.signature_holds(content)


@pytest.mark.fault("E103")
@pytest.mark.parametrize("header", ["List-Unsubscribe: ", "List-Unsubscribe-Post: ", "Subject: ", "List-Id: "])
def test_e103_the_way_out_is_covered_by_the_signature(desk, relay, header):
    transport, letter = way_out(relay), desk.parcel(subscription=desk.subscription("csto", subscriber="clara"))
    assert transport.send(letter, render(letter, desk.settings)).kind == "sent"
    transport.close()
    content = relay.await_mails("clara", 1)[0]
    assert relay.signature_holds(content)
    assert f"\n{header}".encode() in content
    assert not relay.signature_holds(content.replace(f"\n{header}".encode(), f"\n{header}x".encode(), 1))


def reports(relay) -> int:
    """How many bounces have come back to the house."""
    return len(list((relay.maildir("bounces") / "new").glob("*")))


def reports_on(relay, address: bytes, before: int) -> list[bytes]:
    """Those that name an address, once there is one more than before."""
    return [report for report in relay.await_mails("bounces", before + 1) if address in report]


def read_bounces(folder, place) -> dict:
    """The only report that the command finds."""
    command = ["--config", str(folder / "thinkwatch.toml"), "bounces", str(place), "--json"]
    done = CliRunner().invoke(thinkwatch, command, standalone_mode=False)
    assert done.exception is None
    return json.loads(done.stdout)


@pytest.mark.fault("E93")
def test_e93_a_real_bounce_comes_back_and_suppresses_the_address(desk, relay, tmp_path):
    readers = [desk.subscription("csto", id=name, subscriber=name) for name in ("anna", "gone")]
    desk.put(desk.candidate())
    assert desk.decide(*readers) == 2
    before = reports(relay)
    assert [one.state for one in desk.deliver(mail=way_out(relay))] == ["sent", "sent"]
    assert parsed(relay.await_mails("anna", 1)[0])["To"] == "Anna <anna@institute.example>"
    (report,) = reports_on(relay, b"gone@", before)
    assert parsed(report)["Subject"] == "Undelivered Mail Returned to Sender"

    row = read_bounces(tmp_path, relay.maildir("bounces"))
    assert (row["kind"], row["address"], row["suppressed"]) == ("hard", "gone@institute.example", True)
    assert row["words"].startswith("smtp; 550 5.1.1 <gone@institute.example>: Recipient address rejected")

    desk.put(desk.candidate("a2", title="The CSTO again"))
    assert desk.decide(*readers) == 2
    desk.deliver(mail=way_out(relay))
    assert desk.rows(
        "SELECT subscriber_id, state FROM deliveries WHERE created_at = (SELECT max(created_at) FROM deliveries) ORDER BY ALL"
    ) == [
        ("anna", "sent"),
        ("anna", "sent"),
        ("gone", "sent"),
        ("gone", "suppressed"),
    ]
    assert len(relay.await_mails("anna", 2)) == 2
    assert reports(relay) == before + 1


@pytest.mark.fault("E103")
@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="no SpamAssassin on this machine; CI installs Debian's")
@pytest.mark.parametrize(("language", "kind"), MIXED)
def test_e103_mail_that_quotes_another_script_is_no_spam_where_it_arrives(desk, relay, language, kind):
    # An English mail of a Russian article and the reverse: SpamAssassin takes the mixture of letters for a disguise (MIXED_ES, 1.0).
    # What remains is below the limit, with the signature that any relay must put on, and a subject that is not all capitals.
    reader = desk.subscriber(f"{language}-{kind}-mixed", language=language)
    russian = desk.mentions("Где стоит двести первая", RUSSIAN, {"ОДКБ": ("csto", "acronym")})
    article = desk.candidate(title="Где стоит двести первая", text=RUSSIAN, language="ru", source_name="Повтор", mentions=russian)
    labels = {"csto": "ОДКБ" if language == "ru" else "CSTO"}
    written = {"queued_at": datetime.now(UTC), "created_at": datetime.now(UTC)}
    parcel = desk.parcel(article if language == "en" else None, desk.subscription("csto", subscriber=reader, labels=labels), **written)
    letter = parcel if kind == "alert" else digest_of([parcel] * 3, "daily", written["queued_at"])
    transport = way_out(relay)
    assert transport.send(letter, render(letter, desk.settings)).kind == "sent"
    transport.close()
    score, tests = relay.spam_tests(relay.await_mails(reader.id, 1)[0])
    assert {"DKIM_VALID_AU", "DKIM_VALID_EF"} <= tests
    assert score < LIMIT


@pytest.mark.fault("E93")
@pytest.mark.skipif(bool(imap.missing()), reason=str(imap.missing()))
def test_e93_a_bounce_is_read_from_an_imap_folder_too(desk, relay, tmp_path, monkeypatch):
    desk.put(desk.candidate())
    desk.decide(desk.subscription("csto", subscriber="lost"))
    before = reports(relay)
    desk.deliver(mail=way_out(relay))
    (report,) = reports_on(relay, b"lost@", before)
    monkeypatch.setenv("THINKWATCH_MAIL__BOUNCES_PASSWORD", imap.PASSWORD)
    with imap.running() as server:
        server.put(report)
        row = read_bounces(tmp_path, f"imap://{imap.USER.replace('@', '%40')}@127.0.0.1:{server.port}/INBOX")
    assert (row["address"], row["suppressed"]) == ("lost@institute.example", True)
