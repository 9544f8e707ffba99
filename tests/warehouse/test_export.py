import json
from datetime import timedelta

import duckdb
import pytest

from warehouse.errors import ConfigError, StoreError
from warehouse.export import export
from warehouse.publish import AnalystsCopy, publish


def revision(article, seen_from, text="Text."):
    return {
        "revision_id": f"{article}-1", "article_id": article, "revision_no": 1, "change_kind": "new", "seen_from": seen_from, "title": "Title",
        "text": text, "language": "en", "zones": [{"kind": "body", "start_char": 0, "end_char": 5}], "cut": [], "text_hash": "h", "text_source": "page",
        "page_id": None, "extractor": "zones/1",
    }  # fmt: skip


def mention(article, number):
    return {
        "mention_id": f"{article}-{number}", "article_id": article, "revision_id": f"{article}-1", "entity": "csto", "field": "text", "zone": "body",
        "start_char": 0, "end_char": 4, "matched": "Text", "name": "Text", "via": "name", "sentence_start": 0, "sentence_end": 5, "alerting": True,
        "score": 1.0, "watchlist_hash": "w",
    }  # fmt: skip


@pytest.fixture
def copy(warehouse, tmp_path, now):
    def put(*articles):
        with warehouse.transaction() as transaction:
            transaction.merge("revisions", [revision(name, seen) for name, seen in articles], key=["revision_id"])
            transaction.merge("mentions", [mention(name, number) for name, _ in articles for number in range(3)], key=["mention_id"])
        publish(warehouse, copy.link, now)

    copy = AnalystsCopy(tmp_path / "thinkwatch.duckdb")
    copy.put = put
    put(("september", now), ("october", now + timedelta(days=20)))
    return copy


def read(folder, table):
    return duckdb.sql(f"SELECT * FROM read_parquet('{folder}/{table}/*.parquet') ORDER BY ALL").fetchall()


def test_tables_come_out_by_month_and_hold_the_same_rows(copy, tmp_path):
    folder = tmp_path / "out"
    export(copy, folder)
    assert sorted(path.name for path in (folder / "revisions").iterdir()) == ["2021-09.parquet", "2021-10.parquet"]
    assert sorted(path.name for path in (folder / "mentions").iterdir()) == ["2021-09.parquet", "2021-10.parquet"]
    for table in ("revisions", "mentions"):
        assert read(folder, table) == copy.ask(f"FROM {table} ORDER BY ALL")[1]


def test_the_schema_file_says_what_each_table_and_column_is(copy, tmp_path):
    folder = tmp_path / "out"
    export(copy, folder)
    tables = json.loads((folder / "schema.json").read_text(encoding="utf-8"))["tables"]
    listed = {entry["path"]: entry["rows"] for table in tables.values() for entry in table["files"]}
    assert set(listed) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    assert sum(rows for path, rows in listed.items() if path.startswith("mentions/")) == 6
    assert all(column["comment"] for column in tables["mentions"]["columns"])
    assert {column["name"]: column["type"] for column in tables["mentions"]["columns"]}["start_char"] == "INTEGER"


def test_a_second_export_writes_only_what_changed_and_drops_what_is_gone(copy, tmp_path, now):
    folder = tmp_path / "out"
    export(copy, folder)
    assert not any(one.is_new for one in export(copy, folder))
    (folder / "revisions" / "1999-01.parquet").write_bytes(b"stale")
    copy.put(("also-october", now + timedelta(days=21)))
    assert {one.path for one in export(copy, folder) if one.is_new} == {"revisions/2021-10.parquet", "mentions/2021-10.parquet"}
    assert not (folder / "revisions" / "1999-01.parquet").exists()


def test_a_folder_with_other_files_is_left_alone(copy, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.parquet").write_bytes(b"years of work")
    with pytest.raises(ConfigError, match="holds other files"):
        export(copy, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.parquet").read_bytes() == b"years of work"


def test_what_others_put_into_an_export_stays_there(copy, tmp_path):
    folder = tmp_path / "out"
    export(copy, folder)
    mine = [folder / "week.parquet", folder / "mine" / "2021-09.parquet", folder / "revisions" / "notes.parquet"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"hours of work")
    export(copy, folder)
    assert [path.read_bytes() for path in mine] == [b"hours of work"] * 3


def test_an_export_that_was_stopped_is_gone_on_with(copy, tmp_path, monkeypatch):
    folder = tmp_path / "out"

    def full(*_given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.export._described", full)
        with pytest.raises(StoreError, match="No space left"):
            export(copy, folder)
    assert not (folder / "schema.json").exists()
    assert not any(one.is_new for one in export(copy, folder))
    assert (folder / "schema.json").exists()
    assert not list(folder.rglob("*.part"))


def test_a_place_that_cannot_be_written_is_one_clear_error(copy, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refusal:
        export(copy, tmp_path / "file" / "out")
    assert refusal.value.hint


def test_any_question_can_be_written_as_parquet(copy, tmp_path):
    path = tmp_path / "it's.parquet"
    assert copy.write_parquet("SELECT entity, count(*) AS n FROM mentions GROUP BY ALL;", path) == 1
    assert duckdb.sql(f"FROM read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')").fetchall() == [("csto", 6)]
    with pytest.raises(ConfigError):
        copy.write_parquet("SELECT nonsense", path)
