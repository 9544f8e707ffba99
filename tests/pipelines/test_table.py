"""Rows on a terminal: they align in any script, tell NULL from an empty text, and stay readable when they are wide."""

from datetime import UTC, date, datetime

from rich.cells import cell_len

from pipelines.cli.table import lay_out


def test_cyrillic_and_chinese_stand_in_columns_of_equal_width():
    rows = [("csto", "ОДКБ", 3), ("sco", "上海合作组织", 12), ("nato", "NATO", None)]
    lines, is_cut = lay_out(["entity", "name", "articles"], rows, 80)
    assert lines[2:] == [
        " csto     ОДКБ                  3",
        " sco      上海合作组织         12",
        " nato     NATO               NULL",
    ]
    assert {cell_len(line) for line in lines[2:]} == {33}
    assert not is_cut


def test_null_is_not_an_empty_text_and_times_are_short():
    moment = datetime(2021, 9, 19, 8, 40, tzinfo=UTC)
    lines, _ = lay_out(["a", "b", "c", "d", "e"], [(None, "", moment, date(2021, 9, 1), ["x", "y z"])], 100)
    assert lines[2] == " NULL       2021-09-19 08:40   2021-09-01   [x, y z]"
    assert lay_out(["ok"], [(True,)], 40)[0][2] == " true"


def test_a_small_number_is_not_nothing():
    assert lay_out(["share"] * 4, [(0.0, 0.0000123, -0.00004, 0.1234567)], 80)[0][2].split() == ["0", "1.23e-05", "-4e-05", "0.1235"]


def test_long_texts_are_cut_and_it_says_so_and_line_breaks_do_not_break_the_table():
    lines, is_cut = lay_out(["title", "text"], [("short", "слово\n" * 100)], 100)
    assert is_cut
    assert len(lines) == 3
    assert lines[2].endswith("слово…")


def test_the_widest_column_gives_way_first_and_none_becomes_unreadable():
    lines, _ = lay_out(["article_id", "text", "title"], [("a" * 20, "t" * 60, "u" * 60)], 90)
    assert all(cell_len(line) <= 90 for line in lines)
    assert "a" * 20 in lines[2]


def test_what_does_not_fit_is_a_record_a_row():
    columns = [f"column_{number}" for number in range(12)]
    lines, is_cut = lay_out(columns, [["значение " * 3] * 12, [None] * 12], 80)
    assert lines[0].startswith("── 1 ─")
    assert sum(line.startswith("── ") for line in lines) == 2
    assert " column_3   значение значение значение" in lines
    assert all(cell_len(line) <= 80 for line in lines)
    assert not is_cut


def test_a_long_value_of_a_record_is_folded_below_its_name():
    columns = [f"c{number}" for number in range(9)]
    lines, is_cut = lay_out(columns, [["漢" * 500, *(["x" * 40] * 8)]], 60)
    assert is_cut
    assert all(cell_len(line) <= 60 for line in lines)
    assert lines[2].startswith("     漢")


def test_an_empty_answer_still_shows_its_columns():
    assert lay_out(["entity", "week"], [], 80)[0] == [" entity   week", "───────────────"]
