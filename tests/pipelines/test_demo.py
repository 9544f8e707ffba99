"""The fortnight, as each of the three people would find it."""

import email
import email.policy
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import get_args

import pytest

from pipelines.replay.clock import LAST_TICK
from pipelines.replay.truth import Change, changes, planted, truth

# Who asked for what in the demo's subscriptions.yaml; the moscow-desk wants ОДКБ and Central Asia in one paragraph.
WATCHED = {"central-asia-desk": {"tajikistan"}, "security-desk": {"csto"}, "ankara-desk": {"turkey", "syria"}}
BOTH_IN_ONE_PARAGRAPH = ("csto-structure", "csto-summit")


def seed(demo):
    (row,) = demo.sql("SELECT a.*, r.cut FROM articles a JOIN revisions r USING (revision_id) WHERE a.title LIKE 'CSTO Summit%'")
    return row


@cache
def slugs():
    """Every address that was ever given for an article, with its slug."""
    return {address: article.slug for article in truth(LAST_TICK) for address in article.addresses}


def article_at(url):
    """The article of the truth list that was shown at an address; the address itself where there is none."""
    return slugs().get(url, url)


# What the institutes' servers do on which day is in pipelines/replay/institutes, above all in hostile/site.toml.
@pytest.mark.fault(
    "F1", "F9", "F10", "F14", "F15", "F17", "F18", "F19", "F20", "F26", "H30", "H32", "H33", "H34", "H39", "H42", "H43", "H44", "H45"
)
@pytest.mark.fault("H50", "P54", "P55", "P62")
def test_every_article_that_the_site_ever_showed_is_stored_once(demo):
    stored = Counter((row["source_id"], article_at(row["url"])) for row in demo.sql("SELECT source_id, url FROM articles"))
    assert stored == Counter((article.institute, article.slug) for article in truth(LAST_TICK))
    assert demo.summary["articles"] == len(truth(LAST_TICK))


def test_every_stored_text_is_the_authors_text(demo):
    stored = {article_at(row["url"]): row["text"] for row in demo.sql("SELECT url, text FROM articles")}
    different = [article.url for article in truth(LAST_TICK) if stored[article.slug] != article.gold_text]
    assert different == []


def test_each_planted_edit_withdrawal_return_and_copy_is_found_and_nothing_else_is(demo):
    edits = demo.sql(
        """SELECT a.url, r.text <> p.text AS reworded, r.change_kind FROM revisions r JOIN articles a USING (article_id)
        JOIN revisions p ON p.article_id = r.article_id AND p.revision_no = r.revision_no - 1"""
    )
    # A text of the feed that the page completes is said to be that, whatever else has changed in it.
    assert {row["change_kind"] for row in edits} <= {"edited", "completed"}
    found = Counter(("silent edit" if row["reworded"] else "title edit", article_at(row["url"])) for row in edits)
    for row in demo.sql(
        "SELECT a.url, a.withdrawn_at, w.withdrawn_at AS gone_at, w.restored_at FROM withdrawals w JOIN articles a USING (article_id)"
    ):
        found["withdrawal", article_at(row["url"])] += 1
        found["restoration", article_at(row["url"])] += row["restored_at"] is not None
        assert row["withdrawn_at"] == (None if row["restored_at"] else row["gone_at"])
    found.update(("copy", article_at(row["url"])) for row in demo.sql("SELECT url FROM story_articles JOIN articles USING (article_id)"))
    assert +found == Counter(changes())
    assert {kind for kind, _ in changes()} == set(get_args(Change))


