"""`thinkwatch sources` at a terminal: finding, adding, checking, listing, importing and exporting, against sites on loopback."""

import importlib.util
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner

from pipelines.cli import thinkwatch
from warehouse.errors import ConfigError

_spec = importlib.util.spec_from_file_location("assets_conftest", Path(__file__).parents[1] / "assets" / "conftest.py")
_assets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_assets)
web, answers = _assets.web, _assets.answers

TEXT = "The committee met for the third time this year and spoke of the river, its banks and those who live on them. " * 8


def rss(count=3, language="ru", title="Институт Севера"):
    now = datetime.now(UTC)
    items = "".join(
        f"<item><title>Report {n}</title><link>http://sever.example/p/{n}</link><guid>{n}</guid>"
        f"<pubDate>{now - timedelta(days=n):%a, %d %b %Y %H:%M:%S +0000}</pubDate><description>{TEXT}</description></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>{title}</title><language>{language}</language>{items}</channel></rss>".encode()


def page(head="", body=""):
    return f"<!doctype html><html lang='ru'><head><title>Институт Севера | Главная</title>{head}</head><body><article><h1>Report</h1><p>{TEXT}</p><p>{TEXT}</p>{body}</article></body></html>".encode()


FEED_LINK = "<link rel='alternate' type='application/rss+xml' href='/feed/'>"


@pytest.fixture
def house(tmp_path, web, answers):
    """An installation whose web is on loopback: `run` gives exit status, stdout and stderr."""
    site = web.site("sever.example")
    site.on("/", answers.reply(200, {"Content-Type": "text/html; charset=utf-8"}, page(FEED_LINK)))
    site.on("/feed/", answers.reply(200, {"Content-Type": "application/rss+xml"}, rss()))
    for number in range(3):
        site.on(f"/p/{number}", answers.reply(200, {"Content-Type": "text/html; charset=utf-8"}, page()))
    config = tmp_path / "thinkwatch.toml"
    hosts = "\n".join(f'"{host}" = "{target}"' for host, target in web.targets.items())
    config.write_text(f"[fetch]\npace_seconds = 0\n[fetch.connect_to]\n{hosts}\n", encoding="utf-8")
    (tmp_path / "sources").mkdir()

    def run(*arguments, status=0, stdin=None):
        done = CliRunner().invoke(
            thinkwatch, ["--config", str(config), "sources", *map(str, arguments)], input=stdin, standalone_mode=False
        )
        if done.exception:
            raise done.exception
        assert (done.return_value or 0) == status, done.output
        return SimpleNamespace(out=done.stdout, said=done.stderr)

    def write(name, text):
        (tmp_path / "sources" / name).write_text(text, encoding="utf-8")

    return SimpleNamespace(run=run, write=write, folder=tmp_path / "sources", config=config, site=site)


def own(house, name):
    return yaml.safe_load((house.folder / name).read_text(encoding="utf-8"))


def test_add_finds_the_feed_and_writes_a_commented_file(house):
    done = house.run("add", "http://sever.example/")
    assert done.out.strip() == f"wrote {house.folder / 'sever.yaml'}"
    text = (house.folder / "sever.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Found on ")
    assert own(house, "sever.yaml") == {
        "id": "sever",
        "name": "Институт Севера",
        "languages": ["ru"],
        "home": "http://sever.example/",
        "enabled": True,
        "feeds": [{"url": "http://sever.example/feed/", "kind": "rss"}],
    }
    assert "sever" in house.run("list", "--enabled").out


def test_a_dry_run_shows_the_file_and_writes_nothing(house):
    done = house.run("add", "http://sever.example/feed/", "--id", "north", "--dry-run")
    assert yaml.safe_load(done.out)["id"] == "north"
    assert yaml.safe_load(done.out)["home"] == "http://sever.example/"
    assert "it is the feed that was given" in done.out
    assert list(house.folder.iterdir()) == []


def test_nothing_is_overwritten_and_no_feed_is_taken_twice(house):
    house.run("add", "http://sever.example/")
    for arguments, said in ((["--id", "sever"], "there is a source sever already"), ([], "is that of the source sever")):
        with pytest.raises(ConfigError, match=said):
            house.run("add", "http://sever.example/", *arguments)


def test_another_feed_of_a_polled_site_is_added_with_a_word_of_warning(house, answers):
    house.run("add", "http://sever.example/")
    house.site.on("/news/feed/", answers.reply(200, {"Content-Type": "application/rss+xml"}, rss(2)))
    done = house.run("add", "http://sever.example/news/feed/", "--id", "north", "--dry-run")
    assert "the source sever has a feed of sever.example too" in done.said
    assert str(house.folder / "sever.yaml") in done.said


def test_a_file_that_is_in_the_way_is_never_overwritten(house):
    house.write("north.yaml", "id: other\nname: Other\nenabled: false\n")
    with pytest.raises(ConfigError, match="never overwritten"):
        house.run("add", "http://sever.example/", "--id", "north")
    assert own(house, "north.yaml")["id"] == "other"


def test_a_site_without_a_feed_writes_nothing_and_shows_what_was_tried(house, answers):
    house.site.on("/", answers.reply(200, {"Content-Type": "text/html"}, page()))
    house.site.on("/feed/", answers.reply(200, {"Content-Type": "text/html"}, page()))
    done = house.run("add", "http://sever.example/", status=1)
    assert "no feed was found" in done.said
    assert "next: find its feed" in done.said
    assert "http://sever.example/rss.xml" in done.said
    assert list(house.folder.iterdir()) == []


def test_a_hostile_title_stays_on_its_line(house, answers):
    head = "<meta property='og:site_name' content='Sever&#10;enabled: false&#10;id: x # {[&quot;'>" + FEED_LINK
    house.site.on("/", answers.reply(200, {"Content-Type": "text/html"}, page(head)))
    house.run("add", "http://sever.example/")
    assert (own(house, "sever.yaml")["id"], own(house, "sever.yaml")["enabled"]) == ("sever", True)
    assert own(house, "sever.yaml")["name"] == 'Sever enabled: false id: x # {["'


def test_discover_shows_what_was_tried_and_why_it_chose(house):
    done = house.run("discover", "http://sever.example/")
    assert "* working     http://sever.example/feed/" in done.out
    assert "chosen: http://sever.example/feed/" in done.out
    found = json.loads(house.run("discover", "http://sever.example/", "--json").out)
    assert (found["chosen"], found["tried"][0]["entries"], found["language"]) == ("http://sever.example/feed/", 3, "ru")


def test_a_bare_name_is_tried_by_https_and_then_by_http(house):
    done = house.run("discover", "sever.example")
    assert done.said.startswith("asking https://sever.example/\nasking http://sever.example/\n")
    assert "chosen: http://sever.example/feed/" in done.out


@pytest.mark.parametrize("url", ["ftp://sever.example/", "two words", "javascript:alert(1)"])
def test_what_is_no_address_is_refused(house, url):
    with pytest.raises(ConfigError, match="no http or https address"):
        house.run("discover", url)


def test_check_says_what_each_address_answered(house, answers):
    house.run("add", "http://sever.example/")
    done = house.run("check", "sever")
    assert "working     sever: feed http://sever.example/feed/" in done.out
    assert "rss, 3 entries, newest of today, full texts, language ru" in done.out
    assert "working     sever: page http://sever.example/p/0" in done.out
    house.site.on("/p/0", answers.reply(403, {}, b"no robots"))
    rows = [json.loads(line) for line in house.run("check", "--json", status=1).out.splitlines()]
    assert [(row["what"], row["state"], row["well"]) for row in rows] == [("feed", "working", True), ("page", "blocked", False)]
    assert all(row["to_do"] for row in rows if not row["well"])


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [(404, b"gone", "failing"), (403, b"no", "blocked"), (200, b"<!doctype html><p>Hello</p>", "not_a_feed"), (200, rss(0), "empty")],
)
def test_check_tells_the_ways_to_be_ill_apart(house, answers, status, body, state):
    house.run("add", "http://sever.example/")
    house.site.on("/feed/", answers.reply(status, {}, body))
    [row] = [json.loads(line) for line in house.run("check", "--json", "--no-pages", status=1).out.splitlines()]
    assert row["state"] == state
    assert row["said"]
    assert row["to_do"]


