"""The reader: what is marked, what changed, and that a page's own words stay words."""

from datetime import UTC, datetime

from pipelines.desk.reading import article, side_by_side

SEEN = datetime(2021, 9, 20, 18, 0, tzinfo=UTC)


def revision(number, text, title="Title", **more):
    facts = {"source": "Institute", "source_id": "s", "url": "https://s.example/1", "authors": ["Å. Author"], "published_at": SEEN}
    return {
        "revision_id": str(number), "revision_no": number, "change_kind": "edited" if number > 1 else "new", "seen_from": SEEN, "title": title,
        "text": text, "published_quality": "day", "withdrawn_at": None,
    } | facts | more  # fmt: skip


def mark(entity, start, end, *, field="text", alerting=True, of="1"):
    return {
        "revision_id": of,
        "entity": entity,
        "label": entity.upper(),
        "field": field,
        "start_char": start,
        "end_char": end,
        "alerting": alerting,
    }


def test_each_mention_is_marked_where_it_stands_in_any_script():
    page = article(revision(1, "В Таджикистане.\n\nОДКБ — там же."), [mark("tajikistan", 2, 14), mark("csto", 17, 21)])
    assert '<p>В <mark style="background:#ffd8c2" title="TAJIKISTAN">Таджикистане</mark>.</p>' in page
    assert '<mark style="background:#fff3a3" title="CSTO">ОДКБ</mark> — там же.' in page
    assert "TAJIKISTAN × 1" in page


def test_marks_of_other_revisions_and_overlapping_ones_do_not_break_the_text():
    page = article(revision(1, "North Atlantic Treaty"), [mark("nato", 0, 21), mark("arctic", 6, 14), mark("un", 0, 5, of="2")])
    assert page.count("<mark") == 1 + 2
    assert ">North Atlantic Treaty</mark>" in page


def test_what_alerts_nobody_is_grey():
    assert "background:#e9e9e9" in article(revision(1, "MOSCOW, 19 Sep."), [mark("moscow", 0, 6, alerting=False)])


def test_the_words_of_a_page_stay_words():
    hostile = revision(
        1, "<script>alert(1)</script> & <img src=x onerror=y>", "<b>Bold</b>", url="javascript:alert(1)", authors=["<i>me</i>"]
    )
    for shown in (article(hostile, [mark("x", 0, 8)]), side_by_side(hostile, revision(2, "<svg onload=z>"))):
        for tag in ("<script", "<img", "<b>Bold", "<i>", "<svg", "javascript:"):
            assert tag not in shown


def test_two_revisions_stand_paragraph_beside_paragraph_with_the_changed_words_marked():
    shown = side_by_side(
        revision(1, "Same.\n\nSigned in Minsk.\n\nGone."), revision(2, "Same.\n\nSigned in Dushanbe.\n\nAdded one.\n\nAdded two.")
    )
    assert "<td>Same.</td><td>Same.</td>" in shown
    assert "<td>Signed in <del>Minsk</del>.</td><td>Signed in <ins>Dushanbe</ins>.</td>" in shown
    assert "<td></td><td><ins>Added two.</ins></td>" in shown
    assert "revision 2 · edited · 2021-09-20 18:00 UTC" in shown


def test_a_withdrawn_article_says_so():
    assert "withdrawn, seen 2021-09-20" in article(revision(1, "Text.", withdrawn_at=SEEN), [])
    assert "names nobody who is watched" in article(revision(1, "Text."), [])
