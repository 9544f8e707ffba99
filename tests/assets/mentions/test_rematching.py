"""A changed watch list: what is matched again, what stays as it is, and that the result is that of matching everything."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import rematching
from assets.matching import batches as batching
from assets.matching.compiling import compile_watchlist
from assets.matching.watchlist import parse_watchlist
from assets.rematching import foresee

STEADY = settings(deadline=None, derandomize=True, max_examples=12)
NAMES = (
    "Georgia",
    "Jordan",
    "Chad",
    "US",
    "WHO",
    "Mali",
    "ОДКБ",
    "Грузия",
    "Йемен",
    "塔吉克斯坦",
    "Côte d'Ivoire",
    "Central Asia",
    "Tajik",
)
ENTITIES = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["region", "organisation"]),
            "labels": st.dictionaries(
                st.sampled_from(["de", "fr", "zh", "kk"]),
                st.fixed_dictionaries({"names": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)}),
                min_size=1,
                max_size=2,
            ),
            "inflect": st.booleans(),
        },
        optional={
            "exclude": st.just(["Atlanta, Georgia"]),
            "require_near": st.just({"any": ["Chad", "Mali"], "within": 40}),
            "parents": st.just(["z"]),
        },
    ),
    min_size=1,
    max_size=4,
)


# In languages without a dictionary to read, and in none of those of most texts: these are searched for every language's names.
GEORGIA = {"kind": "region", "labels": {"de": {"names": ["Georgia"]}, "kk": {"names": ["Грузия", "Грузии"]}}}
MALI = {"kind": "region", "labels": {"de": {"names": ["Mali"]}, "fr": {"names": ["Mali"]}}}
CHAD = {"kind": "region", "labels": {"de": {"names": ["Chad"]}}}


@STEADY
@given(steps=st.lists(ENTITIES, min_size=2, max_size=3))
def test_changing_a_list_step_by_step_ends_where_matching_everything_does(new_desk, steps):
    stepwise, at_once = new_desk(), new_desk()
    for entities in steps:
        done = stepwise.match(entities)
    at_once.match(steps[-1])
    assert stepwise.mentions() == at_once.mentions()
    assert stepwise.rows("SELECT DISTINCT watchlist_hash FROM ops.mention_state") == [(done.compiled.hash,)]


def test_only_what_changed_is_matched_and_the_other_rows_stay_as_they_are(desk):
    first = desk.match({"georgia": GEORGIA, "mali": MALI})
    before = desk.rows("SELECT * FROM mentions WHERE entity <> 'chad' ORDER BY ALL")
    assert (first.texts, first.passed_over) == (len(desk.texts), 0)
    second = desk.match({"georgia": GEORGIA, "mali": MALI, "chad": CHAD})
    assert second.entities == {"chad"}
    assert second.passed_over > 2
    assert desk.rows("SELECT * FROM mentions WHERE entity <> 'chad' ORDER BY ALL") == before
    assert {hash_ for (hash_,) in desk.rows("SELECT watchlist_hash FROM mentions WHERE entity = 'chad'")} == {second.compiled.hash}
    third = desk.match({"georgia": GEORGIA, "chad": CHAD})
    assert third.entities == {"mali"}
    assert {entity for (entity,) in desk.rows("SELECT DISTINCT entity FROM mentions")} == {"georgia", "chad"}


def test_a_list_that_only_rearranges_its_groups_is_matched_nowhere(desk):
    desk.match({"georgia": GEORGIA})
    done = desk.match({"georgia": GEORGIA | {"parents": ["caucasus"]}})
    assert (done.texts, done.passed_over) == (0, len(desk.texts))


def test_going_back_to_an_earlier_list_brings_its_mentions_back(desk):
    desk.match({"georgia": GEORGIA})
    before = desk.mentions()
    desk.match({"mali": MALI})
    assert desk.mentions() != before
    desk.match({"georgia": GEORGIA})
    assert desk.mentions() == before


def test_nothing_is_done_twice(desk):
    desk.match({"georgia": GEORGIA})
    assert desk.match({"georgia": GEORGIA}).texts == 0


@pytest.mark.fault("M84")
def test_m84_what_a_new_name_finds_in_old_texts_is_stored_and_mailed_only_when_asked(desk):
    desk.match({"georgia": GEORGIA})
    desk.rows("UPDATE ops.matched SET decided_at = matched_at")
    desk.match({"georgia": GEORGIA, "chad": CHAD})
    assert desk.rows("SELECT count(*) FROM mentions WHERE entity = 'chad'")[0][0] > 0
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE decided_at IS NULL") == [(0,)]
    desk.match({"georgia": GEORGIA, "chad": CHAD, "mali": MALI}, notify_since=desk.now - timedelta(days=1))
    waiting = desk.rows("SELECT news FROM ops.matched WHERE decided_at IS NULL")
    assert waiting
    assert all(news == ["mali"] for (news,) in waiting)


@pytest.mark.fault("M84")
def test_m84_texts_seen_before_the_asked_time_are_not_told(desk):
    desk.match({"georgia": GEORGIA})
    desk.rows("UPDATE ops.matched SET decided_at = matched_at")
    desk.match({"chad": CHAD}, notify_since=desk.now + timedelta(days=1))
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE decided_at IS NULL") == [(0,)]


def test_a_revision_that_waits_for_its_decision_still_waits_after_the_list_has_changed(desk):
    desk.match({"georgia": GEORGIA})
    desk.match({"georgia": GEORGIA, "chad": CHAD})
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE decided_at IS NULL") == [(len(desk.texts),)]
    assert desk.rows("SELECT count(*) FROM ops.matched") == [(len(desk.texts),)]


def test_what_an_alert_points_to_stays_as_proof_and_no_longer_counts(desk):
    desk.match({"georgia": GEORGIA})
    desk.rows("INSERT INTO alert_mentions SELECT 'alert', mention_id FROM mentions WHERE field = 'title' AND revision_id = 'r0'")
    desk.match({"chad": CHAD})
    assert desk.rows("SELECT entity, matched, alerting FROM mentions WHERE entity = 'georgia'") == [("georgia", "Georgia", False)]
    desk.match({"georgia": GEORGIA})
    assert desk.rows("SELECT bool_and(alerting) FROM mentions WHERE entity = 'georgia'") == [(True,)]


def test_a_text_that_broke_the_matcher_is_matched_whole_by_the_next_list_and_then_decided(desk, monkeypatch):
    whole = batching.find_mentions

    def find(matcher, *, title, **given):
        if title == "Sommet":
            raise RuntimeError("a poisonous text")
        return whole(matcher, title=title, **given)

    monkeypatch.setattr(batching, "find_mentions", find)
    assert desk.match({"mali": MALI}).failed == 1
    assert desk.rows("SELECT error FROM ops.mention_state WHERE revision_id = 'r4'") == [("RuntimeError: a poisonous text",)]
    monkeypatch.setattr(batching, "find_mentions", whole)
    desk.match({"mali": MALI, "chad": CHAD})
    assert desk.rows("SELECT count(*) FROM mentions WHERE revision_id = 'r4' AND entity = 'mali'")[0][0] > 0
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE revision_id = 'r4' AND error IS NULL AND decided_at IS NULL") == [(1,)]


def test_a_rematch_that_was_stopped_goes_on_where_it_was(desk, monkeypatch):
    monkeypatch.setattr(rematching, "BATCH", 3)
    desk.match({"georgia": GEORGIA})
    changed = {"georgia": CHAD, "mali": MALI}

    def stop(count, total):
        assert (count, total) == (3, len(desk.texts))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.match(changed, progress=stop)
    seen = []
    desk.match(changed, progress=lambda count, total: seen.append((count, total)))
    assert seen == [(3, 5), (5, 5)]
    halting = desk.mentions()
    desk.rows("DELETE FROM mentions")
    desk.rows("DELETE FROM ops.mention_state")
    desk.match(changed)
    assert desk.mentions() == halting


def test_two_processes_find_what_one_finds(desk):
    desk.put([desk.texts[number % len(desk.texts)] for number in range(500)])
    desk.warehouse.threads = 2
    desk.match({"georgia": GEORGIA, "mali": MALI})
    two = desk.mentions()
    desk.rows("DELETE FROM mentions")
    desk.rows("DELETE FROM ops.mention_state")
    desk.warehouse.threads = 1
    desk.match({"georgia": GEORGIA, "mali": MALI})
    assert desk.mentions() == two


def test_what_a_list_would_change_is_told_and_nothing_is_stored(desk):
    desk.match({"georgia": GEORGIA})
    desk.put_alert("one", "r1", (("georgia",),), only="Грузии")
    before = desk.mentions()
    compiled = compile_watchlist(
        parse_watchlist(desk.document({"georgia": GEORGIA | {"labels": {"de": {"names": ["Georgia"]}}}, "chad": CHAD}))
    )
    told = foresee(desk.warehouse, compiled)
    assert desk.mentions() == before
    desk.match({"georgia": GEORGIA | {"labels": {"de": {"names": ["Georgia"]}}}, "chad": CHAD})
    after = desk.rows("SELECT * EXCLUDE (watchlist_hash) FROM mentions WHERE alerting ORDER BY ALL")
    key = lambda rows: {row[0] for row in rows}  # noqa: E731 - mention_id
    assert told.gone.total() == len(key(before) - key(after))
    assert told.added.total() == len(key(after) - key(before))
    assert [alert["alert_id"] for alert in told.alerts] == ["one"]
    assert ("georgia", "gone", "Грузии") in {(one["entity"], one["change"], one["matched"]) for one in told.examples}
