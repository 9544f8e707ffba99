"""`thinkwatch archive`, as an operator uses it."""

from datetime import UTC, datetime

import pytest

from pipelines.cli import thinkwatch as command
from warehouse.archive import Archive


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, settings=""):
        (tmp_path / "thinkwatch.toml").write_text(f"[archive]\n{settings}\n", encoding="utf-8")
        status = command.main(args=["archive", *arguments], prog_name="thinkwatch", standalone_mode=False)
        said = capsys.readouterr()
        return status or 0, said.out, said.err

    return run


def test_an_archive_in_order_is_said_to_be_and_a_damaged_one_names_the_file(run, tmp_path):
    assert run("check") == (0, "", "0 files, 0 faults\n")
    with Archive(tmp_path / "data" / "archive") as archive:
        ref = archive.write("https://x.example/", datetime(2026, 1, 1, tzinfo=UTC), 200, [], [], b"body " * 100)
        archive.write("https://x.example/2", datetime(2026, 1, 1, tzinfo=UTC), 200, [], [], b"other " * 100)
    assert run("check")[0] == 0
    path = tmp_path / "data" / "archive" / ref.file
    whole = path.read_bytes()
    path.write_bytes(whole[: ref.offset + 60] + b"xxxx" + whole[ref.offset + 64 :])
    status, out, err = run("check")
    assert status == 1
    assert ref.file in out
    assert "restore" in err


def test_nothing_is_dropped_without_a_wish(run):
    status, out, err = run("compact")
    assert (status, out) == (0, "")
    assert "archive.keep_days" in err
    assert run("compact", "--dry-run", settings="keep_days = 30") == (0, "", "")


def test_a_wish_that_makes_no_sense_is_refused(run):
    from warehouse.errors import ConfigError

    with pytest.raises(ConfigError, match="keep_days"):
        run("compact", settings="keep_days = 0")
