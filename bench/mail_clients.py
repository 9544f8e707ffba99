"""Whether mail programs can show our mails: the page of each held against caniemail.com, by npm's `caniemail`.

    npm install --prefix .npm --no-save caniemail@2.0.2
    python -m bench.mail_clients demo/thinkwatch.toml [SUBSCRIPTION]

What a program cannot do must stand in mail_clients.tsv with the reason why it does no harm there; what stands there in vain is
wrong too. Prints both kinds; 1 when there are any. Needs Node 20 and an installation that has run.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / ".npm" / "node_modules" / "caniemail"

Finding = tuple[str, str]


def missing() -> str | None:
    """Why it cannot be asked here; None when it can."""
    if not shutil.which("node"):
        return "no Node on this machine"
    return None if PACKAGE.is_dir() else "caniemail is not installed; CI does: npm install --prefix .npm --no-save caniemail@2.0.2"


def findings(message: EmailMessage) -> dict[Finding, str]:
    """Support (none or partial) and name of each feature that some program lacks, with those programs."""
    page = message.get_body(("html",))
    if page is None:
        raise ValueError("the mail has no page")
    command = ["node", HERE / "mail_clients.mjs", PACKAGE]
    said = subprocess.run(command, input=page.get_content(), capture_output=True, text=True, check=True).stdout
    rows = [json.loads(line) for line in said.splitlines()]
    return {(row["support"], row["feature"]): ", ".join(row["clients"]) for row in rows}


def accepted() -> dict[Finding, str]:
    """What does no harm, and why."""
    with (HERE / "mail_clients.tsv").open(encoding="utf-8", newline="") as file:
        return {(row["support"], row["feature"]): row["why"] for row in csv.DictReader(file, delimiter="\t")}


def surprises(messages: Iterable[EmailMessage]) -> list[str]:
    """What is found and not accepted, and what is accepted and not found."""
    found: dict[Finding, str] = {}
    for message in messages:
        found |= findings(message)
    known = accepted()
    new = [f"{feature}: {support} in {found[support, feature]}" for support, feature in sorted(found.keys() - known.keys())]
    return new + [f"{feature}: {support} is accepted in vain" for support, feature in sorted(known.keys() - found.keys())]


def main(arguments: list[str]) -> int:
    """Print what is unexpected."""
    from bench.mails import mails

    config, *given = arguments
    wrong = surprises(mails(Path(config), given[0] if given else "tajikistan").values())
    print("\n".join(wrong) or f"nothing but what is accepted ({len(accepted())} findings)")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
