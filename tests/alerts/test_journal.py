"""The sender's own memory."""

from datetime import UTC, datetime

from alerts.journal import Accepted, Journal

NOW = datetime(2021, 9, 19, 12, tzinfo=UTC)


def test_what_was_noted_is_known_to_the_next_sender(tmp_path):
    Journal(tmp_path / "j").note("d1", NOW, "250 принято")
    journal = Journal(tmp_path / "j")
    assert journal.accepted("d1") == Accepted(NOW, "250 принято")
    assert journal.accepted("d2") is None


def test_line_that_a_crash_cut_short_costs_only_itself(tmp_path):
    path = tmp_path / "j"
    Journal(path).note("d1", NOW, "ok")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole + whole[:length])
        journal = Journal(path)
        journal.note("d2", NOW, "ok")
        assert journal.accepted("d1")
        assert Journal(path).accepted("d1")
        assert Journal(path).accepted("d2")


def test_bytes_that_are_no_text_do_not_stop_the_sender(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b'\xff\xfe\x00\n[1]\n{"delivery": 1}\n')
    Journal(path).note("d1", NOW, "ok")
    assert Journal(path).accepted("d1")
