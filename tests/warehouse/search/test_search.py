import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import ConfigError, StoreError
from warehouse.publish import AnalystsCopy, publish
from warehouse.search.asking import Limits, read_question
from warehouse.search.finding import _changed, find, refresh
from warehouse.search.index import SearchIndex
from warehouse.search.snippets import snippet
from warehouse.search.words import words

TEXTS = {
    "ru": ("Учения в горах", "Военные учения прошли в Таджикистане. Страны Организации проводят их каждый год."),
    "uk": ("Порти моря", "Українські порти приймають кораблі, а військові навчання тривають у морі."),
    "de": ("Häfen", "Die Häfen am Schwarzen Meer wurden ausgebaut, und die Länder verhandelten lange."),
    "fr": ("L’énergie", "Les pays de l’OTAN et l'énergie nucléaire : les accords furent signés à l’unanimité."),
    "es": ("Puertos", "Las naciones firmaron los acuerdos sobre la pesca en el océano."),
    "en": ("Exercises at sea", "The navies exercised near the coast, and peace talks were held between the countries."),
    "zh": ("北约峰会", "北约成员国讨论了和平谈判的前景。"),
    "ar": ("البحر", "عقدت الدول محادثات السلام قرب البحر."),
}


def article(language, title, text, now, **more):
    named = more.pop("article_id", f"a-{language}")
    return {
        "article_id": named, "revision_id": f"{named}-1", "source_id": f"s-{language}", "story_id": named, "url": f"https://{language}.example/1",
        "title": title, "text": text, "language": language, "authors": [], "published_at": now, "published_quality": "exact", "modified_at": None,
        "description": None, "tags": [], "dateline": None, "disclaimer": None, "links": [], "attachments": [], "text_source": "page", "score": 1.0,
        "first_seen_at": now, "changed_at": now, "withdrawn_at": None, "baseline": False,
    } | more  # fmt: skip


class House:
    """A store, its published copy and its index."""

    def __init__(self, warehouse, folder, now):
        self.warehouse, self.now = warehouse, now
        self.copy, self.index = AnalystsCopy(folder / "thinkwatch.duckdb"), SearchIndex(folder / "search")

    def put(self, *articles):
        sources = [
            {"source_id": f"s-{language}", "name": language, "country": language.upper(), "enabled": True, "added_at": self.now}
            for language in TEXTS
        ]
        with self.warehouse.transaction() as transaction:
            transaction.merge("sources", sources, key=["source_id"])
            transaction.merge("articles", articles, key=["article_id"])
        publish(self.warehouse, self.copy.link, self.now)
        return refresh(self.copy, self.index)

    def put_report(self, title, text, **more):
        row = {"attachment_id": "r", "article_id": "a-en", "source_id": "s-en", "url": "https://en.example/r.pdf", "named_by": "page"}
        row |= {"first_seen_at": self.now, "state": "read", "failures": 0, "read_at": self.now, "extractor": "1", "language": "en"}
        with self.warehouse.transaction() as transaction:
            transaction.merge("attachments", [row | {"title": title, "text": text} | more], key=["attachment_id"])
        publish(self.warehouse, self.copy.link, self.now)

    def hits(self, question, **limits):
        return find(self.copy, self.index, question, Limits(**limits), self.now).hits

    def ask(self, question, **limits):
        return [hit.article_id for hit in self.hits(question, **limits)]


def interrupted(rows):
    yield next(rows)
    yield next(rows)
    raise KeyboardInterrupt


@pytest.fixture
def house(warehouse, tmp_path, now):
    house = House(warehouse, tmp_path, now)
    assert house.put(*(article(language, *both, now) for language, both in TEXTS.items())) == len(TEXTS)
    return house


@pytest.fixture(params=["index", "scan"])
def either(house, request):
    if request.param == "scan":
        house.index.drop()
    return house


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("учениями", "ru"),
        ("Таджикистан", "ru"),
        ("организацией стран", "ru"),
        ("українського корабля", "uk"),
        ("корабель", "uk"),
        ("Hafen", "de"),
        ("hafen land", "de"),
        ("energie nucleaire", "fr"),
        ("OTAN", "fr"),
        ("nación acuerdo", "es"),
        ("exercising navy", "en"),
        ("“countries”", "en"),
        ("和平谈判", "zh"),
        ("محادثات", "ar"),
    ],
)
def test_a_word_finds_its_forms_with_and_without_the_index(either, question, language):
    assert either.ask(question) == [f"a-{language}"]


