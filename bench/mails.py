"""Pictures of the alert and the digest for docs/, light and dark, on a desk and on a phone; and what SpamAssassin says of both.

    python -m bench.mails demo/thinkwatch.toml docs [SUBSCRIPTION]

Needs Chromium and an installation that has run (a subscription that has something to tell: default tajikistan). SpamAssassin is
asked where it is installed (Debian: spamassassin), without the network, on the very bytes that would be sent.
"""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from alerts.render import render
from bench.screenshots import FLAGS, chromium
from pipelines.cli.alerts_preview import standalone
from pipelines.rehearsing import letter
from pipelines.resources import mail_settings
from pipelines.settings import load_settings

WIDTHS = {"desktop": 800, "phone": 390}
TALLEST = 1100
LIMIT = 1.0


def mails(config: Path, subscription: str) -> dict[str, EmailMessage]:
    """The two mails, as they would be sent now."""
    settings = load_settings(str(config))
    now = datetime.now(UTC)
    kinds = {"alert": None, "digest": "weekly"}
    address = "reader@example.org"
    return {
        name: render(letter(settings, subscription, frequency, now, address=address), mail_settings(settings))
        for name, frequency in kinds.items()
    }


def spam_score(message: EmailMessage) -> float | None:
    """SpamAssassin's score by its local tests; None where it is not installed."""
    program = shutil.which("spamassassin")
    if not program:
        return None
    done = subprocess.run([program, "--local", "--test-mode"], input=message.as_bytes(), capture_output=True, check=True)
    found = re.search(rb"^X-Spam-Status: .*?score=(-?[\d.]+)", done.stdout, re.MULTILINE)
    if not found:
        raise RuntimeError("SpamAssassin gave no score")
    return float(found[1])


def _shoot(browser: Browser, page_of: dict[str, str], folder: Path) -> None:
    for name, text in page_of.items():
        for device, width in WIDTHS.items():
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] - a literal of two
                page.set_content(text)
                height = page.evaluate("Math.ceil(document.querySelector('.page').getBoundingClientRect().height)")
                size = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
                page.screenshot(path=folder / f"mail-{name}-{device}-{scheme}.png", full_page=True, clip=size)  # type: ignore[arg-type] - likewise
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    raise RuntimeError(f"the {name} is wider than a {device}")
                page.close()


def main(arguments: list[str]) -> int:
    """Write the pictures, print the scores; 1 when one is too high."""
    config, folder, *given = arguments
    messages = mails(Path(config), given[0] if given else "tajikistan")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        _shoot(browser, {name: standalone(message) for name, message in messages.items()}, Path(folder))
        browser.close()
    scores = {name: spam_score(message) for name, message in messages.items()}
    for name, score in scores.items():
        print(f"{name}: {'SpamAssassin is not installed' if score is None else f'SpamAssassin {score} (limit {LIMIT})'}")
    return int(any(score is not None and score >= LIMIT for score in scores.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
