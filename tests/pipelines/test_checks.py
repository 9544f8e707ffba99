"""What the looks find odd, on the real store: each on rows that are well and on rows that are not."""

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.looks import LATEST, LOOKS, change_of_volume, jumps


def test_a_source_whose_pages_are_read_worse_since_a_day_is_named_with_the_day_and_the_page(warehouse, now):
    rows = [
        {
            "page_id": f"{source}{number:02}", "article_id": f"{source}{number:02}", "source_id": source, "fetched_at": now + timedelta(days=number),
            "verdict": "ok", "score": 0.3 if source == "ill" and number >= 30 else 0.9, "characters": 1, "link_density": 0.0, "cut_share": 0.0,
            "zones": [], "dated": True, "titled": True, "extractor": "zones/1", "template_id": None,
        }
        for source in ("ill", "well")
        for number in range(38)
    ]  # fmt: skip
    with warehouse.transaction() as transaction:
        transaction.merge("extractions", rows, key=["page_id"])
        found = jumps(transaction.rows("latest_scores", most=LATEST))
    assert found == [
        {"source": "ill", "since": (now + timedelta(days=30)).date().isoformat(), "before": 0.9, "after": 0.3, "page": "ill30"}
    ]


def day(number):
    return timedelta(days=number)


class Store:
    """A store into which a test puts sources, entries, texts and mails, and of which it asks one look."""

    def __init__(self, warehouse, now):
        self.warehouse, self.now = warehouse, now

    def put(self, table, key, *rows):
        with self.warehouse.transaction() as transaction:
            for row in rows:
                transaction.merge(table, [row], key=[key])

    def source(self, source_id, *, state="working", kind="rss", since=100, polled=0, definition=None, feed=None):
        feed = {
            "feed_id": feed or source_id,
            "source_id": source_id,
            "url": f"https://{source_id}.example/{kind}",
            "kind": kind,
            "enabled": True,
        }
        times = {"state_since": self.now - day(3), "first_good_at": self.now - day(since), "last_good_at": self.now - day(polled)}
        self.put(
            "sources",
            "source_id",
            {"source_id": source_id, "name": source_id, "enabled": True, "added_at": self.now, "definition": definition or {}},
        )
        self.put("feeds", "feed_id", feed | times | {"state": state, "failures": 3, "permanent_seen": 0, "last_error": "what happened"})

    def entries(self, source_id, *ages, in_feed=True, feed=None):
        for number, age in enumerate(ages):
            name = f"{source_id}-{feed}-{number}"
            moment = self.now - day(age)
            row = {
                "entry_id": name,
                "source_id": source_id,
                "feed_id": feed or source_id,
                "title": name,
                "url": f"https://{source_id}.example/{number}",
            }
            row |= {"content_hash": "", "baseline": False, "first_seen_at": moment, "last_seen_at": self.now, "published_at": moment}
            row |= {"page_state": "done", "page_visits": 1, "page_failures": 0, "in_feed_at": moment if in_feed else None}
            self.put("entries", "entry_id", row)

    def article(self, source_id, text, *, cut=(), language="en"):
        article_id = f"{source_id}-{len(text)}"
        revision = {
            "revision_id": article_id,
            "article_id": article_id,
            "revision_no": 1,
            "change_kind": "new",
            "seen_from": self.now,
            "title": "Title",
        }
        revision |= {"text": text, "zones": [], "text_hash": "", "text_source": "page", "extractor": "zones/2"}
        self.put(
            "revisions", "revision_id", revision | {"cut": [{"kind": "related", "rule": "class: related", "text": words} for words in cut]}
        )
        article = {
            "article_id": article_id,
            "revision_id": article_id,
            "source_id": source_id,
            "story_id": article_id,
            "title": "Title",
            "text": text,
        }
        article |= {"language": language, "text_source": "page", "first_seen_at": self.now, "changed_at": self.now, "baseline": False}
        self.put("articles", "article_id", article)

    def mail(self, state, hours):
        row = {
            "delivery_id": f"{state}{hours}",
            "alert_id": "a",
            "subscriber_id": "desk",
            "channel": "eml",
            "state": state,
            "message_id": "m",
            "kind": "alert",
        }
        row |= {"attempts": 2, "created_at": self.now - timedelta(hours=hours), "maybe_duplicate": False, "error": "relay down"}
        self.put("deliveries", "delivery_id", row)

    def look(self, name):
        with self.warehouse.transaction() as transaction:
            return LOOKS[name][1](transaction, self.now)


@pytest.fixture
def store(warehouse, now):
    return Store(warehouse, now)


@pytest.mark.parametrize("name", LOOKS)
def test_where_nothing_is_odd_every_look_passes(store, name):
    store.source("well")
    store.entries("well", 1, 2, 3, 4, 5)
    store.article("well", "A paragraph of prose that says something.\n\nAnother one.")
    seen = store.look(name)
    assert seen.passed, seen
    assert seen.words


