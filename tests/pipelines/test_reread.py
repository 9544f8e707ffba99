"""The archive read anew on an institute of our own: what was read worse is mended, everything else stays, nobody is mailed."""

import io
import json
from datetime import timedelta

import pytest
from reportlab.pdfgen.canvas import Canvas

import assets.rereading
from assets.adoption import adopt, difference
from assets.extraction.records import Extract
from assets.rereading import Scope, folder_of, only_one, reread
from warehouse.errors import ConfigError, StoreBusyError

PROSE = [
    "Talks on the shared railway ended in Vienna on Friday without an agreement on who would pay for the bridges.",
    "Both ministries said that the experts would meet again in Tajikistan and that the survey of the line goes on.",
    "The institute has compared the costs of the three routes and finds that the northern one is the cheapest by far.",
]
REMARK = "The remark below this paper was written by its printers and speaks of their long journey through Mongolia."
RULES = "rules:\n  until: 2099-01-01\n  drop: ['.remark']\n"
WATCHLIST = """entities:
  - {id: tajikistan, kind: region, labels: {en: {names: [Tajikistan]}}}
  - {id: mongolia, kind: region, labels: {en: {names: [Mongolia]}}}
"""
SUBSCRIPTIONS = """subscribers: [{id: desk, name: Desk, address: desk@x.example, timezone: UTC}]
subscriptions:
  - {id: east, subscriber: desk, watch: {any: [mongolia]}}
"""
MAIL = ("alerts", "deliveries", "delivery_alerts", "alert_mentions", "ops.verdicts")
STORED = (
    *MAIL,
    "entries",
    "articles",
    "revisions",
    "mentions",
    "stories",
    "story_articles",
    "pages",
    "extractions",
    "issues",
    "ops.matched",
)


def page(number, remark=""):
    body = "".join(f"<p>{text.replace('the', f'the {number}th', 1)}</p>" for text in PROSE)
    extra = f"<p class=remark>{remark}</p>" if remark else ""
    return f"<html lang=en><head><title>Paper {number}</title></head><body><main><h1>Paper {number}</h1><div>{body}{extra}</div></main></body></html>"


@pytest.fixture(scope="module")
def ready(institute_in, tmp_path_factory):
    """Two papers, read, matched and mailed when nobody knew yet that the remark below the first does not belong to it."""
    with institute_in(tmp_path_factory.mktemp("ready")) as institute:
        (institute.folder / "watchlists" / "list.yaml").write_text(WATCHLIST, "utf-8")
        (institute.folder / "subscriptions.yaml").write_text(SUBSCRIPTIONS, "utf-8")
        institute.publish("p1", "Paper 1", page(1, REMARK))
        institute.publish("p2", "Paper 2", page(2))
        institute.run()
        institute.tell()
        assert len(mails(institute)) == 1
        yield institute


@pytest.fixture
def desk(ready, institute_in, tmp_path):
    """A copy of it for one test."""
    with institute_in(tmp_path / "desk", like=ready) as institute:
        yield institute


def mails(institute):
    return sorted(path.name for path in (institute.folder / "data" / "mail").glob("*.eml"))


def stored(institute, tables=STORED):
    return {table: sorted(map(str, institute.sql(f"SELECT * FROM {table}"))) for table in tables}


def mend(institute):
    """From now on the remark is cut: the operator has written it into the source's file."""
    institute.define(RULES)  # and has not waited for a poll


def look(institute, **scope):
    with institute.flow() as flow, only_one(flow):
        return difference(flow, reread(flow, Scope(**scope)))


def take(institute, **scope):
    with institute.flow() as flow, only_one(flow):
        begun = reread(flow, Scope(**scope))
        told = difference(flow, begun)
        return told, adopt(flow, begun, Scope(**scope), told)


def article_of(institute, title):
    return institute.sql("SELECT * FROM articles WHERE title = $title", title=title)[0]


def test_reading_anew_as_before_changes_nothing(desk):
    before = stored(desk)
    told, adopted = take(desk)
    assert (told.entries, dict(told.counts), adopted.taken) == (2, {}, 0)
    assert stored(desk) == before


