"""Real mail servers on loopback for the tests: Debian's Postfix, twice, and OpenDKIM, set up in a folder and ended with it.

The house's relay takes our mail, lets OpenDKIM sign it and hands it to the readers' server, which keeps it in maildirs or refuses
it at RCPT. What fails, the relay reports to the address that the mail was sent from. Nothing leaves this machine: both know only
these domains, and everything else is refused. Needs root, for Postfix drops its rights by itself.
"""

import os
import pwd
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.screenshots import free_port

HOUSE = "thinkwatch.example"
READERS = "institute.example"
SELECTOR = "alerts"
# RFC 8058 asks that both headers of the one-click link be signed; OpenDKIM by itself signs only the first.
SIGNED = "*,+List-Unsubscribe,+List-Unsubscribe-Post,+Feedback-ID,+Auto-Submitted"
QUEUE = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private", "public", "saved", "trace"]
PATIENCE = 60.0  # seconds
LONGEST = 1800  # seconds after which Postfix ends by itself, should nobody end it
QUEUES = ("data", *(f"queue/{name}" for name in QUEUE))
OWNER = "nobody"
# Of the wire format of DNS: bytes before the question, most bytes of a text, and numbers of types.
HEADER, LONGEST_PIECE, TXT, IN = 12, 255, b"\0\x10", b"\0\1"

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {name}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
alias_database =
recipient_delimiter = +
append_dot_mydomain = no
smtp_dns_support_level = disabled
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_tls_security_level = none
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
minimal_backoff_time = 300s
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
SIGNING = """\
Syslog no
UserID opendkim
Mode s
Socket inet:{port}@127.0.0.1
Domain {domain}
Selector {selector}
KeyFile {folder}/{selector}.private
SignHeaders {signed}
OversignHeaders From
Canonicalization relaxed/simple
InternalHosts 127.0.0.1
RequireSafeKeys no
"""


def missing() -> str | None:
    """Why the servers cannot be had here; None when they can."""
    programs = [name for name in ("postfix", "opendkim", "opendkim-genkey") if not shutil.which(name, path=_path())]
    if programs:
        return f"no {', '.join(programs)} on this machine; CI installs Debian's postfix, opendkim and opendkim-tools"
    return None if os.geteuid() == 0 else "Postfix starts as root only"


@dataclass(frozen=True)
class Relay:
    """The running servers.

    Attributes:
        folder: of the house's relay (`house`), of the readers' server (`institute`) and of the signer (`keys`).
        port: where the relay takes mail.
    """

    folder: Path
    port: int

    def maildir(self, name: str) -> Path:
        """Of a reader, or of `bounces`, which is the house's."""
        return self.folder / ("house" if name == "bounces" else "institute") / "mail" / name

    def await_mails(self, name: str, count: int) -> list[bytes]:
        """The mails of a maildir once there are so many. Raises TimeoutError, with what the servers logged, when they do not come."""
        until = time.monotonic() + PATIENCE
        while len(found := sorted((self.maildir(name) / "new").glob("*"))) < count:
            if time.monotonic() > until:
                logs = [(self.folder / one / "log").read_text() for one in ("house", "institute")]
                raise TimeoutError(f"{len(found)} mails of {count} came to {name}:\n" + "\n".join(logs))
            time.sleep(0.05)
        return [path.read_bytes() for path in found]

    def signature_holds(self, mail: bytes) -> bool:
        """Whether OpenDKIM, given the public key, finds the signature of a mail valid."""
        keys = self.folder / "keys"
        (keys / "verify.conf").write_text(f"Mode v\nSyslog no\nTestPublicKeys {keys}/public\nBackground no\nSoftwareHeader no\n")
        (keys / "mail").write_bytes(mail)
        command = ["opendkim", "-x", keys / "verify.conf", "-vvv", "-t", keys / "mail"]
        done = subprocess.run(command, env={"PATH": _path()}, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        if "dkim=" not in said:
            raise RuntimeError(f"OpenDKIM said nothing of the signature: {said}")
        return "dkim=pass" in said

    def spam_tests(self, mail: bytes) -> tuple[float, set[str]]:
        """What a reader's SpamAssassin makes of a mail that came through the relay, its signature checked: the score, and for what.

        That the mail comes from this machine counts for nothing, and nobody is asked but a name server that knows our key.
        """
        record = (self.folder / "keys" / "public").read_text().split(maxsplit=1)[1].strip()
        with _name_server(f"{SELECTOR}._domainkey.{HOUSE}", record) as port:
            settings = [
                f"dns_server 127.0.0.1:{port}",
                "dns_available yes",
                "skip_rbl_checks 1",
                "skip_uribl_checks 1",
                "score ALL_TRUSTED 0",
            ]
            command = ["spamassassin", "--test-mode", *(f"--cf={one}" for one in settings)]
            said = subprocess.run(command, input=mail, capture_output=True, check=True).stdout.decode(errors="replace")
        found = re.search(r"^X-Spam-Status: .*?score=(-?[\d.]+) .*?tests=(.*?) autolearn", said, re.MULTILINE | re.DOTALL)
        if not found:
            raise RuntimeError(f"SpamAssassin gave no score: {said[:500]}")
        return float(found[1]), set(re.split(r"[,\s]+", found[2]))


@contextmanager
def running(mailboxes: tuple[str, ...]) -> Iterator[Relay]:
    """The servers, with maildirs for these readers; everybody else at the readers' domain is unknown there."""
    with tempfile.TemporaryDirectory(prefix="relay-", dir="/tmp") as name:  # a short path, for sockets lie in it
        folder = Path(name)
        folder.chmod(0o755)  # Postfix's own user has to pass
        ports = {server: free_port() for server in ("keys", "institute", "house")}
        _set_up(folder, ports, mailboxes)
        started: list[subprocess.Popen[bytes]] = []
        try:
            started += [_start(folder / server) for server in ports]
            for process, (server, port) in zip(started, ports.items(), strict=True):
                await_port(port, process, folder / server)
            yield Relay(folder, ports["house"])
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=PATIENCE)


