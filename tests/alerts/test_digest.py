"""The digest itself: both halves say the same, it stays small, and its picture says in words what it shows."""

import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from alerts.chart import EARLIER, NOW, columns, size
from alerts.digest import LARGEST_MAIL
from alerts.mailing import MailSettings
from alerts.parcels import Digest, Outlet, Weekly, weekly
from alerts.render import render
from alerts.tokens import Grant, Signer

SENT = datetime(2021, 9, 20, 7, tzinfo=UTC)
SETTINGS = MailSettings("a@t.example", "T", "t.example", "stop@t.example", "https://t.example", Signer(["a key of the tests"]))
NASTY = '<script>alert(1)</script> <img src=x onerror=y> "quoted" & {{ 7 * 7 }}'


@pytest.fixture
def digest(newsroom_desk):
    """A digest of these articles (by title; text and other changes as a dict)."""

    def digest(*articles, subscription=None, frequency="daily", due_at=SENT, delayed=False, weekly=(), **changes):
        items = []
        for number, (title, given) in enumerate(articles):
            candidate = newsroom_desk.candidate(f"a{number}", title=title, text=given.pop("text", "The CSTO met. It was short."))
            rule = subscription or newsroom_desk.subscription("csto|tajikistan")
            items.append(newsroom_desk.parcel(candidate, rule, alert_id=f"alert{number:015}", **(changes | given)))
        return Digest(
            "f" * 20,
            "desk",
            "mail",
            "desk@institute.example",
            "<x@t.example>",
            1,
            False,
            SENT,
            frequency,
            due_at,
            delayed,
            tuple(items),
            weekly,
        )

    return digest


def sent(digest, settings=SETTINGS):
    """The mail after it went over the wire."""
    return message_from_bytes(render(digest, settings).as_bytes(), policy=policy.default)


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message) -> str:
    return message.get_body(("html",)).get_content()


class Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.tags, self.links, self.silent = [], [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.silent += tag in ("style", "title")

    def handle_endtag(self, tag):
        self.silent -= tag in ("style", "title")

    def handle_data(self, data):
        if not self.silent:
            self.words += re.findall(r"\w+", data)


WEEKLY = (Weekly("csto", "CSTO", (3, 0, 4, 9), 2.3333), Weekly("tajikistan", "Tajikistan", (1,), None))


def test_digest_as_a_person_reads_it(digest):
    message = sent(
        digest(
            ("The CSTO in Minsk", {}),
            ("Tajikistan", {"text": "It met.", "outlets": (Outlet("Valdai", None),)}),
            frequency="weekly",
            weekly=WEEKLY,
        )
    )
    assert message["Subject"] == "Weekly digest (2): CSTO, Tajikistan"
    text = text_of(message)
    assert text.startswith(
        "Weekly digest\n20 September 2021, 07:00 (UTC)\nArticles: 2 – CSTO 1, Tajikistan 1\n\nMentions a week\nCSTO: this week 9, usual 2.3\n"
        "Tajikistan: this week 1; what is usual is not known yet\n\nThe *CSTO* in Minsk\nRUSSTRAT, Russia\n"
        "19 September 2021, 09:30 (UTC) – date as given\nCSTO × 2\n\nThe *CSTO* met. It was short.\nhttps://russtrat.example/a0?a=1&b=2\n"
    )
    assert "Also published by: Valdai\n" in text
    assert (
        "Your subscription “watch” asks for: CSTO or tajikistan" in text or "Your subscription “watch” asks for: CSTO or Tajikistan" in text
    )


def test_both_halves_of_a_digest_say_the_same(digest):
    message = sent(digest(("The CSTO in Minsk", {}), ("Tajikistan", {}), frequency="weekly", weekly=WEEKLY, delayed=True))
    page, text = Words(html_of(message)), text_of(message)
    bare = set(re.findall(r"\w+", re.sub(r"https?://\S+", "", text)))
    assert bare - set(page.words) == set()
    assert set(page.words) - set(re.findall(r"\w+", text)) == set()
    for link in re.findall(r"https?://[^\s,]+", text):
        assert link.rstrip(".") in page.links


def test_picture_stands_in_the_mail_itself_and_says_in_words_what_it_shows(digest):
    message = sent(digest(("The CSTO", {}), frequency="weekly", weekly=WEEKLY))
    page = html_of(message)
    images = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"].strip("<>") for part in images] == re.findall(r'src="cid:([^"]+)"', page)
    assert re.findall(r'alt="([^"]+)"', page) == [
        "CSTO: mentions in each week, the last one ending now: 3, 0, 4, 9",
        "Tajikistan: mentions in each week, the last one ending now: 1",
    ]
    assert all(part.get_content()[:8] == b"\x89PNG\r\n\x1a\n" for part in images)
    # No request leaves the reader's machine.
    assert [link for link in Words(page).links if link.startswith("http") and "//t.example" not in link] == [
        "https://russtrat.example/a0?a=1&b=2"
    ]


@pytest.mark.fault("E103")
def test_e103_digest_has_its_headers_and_one_link_stops_all_of_it(digest):
    first = sent(digest(("The CSTO", {})))
    assert first["List-Id"] == "<daily.desk.digests.t.example>"
    assert first["Feedback-ID"] == "daily.desk:digest:t.example"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = first["List-Unsubscribe"].split(">")[0].rpartition("/")[2]
    assert SETTINGS.signer.read("unsubscribe", token) == Grant("desk", ("watch",))
    later = sent(digest(("Tajikistan", {})))
    assert first["References"] == later["References"] != sent(digest(("The CSTO", {}), frequency="weekly"))["References"]


def test_grouped_by_region(digest):
    articles = [
        ("The CSTO alone", {"text": "It met."}),
        ("Tajikistan one", {"text": "It met.", "regions": ("tajikistan",)}),
        ("Tajikistan two", {"text": "The CSTO met.", "regions": ("tajikistan",)}),
    ]
    text = text_of(sent(digest(*articles, group_by="region")))
    assert [line for line in text.splitlines() if line.startswith(("===", "The *CSTO* al", "*Taj"))] == [
        "=== Tajikistan ===",
        "*Tajikistan* one",
        "*Tajikistan* two",
        "=== Other ===",
        "The *CSTO* alone",
    ]


def test_digest_in_russian(digest, newsroom_desk):
    labels = {"csto": "ОДКБ"}
    reader = newsroom_desk.subscriber("desk", language="ru", timezone="Europe/Moscow")
    rule = newsroom_desk.subscription("csto", labels=labels, subscriber=reader)
    weekly = (Weekly("csto", "ОДКБ", (1, 2, 4, 9), 2.33),)
    message = sent(digest(("Саммит ОДКБ", {"text": "Прошёл саммит ОДКБ."}), subscription=rule, delayed=True, weekly=weekly))
    assert message["Subject"] == "Ежедневный дайджест (1): ОДКБ"
    assert "ОДКБ: за эту неделю 9, обычно 2,3\n" in text_of(message)
    text = text_of(message)
    assert "Этот дайджест должен был прийти 20 сентября 2021 г., 10:00 (Europe/Moscow) и опоздал." in text
    assert "Статей: 1" in text


@pytest.mark.fault("E97")
@pytest.mark.parametrize("filler", ["&", "ы", "x", "😀"])
@pytest.mark.parametrize("count", [40, 400])
def test_e97_four_hundred_articles_stay_small_and_none_is_passed_over_in_silence(digest, filler, count):
    articles = [
        (f"CSTO {number} {filler * 60}", {"text": f"{filler * 200} CSTO {filler * 200}. {filler * 200}."}) for number in range(count)
    ]
    raw = render(digest(*articles), SETTINGS).as_bytes()
    assert len(raw) <= LARGEST_MAIL
    message = message_from_bytes(raw, policy=policy.default)
    page, text = html_of(message), text_of(message)
    assert "mailto:stop@t.example" in page
    assert "https://t.example/unsubscribe/" in page
    shown = len(re.findall(r"^\*CSTO\* \d+|^- \*CSTO\* \d+", text, re.M))
    more = re.search(r"^and (\d+) more$", text, re.M)
    assert shown + int(more[1] if more else 0) == count
    assert shown >= 20
    # The room that there is is used.
    assert count == 40 or len(raw) > LARGEST_MAIL * 0.9


@pytest.mark.fault("E96")
def test_e96_nothing_from_a_page_is_markup_in_a_digest(digest):
    article = (f"CSTO {NASTY}", {"text": f"The CSTO met {NASTY}.", "source_name": NASTY, "outlets": (Outlet(NASTY, None),)})
    message = sent(digest(article, weekly=(Weekly("csto", NASTY, (1, 2), None),), frequency="weekly"))
    page = Words(html_of(message))
    assert not {"script", "iframe", "form", "object"} & set(page.tags)
    assert page.tags.count("img") == 1
    assert message.defects == []


@pytest.mark.fault("E98")
def test_e98_digest_fits_the_wire_and_is_the_same_at_each_attempt(digest):
    made = digest(("CSTO " + "ж" * 5000, {"text": "CSTO " + "ж" * 5000}), weekly=WEEKLY, frequency="weekly")
    raw = render(made, SETTINGS).as_bytes()
    assert raw == render(made, SETTINGS).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_usual_is_not_made_up_from_weeks_that_the_store_does_not_know():
    rows = [{"entity": "csto", "weeks_ago": ago, "mentions": count} for ago, count in ((0, 9), (1, 2), (3, 4))]
    assert weekly({"csto": "CSTO"}, rows, 1) == (Weekly("csto", "CSTO", (2, 9), None),)
    (known,) = weekly({"csto": "CSTO"}, rows, 4)
    assert (known.counts, known.usual) == ((0, 4, 0, 2, 9), 1.5)
    assert len(weekly({"csto": "CSTO"}, rows, 100)[0].counts) == 9


def test_columns_are_as_tall_as_their_counts():
    counts = (0, 5, 10)
    png = columns(counts, usual=None)
    width, height = struct.unpack(">II", png[16:24])
    assert (width // 2, height // 2) == size(counts)
    start = png.index(b"IDAT") + 4
    pixels = zlib.decompress(png[start : start + struct.unpack(">I", png[start - 8 : start - 4])[0]])
    rows = [pixels[row * (width * 4 + 1) + 1 : (row + 1) * (width * 4 + 1)] for row in range(height)]

    def tall(column: int) -> int:
        return sum(bytes(row[column * 28 * 4 : column * 28 * 4 + 4]) in (bytes(EARLIER), bytes(NOW)) for row in rows)

    assert [tall(column) for column in range(3)] == [2, 26, 52]
    assert columns(counts, usual=5) != png
    assert columns((), None).startswith(b"\x89PNG")


def test_mentions_of_the_last_weeks_are_counted_in_the_store(newsroom, post_office):
    rule = newsroom.subscription("csto", frequency="weekly")
    newsroom.deliver(mail=post_office.smtp())
    for week in range(6):
        seen = newsroom.now - timedelta(days=7 * week + 1)
        newsroom.put(newsroom.candidate(f"w{week}", text="The CSTO met. " * (week + 1), published_at=seen, first_seen_at=seen))
    newsroom.decide(rule)
    newsroom.deliver(mail=post_office.smtp(), now=newsroom.now + timedelta(hours=19))
    (message,) = [message_from_bytes(content, policy=policy.default) for _, content in post_office.mails]
    assert message["Subject"].startswith("Weekly digest (6): CSTO")
    assert "CSTO: this week 1, usual 4" in text_of(message)
