"""What a spam filter thinks of our mails: Debian's SpamAssassin by its local tests, on the bytes that are sent."""

import shutil

import pytest

from alerts.parcels import Digest
from alerts.render import render
from bench.mails import LIMIT, spam_score

pytestmark = pytest.mark.skipif(shutil.which("spamassassin") is None, reason="no SpamAssassin on this machine; CI installs Debian's")


@pytest.mark.fault("E103")
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", ["alert", "digest"])
def test_e103_spam_filter_finds_nothing_against_our_mails(newsroom_desk, language, kind):
    reader = newsroom_desk.subscriber(language=language)
    # As the watch list has them: the names are in the language of the mail.
    labels = {"csto": "ОДКБ" if language == "ru" else "CSTO"}
    parcel = newsroom_desk.parcel(subscription=newsroom_desk.subscription("csto", subscriber=reader, labels=labels))
    now = newsroom_desk.now
    letter = (
        parcel
        if kind == "alert"
        else Digest("f" * 20, "desk", "mail", "d@e.example", "<x@t.example>", 1, False, now, "daily", now, False, (parcel,) * 3)
    )
    score = spam_score(render(letter, newsroom_desk.settings))
    assert score is not None
    assert score < LIMIT
