"""A real IMAP server on loopback for the tests: Debian's Dovecot over one maildir, set up in a folder and ended with it."""

import mailbox
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.relay import OWNER, PATIENCE, await_port
from bench.screenshots import free_port

USER, PASSWORD = "bounces@thinkwatch.example", "a-password-of-the-tests"

SETTINGS = """\
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
default_internal_user = {owner}
default_login_user = {owner}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
service anvil {{
  chroot =
}}
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
"""


def missing() -> str | None:
    """Why the server cannot be had here; None when it can."""
    if not shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return "no Dovecot on this machine; CI installs Debian's dovecot-imapd"
    return None if os.geteuid() == 0 else "Dovecot is started as root here"


class Server(NamedTuple):
    """The running server: its port and its only folder, a maildir."""

    port: int
    maildir: Path

    def put(self, mail: bytes) -> None:
        """Let a mail arrive."""
        box = mailbox.Maildir(self.maildir, create=False)
        shutil.chown(self.maildir / "new" / Path(box.add(mail)).name, OWNER)


@contextmanager
def running() -> Iterator["Server"]:
    """The server."""
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for place in ("mail", "mail/cur", "mail/new", "mail/tmp", "run", "state"):
            (folder / place).mkdir()
            shutil.chown(folder / place, OWNER if place.startswith("mail") else "root")
        given = {
            "folder": folder,
            "port": port,
            "secure_port": 0,
            "ssl": "no",
            "owner": "dovecot",
            "group": "dovecot",
            "password": PASSWORD,
        }
        (folder / "dovecot.conf").write_text(SETTINGS.format(**given))
        command = ["/usr/sbin/dovecot", "-F", "-c", folder / "dovecot.conf"]
        with (folder / "said").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
            try:
                await_port(port, process, folder)
                yield Server(port, folder / "mail")
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE)
