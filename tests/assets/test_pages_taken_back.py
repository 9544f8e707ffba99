"""A page that is edited and then put back, byte for byte, is read each time."""

from datetime import timedelta

import pytest

from assets.pages import visit_pages

DAY = timedelta(days=1)
FEED = b"<rss version='2.0'><channel><title>T</title><item><title>Title</title><link>http://tank.example/1</link></item></channel></rss>"


@pytest.fixture
def visits(web, answers, installation):
    site = web.site("tank.example")
    site.on("/feed", answers.reply(200, {}, FEED))
    installation.source("tank", "http://tank.example/feed")
    installation.poll()

    def run(*bodies):
        for body in bodies:
            site.on("/1", answers.reply(200, {"Content-Type": "text/html"}, f"<html><body><p>{body}</p></body></html>".encode()))
            with installation.warehouse.transaction() as transaction:
                transaction.connection.execute("UPDATE entries SET page_due_at = ?", [installation.now])
            visit_pages(installation.flow())
            installation.now += DAY
        return installation.rows("SELECT sha256, extracted_at FROM pages ORDER BY fetched_at")

    return run


@pytest.mark.fault("F23")
def test_f23_an_edit_that_is_taken_back_is_read_again(visits):
    first, second, third = visits("One.", "Two.", "One.")
    assert first["sha256"] == third["sha256"] != second["sha256"]
    assert third["extracted_at"] is None


def test_a_page_that_stays_is_one_row_however_often_it_is_visited(visits):
    assert len(visits("One.", "One.", "One.")) == 1
    assert len(visits("Two.", "Two.")) == 2
