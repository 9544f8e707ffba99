import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench import faults  # noqa: E402  bench/ is not installed: its folder has to be named first

ENDS = """
import pytest

@pytest.mark.fault("F1", "F2")
def test_well():
    assert True

@pytest.mark.fault("F2")
def test_ill():
    assert False

@pytest.mark.fault("F3")
def test_absent():
    pytest.skip("no data")

def test_unmarked():
    assert False
"""


def proofs_of(tmp_path, source, *, run=True):
    (tmp_path / "test_made.py").write_text(source)
    known = frozenset(faults.read_list())
    return faults.collect(known, known, run=run, tests=tmp_path)


def named_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def test_the_list_holds_every_fault_once_and_in_order():
    names = list(faults.read_list())
    assert [int(name[1:]) for name in names] == list(range(1, 135))
    assert {name[0] for name in names} == set(faults.GROUPS)


def test_every_fault_that_a_test_names_is_in_the_list():
    known = faults.read_list()
    named = {(path.name, fault) for path in (ROOT / "tests").rglob("test_*.py") for fault in named_in(path)}
    assert [pair for pair in sorted(named) if pair[1] not in known] == []


def test_a_fault_with_a_failing_test_fails_and_one_without_a_test_is_said_to_have_none(tmp_path):
    proofs = proofs_of(tmp_path, ENDS)
    assert [proofs.verdict(fault) for fault in ("F1", "F2", "F3", "F4")] == ["passed", "failed", "skipped", "no test"]
    assert faults.complain(proofs) == 1


def test_tests_are_only_listed_when_nothing_shall_run(tmp_path):
    proofs = proofs_of(tmp_path, ENDS, run=False)
    assert proofs.outcomes == {}
    assert proofs.verdict("F2") == "tests"
    assert len(proofs.tests["F2"]) == 2
    assert faults.complain(proofs) == 0


def test_a_test_that_names_a_fault_which_is_not_in_the_list_is_told(tmp_path, capfd):
    proofs = proofs_of(tmp_path, ENDS.replace('"F3"', '"X9"'), run=False)
    assert faults.complain(proofs) == 1
    assert "test_absent names X9" in capfd.readouterr().err


def test_a_test_file_that_cannot_be_read_is_told(tmp_path, capfd):
    assert faults.complain(proofs_of(tmp_path, "import nothing_of_this_name", run=False)) == 1
    assert "cannot be read" in capfd.readouterr().err


def test_faults_are_asked_for_by_id_and_by_group():
    known = faults.read_list()
    assert faults.chosen(["F12", "D"], known) == {"F12", "D73", "D74", "D75", "D76", "D77", "D78"}
    assert len(faults.chosen([], known)) == 134
    with pytest.raises(ValueError, match="no such fault or group: Z1"):
        faults.chosen(["Z1"], known)
