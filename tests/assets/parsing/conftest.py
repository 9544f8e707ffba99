"""Small feeds, written here, for the tests of the parsing room."""

import pytest

from assets.parsing.feed import parse_feed

URL = "https://institute.example/feed.xml"


def _item(
    number=1, *, title="A treaty signed", link=True, guid=True, date="Fri, 17 Sep 2021 10:00:00 +0300", text="Two states signed.", extra=""
):
    """One RSS item; `link`, `guid`, `title`, `date` may be False to leave the element out, or a string to set it."""
    link = f"https://institute.example/p/{number}" if link is True else link
    guid = f"id-{number}" if guid is True else guid
    parts = [("title", title), ("link", link), ("pubDate", date), ("description", text)]
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in parts if value)
    identifier = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item>{elements}{identifier}{extra}</item>"


def _rss(*items, head="<title>Institute</title><link>https://institute.example/</link>", start='<?xml version="1.0"?>'):
    return f'{start}<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


@pytest.fixture
def item():
    return _item


@pytest.fixture
def rss():
    return _rss


@pytest.fixture
def read(now):
    """Parse text or bytes as fetched from the institute."""

    def parse(document, **options):
        body = document if isinstance(document, bytes) else document.encode()
        return parse_feed(body, **{"url": URL, "now": now, **options})

    return parse


@pytest.fixture
def titles(read):
    def of(document, **options):
        return [entry.title for entry in read(document, **options).entries]

    return of