def test_a_better_reading_is_shown_taken_over_at_once_and_mailed_to_nobody(desk):
    before, then = stored(desk, MAIL), desk.clock
    mend(desk)
    desk.clock += timedelta(days=30)
    told, adopted = take(desk)
    assert dict(told.counts) == {"text": 1, "mentions": 1, "alerts": 1}
    samples = {sample["what"]: sample for sample in told.samples}
    assert REMARK in samples["text"]["before"]
    assert (samples["mentions"]["before"], samples["mentions"]["after"]) == ("1 × mongolia", "")
    assert (samples["alerts"]["before"], samples["alerts"]["after"]) == ("east", "")
    assert (adopted.taken, adopted.left_aside) == (1, 0)
    kinds = desk.sql(
        "SELECT r.change_kind, contains(r.text, 'Mongolia') AS remark FROM revisions r JOIN articles a USING (article_id) WHERE a.title = 'Paper 1' ORDER BY revision_no"
    )
    assert [tuple(row.values()) for row in kinds] == [("new", True), ("re-extracted", False)]
    assert "Mongolia" not in article_of(desk, "Paper 1")["text"]
    known = "SELECT count(*) FILTER (WHERE contains(text, 'Mongolia')) AS n FROM as_of($moment)"
    # What we knew then is what we had then, however well we read it now.
    assert [desk.sql(known, moment=moment)[0]["n"] for moment in (then, desk.clock)] == [1, 0]
    (ledger,) = desk.sql("SELECT changes, left_aside FROM rereads")
    assert (json.loads(ledger["changes"]), ledger["left_aside"]) == ({"text": 1, "mentions": 1, "alerts": 1}, 0)
    sent = mails(desk)
    desk.tell()
    assert mails(desk) == sent
    assert stored(desk, MAIL) == before


def test_twice_gives_the_same(desk):
    mend(desk)
    take(desk)
    before = stored(desk)
    told, _ = take(desk)
    assert dict(told.counts) == {}
    assert stored(desk) == before
    assert [json.loads(row["changes"])["text"] for row in desk.sql("SELECT changes FROM rereads")] == [1]  # the second has none to tell of


def test_looking_changes_nothing_and_what_was_shown_is_what_is_taken_over(desk, monkeypatch):
    mend(desk)
    before = stored(desk)
    shown = look(desk)
    assert stored(desk) == before
    monkeypatch.setattr(assets.rereading, "read_pages", lambda *_args, **_named: pytest.fail("read a second time"))
    told, adopted = take(desk)
    assert (told, adopted.taken) == (shown, 1)
    assert not list(folder_of_desk(desk).glob("warehouse*"))


def folder_of_desk(institute):
    with institute.flow() as flow:
        return folder_of(flow)


