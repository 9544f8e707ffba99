"""The ways out, against a real server and a real folder."""

import ssl
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

import pytest

from alerts.render import render
from alerts.transports import EmlFolder, Smtp
from warehouse.errors import ConfigError

ADDRESS = "desk@institute.example"


@pytest.fixture
def parcel(newsroom_desk):
    return newsroom_desk.parcel()


@pytest.fixture
def send(newsroom_desk, parcel):
    return lambda transport: transport.send(parcel, render(parcel, newsroom_desk.settings))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only those trust who are told to; and a server's context with it."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.example")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return file, context


def test_accepted_mail_leaves_the_servers_receipt(post_office, send):
    smtp = post_office.smtp()
    assert (send(smtp).kind, send(smtp).words) == ("sent", "2.0.0 Ok: queued as Q2")
    smtp.close()
    assert post_office.sessions == 1
    assert [address for address, _ in post_office.mails] == [ADDRESS, ADDRESS]


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", "refused"),
        ("RCPT", "550 5.7.1 relaying denied", "permanent"),
        ("RCPT", "450 4.2.1 busy", "busy"),
        ("RCPT", "421 4.3.2 closing", "temporary"),
        ("DOT", "451 4.3.0 later", "temporary"),
        ("DOT", "554 5.6.0 no", "permanent"),
        ("DOT", "drop", "uncertain"),
        ("MAIL", "550 5.7.1 sender refused", "unreachable"),
        ("MAIL", "451 4.3.0 later", "temporary"),
    ],
)
def test_refusal_is_classed_and_the_next_mail_goes_through(post_office, send, step, answer, kind):
    post_office.refuse[step, "alerts@thinkwatch.example" if step == "MAIL" else ADDRESS] = answer
    smtp = post_office.smtp()
    reply = send(smtp)
    assert reply.kind == kind
    assert answer in reply.words or answer == "drop"
    post_office.refuse.clear()
    assert send(smtp).kind == "sent"
    smtp.close()


@pytest.mark.fault("E91")
def test_e91_nobody_listens(send):
    reply = send(Smtp("127.0.0.1", 1, timeout=2, hello="thinkwatch.example"))
    assert reply.kind == "unreachable"
    assert reply.words.startswith("127.0.0.1:1: ")


@pytest.mark.fault("E91")
def test_e91_encryption_is_never_left_out(post_office, send):
    for security in ("starttls", "tls"):
        smtp = Smtp("127.0.0.1", post_office.port, security, timeout=2, hello="thinkwatch.example")
        assert send(smtp).kind == "unreachable"
    assert post_office.mails == []


@pytest.mark.fault("E91")
def test_e91_encrypted_line_needs_a_trusted_certificate(post_office, send, certificate):
    file, context = certificate
    post_office.starttls = context
    trusting = Smtp("127.0.0.1", post_office.port, "starttls", timeout=10, ca_file=file, hello="thinkwatch.example")
    assert send(trusting).kind == "sent"
    trusting.close()
    wary = Smtp("127.0.0.1", post_office.port, "starttls", timeout=10, hello="thinkwatch.example")
    assert "certificate" in send(wary).words
    assert len(post_office.mails) == 1


@pytest.mark.fault("E91")
def test_e91_wrong_password_makes_the_mails_wait(post_office, send):
    post_office.password = "right"
    wrong = Smtp("127.0.0.1", post_office.port, username="robot", password="wrong", timeout=10, hello="thinkwatch.example")
    reply = send(wrong)
    assert reply.kind == "unreachable"
    assert "535" in reply.words
    right = Smtp("127.0.0.1", post_office.port, username="robot", password="right", timeout=10, hello="thinkwatch.example")
    assert send(right).kind == "sent"
    right.close()


@pytest.mark.fault("C124")
def test_e124_password_is_neither_shown_nor_sent_in_the_clear():
    assert "secret" not in repr(Smtp("relay.example", 587, "starttls", username="robot", password="secret"))
    with pytest.raises(ConfigError, match="unencrypted"):
        Smtp("relay.example", 25, "none", username="robot", password="secret")


def test_subscriber_without_address_is_not_sent_to(newsroom_desk, post_office):
    parcel = newsroom_desk.parcel(address=None)
    reply = post_office.smtp().send(parcel, render(parcel, newsroom_desk.settings))
    assert (reply.kind, reply.words) == ("permanent", "the subscriber has no address")


def test_folder_writes_whole_files_under_a_name_that_never_changes(tmp_path, newsroom_desk, parcel, send):
    folder = EmlFolder(tmp_path / "deep" / "mail")
    first, second = send(folder), send(folder)
    assert first == second
    assert first.words == f"2021-09-19-desk-csto-{parcel.delivery_id[:8]}.eml"
    (file,) = folder.path.iterdir()
    assert file.read_bytes() == render(parcel, newsroom_desk.settings).as_bytes()
    assert b"\r\n" in file.read_bytes()


def test_folder_recalls_its_own_delivery_only(tmp_path, newsroom_desk, parcel, send):
    folder = EmlFolder(tmp_path / "mail")
    assert folder.recall(parcel.delivery_id, parcel.message_id).kind == "never"
    send(folder)
    assert folder.recall(parcel.delivery_id, parcel.message_id).kind == "sent"
    assert folder.recall(parcel.delivery_id, "<other@thinkwatch.example>").kind == "never"


def test_folder_names_hold_nothing_from_outside(tmp_path, newsroom_desk):
    parcel = newsroom_desk.parcel(subscriber_id="../../etc/passwd")
    folder = EmlFolder(tmp_path / "mail")
    reply = folder.send(parcel, render(newsroom_desk.parcel(), newsroom_desk.settings))
    assert "/" not in reply.words
    assert [file.parent for file in tmp_path.rglob("*.eml")] == [folder.path]


def test_smtp_does_not_pretend_to_remember(parcel):
    assert partial(Smtp, "127.0.0.1")().recall(parcel.delivery_id, parcel.message_id).kind == "uncertain"
