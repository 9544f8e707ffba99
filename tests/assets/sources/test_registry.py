import pytest

from assets.sources.registry import feed_id, load_sources
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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: Institute", "nmae: Institute"), "x.yaml:2: nmae"),
        (("country: RU", "country: Russia"), "x.yaml:3: country"),
        (("Europe/Moscow", "Europe/Moskow"), "x.yaml:5: timezone"),
        (("https://site.example/feed", "site.example/feed"), "x.yaml:7: feeds.0.url"),
        (("id: x", "id: 'X y'"), "x.yaml:1: id"),
    ],
)
def test_c120_a_fault_names_the_line(folder, change, said):
    assert said in refusal(folder("a/x.yaml", GOOD.format(id="x").replace(*change)))


def test_c120_an_id_that_stands_twice_in_a_folder_is_refused(folder):
    folder("a/x.yaml", GOOD.format(id="x"))
    assert "already defined" in refusal(folder("a/y.yaml", GOOD.format(id="x")))


def test_a_missing_folder_is_named(tmp_path):
    assert "none" in refusal(tmp_path / "none")


def test_a_feeds_id_depends_on_source_and_address_alone():
    assert feed_id("a", "https://x.example/") == feed_id("a", "https://x.example/") != feed_id("b", "https://x.example/")