def test_one_that_was_stopped_goes_on_where_it_was(desk, monkeypatch):
    mend(desk)
    good, calls = assets.rereading.read_pages, []

    def dies_at_the_second(flow, pages, *rest, **named):
        calls.append([one["url"] for one in pages])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return good(flow, pages, *rest, **named)

    monkeypatch.setattr(assets.rereading, "BATCH", 1)
    monkeypatch.setattr(assets.rereading, "read_pages", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        take(desk)
    told, _ = take(desk)
    assert dict(told.counts) == {"text": 1, "mentions": 1, "alerts": 1}
    assert sorted(calls[:2]) == [[desk.url("p1")], [desk.url("p2")]]
    assert calls[2:] == calls[1:2]


def test_what_changed_meanwhile_stays_as_it_is_and_can_be_read_anew(desk):
    mend(desk)
    shown = look(desk)
    desk.publish("p1", "Paper 1", page(1, REMARK).replace("Vienna", "Geneva"))
    desk.run(hours=25)
    desk.tell()
    edited = stored(desk)
    told, adopted = take(desk)
    assert (told, adopted.taken, adopted.left_aside) == (shown, 0, 1)
    assert stored(desk) == edited


def test_what_is_still_on_its_way_is_left_to_the_flow_so_that_its_alert_is_not_lost(desk):
    desk.publish("p3", "Paper 3", page(3, "Herders of Mongolia have told the author of this paper more than is printed here, it seems."))
    desk.run(hours=2)
    told, _ = take(desk)
    assert told.on_their_way
    desk.tell()
    assert len(mails(desk)) == 2


def test_entries_are_what_their_documents_say(desk):
    good = desk.sql("SELECT * FROM entries ORDER BY entry_id")
    write(
        desk,
        "UPDATE entries SET title = 'Pap\ufffdr', published_at = NULL, published_quality = NULL, content_hash = 'x' WHERE title = 'Paper 1'",
    )
    told, _ = take(desk)
    assert told.counts["entry"] == 1
    assert "Paper 1" in next(sample["after"] for sample in told.samples if sample["what"] == "entry")
    assert desk.sql("SELECT * FROM entries ORDER BY entry_id") == good


def test_an_entry_that_an_older_parser_passed_over_is_found_and_told_to_nobody(desk):
    gone = article_of(desk, "Paper 1")["article_id"]
    for table, column in {
        "entries": "entry_id",
        "pages": "entry_id",
        "ops.entry_keys": "entry_id",
        "articles": "article_id",
        "mentions": "article_id",
    }.items():
        write(desk, f"DELETE FROM {table} WHERE {column} = '{gone}'")
    told, adopted = take(desk)
    assert (told.counts["found"], adopted.taken) == (1, 1)
    desk.run(hours=2)
    desk.tell()
    assert article_of(desk, "Paper 1")["baseline"]
    assert len(mails(desk)) == 1


def test_a_wrong_date_and_lost_mentions_are_mended_without_a_revision(desk):
    wanted = stored(desk, ("revisions", "mentions"))
    date = article_of(desk, "Paper 2")["published_at"]
    write(desk, "UPDATE articles SET published_at = '1999-01-01 00:00:00+00' WHERE title = 'Paper 2'")
    write(desk, "DELETE FROM mentions WHERE entity = 'tajikistan'")
    told, _ = take(desk, first="texts")
    assert dict(told.counts) == {"date": 1, "mentions": 2}
    assert article_of(desk, "Paper 2")["published_at"] == date
    assert stored(desk, ("revisions", "mentions")) == wanted


def test_an_entry_whose_documents_were_dropped_stays_as_it_is(desk):
    write(desk, "UPDATE entries SET title = 'Older words', content_hash = 'x' WHERE title = 'Paper 1'")
    write(desk, "UPDATE fetches SET warc_file = NULL, warc_offset = NULL, warc_length = NULL WHERE purpose = 'feed'")
    before = stored(desk, ("entries",))
    told, _ = take(desk)
    assert told.counts["entry"] == 0
    assert stored(desk, ("entries",)) == before


def test_only_what_was_asked_for_is_read(desk):
    later, one = desk.clock + timedelta(minutes=1), article_of(desk, "Paper 2")["article_id"]
    scopes = [({"sources": ("own",)}, 2), ({"until": later}, 2), ({"articles": (one,)}, 1)]
    assert [look(desk, **scope, first="mentions").entries for scope, _ in scopes] == [wanted for _, wanted in scopes]
    with pytest.raises(ConfigError, match="no entry"):
        look(desk, since=later)


def test_a_changed_watch_list_is_taken_up_first(desk):
    (desk.folder / "watchlists" / "list.yaml").write_text(WATCHLIST.replace("[Tajikistan]", "[Tajikistan, Dushanbe]"), "utf-8")
    with pytest.raises(ConfigError, match="watch list has changed") as refusal:
        look(desk)
    assert "rematch" in refusal.value.hint


def printed(*sheets):
    canvas = Canvas(file := io.BytesIO())
    for text in sheets:
        canvas.drawString(40, 780, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def reporting(desk):
    """Two reports beside a third paper, one of which an older reader took for a scan and the other of which it read in part."""
    from assets.attachments import match_attachments

    desk.serve("bridges.pdf", printed("The bridges of Mongolia are older than its rails.", "Each of them was counted twice by hand."))
    desk.serve("scan.pdf", printed("A report on ferries tells of Tajikistan and of the rivers that come from there."))
    files = "".join(f'<enclosure url="{desk.url(name)}" length="0" type="application/pdf"/>' for name in ("bridges.pdf", "scan.pdf"))
    desk.publish("p3", "Paper 3", page(3), more=files)
    desk.run(hours=1)
    desk.tell()
    with desk.flow() as flow:
        match_attachments(flow)
    write(desk, "UPDATE attachments SET text = 'Each of them was counted.', zones = [] WHERE url LIKE '%bridges.pdf'")
    write(desk, "UPDATE attachments SET state = 'unreadable', text = NULL, error = 'scanned' WHERE url LIKE '%scan.pdf'")
    write(desk, "DELETE FROM attachment_mentions")
    return desk


def test_reports_beside_pages_are_read_anew_too_and_their_mentions_with_them(reporting, monkeypatch):
    before = stored(reporting)
    reporting.clock += timedelta(days=1)
    told, adopted = take(reporting)
    assert (dict(told.counts), adopted.taken) == ({"report": 2, "report mentions": 2}, 1)
    assert {"1 × mongolia", "1 × tajikistan"} == {one["after"] for one in told.samples if one["what"] == "report mentions"}
    found = reporting.sql(
        "SELECT state, error, entity, sentence FROM attachment_sentences JOIN attachments USING (attachment_id) ORDER BY entity"
    )
    assert [(row["state"], row["error"], row["entity"]) for row in found] == [("read", None, "mongolia"), ("read", None, "tajikistan")]
    assert found[0]["sentence"] == "The bridges of Mongolia are older than its rails."
    assert stored(reporting) == before
    before = reporting.sql("SELECT * FROM attachments ORDER BY ALL")
    # One that cannot be read any more stays, and is said.
    monkeypatch.setattr("assets.rereading_reports.read_reports", lambda _, rows: [Extract("error", "broken_pdf")] * len(rows))
    told, _ = take(reporting)
    assert dict(told.counts) == {"lost": 2}
    assert reporting.sql("SELECT * FROM attachments ORDER BY ALL") == before


def test_what_was_taken_over_later_is_known_only_since_then(desk):
    mend(desk)
    desk.clock += timedelta(days=1)
    look(desk)
    before, desk.clock = desk.clock, desk.clock + timedelta(days=1)
    take(desk)
    known = "SELECT count(*) FILTER (WHERE contains(text, 'Mongolia')) AS n FROM as_of($moment)"
    assert [desk.sql(known, moment=moment)[0]["n"] for moment in (before, desk.clock)] == [1, 0]
    assert article_of(desk, "Paper 1")["changed_at"] == desk.clock


def test_only_one_reads_anew_at_a_time(desk):
    with desk.flow() as flow, only_one(flow), pytest.raises(StoreBusyError, match="another process"), only_one(flow):
        pass


def test_the_command_shows_asks_and_takes_over(desk, thinkwatch):
    mend(desk)
    config = ("--config", desk.folder / "thinkwatch.toml", "reread", "--source", "own")
    shown = thinkwatch(*config)
    assert "1 articles that would alert others" in shown.stdout
    assert REMARK[:40] in shown.stdout
    assert "nothing was taken over" in shown.stderr
    assert desk.sql("SELECT count(*) AS n FROM rereads") == [{"n": 0}]
    done = json.loads(thinkwatch(*config, "--yes", "--json").stdout)
    assert done["adopted"] == {"taken": 1, "left_aside": 0}
    assert done["by_source"] == {"own": {"text": 1, "mentions": 1, "alerts": 1}}
    wrong = thinkwatch("--config", desk.folder / "thinkwatch.toml", "reread", "--source", "nobody", check=False)
    assert (wrong.returncode, "there is no source 'nobody'" in wrong.stderr) == (2, True)


def write(institute, sql):
    with institute.flow() as flow, flow.warehouse.transaction() as transaction:
        transaction.connection.execute(sql)
