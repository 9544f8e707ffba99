"""Certificates: none that is not in order is accepted, and the hint says what is wrong with it."""

import ssl
from datetime import UTC, datetime

import pytest

trustme = pytest.importorskip("trustme", reason="trustme is not installed")
HOST = "tank.example"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def serving(leaf):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(context)
    return context


def without_intermediate(authority, tmp_path):
    leaf = authority.create_child_ca().issue_cert(HOST)
    path = tmp_path / "leaf.pem"
    path.write_bytes(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


def test_a_certificate_of_a_trusted_authority_is_accepted_under_the_hosts_name(web, answers, authority, ca_file):
    site = web.site(HOST, tls=serving(authority.issue_cert(HOST)))
    fetched = web.fetch(site.on("/f", answers.reply(body=b"x")), ca_file=ca_file)
    assert (fetched.body, fetched.final_url) == (b"x", "https://tank.example/f")
    assert set(web.server_names) == {HOST}
    assert site.asked("/f")[0].headers["host"] == HOST


@pytest.mark.parametrize(
    ("case", "says"),
    [("expired", "expired"), ("another host", "another host"), ("self-signed", "ca_file"), ("no intermediate", "intermediate")],
)
@pytest.mark.parametrize("purpose", ["feed", "page"])
@pytest.mark.fault("H48")
def test_a_bad_certificate_is_a_tls_fault_with_a_hint(web, answers, authority, ca_file, tmp_path, case, says, purpose):
    served = {
        "expired": lambda: serving(authority.issue_cert(HOST, not_after=datetime(2020, 1, 1, tzinfo=UTC))),
        "another host": lambda: serving(authority.issue_cert("elsewhere.example")),
        "self-signed": lambda: serving(trustme.CA().issue_cert(HOST)),
        "no intermediate": lambda: without_intermediate(authority, tmp_path),
    }[case]()
    site = web.site(HOST, tls=served)
    fetched = web.fetch(site.on("/f", answers.reply(body=b"x")), purpose=purpose, ca_file=ca_file)
    assert (fetched.fault.kind, fetched.status) == ("tls", None)
    assert says in fetched.fault.hint
    assert site.requests == []


def test_a_private_authority_is_not_trusted_by_default(web, answers, authority):
    site = web.site(HOST, tls=serving(authority.issue_cert(HOST)))
    assert web.fetch(site.on("/f", answers.reply(body=b"x"))).fault.kind == "tls"


def test_plain_http_behind_an_https_address_is_a_tls_fault(web, answers):
    web.site(HOST).on("/f", answers.reply(body=b"x"))
    assert web.fetch("https://tank.example/f").fault.kind == "tls"


def test_old_protocols_are_refused(web, answers, authority, ca_file):
    context = serving(authority.issue_cert(HOST))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    site = web.site(HOST, tls=context)
    assert web.fetch(site.on("/f", answers.reply(body=b"x")), ca_file=ca_file).fault.kind == "tls"


@pytest.mark.fault("H48")
def test_a_redirect_from_https_to_a_bad_certificate_is_not_followed_into_it(web, answers, authority, ca_file):
    bad = web.site("bad.example", tls=serving(authority.issue_cert("elsewhere.example")))
    bad.on("/f", answers.reply(body=b"x"))
    site = web.site(HOST, tls=serving(authority.issue_cert(HOST)))
    fetched = web.fetch(site.on("/f", answers.reply(301, {"Location": "https://bad.example/f"})), ca_file=ca_file)
    assert (fetched.fault.kind, bad.requests) == ("tls", [])


def test_a_host_may_send_us_from_http_to_https(web, wire, resolver, answers, authority, ca_file):
    context = serving(authority.issue_cert(HOST))
    site = web.site(HOST, tls=context)
    site.on("/f", answers.reply(301, {"Location": "https://tank.example/g"}))
    site.on("/g", answers.reply(body=b"x"))
    ports = {80: web.port, 443: int(web.targets.pop(HOST).rpartition(":")[2])}
    seams = {"network": wire(ports), "resolve": resolver({HOST: [["8.8.8.8"]]})}
    fetched = web.fetch_each(["http://tank.example/f"] * 2, seams=seams, ca_file=ca_file)
    assert [one.body for one in fetched] == [b"x", b"x"]
