"""The fault table: which of the faults that Thinkwatch must survive are proved by a test, and whether those tests pass.

Usage: python bench/faults.py [--list] [--tests] [FAULT…]     a FAULT is an id or a group: F12, H, W106
A test says what it proves with `@pytest.mark.fault("F12", …)`; `faults.tsv` beside this file says in a line what each fault is.
Exit status: 0 done, 1 a fault with tests fails, 2 wrong use or a test that names a fault which is not in the file.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.markup import escape
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("faults.tsv")
GROUPS = {
    "F": "feed",
    "H": "HTTP",
    "P": "page",
    "U": "URL",
    "D": "date",
    "M": "matching",
    "E": "mail",
    "W": "warehouse",
    "C": "configuration",
    "O": "operator",
}
MARKS = {
    "passed": "[green]passed[/]",
    "failed": "[red]failed[/]",
    "skipped": "[yellow]skipped[/]",
    "tests": "tests",
    "no test": "[dim]no test[/]",
}


@dataclass(eq=False)
class Proofs:
    """A pytest plugin that keeps the tests that are marked with a wanted fault, and what becomes of them.

    Attributes:
        known: the ids of the list.
        wanted: those that are asked for; tests for others are left out.
        tests: the ids of the tests that prove a fault, by fault.
        outcomes: "passed", "failed" or "skipped", by test.
        unknown: ids that the list does not have, with the test that names them.
        broken: test files that could not be read.
    """

    known: frozenset[str]
    wanted: frozenset[str]
    tests: dict[str, list[str]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests of wanted faults."""
        chosen = [item for item in items if self._enlist(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended: a fault in its fixtures counts as much as one in itself."""
        before = self.outcomes.get(report.nodeid, "passed")
        self.outcomes[report.nodeid] = before if report.passed else report.outcome

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be read: what it would prove is unknown."""
        if report.failed:
            self.broken.append(report.nodeid)

    def verdict(self, fault: str) -> str:
        """How a fault stands: failed when one test does; a skipped test takes nothing from one that passed."""
        ends = {self.outcomes.get(test, "tests") for test in self.tests.get(fault, [])}
        return next((end for end in ("failed", "passed", "skipped", "tests") if end in ends), "no test")

    def _enlist(self, item: pytest.Item) -> bool:
        named = {fault for mark in item.iter_markers("fault") for fault in mark.args}
        self.unknown.update(dict.fromkeys(named - self.known, item.nodeid))
        faults = named & self.wanted
        for fault in faults:
            self.tests.setdefault(fault, []).append(item.nodeid)
        return bool(faults)


def read_list() -> dict[str, str]:
    """Every fault of the list: id to one line, in the list's order."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["what goes wrong"] for row in csv.DictReader(file, delimiter="\t")}


def chosen(asked: Sequence[str], known: Iterable[str]) -> frozenset[str]:
    """The faults that are asked for by id or group; all where nothing is asked. Raises ValueError for a name that is neither."""
    known = frozenset(known)
    if unknown := set(asked) - known - set(GROUPS):
        raise ValueError(f"no such fault or group: {', '.join(sorted(unknown))}; the groups are {', '.join(GROUPS)}")
    return frozenset(fault for fault in known if not asked or fault in asked or fault[0] in asked)


def collect(known: frozenset[str], wanted: frozenset[str], *, run: bool, tests: Path) -> Proofs:
    """Find the tests that prove the wanted faults, and run them. pytest's own words go to stderr."""
    proofs = Proofs(known, wanted)
    how = ["--continue-on-collection-errors", "--no-summary"] if run else ["--collect-only"]
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        pytest.main(["-c", str(ROOT / "pyproject.toml"), "-q", "-p", "no:cacheprovider", *how, str(tests)], plugins=[proofs])
    finally:
        sys.stdout.flush()
        os.dup2(stdout, 1)
        os.close(stdout)
    return proofs


def table(faults: dict[str, str], proofs: Proofs, *, with_tests: bool) -> Table:
    """The table of the wanted faults."""
    out = Table("fault", "what goes wrong", "tests", "", box=None, pad_edge=False)
    for fault, text in faults.items():
        if fault in proofs.wanted:
            tests = proofs.tests.get(fault, [])
            names = "\n".join(["", *tests]) if with_tests else ""
            out.add_row(fault, escape(text + names), str(len(tests) or ""), MARKS[proofs.verdict(fault)])
    return out


def totals(proofs: Proofs) -> Table:
    """How many faults of each group are proved, fail, or have no test."""
    ends = ("passed", "failed", "skipped", "tests", "no test")
    by_group = {name: Counter(proofs.verdict(fault) for fault in proofs.wanted if fault[0] == letter) for letter, name in GROUPS.items()}
    seen = [end for end in ends if any(count[end] for count in by_group.values())]
    out = Table("group", "faults", *seen, box=None, pad_edge=False)
    for name, count in [*by_group.items(), ("all", sum(by_group.values(), Counter()))]:
        if count:
            out.add_row(name, str(count.total()), *(str(count[end] or "") for end in seen))
    return out


def main(arguments: list[str]) -> int:
    """Print the table; 1 when a fault with tests fails."""
    parser = argparse.ArgumentParser(
        description="Which faults are proved survived, by which tests.", epilog="example: python bench/faults.py F H12"
    )
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="ids or groups, e.g. F12 or H (default: all)")
    parser.add_argument("--list", action="store_true", help="only find the tests, run none")
    parser.add_argument("--tests", action="store_true", help="name the tests")
    asked = parser.parse_args(arguments)
    faults = read_list()
    try:
        wanted = chosen(asked.faults, faults)
    except ValueError as fault:
        parser.error(str(fault))
    os.chdir(ROOT)
    proofs = collect(frozenset(faults), wanted, run=not asked.list, tests=ROOT / "tests")
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table(faults, proofs, with_tests=asked.tests))
    console.print()
    console.print(totals(proofs))
    return complain(proofs)


def complain(proofs: Proofs) -> int:
    """Say what is amiss on stderr; the exit status."""
    for name in proofs.broken:
        print(f"cannot be read, so nothing is known of what it proves: {name}", file=sys.stderr)
    for fault, test in sorted(proofs.unknown.items()):
        print(f"{test} names {fault}, which is not in {LIST.name}", file=sys.stderr)
    return int(bool(proofs.broken or proofs.unknown) or any(proofs.verdict(fault) == "failed" for fault in proofs.wanted))


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # not this folder: it has a warehouse.py of its own
    sys.exit(main(sys.argv[1:]))
