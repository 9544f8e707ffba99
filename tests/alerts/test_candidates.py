"""Candidates as the store gives them."""

from datetime import timedelta

from alerts.candidates import read_candidates


def read(newsroom, **given):
    with newsroom.warehouse.transaction() as transaction:
        return read_candidates(transaction, **given)


def test_stored_article_comes_back_as_it_was(newsroom):
    stored = newsroom.candidate()
    newsroom.put(stored, newsroom.candidate("a2", title="Other", text="No names."))
    first, second = sorted(read(newsroom), key=lambda one: one.article_id)
    assert set(first.salience) == {"csto", "tajikistan", "nato", "afghanistan"}
    assert first.salience["tajikistan"] > first.salience["nato"] > 0
    assert first.mentions == stored.mentions
    assert (first.title, first.text, first.source_name, first.country, first.published_at) == (
        stored.title,
        stored.text,
        "RUSSTRAT",
        "RU",
        stored.published_at,
    )
    assert (first.rematched, first.earlier_entities, second.mentions) == (False, frozenset(), ())


def test_decided_and_failed_ones_do_not_come_again_but_can_be_asked_for(newsroom):
    newsroom.put(newsroom.candidate("a1"), newsroom.candidate("a2"), newsroom.candidate("a3"))
    newsroom.rows("UPDATE ops.matched SET decided_at = matched_at WHERE revision_id = 'a1r1'")
    newsroom.rows("UPDATE ops.matched SET error = 'the matcher failed' WHERE revision_id = 'a2r1'")
    assert [one.article_id for one in read(newsroom)] == ["a3"]
    assert [one.article_id for one in read(newsroom, article_id="a1")] == ["a1"]
    assert read(newsroom, article_id="none") == []


def test_limit_takes_the_oldest(newsroom):
    for minute, name in ((2, "late"), (0, "early"), (1, "middle")):
        newsroom.put(newsroom.candidate(name, matched_at=newsroom.now + timedelta(minutes=minute)))
    assert [one.article_id for one in read(newsroom, limit=2)] == ["early", "middle"]


def test_second_match_with_another_watch_list_is_known_as_such(newsroom):
    newsroom.put(newsroom.candidate(watchlist_hash="old"))
    newsroom.rows("UPDATE ops.matched SET decided_at = matched_at")
    newsroom.put(newsroom.candidate(watchlist_hash="new"))
    (candidate,) = read(newsroom)
    assert (candidate.rematched, candidate.watchlist_hash) == (True, "new")


def test_later_revision_knows_what_the_earlier_ones_named(newsroom):
    newsroom.put(newsroom.candidate(title="Talks", text="NATO met."), newsroom.candidate(revision_no=2))
    assert [(one.revision_no, set(one.earlier_entities)) for one in read(newsroom)] == [(1, set()), (2, {"nato"})]