def test_a_source_of_the_registry_is_taken_over_by_a_small_file(house, web, answers):
    web.site("www.rand.org")  # known to the registry by https; on loopback nobody speaks it
    done = house.run("add", "rand", status=1)
    assert own(house, "rand.yaml") == {"id": "rand", "enabled": True}
    assert "reported working" in done.said
    shown = json.loads(house.run("show", "rand", "--json").out)
    assert (shown["overlay"], shown["definition"]["name"]) == (True, "RAND Corporation")
    with pytest.raises(ConfigError, match="is polled already"):
        house.run("add", "rand")


def test_what_the_law_may_forbid_is_taken_over_switched_off_and_unasked(house):
    done = house.run("add", "katehon")
    assert own(house, "katehon.yaml") == {"id": "katehon", "enabled": False}
    assert "sanctions list" in done.said
    assert "asking" not in done.said


def test_an_unknown_id_names_the_nearest(house):
    with pytest.raises(ConfigError) as fault:
        house.run("show", "rnad")
    assert fault.value.hint == "did you mean rand?"


def test_list_filters_the_registry(house):
    rows = [json.loads(line) for line in house.run("list", "--all", "--country", "ru", "--json").out.splitlines()]
    assert len(rows) > 10
    assert {row["country"] for row in rows} == {"RU"}
    assert not any(row["enabled"] for row in rows)
    assert "legal note" in house.run("list", "--all", "--language", "es").out


