"""What mail programs can show of our pages, by the trials of caniemail.com: nothing is missing that is not argued to do no harm."""

from dataclasses import replace

import pytest

from alerts.parcels import Outlet, Weekly
from alerts.rehearsal import digest_of
from alerts.render import render
from bench.mail_clients import accepted, findings, missing, surprises

pytestmark = pytest.mark.skipif(bool(missing()), reason=str(missing()))


@pytest.fixture
def letters(newsroom_desk):
    """An alert and a digest with all that can be in them, in each language."""
    found = []
    for language in ("en", "ru"):
        subscription = newsroom_desk.subscription("csto", subscriber=newsroom_desk.subscriber(language=language))
        alert = newsroom_desk.parcel(subscription=subscription, outlets=(Outlet("Elsewhere", None),))
        gone = replace(alert, kind="withdrawal")
        digest = digest_of([alert, gone], "weekly", newsroom_desk.now)
        found += [alert, gone, replace(digest, delayed=True, weekly=(Weekly("csto", "CSTO", (1, 2, 9, 4), 4.0),))]
    return [render(letter, newsroom_desk.settings) for letter in found]


def test_mail_programs_can_show_our_mails(letters):
    assert surprises(letters) == []


def test_what_a_program_cannot_do_is_found(letters):
    page = letters[0].get_body(("html",))
    page.set_content(page.get_content().replace("<h1", '<h1 style="display:grid"><video></video'), subtype="html")
    assert ("none", "<video> element") in findings(letters[0]).keys() - accepted().keys()
