"""A changed watch list: what is matched again, what stays as it is, and that the result is that of matching everything."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import rematching
from assets.matching import batches as batching
from assets.matching.compiling import compile_watchlist
from assets.matching.watchlist import parse_watchlist
from assets.mentions import match_revisions
from assets.rematching import foresee
from warehouse.database import Warehouse
from warehouse.migrations import migrate

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
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
TEXTS = (
    ("en", "Talks in Georgia", "Jordan met Chad in the Atlanta, Georgia area. WHO said no.\n\nThe U.S. and Central Asia."),
    ("ru", "Саммит ОДКБ", "В Грузии и Йемене прошли учения OДКБ. Грузинский берег, со­юзники США."),
    ("ru", "О погоде", "Сегодня ничего не случилось, и никто никуда не поехал."),
    ("zh", "会议", "塔吉克斯坦和WHO举行会谈"),
    ("fr", "Sommet", "La Côte d’Ivoire et le Mali ; la Jordanie, la Co\u0302te d'Ivoire."),
    ("kk", "Kazakh", "Chad Mali Georgia"),
    ("", "EMPTY", ""),
    ("en", "us and who", "A text of us who met a man called Jordan; chad is no country here. Ｗ Ｈ Ｏ and ＷＨＯ."),
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


def document(entities):
    return json.dumps({"entities": [{"id": name, **entity} for name, entity in entities.items()]}, ensure_ascii=False)


class Desk:
    """A store with texts, and the step that matches them against a list."""

    def __init__(self, folder: Path, template: Path) -> None:
        path = folder / "warehouse.duckdb"
        folder.mkdir(parents=True)
        shutil.copyfile(template, path)
        self.list = folder / "list.yaml"
        self.warehouse = Warehouse(path, threads=1)
        self.flow = SimpleNamespace(warehouse=self.warehouse, watchlists=[self.list], cache=folder / "cache", now=lambda: NOW)

    def put(self, texts=TEXTS, *, seen=NOW):
        with self.warehouse.transaction() as transaction:
            transaction.merge(
                "sources", [{"source_id": "s", "name": "S", "languages": ["en"], "enabled": True, "added_at": NOW}], key=["source_id"]
            )
            for number, (language, title, text) in enumerate(texts):
                revision = {
                    "revision_id": f"r{number}",
                    "article_id": f"a{number}",
                    "title": title,
                    "text": text,
                    "language": language or None,
                }
                more = {
                    "revision_no": 1,
                    "change_kind": "new",
                    "seen_from": seen + timedelta(minutes=number // 2),
                    "text_hash": "x",
                    "text_source": "page",
                    "extractor": "e",
                }
                transaction.merge("revisions", [revision | more], key=["revision_id"])
                article = {
                    "source_id": "s",
                    "story_id": f"s{number}",
                    "text_source": "page",
                    "first_seen_at": seen,
                    "changed_at": seen,
                    "baseline": False,
                }
                transaction.merge("articles", [revision | article], key=["article_id"])

    def match(self, entities, **options):
        self.list.write_text(document(entities), encoding="utf-8")
        return match_revisions(self.flow, **options)

    def rows(self, sql):
        with self.warehouse.transaction() as transaction:
            return transaction.connection.execute(sql).fetchall()

    def mentions(self):
        return self.rows("SELECT * EXCLUDE (watchlist_hash) FROM mentions ORDER BY ALL")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "warehouse.duckdb"
    migrate(Warehouse(path), NOW)
    return path


@pytest.fixture
def desk(tmp_path, template):
    desk = Desk(tmp_path / "desk", template)
    desk.put()
    return desk


# In languages without a dictionary to read, and in none of those of most texts: these are searched for every language's names.
GEORGIA = {"kind": "region", "labels": {"de": {"names": ["Georgia"]}, "kk": {"names": ["Грузия", "Грузии"]}}}
MALI = {"kind": "region", "labels": {"de": {"names": ["Mali"]}, "fr": {"names": ["Mali"]}}}
CHAD = {"kind": "region", "labels": {"de": {"names": ["Chad"]}}}


@STEADY
@given(steps=st.lists(ENTITIES, min_size=2, max_size=3))
def test_changing_a_list_step_by_step_ends_where_matching_everything_does(template, tmp_path_factory, steps):
    stepwise, at_once = (Desk(tmp_path_factory.mktemp("steps") / "desk", template) for _ in range(2))
    for each in (stepwise, at_once):
        each.put()
    for entities in steps:
        done = stepwise.match(entities)
    at_once.match(steps[-1])
    assert stepwise.mentions() == at_once.mentions()
    assert stepwise.rows("SELECT DISTINCT watchlist_hash FROM ops.mention_state") == [(done.compiled.hash,)]


def test_only_what_changed_is_matched_and_the_other_rows_stay_as_they_are(desk):
    first = desk.match({"georgia": GEORGIA, "mali": MALI})
    before = desk.rows("SELECT * FROM mentions WHERE entity <> 'chad' ORDER BY ALL")
    assert (first.texts, first.passed_over) == (len(TEXTS), 0)
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
    assert (done.texts, done.passed_over) == (0, len(TEXTS))


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
    desk.match({"georgia": GEORGIA, "chad": CHAD, "mali": MALI}, notify_since=NOW - timedelta(days=1))
    waiting = desk.rows("SELECT news FROM ops.matched WHERE decided_at IS NULL")
    assert waiting
    assert all(news == ["mali"] for (news,) in waiting)


@pytest.mark.fault("M84")
def test_m84_texts_seen_before_the_asked_time_are_not_told(desk):
    desk.match({"georgia": GEORGIA})
    desk.rows("UPDATE ops.matched SET decided_at = matched_at")
    desk.match({"chad": CHAD}, notify_since=NOW + timedelta(days=1))
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE decided_at IS NULL") == [(0,)]


def test_a_revision_that_waits_for_its_decision_still_waits_after_the_list_has_changed(desk):
    desk.match({"georgia": GEORGIA})
    desk.match({"georgia": GEORGIA, "chad": CHAD})
    assert desk.rows("SELECT count(*) FROM ops.matched WHERE decided_at IS NULL") == [(len(TEXTS),)]
    assert desk.rows("SELECT count(*) FROM ops.matched") == [(len(TEXTS),)]


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
        assert (count, total) == (3, len(TEXTS))
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
    desk.put([TEXTS[number % len(TEXTS)] for number in range(500)])
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
    desk.rows(
        "INSERT INTO alerts SELECT 'one', 'desk', 'rule', article_id, revision_id, NULL, ['georgia'], '', '{}', '', now(), 'sent' FROM revisions WHERE revision_id = 'r1'"
    )
    desk.rows("INSERT INTO alert_mentions SELECT 'one', mention_id FROM mentions WHERE revision_id = 'r1' AND matched = 'Грузии'")
    before = desk.mentions()
    compiled = compile_watchlist(parse_watchlist(document({"georgia": GEORGIA | {"labels": {"de": {"names": ["Georgia"]}}}, "chad": CHAD})))
    told = foresee(desk.warehouse, compiled)
    assert desk.mentions() == before
    desk.match({"georgia": GEORGIA | {"labels": {"de": {"names": ["Georgia"]}}}, "chad": CHAD})
    after = desk.rows("SELECT * EXCLUDE (watchlist_hash) FROM mentions WHERE alerting ORDER BY ALL")
    key = lambda rows: {row[0] for row in rows}  # noqa: E731 - mention_id
    assert told.gone.total() == len(key(before) - key(after))
    assert told.added.total() == len(key(after) - key(before))
    assert [alert["alert_id"] for alert in told.alerts] == ["one"]
    assert ("georgia", "gone", "Грузии") in {(one["entity"], one["change"], one["matched"]) for one in told.examples}
