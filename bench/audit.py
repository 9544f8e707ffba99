"""Whether a locked dependency has a known hole; not to know is as bad as to have one.

    python -m bench.audit [requirements.lock]        or: make audit

Asks the OSV service (or the one that $AUDIT_URL names, which must speak as it does) of every name and version of the lock.
Exit status 0 only when it answered for each of them and knows of no hole in any; 1 for a hole, 2 when it could not look:
the service is not reached, refuses, answers for fewer packages than it was asked of, or the lock names none. The names
and versions in the lock are all that leaves this machine. CI does not run it: it would be red where there is no network.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SERVICE = "https://api.osv.dev/v1/querybatch"
SECONDS = 60
BATCH = 500
ALLOWED = Path(__file__).with_name("audit_allowed.txt")  # a hole a line, with the reason why it does not concern us
_PINNED = re.compile(r"^([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class CouldNotLookError(Exception):
    """The audit has no answer."""


def locked(text: str) -> list[tuple[str, str]]:
    """Name and version of every package that a lock file pins."""
    return [(name.lower().replace("_", "-"), version) for name, version in _PINNED.findall(text)]


def holes(packages: Sequence[tuple[str, str]], service: str) -> list[tuple[str, str, str]]:
    """Name, version and id of every known hole. Raises CouldNotLookError when the service did not answer for each package."""
    if not packages:
        raise CouldNotLookError("the lock pins no package")
    found: list[tuple[str, str, str]] = []
    for start in range(0, len(packages), BATCH):
        some = packages[start : start + BATCH]
        results = _ask(
            service, {"queries": [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in some]}
        )
        if len(results) != len(some):
            raise CouldNotLookError(f"asked of {len(some)} packages, answered for {len(results)}")
        for (name, version), result in zip(some, results, strict=True):
            if result.get("next_page_token") and not result.get("vulns"):
                raise CouldNotLookError(f"the answer on {name} is cut short")
            found += [(name, version, hole["id"]) for hole in result.get("vulns", ())]
    return found


def allowed(text: str) -> dict[str, str]:
    """Holes that do not concern us, with the reason; a line without one does not count."""
    pairs = (line.partition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {hole: reason.strip() for hole, _, reason in pairs if reason.strip()}


def main(arguments: Sequence[str]) -> int:
    """Print what was found and return the exit status."""
    lock = Path(arguments[0]) if arguments else Path("requirements.lock")
    try:
        packages = locked(lock.read_text(encoding="utf-8"))
        found = holes(packages, os.environ.get("AUDIT_URL", SERVICE))
    except (CouldNotLookError, OSError) as fault:
        print(f"could not look, so this is not green: {fault}", file=sys.stderr)
        return 2
    known = allowed(ALLOWED.read_text(encoding="utf-8")) if ALLOWED.exists() else {}
    for name, version, hole in found:
        print(f"{name} {version}: {hole}{f' (allowed: {known[hole]})' if hole in known else ''}")
    open_holes = [hole for _, _, hole in found if hole not in known]
    print(f"{len(packages)} packages, {len(open_holes)} known holes", file=sys.stderr)
    return 1 if open_holes else 0


def _ask(service: str, question: dict[str, Any]) -> list[dict[str, Any]]:
    request = urllib.request.Request(service, json.dumps(question).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            results = json.load(answer)["results"]
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as fault:
        raise CouldNotLookError(f"{service}: {fault}") from fault
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise CouldNotLookError(f"{service}: the answer is not what the service promises")
    return results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
