"""Those checks of `thinkwatch doctor` that look at what lies outside the installation: names, the relay, the clock, what is installed."""

import importlib.metadata
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from packaging.markers import Marker

from assets.sources.registry import load_sources
from pipelines.findings import Finding
from pipelines.resources import wall_clock
from pipelines.settings import MailSection, Settings
from warehouse.publish import AnalystsCopy

PATIENCE_SECONDS = 5
MOST_HOSTS = 5
CLOCK_SLACK = timedelta(minutes=5)
LOCK = Path(__file__).parent.parent / "requirements.lock"


def lock_file() -> Finding:
    """Whether what is installed is what the lock file names; an installation without the checkout has none."""
    if not LOCK.exists():
        return Finding("good", "lock", "no requirements.lock beside the code: versions are yours to choose")
    wrong = list(_differences(LOCK.read_text(encoding="utf-8")))
    if not wrong:
        return Finding("good", "lock", "what is installed is what requirements.lock names")
    words = f"{len(wrong)} packages are not as in requirements.lock, such as {wrong[0]}"
    return Finding("odd", "lock", words, "install the lock: make -B .venv/.ready")


def _differences(lock: str) -> Iterator[str]:
    for line in lock.splitlines():
        name, _, rest = line.partition("==")
        if not rest or line.startswith((" ", "#")):
            continue
        version, _, marker = rest.rstrip(" \\").partition(" ; ")
        if not marker or Marker(marker).evaluate():
            installed = _installed(name)
            if installed != version:
                yield f"{name} {installed or '(missing)'} for {version}"


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def clock(settings: Settings) -> Finding:
    """Whether the clock stands behind what it said before: then polls wait and dates are wrong."""
    now = wall_clock()
    if settings.replay or not settings.published.exists():
        return Finding("good", "clock", f"{now:%Y-%m-%d %H:%M} UTC")
    (row,) = AnalystsCopy(settings.published).rows("SELECT max(requested_at) AS newest FROM fetches")
    if row["newest"] and row["newest"] > now + CLOCK_SLACK:
        words = f"it is {now:%Y-%m-%d %H:%M} UTC, but a fetch is dated {row['newest']:%Y-%m-%d %H:%M}"
        return Finding("bad", "clock", words, "set the clock, and keep it set: timedatectl set-ntp true")
    return Finding("good", "clock", f"{now:%Y-%m-%d %H:%M} UTC")


def dns(settings: Settings) -> Finding:
    """Whether the hosts of some of the polled feeds can be resolved."""
    hosts = list(dict.fromkeys(_hosts(settings)))
    asked = hosts[:: max(1, len(hosts) // MOST_HOSTS)][:MOST_HOSTS]
    if not asked:
        return Finding("good", "dns", "no polled source needs it")
    lost = _unresolved(asked)
    if len(lost) == len(asked):
        return Finding(
            "bad", "dns", f"no name can be resolved, such as {lost[0]}", "look at /etc/resolv.conf and the network of this machine"
        )
    if lost:
        return Finding("odd", "dns", f"cannot be resolved: {', '.join(lost)}", "has the source moved? thinkwatch sources discover URL")
    return Finding("good", "dns", f"{len(asked)} hosts resolve, such as {asked[0]}")


def _hosts(settings: Settings) -> Iterator[str]:
    if settings.replay:
        return
    for source in load_sources(settings.source_places):
        for feed in source.feeds if source.enabled else ():
            host = urlsplit(feed.url).hostname
            if host and host not in settings.fetch.connect_to:
                yield host


def _unresolved(hosts: list[str]) -> list[str]:
    """Those that have no address within some seconds; all are asked at once."""
    found: set[str] = set()

    def resolve(host: str) -> None:
        try:
            socket.getaddrinfo(host, 443)
        except OSError:
            return
        found.add(host)

    threads = [threading.Thread(target=resolve, args=(host,), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return [host for host in hosts if host not in found]


def mail(settings: Settings) -> Finding:
    """Whether mails have somewhere to go: the folder, or the relay as far as its log-in."""
    section = settings.mail
    if section.transport == "eml":
        return Finding("good", "mail", f"files in {settings.path(section.folder)}")
    if section.username and not section.password:
        return Finding("bad", "mail", "a username without a password", "set THINKWATCH_MAIL__PASSWORD; until then mails wait")
    place = f"{section.host}:{section.port}"
    try:
        _greet(section)
    except smtplib.SMTPAuthenticationError as fault:
        words = fault.smtp_error.decode(errors="replace") if isinstance(fault.smtp_error, bytes) else fault.smtp_error
        return Finding("bad", "mail", f"{place} refuses the log-in: {words}", "check mail.username and THINKWATCH_MAIL__PASSWORD")
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as fault:
        return Finding("bad", "mail", f"{place}: {fault}", f'check mail.security = "{section.security}", mail.port and the certificate')
    except OSError as fault:
        return Finding(
            "bad", "mail", f"{place} does not answer: {fault.strerror or fault}", "check mail.host and mail.port; mails wait meanwhile"
        )
    return Finding("good", "mail", f"{place} answers{' and takes the log-in' if section.username else ''}")


def _greet(section: MailSection) -> None:
    """Talk with the relay as far as a mail would go before its sender. Raises what smtplib raises."""
    kind = smtplib.SMTP_SSL if section.security == "tls" else smtplib.SMTP
    with kind(section.host, section.port, timeout=PATIENCE_SECONDS) as session:
        if section.security == "starttls":
            session.starttls(context=ssl.create_default_context())
        session.ehlo_or_helo_if_needed()
        if section.username and section.password:
            session.login(section.username, section.password.get_secret_value())


def secrets(settings: Settings) -> Finding:
    """Whether the secrets that the settings need are in the environment."""
    section = settings.mail
    needed = [("base_url", "sign links with; mails bear none")] if section.base_url else []
    needed += [("bounces", "sign bounce addresses with; what comes back is not counted")] if section.bounces else []
    if needed and not section.keys:
        name, use = needed[0]
        hint = "set THINKWATCH_MAIL__TOKEN_KEYS, such as to the output of: openssl rand -hex 32"
        return Finding("bad", "secrets", f"mail.{name} is set but there is no key to {use}", hint)
    found = [name for name, value in (("mail password", section.password), ("token keys", section.token_keys)) if value]
    return Finding("good", "secrets", f"set: {', '.join(found)}" if found else "none is needed")


def schedule(settings: Settings) -> Finding:
    """Whether somebody polls: no feed is due since long."""
    if settings.replay or not settings.published.exists():
        return Finding("good", "schedule", "nothing to poll yet" if not settings.replay else "the demo runs by hand")
    (row,) = AnalystsCopy(settings.published).rows(
        "SELECT min(next_due_at) AS due, max(last_polled_at) AS polled FROM feeds WHERE enabled AND next_due_at IS NOT NULL"
    )
    if row["due"] and row["due"] < wall_clock() - timedelta(hours=2):
        words = f"a feed is due since {row['due']:%Y-%m-%d %H:%M} UTC and nobody polls; last poll {row['polled']:%Y-%m-%d %H:%M}"
        return Finding("odd", "schedule", words, "start it: thinkwatch ui   or, under a service manager: systemctl status thinkwatch")
    return Finding("good", "schedule", f"last poll {row['polled']:%Y-%m-%d %H:%M} UTC" if row["polled"] else "nothing was polled yet")
