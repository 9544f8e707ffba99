"""A sender in a process of its own, which may be made to die at one step: `sender.py STORE PORT [STEP]`."""

import os
import signal
import smtplib
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alerts import outbox
from alerts.journal import Journal
from alerts.render import MailSettings, render
from alerts.transports import Smtp
from warehouse.database import Warehouse


def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)


def die_after_dot(self, message):
    self.putcmd("data")
    self.getreply()
    self.send(smtplib._quote_periods(message) + b".\r\n")
    die()


STEPS = {
    "connect": (Smtp, "_open", die),
    "rcpt": (smtplib.SMTP, "data", die),
    "dot": (smtplib.SMTP, "data", die_after_dot),
    "250": (Journal, "note", die),
    "mark": (outbox._Round, "_mark", die),
}

if __name__ == "__main__":
    store, port, *step = sys.argv[1:]
    if step:
        setattr(*STEPS[step[0]])
    settings = MailSettings("alerts@thinkwatch.example", "Thinkwatch", "thinkwatch.example", "stop@thinkwatch.example")
    outbox.deliver(
        Warehouse(Path(store), threads=1, lock_seconds=20),
        {"mail": Smtp("127.0.0.1", int(port), timeout=10, hello="thinkwatch.example")},
        partial(render, settings=settings),
        datetime(2021, 9, 19, 12, 0, tzinfo=UTC),
    )