def _set_up(folder: Path, ports: Mapping[str, int], mailboxes: tuple[str, ...]) -> None:
    _keys(folder / "keys", ports["keys"])
    takes = {f"{name}@{READERS}": f"{name}/" for name in mailboxes}
    _configure(folder / "institute", f"mx.{READERS}", READERS, ports["institute"], takes, "")
    forwards = (
        f"relay_domains = {READERS}\nrelay_transport = smtp:[127.0.0.1]:{ports['institute']}\n"
        f"smtpd_milters = inet:127.0.0.1:{ports['keys']}\nmilter_default_action = tempfail\n"
    )
    _configure(folder / "house", f"relay.{HOUSE}", HOUSE, ports["house"], {f"bounces@{HOUSE}": "bounces/"}, forwards)


def _configure(folder: Path, name: str, domain: str, port: int, mailboxes: Mapping[str, str], more: str) -> None:
    owner = _owner()
    for place in ("", "queue", "mail"):
        (folder / place).mkdir()
    os.chown(folder / "mail", *owner)
    for place in QUEUES:
        (folder / place).mkdir()
        shutil.chown(folder / place, "postfix")
    (folder / "queue" / "pid").mkdir()
    known = ", ".join(f"{{ {address} = {place} }}" for address, place in mailboxes.items())
    main = MAIN.format(folder=folder, name=name, domain=domain, mailboxes=known, uid=owner[0], gid=owner[1])
    (folder / "main.cf").write_text(main + more)
    (folder / "master.cf").write_text(MASTER.format(port=port))


def _owner() -> tuple[int, int]:

    entry = pwd.getpwnam(OWNER)
    return entry.pw_uid, entry.pw_gid


def _keys(folder: Path, port: int) -> None:
    folder.mkdir()
    command = ["opendkim-genkey", "--bits=2048", f"--domain={HOUSE}", f"--selector={SELECTOR}", f"--directory={folder}"]
    subprocess.run(command, env={"PATH": _path()}, capture_output=True, check=True)
    shutil.chown(folder / f"{SELECTOR}.private", "opendkim", "opendkim")
    record = "".join(re.findall(r'"([^"]*)"', (folder / f"{SELECTOR}.txt").read_text()))
    (folder / "public").write_text(f"{SELECTOR}._domainkey.{HOUSE} {record}\n")
    (folder / "sign.conf").write_text(SIGNING.format(port=port, domain=HOUSE, selector=SELECTOR, folder=folder, signed=SIGNED))


def _start(folder: Path) -> subprocess.Popen[bytes]:
    postfix: list[str | Path] = ["/usr/lib/postfix/sbin/master", "-d", "-c", folder, "-e", str(LONGEST)]
    signer: list[str | Path] = ["opendkim", "-f", "-x", folder / "sign.conf"]
    command = postfix if (folder / "master.cf").exists() else signer
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(command, env={"PATH": _path()}, stdout=said, stderr=said)


def await_port(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until a server listens. Raises RuntimeError, with what it said and logged, when it does not."""
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > until:
            said = [path.read_text() for path in (folder / "said", folder / "log") if path.exists()]
            raise RuntimeError(f"{process.args} does not listen: {' '.join(said)}")
        time.sleep(0.05)


@contextmanager
def _name_server(name: str, record: str) -> Iterator[int]:
    """A DNS server on a port of loopback that knows one TXT record; whatever else is asked for does not exist."""
    pieces = [record[place : place + LONGEST_PIECE].encode() for place in range(0, len(record), LONGEST_PIECE)]
    data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    answer = b"\xc0\x0c" + TXT + IN + bytes(4) + len(data).to_bytes(2) + data  # the name is the one that was asked for
    wanted = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" + TXT

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, line = self.request
            end = packet.index(b"\0", HEADER) + 5
            known = packet[HEADER:].lower().startswith(wanted.lower())
            head = packet[:2] + (b"\x85\x80\0\1\0\1" if known else b"\x85\x83\0\1\0\0") + bytes(4)
            line.sendto(head + packet[HEADER:end] + (answer if known else b""), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _path() -> str:
    """The search path of root's programs."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