def test_a_reprint_belongs_to_the_story_of_its_original_and_a_text_on_the_same_road_does_not(demo):
    original = {article.copies: article.slug for article in truth(LAST_TICK) if article.copies}
    rows = demo.sql(
        """SELECT a.url, f.url AS first_url, m.reason, m.similarity FROM story_articles m JOIN articles a USING (article_id)
        JOIN stories s ON s.story_id = m.story_id JOIN articles f ON f.article_id = s.first_article_id"""
    )
    assert {article_at(row["first_url"]): article_at(row["url"]) for row in rows} == original
    assert all(row["reason"] and row["similarity"] < 1 for row in rows)
    on_the_road = [slug for slug in slugs().values() if slug.startswith("pamir-")]
    assert len(set(on_the_road)) == 3


def test_every_report_beside_a_page_is_read_whole_and_its_names_are_for_analysts_alone(demo):
    told = {article.slug: article for article in truth(LAST_TICK) if article.report_text and article.report_text != article.gold_text}
    rows = demo.sql("SELECT a.url, d.state, d.text, d.attachment_id FROM attachments d JOIN articles a USING (article_id)")
    # A paragraph that ends with the last line of a page, or does not, looks the same: only the words are compared.
    assert {article_at(row["url"]): (row["state"], row["text"].split()) for row in rows} == {
        slug: ("read", article.report_text.split()) for slug, article in told.items()
    }
    named = {slug: set() for slug in told}
    for row in demo.sql("SELECT a.url, m.entity FROM attachment_mentions m JOIN articles a USING (article_id)"):
        named[article_at(row["url"])].add(row["entity"])
    assert named == {slug: set(article.inside) for slug, article in told.items()}
    only_inside = {slug: article.inside - article.expect for slug, article in told.items() if article.inside - article.expect}
    assert only_inside
    alerts = demo.sql("SELECT a.url, al.entities FROM alerts al JOIN articles a USING (article_id)")
    assert not [row for row in alerts if only_inside.get(article_at(row["url"]), frozenset()) & set(row["entities"])]


def test_a_feed_that_nobody_has_written_for_twelve_years_is_stale_beside_a_page_that_works(demo):
    rows = demo.sql("SELECT url, state FROM source_health WHERE source_id = 'static-table'")
    assert {row["url"].rpartition("/")[2]: row["state"] for row in rows} == {"news.rdf": "stale", "novosti.htm": "working"}


def test_nothing_planted_around_an_article_is_in_any_revision(demo):
    texts = demo.sql("SELECT a.source_id, a.url, r.text FROM revisions r JOIN articles a USING (article_id)")
    leaks = [
        (row["url"], words)
        for row in texts
        for tick in range(LAST_TICK + 1)
        for words in planted(row["source_id"], article_at(row["url"]), tick)
        if words in row["text"]
    ]
    assert leaks == []


def test_the_seed_article_is_stored_without_one_line_of_its_tail(demo):
    text = seed(demo)["text"]
    assert text.startswith("MOSCOW, 19 Sep 2021, RUSSTRAT Institute.\n\nOn September 16 of this year")
    assert text.endswith(
        "Elena Panina – Director of the RUSSTRAT Institute\n\nInstitute for International Political and Economic Strategies – RUSSTRAT"
    )


def test_the_seed_mentions_whom_it_speaks_of_and_nobody_from_its_teasers(demo):
    rows = demo.sql("SELECT DISTINCT entity FROM mentions WHERE article_id = $id AND alerting", id=seed(demo)["article_id"])
    found = {row["entity"] for row in rows}
    assert {"csto", "tajikistan", "afghanistan", "central-asia", "un", "united-states"} <= found
    assert not found & {"turkey", "syria"}
    assert any("Erdogan" in cut["text"] for cut in seed(demo)["cut"])


def test_every_mention_stands_where_it_says(demo):
    wrong = demo.sql(
        """SELECT m.mention_id FROM mentions m LEFT JOIN revisions r USING (revision_id)
        WHERE substring(CASE m.field WHEN 'text' THEN r.text ELSE r.title END, m.start_char + 1, m.end_char - m.start_char)
            IS DISTINCT FROM m.matched"""
    )
    assert wrong == []
    assert demo.summary["mentions"] > 100