def test_a_list_of_addresses_keeps_its_kind_in_opml(house):
    path = house.folder / "map.yaml"
    path.write_text("{id: map, name: Map, feeds: [{url: 'http://map.example/s.xml', kind: sitemap}]}", encoding="utf-8")
    exported = house.run("export").out
    path.unlink()
    house.run("import", "-", stdin=exported)
    assert own(house, "map.yaml")["feeds"] == [{"url": "http://map.example/s.xml", "kind": "sitemap"}]


def test_opml_goes_out_and_comes_back(house):
    house.run("add", "http://sever.example/")
    exported = house.run("export").out
    (house.folder / "sever.yaml").unlink()
    done = house.run("import", "-", stdin=exported)
    assert own(house, "sever.yaml")["feeds"] == [{"url": "http://sever.example/feed/"}]
    assert "1 source, 0 feeds known before, 0 outlines refused" in done.said
    again = house.run("import", "-", stdin=exported)
    assert "is polled as sever" in again.said


OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="North">
 <outline text="Sever" xmlUrl="http://sever.example/feed/" htmlUrl="http://sever.example/" language="ru-RU"/>
 <outline text="Sever: notes" xmlUrl="http://sever.example/notes/feed/" htmlUrl="http://sever.example/"/>
</outline></outline>
<outline text="RAND" type="rss" xmlUrl="https://www.rand.org/pubs/commentary.xml"/>
<outline text="Katehon" type="rss" xmlUrl="https://katehon.com/en/rss.xml"/>
<outline text="Bad" xmlUrl="gopher://old.example/feed"/>
<outline text="A bookmark without a feed" htmlUrl="http://other.example/"/>
</body></opml>"""


def test_an_import_takes_what_it_can_and_names_the_line_of_what_it_cannot(house):
    done = house.run("import", "-", stdin=OPML, status=1)
    assert own(house, "sever.yaml")["feeds"] == [{"url": "http://sever.example/feed/"}, {"url": "http://sever.example/notes/feed/"}]
    assert own(house, "sever.yaml")["languages"] == ["ru"]
    assert "in World / North" in (house.folder / "sever.yaml").read_text(encoding="utf-8")
    assert own(house, "rand.yaml") == {"id": "rand", "enabled": True}
    assert own(house, "katehon.yaml") == {"id": "katehon", "enabled": False}
    assert "-:9: 'gopher://old.example/feed' is no http or https address" in done.said
    assert house.run("list", "--json").out.count("\n") == 3


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("<opml>\n<body>\n<outline text='a'\n</body></opml>", 4, "not valid XML"),
        ("<rss version='2.0'/>", 1, "no OPML"),
        ("", 1, "XML"),
        ("\n\n<opml><body>", 3, "not valid XML"),
    ],
)
def test_what_is_no_opml_is_refused_with_its_line(house, text, line, said):
    with pytest.raises(ConfigError, match=said) as fault:
        house.run("import", "-", stdin=text)
    assert (fault.value.line, list(house.folder.iterdir())) == (line, [])


@pytest.mark.fault("C120")
def test_c120_the_setting_names_the_line_of_an_id_that_the_registry_lacks(house):
    house.config.write_text('data = "data"\nregistry = ["rand", "ecfrr"]\n', encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        house.run("list")
    assert (fault.value.line, fault.value.hint) == (2, "did you mean ecfr?")


def test_the_setting_takes_sources_of_the_registry_and_a_file_corrects_one(house):
    house.config.write_text('registry = ["rand", "ecfr"]\n', encoding="utf-8")
    house.write("rand.yaml", "id: rand\nenabled: false\n")
    rows = {row["id"]: row for row in map(json.loads, house.run("list", "--json").out.splitlines())}
    assert (rows["ecfr"]["enabled"], rows["rand"]["enabled"]) == (True, False)


def test_merges_are_listed_and_an_unknown_one_is_refused(house):
    assert "no entry has come back" in house.run("merges").said
    with pytest.raises(ConfigError, match="there is no merge"):
        house.run("unmerge", "0123456789")
