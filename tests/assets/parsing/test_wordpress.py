"""Posts as the WordPress REST API lists them."""

import json

import pytest

URL = "https://institute.example/wp-json/wp/v2/posts?per_page=100"


def post(number=1, **changes):
    return {
        "id": number,
        "date": "2021-09-17T13:00:00",
        "date_gmt": "2021-09-17T10:00:00",
        "modified_gmt": "2021-09-18T08:30:00",
        "guid": {"rendered": f"https://institute.example/?p={number}"},
        "link": f"https://institute.example/2021/09/p{number}/",
        "title": {"rendered": "Borders &#038; treaties"},
        "content": {"rendered": '<p>Two states signed. <a href="/map/">Map</a></p>', "protected": False},
        "excerpt": {"rendered": "<p>Two states&hellip;</p>", "protected": False},
    } | changes


def test_a_post_is_an_entry(read):
    feed = read(json.dumps([post()]), url=URL)
    assert (feed.verdict, feed.kind) == ("ok", "wordpress")
    (entry,) = feed.entries
    assert (entry.title, entry.url) == ("Borders & treaties", "https://institute.example/2021/09/p1/")
    assert entry.guid == "https://institute.example/?p=1"
    assert entry.content == '<p>Two states signed. <a href="https://institute.example/map/">Map</a></p>'
    assert entry.published.isoformat() == "2021-09-17T10:00:00+00:00"
    assert entry.published_quality == "exact"
    assert entry.updated.isoformat() == "2021-09-18T08:30:00+00:00"


def test_authors_and_terms_come_with_an_embedding_request(read):
    embedded = {"author": [{"name": "A. Writer"}], "wp:term": [[{"name": "Law &amp; sea"}], [{"name": "Ports"}]]}
    (entry,) = read(json.dumps([post(_embedded=embedded)]), url=URL).entries
    assert (entry.authors, entry.categories) == (("A. Writer",), ("Law & sea", "Ports"))


def test_it_is_the_same_article_as_in_the_feed(read, rss, item):
    from assets.parsing.identity import resolve

    feed = rss(item(1, title="Borders &amp; treaties", link="https://institute.example/2021/09/p1/", guid="https://institute.example/?p=1"))
    (first,) = resolve(read(feed).entries, {}, scope="s")
    (again,) = resolve(read(json.dumps([post()]), url=URL).entries, dict.fromkeys(first.keys, first.entry_id), scope="s")
    assert not again.is_new


def test_a_list_that_was_cut_off_gives_its_whole_posts(read):
    document = json.dumps([post(1), post(2), post(3)])
    feed = read(document[: document.rindex('"link"')], url=URL)
    assert (feed.verdict, len(feed.entries)) == ("ok_degraded", 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"date_gmt": "0000-00-00T00:00:00", "date": None},
        {"title": {"rendered": None}},
        {"content": "plain"},
        {"_embedded": {"author": "x", "wp:term": [None, [3]]}},
        {"guid": 7, "excerpt": []},
    ],
)
def test_odd_fields_do_not_lose_a_post(read, changes):
    (entry,) = read(json.dumps([post(**changes)]), url=URL).entries
    assert entry.url == "https://institute.example/2021/09/p1/"


def test_the_text_behind_a_password_is_not_taken(read):
    (entry,) = read(json.dumps([post(content={"rendered": "the form", "protected": True})]), url=URL).entries
    assert entry.content == ""


@pytest.mark.parametrize("document", ['{"code":"rest_no_route","data":{"status":404}}', "[1, 2]", '[{"title": "x"}]'])
def test_other_json_is_no_feed(read, document):
    assert read(document, url=URL).verdict == "reject"
