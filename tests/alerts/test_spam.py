"""What a spam filter thinks of our mails: Debian's SpamAssassin by its local tests, on the bytes that are sent."""

import shutil
from dataclasses import replace

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
    text = "Саммит ОДКБ прошёл вчера. Стороны договорились об учениях. Следующая встреча весной."
    # A Russian mail that quotes English text gets 1.0 for its mixture of letters (MIXED_ES), as any such mail does.
    candidate = newsroom_desk.candidate(title="Саммит ОДКБ", text=text, language="ru", source_name="Повтор") if language == "ru" else None
    names = {"ОДКБ": ("csto", "acronym")}
    parcel = newsroom_desk.parcel(
        candidate and replace(candidate, mentions=newsroom_desk.mentions("Саммит ОДКБ", text, names)),
        subscription=newsroom_desk.subscription("csto", subscriber=reader, labels=labels),
    )
    now = newsroom_desk.now
    letter = (
        parcel
        if kind == "alert"
        else Digest("f" * 20, "desk", "mail", "d@e.example", "<x@t.example>", 1, False, now, "daily", now, False, (parcel,) * 3)
    )
    score = spam_score(render(letter, newsroom_desk.settings))
    assert score is not None
    assert score < LIMIT