def test_the_expected_entities_are_found_in_every_article_and_no_other_alerts(demo):
    rows = demo.sql("SELECT a.url, m.entity FROM mentions m JOIN articles a USING (revision_id) WHERE m.alerting")
    found = {}
    for row in rows:
        found.setdefault(article_at(row["url"]), set()).add(row["entity"])
    differences = {
        article.url: (set(article.expect) ^ found.get(article.slug, set()))
        for article in truth(LAST_TICK)
        if set(article.expect) != found.get(article.slug, set())
    }
    assert differences == {}


def test_a_russian_article_with_inflected_names_alerts_its_subscribers(demo):
    rows = demo.sql(
        """SELECT al.subscriber_id, m.matched FROM alerts al
        JOIN alert_mentions am USING (alert_id) JOIN mentions m USING (mention_id) JOIN revisions r ON r.revision_id = al.revision_id
        WHERE r.language = 'ru'"""
    )
    assert ("central-asia-desk", "Таджикистане") in {(row["subscriber_id"], row["matched"]) for row in rows}
    assert ("security-desk", "ОДКБ") in {(row["subscriber_id"], row["matched"]) for row in rows}


def test_no_subscriber_is_told_of_a_word_that_stands_only_in_a_teaser(demo):
    about = {article.slug: set(article.expect) for article in truth(LAST_TICK)}
    rows = demo.sql("SELECT a.url, al.entities FROM alerts al JOIN articles a USING (article_id)")
    assert rows
    assert [row for row in rows if not set(row["entities"]) <= about[article_at(row["url"])]] == []


def test_the_mails_are_those_of_the_truth_list_each_due_article_once_a_subscriber(demo):
    # What was older than two days at the first look is a baseline and nobody's news.
    since = datetime(2021, 9, 15, 18, tzinfo=UTC) - timedelta(hours=48)
    news = [article for article in truth(LAST_TICK) if article.published is None or article.published >= since]
    due = {(reader, article.slug) for article in news for reader, watched in WATCHED.items() if article.expect & watched}
    # A reprint names nobody whom its original does not name: who was told of that is told once.
    due -= {(reader, article.slug) for reader in WATCHED for article in news if article.copies}
    due |= {("moscow-desk", slug) for slug in BOTH_IN_ONE_PARAGRAPH}
    rows = demo.sql(
        """SELECT d.subscriber_id, a.url, d.receipt FROM deliveries d
        JOIN delivery_alerts c USING (delivery_id) JOIN alerts al ON al.alert_id = c.alert_id JOIN articles a USING (article_id)
        WHERE d.state = 'sent'"""
    )
    told = Counter((row["subscriber_id"], article_at(row["url"])) for row in rows)
    assert told == dict.fromkeys(due, 1)
    assert {row["receipt"] for row in rows} == {path.name for path in (demo.folder / "mail").glob("*.eml")}


def test_every_alert_has_its_proof_its_delivery_and_one_mail(demo):
    unproved = demo.sql(
        """SELECT alert_id FROM alerts al
        WHERE NOT EXISTS (SELECT 1 FROM alert_mentions am JOIN mentions m USING (mention_id) WHERE am.alert_id = al.alert_id)"""
    )
    assert unproved == []
    deliveries = demo.sql("SELECT d.state, d.message_id, d.maybe_duplicate FROM alerts al JOIN deliveries d USING (alert_id)")
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in (demo.folder / "mail").glob("*.eml")]
    assert sorted(row["message_id"] for row in deliveries) == sorted(mail["Message-ID"] for mail in mails)
    assert {(row["state"], row["maybe_duplicate"]) for row in deliveries} == {("sent", False)}


