import pytest

from assets.sources.registry import feed_id, load_definitions, load_sources, registry_places, unknown_source
from warehouse.errors import ConfigError

GOOD = "id: {id}\nname: Institute\ncountry: RU\nlanguages: [ru]\ntimezone: Europe/Moscow\nfeeds:\n  - url: https://site.example/feed\n"


@pytest.fixture
def folder(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path.parent

    return write


def refusal(place):
    with pytest.raises(ConfigError) as fault:
        load_sources([place])
    assert fault.value.hint
    return str(fault.value)


def test_sources_come_in_the_order_of_their_ids(folder):
    folder("a/b.yaml", GOOD.format(id="b"))
    place = folder("a/c.yaml", GOOD.format(id="a"))
    assert [source.id for source in load_sources([place])] == ["a", "b"]


def test_the_operators_folder_overrides_the_shipped_one(folder):
    shipped = folder("shipped/x.yaml", GOOD.format(id="x"))
    own = folder("own/x.yaml", GOOD.format(id="x").replace("Institute", "Corrected"))
    assert [source.name for source in load_sources([shipped, own])] == ["Corrected"]


def test_a_file_without_a_name_is_laid_over_an_earlier_definition(folder):
    shared = folder("shared/x.yaml", GOOD.format(id="x") + "enabled: false\ndisabled_because: untested\n")
    own = folder("own/mine.yaml", "id: x\nenabled: true\n")
    [defined] = load_definitions([shared, own])
    assert (defined.source.name, defined.source.enabled, defined.source.disabled_because) == ("Institute", True, None)
    assert (defined.path.name, defined.overlay) == ("mine.yaml", True)


def test_it_is_laid_over_the_registry_without_taking_the_rest_of_the_registry_along(folder):
    own = folder("own/rand.yaml", "id: rand\nfeeds:\n  - url: https://www.rand.org/news.xml\n")
    [source] = load_sources([own])
    assert (source.name, source.country) == ("RAND Corporation", "US")
    assert [feed.url for feed in source.feeds] == ["https://www.rand.org/news.xml"]


def test_a_file_with_a_name_replaces_the_registrys_whole(folder):
    [source] = load_sources([folder("own/cap.yaml", GOOD.format(id="cap"))])
    assert (source.name, source.country, source.home) == ("Institute", "RU", None)


@pytest.mark.fault("C120")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: rnad\nenabled: true\n", "x.yaml:1: no source 'rnad' is there to lay this over"),
        ("id: rand\nenabled: maybe\n", "x.yaml:2: enabled"),
        ("id: rand\nfeeds: []\n", "x.yaml:2: feeds: an enabled source needs at least one feed"),
        ("id: cnas\n# no feed is known\nenabled: true\n", "an enabled source needs at least one feed"),
        ("enabled: true\n", "x.yaml:1: id"),
        ("- id: rand\n", "x.yaml:1: "),
        ("", "x.yaml"),
    ],
)
def test_c120_a_fault_in_a_file_that_is_laid_over_another_names_the_line(folder, text, said):
    assert said in refusal(folder("a/x.yaml", text))


def test_the_setting_chooses_from_the_registry():
    assert registry_places(False) == ()
    assert [path.name for path in registry_places(["rand", "ecfr"])] == ["rand.yaml", "ecfr.yaml"]
    assert len(load_sources(registry_places(True))) > 100
    with pytest.raises(ConfigError) as fault:
        registry_places(["rnad"])
    assert "rand" in fault.value.hint


@pytest.mark.fault("C120")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: Institute", "nmae: Institute"), "x.yaml:2: nmae"),
        (("country: RU", "country: Russia"), "x.yaml:3: country"),
        (("Europe/Moscow", "Europe/Moskow"), "x.yaml:5: timezone"),
        (("https://site.example/feed", "site.example/feed"), "x.yaml:7: feeds.0.url"),
        (("id: x", "id: 'X y'"), "x.yaml:1: id: 'X y' is no id"),
        (("https://site.example/feed", "https://me:secret@site.example/feed"), "x.yaml:7: feeds.0.url: an address with a user name"),
    ],
)
def test_c120_a_fault_names_the_line(folder, change, said):
    assert said in refusal(folder("a/x.yaml", GOOD.format(id="x").replace(*change)))


def test_a_feed_that_stands_twice_in_a_source_is_refused(folder):
    line = "  - url: https://site.example/feed\n"
    assert "https://site.example/feed stands twice" in refusal(folder("a/x.yaml", GOOD.format(id="x").replace(line, line * 2)))


@pytest.mark.fault("C120")
def test_c120_an_id_that_stands_twice_in_a_folder_is_refused(folder):
    folder("a/x.yaml", GOOD.format(id="x"))
    assert "already defined" in refusal(folder("a/y.yaml", GOOD.format(id="x")))


def test_a_missing_folder_is_named(tmp_path):
    assert "none" in refusal(tmp_path / "none")


def test_a_feeds_id_depends_on_source_and_address_alone():
    assert feed_id("a", "https://x.example/") == feed_id("a", "https://x.example/") != feed_id("b", "https://x.example/")


def test_an_id_that_only_the_registry_knows_says_how_to_take_it_over():
    assert unknown_source("rand", ["own"]).hint == "take it over with: thinkwatch sources add rand"
    assert unknown_source("own-1", ["own"]).hint == "did you mean own?"