def test_phrases_stand_together_and_other_words_need_not(either):
    assert either.ask('"peace talks"') == ["a-en"]
    assert either.ask('"talks peace"') == []
    assert [either.ask(asked) for asked in ("“peace talks”", "«peace talks»", "„peace talks“", "coast «peace talks»")] == [["a-en"]] * 4
    assert [either.ask(asked) for asked in ("“talks peace”", "«talks peace»", "„talks peace“", "coast -«peace talks»")] == [[]] * 4
    assert either.ask("talks peace") == ["a-en"]
    assert either.ask('"谈判和平"') == []


@pytest.mark.parametrize(
    ("language", "phrase", "inflected"),
    [
        (
            "en",
            "Shanghai Cooperation Organisation member states were visiting",
            "the Shanghai Cooperation Organisation's member states were visited",
        ),
        ("ru", "договор о коллективной безопасности и военные учения", "о договорах о коллективной безопасности и военных учениях"),
        ("uk", "українські порти приймали військові кораблі навчання", "в українських портах приймали військових кораблів навчань"),
        ("ru", "военные учения NATO", "о военных учениях NATO"),
    ],
)
def test_a_long_phrase_is_found_in_any_language(either, now, language, phrase, inflected):
    texts = {"plain": phrase, "inflected": inflected, "other": " ".join(reversed(phrase.split()))}
    either.put(*(article(language, "Paper", text, now, article_id=name) for name, text in texts.items()))
    assert sorted(either.ask(f'"{phrase}"')) == ["inflected", "plain"]


def test_a_phrase_is_found_where_its_words_stand_in_that_order_and_nowhere_else(tmp_path, now):
    texts = {" ".join(letters): set() for size in (2, 3, 4) for letters in product("abc", repeat=size)}
    index = SearchIndex(tmp_path)
    index.update((text, "1", "s", None, None, f"x {text[::-1]}", f"{text} x", now, now) for text in texts)
    for phrase in texts:
        found, total = index.search(read_question(f'"{phrase}"'), Limits(), limit=1000)
        expected = {text for text in texts if f" {phrase} " in f" {text} x " or f" {phrase} " in f" x {text[::-1]} "}
        assert {hit.document_id for hit in found} == expected
        assert total == len(expected)


def test_an_index_of_an_earlier_analysis_goes_when_the_new_one_is_begun(house):
    earlier = house.index.folder.parent / "v0"
    earlier.mkdir()
    (earlier / "meta.json").write_text("{}")
    refresh(house.copy, house.index)
    assert [folder.name for folder in house.index.folder.parent.iterdir()] == [house.index.folder.name]
    assert house.ask("coast") == ["a-en"]


@pytest.mark.parametrize(
    ("question", "told"), [("coast (peace", "("), ("(coast OR peace)", "( OR )"), ('coast "talks (held"', ""), ("coast", "")]
)
def test_a_sign_of_other_search_engines_is_told_of(house, question, told):
    assert find(house.copy, house.index, question, Limits(), house.now).note.removeprefix("`").partition("` steers")[0] == told