def test_a_mail_quotes_the_sentence_that_triggered_it_in_both_of_its_parts(demo):
    rows = demo.sql(
        """SELECT d.message_id, substring(r.text, m.sentence_start + 1, m.sentence_end - m.sentence_start) AS sentence
        FROM deliveries d JOIN alerts al USING (alert_id) JOIN alert_mentions am USING (alert_id) JOIN mentions m USING (mention_id)
        JOIN revisions r ON r.revision_id = al.revision_id WHERE al.article_id = $id AND m.field = 'text' ORDER BY m.start_char""",
        id=seed(demo)["article_id"],
    )
    mails = {}
    for path in (demo.folder / "mail").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        mails[message["Message-ID"]] = message
    first = {row["message_id"]: row["sentence"] for row in reversed(rows)}
    for message_id, sentence in first.items():
        text = " ".join(mails[message_id].get_body(("plain",)).get_content().replace("*", "").split())
        assert " ".join(sentence.split()) in text


def test_a_second_run_finds_nothing_new_sends_nothing_and_says_what_to_try_next(demo, thinkwatch):
    before = sorted(path.name for path in (demo.folder / "mail").iterdir())
    said = thinkwatch("demo", "--dir", demo.folder).stdout
    counted = {
        cells[0]: int(cells[1]) for line in said.splitlines() if (cells := line.split()) and cells[0] in demo.summary and cells[1].isdigit()
    }
    assert counted == {noun: count for noun, count in demo.summary.items() if isinstance(count, int)}
    assert sorted(path.name for path in (demo.folder / "mail").iterdir()) == before
    for words in ("thinkwatch.duckdb", "mail/", "Try next", "explain", "Nothing new"):
        assert words in said


def test_the_analysts_copy_opens_with_plain_duckdb(demo):
    script = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql('SELECT count(*) FROM articles').fetchone()[0])"
    seen = subprocess.run([sys.executable, "-c", script, demo.folder / "thinkwatch.duckdb"], capture_output=True, text=True, check=True)
    assert int(seen.stdout) == demo.summary["articles"]


def test_explain_says_what_was_cut_by_which_rule_and_why_turkey_did_not_match(demo, thinkwatch):
    said = thinkwatch("--config", demo.config, "explain", seed(demo)["article_id"][:8], "--entity", "turkey").stdout
    assert "related" in said
    assert "Erdogan" in said
    assert "Why turkey did or did not match" in said
    assert "stands only in what was cut as related" in said
    data = json.loads(thinkwatch("--config", demo.config, "explain", seed(demo)["url"], "--json").stdout)
    assert {mention["entity"] for mention in data["mentions"]} >= {"csto", "tajikistan"}
    assert {delivery["state"] for delivery in data["deliveries"]} == {"sent"}


def test_sql_prints_tables_csv_and_json_and_cannot_write(demo, thinkwatch):
    question = "SELECT source_id, count(*) AS n FROM articles GROUP BY ALL ORDER BY ALL"
    rows = [json.loads(line) for line in thinkwatch("--config", demo.config, "sql", question, "--json").stdout.splitlines()]
    assert sum(row["n"] for row in rows) == demo.summary["articles"]
    assert thinkwatch("--config", demo.config, "sql", question, "--csv").stdout.splitlines()[0] == "source_id,n"
    assert "elementor-old" in thinkwatch("--config", demo.config, "sql", question).stdout
    refused = thinkwatch("--config", demo.config, "sql", "DROP TABLE articles", check=False)
    assert refused.returncode == 2
    assert "read-only" in refused.stderr


def test_status_and_doctor_find_all_well_but_the_feed_that_is_none(demo, thinkwatch):
    ill = {row["url"]: row["state"] for row in demo.sql("SELECT url, state FROM feeds WHERE state <> 'working'")}
    assert ill == {"http://listing-only.example/rss": "not_a_feed", "http://static-table.example/news.rdf": "stale"}
    assert thinkwatch("--config", demo.config, "status", check=False).stdout.count("working") == demo.summary["feeds"] - len(ill)
    report = [json.loads(line) for line in thinkwatch("--config", demo.config, "doctor", "--json").stdout.splitlines()]
    assert [finding for finding in report if finding["state"] == "bad"] == []