def test_an_ill_source_is_named_with_what_to_do(store):
    store.source("well")
    store.source("ill", state="blocked")
    seen = store.look("sources_healthy")
    assert not seen.passed
    assert seen.words == "1 source not well: ill"
    [row] = seen.rows
    assert (row["source"], row["what"], row["why"]) == ("[ill](https://ill.example/rss)", "blocked", "what happened")
    assert "Ask the site" in row["to do"]


@pytest.mark.fault("O129")
def test_o129_a_source_is_stale_by_its_own_rhythm_and_not_for_our_own_absence(store):
    store.source("daily")
    store.entries("daily", *range(6, 20))  # silent for six of its days
    store.source("weekly")
    store.entries("weekly", 6, 13, 20, 27, 34)
    store.source("away", polled=5)  # it was we who did not ask for five days
    store.entries("away", *range(6, 20))
    seen = store.look("sources_fresh")
    assert seen.words == "1 source silent for more than 5 times their usual gap: daily"
    assert next((row["source"], row["stale"], row["times"]) for row in seen.rows) == ("daily", "stale", 6.0)
    assert {row["source"]: row["usual gap in days"] for row in seen.rows} == {"daily": 1.0, "weekly": 7.0, "away": 1.0}


def volume(last, weeks, since=100):
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    days = {(now - day(7 * week + 1)).date(): count for week, count in enumerate([last, *weeks])}
    return change_of_volume("s", days, now - day(since), now)


@pytest.mark.fault("O130")
@pytest.mark.parametrize(
    ("last", "weeks", "told"),
    [
        (100, [10] * 9, True),  # ten times the usual
        (0, [14] * 9, True),  # nothing for a week
        (14, [10, 12, 9, 15, 8, 11], False),
        (6, [1] * 9, False),  # six times, but few
        (0, [4] * 9, False),  # may well happen
        (25, [10] * 9, False),  # not three times
        (100, [10] * 3, False),  # too short a history
    ],
)
def test_o130_a_week_is_held_against_the_weeks_before_it(last, weeks, told):
    since = 7 * (len(weeks) + 1)
    found = volume(last, weeks, since)
    assert (found is not None) == told
    if told:
        assert (found["last seven days"], found["weeks"]) == (last, len(weeks))


def test_a_source_whose_volume_changed_is_told_from_the_store(store):
    store.source("loud")
    store.entries("loud", *(0.1 for _ in range(40)), *(7 * week + 3 for week in range(1, 9) for _ in range(3)))
    assert store.look("volumes_usual").words == "1 source bringing far more or fewer entries than usual: loud"


def test_what_a_file_expects_is_held_against_what_came(store):
    expect = {"per_week": [5, 20], "silent_days": 1, "characters": [1000, 9000], "languages": ["ru"]}
    store.source("odd", definition={"expect": expect})
    store.entries("odd", 2, 3)
    store.article("odd", "Short.")
    assert [row["what"] for row in store.look("as_expected").rows] == [
        "2 new entries in seven days, 5 to 20 expected",
        "silent for 2.0 days, at most 1 expected",
        "6 characters in the median article, 1,000 to 9,000 expected",
        "articles in en, only ru expected",
    ]
    store.source("odd", definition={"expect": {"per_week": [1, 20]}})
    assert store.look("as_expected").passed


def test_what_stands_on_the_site_and_never_in_the_feed_is_listed(store):
    store.source("site")
    store.source("site", kind="sitemap", feed="map")
    store.entries("site", 1, 3, in_feed=False, feed="map")  # the younger one may yet come into the feed
    store.entries("site", 4, feed="site")
    store.source("only-listing", kind="listing")
    store.entries("only-listing", 5, in_feed=False)
    [row] = store.look("feeds_complete").rows
    assert (row["source"], row["found in"], row["entry"]) == ("site", "sitemap", "[site-map-1](https://site.example/1)")


def test_what_was_cut_and_furniture_in_a_text_are_shown_and_prose_is_not(store):
    teaser = "Russtrat world: Erdogan and his Syrian trap, what the institute says of it"
    store.article("leaky", f"Prose about sharing.\n\n{teaser}\n\nShare on Facebook", cut=[teaser, "Share on Twitter"])
    store.article("clean", "We share on this view with others, the minister said, and subscribe to none of it whatever.", cut=[teaser])
    seen = store.look("texts_clean")
    assert [(row["source"], row["words"]) for row in seen.rows] == [("leaky", teaser), ("leaky", "Share on Facebook")]


def test_mails_that_wait_and_parked_ones_are_shown_with_the_reason(store):
    store.mail("new", 1)
    store.mail("sent", 30)
    assert store.look("mail_flows").passed
    store.mail("unknown", 3)
    store.mail("parked", 80)
    seen = store.look("mail_flows")
    assert seen.words == "1 parked, 1 waiting for more than two hours"
    assert seen.numbers == {"parked": 1, "late": 1, "oldest_hours": 80.0}
    assert {row["why"] for row in seen.rows} == {"relay down"}