def test_a_store_of_many_spans_is_indexed_whole(house, monkeypatch, now):
    monkeypatch.setattr("warehouse.search.finding._SPAN", 3)
    changes = [now + timedelta(minutes=number // 2) for number in range(20)]  # two at once, also where a span ends
    added = [article("en", f"Paper {number}", "A text.", now, article_id=f"p{number}", changed_at=at) for number, at in enumerate(changes)]
    assert house.put(*added) == len(added)
    house.index.drop()
    assert refresh(house.copy, house.index) == len(added) + len(TEXTS)
    assert len(house.hits("paper")) == len(added)


def test_what_is_left_out_and_prefixes(either):
    assert sorted(either.ask("порт*")) == ["a-uk"]
    assert either.ask("coast -peace") == []
    assert either.ask("coast -war") == ["a-en"]
    assert either.ask("exerc*") == ["a-en"]


def test_filters_narrow(either, now):
    assert either.ask("coast", sources=("s-de",)) == []
    assert either.ask("coast", countries=("EN",), languages=("en",)) == ["a-en"]
    assert either.ask("coast", since=now, until=now + timedelta(days=1)) == ["a-en"]
    assert either.ask("coast", until=now) == []
    assert either.ask("coast", since=now + timedelta(seconds=1)) == []


def test_a_title_counts_for_more_than_a_text(house, now):
    house.put(
        article("en", "Harbours", "Of harbours and of much else that stands in this long text about ships.", now, article_id="b-text"),
        article("en", "The canal", "A canal is told of in this long text about ships.", now, article_id="b-title"),
        article("en", "Harbours again", "A canal is told of in this long text about ships.", now, article_id="b-other"),
    )
    assert house.ask("canal")[0] == "b-title"


def test_a_new_revision_replaces_the_old_and_what_is_gone_is_not_found(house, now):
    later = now + timedelta(days=1)
    changed = article("en", "Exercises at sea", "The fleets returned to harbour.", now, changed_at=later, revision_id="a-en-2")
    assert house.put(changed) == 1
    assert house.ask("coast") == []
    assert house.ask("fleet") == ["a-en"]
    with house.warehouse.transaction() as transaction:
        transaction.connection.execute("DELETE FROM articles WHERE article_id = 'a-de'")
    house.put(changed)
    assert house.ask("Hafen") == []
    assert house.index.count() == len(TEXTS) - 1


def test_a_report_beside_an_article_answers_with_its_own_words_and_names_both(either, now):
    either.put_report("Fishing quotas", "Trawlers were counted at the piers of the northern harbours.")
    if either.index.exists:
        assert refresh(either.copy, either.index) == 1
    (hit,) = either.hits("trawler", sources=("s-en",), countries=("EN",), since=now)
    assert (hit.article_id, hit.url, hit.report) == ("a-en", "https://en.example/1", "https://en.example/r.pdf")
    assert (hit.title, [hit.snippet.text[start:end] for start, end in hit.snippet.marks]) == ("Fishing quotas", ["Trawlers"])
    assert either.hits("trawler", languages=("de",)) == ()
    assert [one.report for one in either.hits("coast")] == [None]


def test_a_report_that_was_read_before_the_index_knew_of_reports_is_found_after_the_next_run(house, now):
    house.put_report("Fishing quotas", "Trawlers were counted.", read_at=now - timedelta(days=9))
    assert refresh(house.copy, house.index) == 1
    assert house.ask("trawler") == ["a-en"]


def test_the_same_text_under_another_date_is_found_by_it_and_a_withdrawn_article_says_so(house, now):
    earlier, later = now - timedelta(days=300), now + timedelta(hours=2)
    house.put(article("en", *TEXTS["en"], now, published_at=earlier, changed_at=later, withdrawn_at=later))
    (hit,) = house.hits("coast", until=now - timedelta(days=200))
    assert (hit.dated, hit.withdrawn_at) == (earlier, later)


def test_nothing_new_is_not_indexed_again(house):
    assert refresh(house.copy, house.index) == 0


def test_an_older_change_that_was_committed_later_is_still_indexed(house, now):
    assert house.put(article("en", "Late", "A latecomer.", now, article_id="late", changed_at=now - timedelta(minutes=30))) == 1
    assert house.ask("latecomer") == ["late"]


def test_a_damaged_index_is_said_and_the_texts_are_read_instead(house):
    (house.index.folder / "meta.json").write_text("no longer JSON")
    answer = find(house.copy, house.index, "coast", Limits(), house.now)
    assert [hit.article_id for hit in answer.hits] == ["a-en"]
    assert "--rebuild" in answer.note
    with pytest.raises(StoreError, match="search"):
        refresh(house.copy, house.index)
    house.index.drop()
    assert refresh(house.copy, house.index) == len(TEXTS)


def test_a_first_build_that_was_interrupted_is_not_taken_for_the_whole(house, monkeypatch):
    house.index.drop()
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.search.index._COMMIT_EVERY", 1)
        patched.setattr("warehouse.search.finding._changed", lambda connection, since: interrupted(_changed(connection, since)))
        with pytest.raises(KeyboardInterrupt):
            refresh(house.copy, house.index)
    assert house.index.count() == 2
    answer = find(house.copy, house.index, "OTAN", Limits(), house.now)
    assert ([hit.article_id for hit in answer.hits], "no whole index" in answer.note) == (["a-fr"], True)
    assert refresh(house.copy, house.index) == len(TEXTS) - 2
    assert find(house.copy, house.index, "OTAN", Limits(), house.now).note == ""


# Without its capabilities even root is held to the bits of files and folders.
ANALYST = """
import ctypes, sys
from datetime import UTC, datetime
from pathlib import Path
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())
from warehouse.publish import AnalystsCopy
from warehouse.search.asking import Limits
from warehouse.search.finding import find
from warehouse.search.index import SearchIndex
folder = Path(sys.argv[1])
found = find(AnalystsCopy(folder / "thinkwatch.duckdb"), SearchIndex(folder / "search"), '"peace talk"', Limits(), datetime.now(UTC))
print([hit.article_id for hit in found.hits], found.note)
"""


def test_who_may_only_read_the_index_finds_by_it(house, tmp_path):
    assert (house.index.folder / "meta.json").stat().st_mode & 0o777 == house.index.folder.stat().st_mode & 0o666
    for path in house.index.folder.iterdir():
        path.chmod(0o444)
    house.index.folder.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", ANALYST, tmp_path], capture_output=True, text=True, check=True)
    house.index.folder.chmod(0o755)
    assert done.stdout == "['a-en'] \n"


def test_an_index_that_turns_out_to_be_damaged_while_it_is_asked_is_said_too(house):
    for path in house.index.folder.glob("*.pos"):
        path.unlink()
    answer = find(house.copy, house.index, "coast", Limits(), house.now)
    assert [hit.article_id for hit in answer.hits] == ["a-en"]
    assert "--rebuild" in answer.note
    with pytest.raises(StoreError, match="search"):
        refresh(house.copy, house.index)


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_beyond_all_reason_keeps_nothing_from_being_found(either, now, year):
    odd, index = datetime(year, 6, 1, tzinfo=UTC), either.index.exists
    later = now + timedelta(hours=2)
    with either.warehouse.transaction() as transaction:
        transaction.merge("articles", [article("en", *TEXTS["en"], odd, changed_at=later)], key=["article_id"])
    publish(either.warehouse, either.copy.link, now)
    if index:
        assert refresh(either.copy, either.index) == 1
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert either.ask("coast", since=first, until=last) == ["a-en"]
    assert either.ask("coast", until=datetime(2000, 1, 1, tzinfo=UTC), since=first) == ["a-en"] * (year < 2000)
    assert either.ask("coast", since=now, until=last) == ["a-en"] * (year > 2021)
    assert either.ask("coast", until=first) == []


def test_a_scan_says_which_days_it_read(house):
    house.index.drop()
    note = find(house.copy, house.index, "coast", Limits(since=datetime(2021, 9, 1, tzinfo=UTC)), house.now).note
    assert "2021-09-01 to 2021-09-20" in note


@pytest.mark.parametrize("question", ["", "  ", '"unfinished', "-only -minus", "!!!", " ".join(["word"] * 33)])
def test_a_question_that_asks_nothing_is_refused(question):
    with pytest.raises(ConfigError) as fault:
        read_question(question)
    assert fault.value.hint


def test_the_snippet_shows_where_most_of_the_question_stands():
    text = "The coast is long. " * 40 + "Peace talks were held near the coast. " + "The hills are green. " * 40
    found = snippet(text, "en", read_question('coast "peace talk"'))
    assert {found.text[start:end] for start, end in found.marks} == {"Peace talks", "coast"}
    assert found.text.startswith("…")
    assert found.text.endswith("…")


def test_a_question_of_another_language_leaves_the_beginning():
    assert snippet("Short text.", "en", read_question("nothing")).text == "Short text."


@given(st.text(max_size=300), st.sampled_from([*TEXTS, "xx", "", None]))
def test_any_text_gives_words_that_stand_in_it(text, language):
    found = list(words(text, language))
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@given(st.text(max_size=40))
def test_any_question_is_read_or_refused_and_any_snippet_keeps_its_marks(question):
    try:
        parts = read_question(question)
    except ConfigError:
        return
    found = snippet(question, None, parts)
    assert all(0 <= start < end <= len(found.text) for start, end in found.marks)
