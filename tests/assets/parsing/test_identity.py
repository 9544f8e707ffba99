"""An article keeps its id whatever its feed does to it, and another article never takes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.identity import resolve
from assets.parsing.records import ParsedEntry

START = datetime(2021, 9, 1, 10, tzinfo=UTC)
SUBJECTS = [
    "Tajik border",
    "Arctic routes",
    "Baltic cables",
    "Grain exports",
    "Water treaty",
    "Rail corridor",
    "Drone rules",
    "Gas transit",
]


def _entry(number, **changes):
    fields = {
        "guid": f"id-{number}",
        "url": f"https://institute.example/p/{number}",
        "title": f"{SUBJECTS[number % 8]}, report {number}",
        "published": START + timedelta(hours=number),
        "published_quality": "exact",
        "summary": f"<p>{SUBJECTS[number % 8]}: what report {number} of our series says about the region and its neighbours this year.</p>",
    }
    return ParsedEntry(**fields | changes)


class Source:
    """Polls of one source, with what is remembered between them."""

    def __init__(self):
        self.known = {}
        self.sizes = []

    def poll(self, entries):
        """The resolved entries of one more poll."""
        resolved = resolve(entries, self.known, scope="institute")
        for item in resolved:
            for key in item.keys:
                self.known.setdefault(key, item.entry_id)
        self.sizes.append(len(self.known))
        return resolved

    def new(self, entries):
        """How many entries of one more poll are new."""
        return sum(item.is_new for item in self.poll(entries))


@pytest.fixture
def source():
    made = Source()
    made.poll([_entry(number) for number in range(5)])
    return made


def _all(**changes):
    return [replace(_entry(number), **{name: make(number) for name, make in changes.items()}) for number in range(5)]


def test_ids_are_twenty_hex_characters_and_the_same_on_every_machine():
    entry_id = resolve([_entry(1)], {}, scope="institute")[0].entry_id
    assert entry_id == resolve([_entry(1)], {}, scope="institute")[0].entry_id
    assert len(entry_id) == 20
    assert set(entry_id) <= set("0123456789abcdef")
    assert entry_id != resolve([_entry(1)], {}, scope="other")[0].entry_id


def test_the_same_feed_again_brings_nothing_new(source):
    assert source.new(_all()) == 0
    assert source.new(reversed(_all())) == 0
    assert source.sizes[0] == source.sizes[-1]


CHANGES = {
    "f19 guid made anew": {"guid": lambda n: f"random-{n}-x"},
    "f20 guid to https": {"guid": lambda n: f"https://institute.example/?p={n}"},
    "guid gone": {"guid": lambda _: None},
    "f20 host gains www": {"url": lambda n: f"https://www.institute.example/p/{n}"},
    "f20 link to http with slash": {"url": lambda n: f"http://institute.example/p/{n}/"},
    "host changed": {"url": lambda n: f"https://new-institute.example/p/{n}"},
    "f22 slug edited": {"url": lambda n: f"https://institute.example/p/{n}-new-slug"},
    "link gone": {"url": lambda _: None},
    "link to the home page": {"url": lambda _: "https://institute.example/"},
    "f23 title edited": {"title": lambda n: f"Corrected heading {n}"},
    "f23 body edited": {"summary": lambda _: "<p>Rewritten.</p>" * 20},
    "date bumped": {"published": lambda _: START + timedelta(days=9)},
    "date gone": {"published": lambda _: None},
    "title and body edited": {"title": lambda n: f"Corrected {n}", "summary": lambda n: f"<p>Rewritten {n}.</p>" * 20},
    "title edited and date bumped": {"title": lambda n: f"Corrected {n}", "published": lambda n: START + timedelta(days=n)},
    "slug and title edited": {"url": lambda n: f"https://institute.example/new/{n}", "title": lambda n: f"Corrected {n}"},
    "guid anew and title edited": {"guid": lambda n: f"r{n}", "title": lambda n: f"Corrected {n}"},
    "guid anew and date bumped": {"guid": lambda n: f"r{n}", "published": lambda n: START + timedelta(days=9, hours=n)},
    "whole site moved": {"guid": lambda n: f"https://b.example/{n}", "url": lambda n: f"https://b.example/{n}"},
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.fault("F19", "F20", "F21", "F22", "F23")
def test_f19_to_f23_a_change_to_every_entry_is_no_new_entry(source, change):
    ids = [item.entry_id for item in source.poll(_all())]
    changed = source.poll(_all(**CHANGES[change]))
    assert [item.entry_id for item in changed] == ids
    assert not any(item.is_new for item in changed)


@pytest.mark.parametrize("change", CHANGES)
def test_a_new_entry_among_changed_ones_is_new(source, change):
    changes = {name: make(7) for name, make in CHANGES[change].items()}
    assert source.new([*_all(**CHANGES[change]), replace(_entry(7), **changes)]) == 1


@pytest.mark.fault("F21")
def test_f21_a_recycled_guid_with_another_article_is_a_new_entry(source):
    assert source.new([_entry(6, guid="id-0"), *_all()[1:]]) == 1
    assert source.new([_entry(7, guid="id-0"), *_all()[1:]]) == 1


@pytest.mark.fault("F21")
def test_f21_guids_counted_from_the_top_of_the_feed_move_no_article(source):
    counted = Source()
    counted.poll([_entry(number, guid=str(place)) for place, number in enumerate((3, 2, 1))])
    assert counted.new([_entry(number, guid=str(place)) for place, number in enumerate((4, 3, 2))]) == 1


@pytest.mark.fault("F17")
def test_f17_one_guid_for_all_is_no_guid():
    source = Source()
    same = [_entry(number, guid="same") for number in range(3)]
    assert len({item.entry_id for item in source.poll(same)}) == 3
    assert source.new(same) == 0
    assert source.new([_entry(5, guid="same"), *same]) == 1


@pytest.mark.parametrize(
    "missing",
    [
        {"guid": None},
        {"url": None},
        {"guid": None, "url": None},
        {"guid": None, "url": None, "published": None},
        {"title": "", "guid": None},
    ],
)
@pytest.mark.fault("F18")
def test_f18_entries_without_guid_or_link_have_lasting_ids_of_their_own(missing):
    source = Source()
    entries = [_entry(number, **missing) for number in range(5)]
    assert len({item.entry_id for item in source.poll(entries)}) == 5
    assert source.new(reversed(entries)) == 0
    assert source.new([*entries, _entry(6, **missing)]) == 1


@pytest.mark.fault("F18")
def test_f18_entries_that_are_only_a_short_text_are_told_apart():
    notes = [ParsedEntry(summary=text) for text in ("Talks began.", "Talks ended.")]
    source = Source()
    assert source.new(notes) == 2
    assert source.new(notes) == 0


@pytest.mark.fault("F24")
def test_f24_an_entry_that_vanished_and_returns_is_known(source):
    source.poll([])
    source.poll([_entry(7)])
    assert source.new(_all()) == 0


@pytest.mark.fault("F26")
def test_f26_one_article_in_two_feeds_of_a_source_is_one_entry(source):
    assert source.new([_entry(1, guid="https://institute.example/en/?p=1")]) == 0


@pytest.mark.fault("U66", "U67")
def test_u66_u67_links_that_differ_in_a_number_are_two_articles(source):
    listed = [_entry(number, url=f"https://institute.example/?id={number}", guid=None) for number in (7, 8)]
    assert source.new(listed) == 2


@pytest.mark.fault("U71")
def test_u71_articles_that_all_link_to_one_page_are_told_apart():
    for page in ("https://institute.example/", "https://institute.example/news"):
        for guid in (True, False):
            source = Source()
            entries = [_entry(number, url=page, guid=f"g{number}" if guid else None) for number in range(5)]
            assert len({item.entry_id for item in source.poll(entries)}) == 5
            assert source.new(entries) == 0
            assert source.new([_entry(6, url=page, guid="g6" if guid else None), *entries[:4]]) == 1


def test_one_guid_and_one_link_for_several_articles_lose_none():
    source = Source()
    entries = [_entry(number, url="https://institute.example/spotlight", guid="spotlight") for number in range(4)]
    assert len({item.entry_id for item in source.poll(entries)}) == 4
    assert source.new(entries) == 0


def test_an_entry_listed_twice_is_one_and_new_once():
    resolved = Source().poll([_entry(1), _entry(1), _entry(1, guid="id-1-in-another-category"), _entry(2)])
    assert [item.is_new for item in resolved] == [True, False, False, True]
    assert len({item.entry_id for item in resolved}) == 2


def test_drupal_guids_survive_a_move_of_the_site():
    source = Source()
    source.poll([_entry(1, guid="26 at http://old.example", url="http://old.example/node/26")])
    moved = _entry(1, guid="26 at https://www.new.example", url="https://www.new.example/report", published=START + timedelta(days=3))
    assert source.new([moved]) == 0


def test_other_news_under_a_general_title_of_the_same_day_is_other_news():
    source = Source()
    day = {"title": "News", "published_quality": "day", "published": START}
    source.poll([_entry(1, **day)])
    assert source.new([_entry(2, **day)]) == 1


def test_two_articles_of_one_minute_and_one_title_stay_two():
    source = Source()
    twins = [_entry(number, title="Annual security report", published=START) for number in (1, 2)]
    assert len({item.entry_id for item in source.poll(twins)}) == 2
    assert source.new(twins) == 0


@pytest.mark.parametrize("feature", ["guid", "published", "url"])
def test_what_is_made_anew_at_every_poll_does_not_fill_the_store(source, feature):
    made = {
        "guid": lambda poll, n: f"r-{poll}-{n}",
        "published": lambda poll, _: START + timedelta(minutes=poll),
        "url": lambda poll, n: f"https://institute.example/p/{n}?token={poll}",
    }[feature]
    for poll in range(6):
        entries = [replace(_entry(number), **{feature: made(poll, number)}) for number in range(5)]
        assert source.new(entries) == 0
    assert source.sizes[-1] == source.sizes[1]


def test_a_churning_guid_leaves_the_link_as_the_identity():
    source = Source()
    for poll in range(4):
        source.poll([_entry(number, guid=f"r-{poll}-{number}", published=START + timedelta(days=poll)) for number in range(5)])
    edited = [_entry(n, guid=f"x{n}", published=START + timedelta(days=9), title=f"Edited {n}", summary="") for n in range(5)]
    assert source.new(edited) == 0


def test_resolve_changes_nothing_that_it_is_given(source):
    before = dict(source.known)
    resolve([_entry(9)], source.known, scope="institute")
    assert source.known == before


def test_keys_are_short_and_belong_to_one_entry(source):
    resolved = source.poll([_entry(number, published=START) for number in range(5)])
    keys = [key for item in resolved for key in item.keys]
    assert len(keys) == len(set(keys))
    assert max(map(len, keys)) <= 19


@given(
    st.lists(st.lists(st.sampled_from(range(8)), unique=True, max_size=8), max_size=6), st.sampled_from(["none", "guid", "title", "date"])
)
def test_over_any_history_each_article_is_new_exactly_once(history, churn):
    source, ids = Source(), {}
    for poll, shown in enumerate(history):
        changes = {
            "guid": {"guid": f"r-{poll}"},
            "title": {"title": f"Edition {poll}"},
            "date": {"published": START + timedelta(days=poll)},
        }.get(churn, {})
        entries = [_entry(n, **{k: f"{v}-{n}" if isinstance(v, str) else v for k, v in changes.items()}) for n in shown]
        for number, item in zip(shown, source.poll(entries), strict=True):
            assert item.is_new == (number not in ids)
            assert ids.setdefault(number, item.entry_id) == item.entry_id
    assert len(set(ids.values())) == len(ids)


@pytest.mark.parametrize("quality", ["exact", "day"])
@pytest.mark.fault("F21")
def test_f21_a_guid_used_again_on_the_same_day_is_a_new_entry(quality):
    source = Source()
    source.poll([_entry(1, guid="1", published_quality=quality)])
    assert source.new([_entry(2, guid="1", published_quality=quality, published=START + timedelta(hours=1, minutes=1))]) == 1


def test_a_corrected_title_without_link_and_guid_is_the_same_entry():
    source = Source()
    notes = [_entry(number, guid=None, url=None, summary="In brief.") for number in range(3)]
    source.poll(notes)
    assert source.new([notes[0], replace(notes[1], title="Corrected"), notes[2]]) == 0


def test_a_namesake_of_the_same_minute_beside_an_article_that_is_known_is_another_one():
    source = Source()
    source.poll([_entry(1)])
    namesake = _entry(1, url="https://institute.example/p/one-more", guid="id-more")
    assert [item.is_new for item in source.poll([_entry(1), namesake])] == [False, True]


def test_what_fits_two_articles_proves_neither():
    source = Source()
    twins = [_entry(1), _entry(1, url="https://institute.example/p/one-more", guid="id-more")]
    source.poll(twins)
    assert source.new([_entry(1, url="https://institute.example/p/a-third", guid="id-third")]) == 1


def test_two_titles_of_one_minute_without_link_and_guid_are_two_entries():
    notes = [_entry(number, guid=None, url=None, summary="In brief.", published=START) for number in range(3)]
    assert len({item.entry_id for item in Source().poll(notes)}) == 3


def test_one_article_listed_under_two_links_is_one_entry():
    twice = [_entry(1, url=f"https://institute.example/p/1?cat={category}") for category in (1, 2)]
    assert len({item.entry_id for item in Source().poll(twice)}) == 1


@pytest.mark.parametrize(
    "link", ["https://institute.example/?a=1&b={n}", "HTTPS://Institute.Example:443/п/{n}", "https://institute.example/%d0%bf/{n}/"]
)
@pytest.mark.fault("U68")
def test_u68_spellings_of_a_link_are_one_article(link):
    from assets.parsing.urls import canonical_url

    respelled = {"a=1&b={n}": "b={n}&a=1", "/п/": "/%D0%BF/", "/%d0%bf/": "/п/"}
    other = link
    for old, new in respelled.items():
        other = other.replace(old, new)
    source = Source()
    source.poll([_entry(n, guid=None, url=canonical_url(link.format(n=n)), title="", published=None) for n in range(3)])
    assert source.new([_entry(n, guid=None, url=canonical_url(other.format(n=n)), title="", published=None) for n in range(3)]) == 0
