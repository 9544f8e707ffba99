"""The mail itself: what it says, and that no page can make it say anything else."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.parcels import Outlet
from alerts.render import MailSettings, render
from alerts.tokens import Grant, Signer

NASTY = '<script>alert(1)</script> <img src=x onerror=y> "quoted" & {{ 7 * 7 }} {% raw %}'


@pytest.fixture
def mail(newsroom_desk):
    """The mail of a parcel, after it went over the wire."""

    def mail(candidate=None, subscription=None, mail_settings=None, **changes):
        parcel = newsroom_desk.parcel(candidate, subscription, **changes)
        raw = render(parcel, mail_settings or newsroom_desk.settings).as_bytes()
        return message_from_bytes(raw, policy=policy.default)

    return mail


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message) -> str:
    return message.get_body(("html",)).get_content()


class Words(HTMLParser):
    """What a screen reader would say, and every tag and link."""

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


def test_mail_as_a_person_reads_it(mail):
    message = mail()
    assert message["Subject"] == "CSTO, Tajikistan: Summit in Dushanbe: what was agreed (RUSSTRAT, Russia)"
    assert text_of(message) == (
        "CSTO × 2, Tajikistan × 2\n\n"
        "Summit in *Dushanbe*: what was agreed\n"
        "RUSSTRAT, Russia\n"
        "19 September 2021, 09:30 (UTC) – date as given\n\n"
        "What it says\n\n"
        "The council met on Thursday. The *CSTO* will hold exercises in *Tajikistan* next month. Nobody was surprised.\n\n"
        "Read it at russtrat.example\nhttps://russtrat.example/a1?a=1&b=2\n\n"
        "———\nWhy you get this\n"
        "Your subscription “watch” asks for: CSTO and any of Central Asia in one sentence.\n\n"
        "Proof: alert 0123456789abcdef0123; revision 1 (a1r1); watch list 01234567; CSTO: 55–59; Tajikistan: 83–93.\n\n"
        "Unsubscribe: write to stop@thinkwatch.example.\n"
    )


def test_both_halves_say_the_same(mail):
    message = mail(mail_settings=SERVED)
    page, text = html_of(message), text_of(message)
    # A link is an address in the one and words in the other.
    bare = re.sub(r"https?://\S+", "", text)
    assert sorted(set(re.findall(r"\w+", bare)) - set(Words(page).words)) == []
    assert sorted(set(Words(page).words) - set(re.findall(r"\w+", text))) == []
    for link in re.findall(r"https?://[^\s,]+", text):
        assert link.rstrip(".") in Words(page).links


def test_mail_in_russian(mail, newsroom_desk):
    labels = {"csto": "ОДКБ", "tajikistan": "Таджикистан", "central-asia": "Центральная Азия"}
    subscription = newsroom_desk.subscription(
        "csto", "central-asia", labels=labels, subscriber=newsroom_desk.subscriber("desk", language="ru", timezone="Europe/Moscow")
    )
    candidate = newsroom_desk.candidate(
        title="Саммит ОДКБ", text="Сессия прошла в столице Таджикистана.", language="ru", source_name="РУССТРАТ"
    )
    message = mail(candidate, subscription)
    assert message["Subject"] == "ОДКБ, Таджикистан: Саммит ОДКБ (РУССТРАТ, Россия)"
    text = text_of(message)
    assert "19 сентября 2021 г., 12:30 (Europe/Moscow) – дата источника" in text
    assert "Условие подписки «watch»: ОДКБ и Центральная Азия (любая часть)." in text
    assert "Сессия прошла в столице *Таджикистана*." in text
    assert '<html lang="ru">' in html_of(message)
    assert [part["Content-Transfer-Encoding"] for part in message.walk()][1:] == ["base64", "quoted-printable"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"published_quality": "exact", "timezone": "America/New_York"}, "18 September 2021, 22:00 (America/New_York) – date as given"),
        ({"published_quality": "day", "timezone": "America/New_York"}, "19 September 2021 – day only, as given"),
        ({"published_quality": "guess"}, "19 September 2021 – date guessed from the page"),
        ({"published_quality": None}, "19 September 2021 – date guessed from the page"),
        ({"published_at": None}, "19 September 2021, 12:00 (UTC) – first seen by us; the page gives no date"),
    ],
)
def test_date_says_how_good_it_is(mail, changes, line):
    given = {"published_at": datetime(2021, 9, 19, 2, 0, tzinfo=UTC)} | changes
    assert f"\n{line}\n" in text_of(mail(**given))


SERVED = MailSettings("a@t.example", "T", "t.example", "stop@t.example", "https://t.example/", Signer(["a key of the tests"]))


@pytest.mark.fault("E103")
def test_e103_headers_are_there(mail):
    message = mail(mail_settings=SERVED)
    assert {name: message[name] for name in ("Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress")} == {
        "Date": "Sun, 19 Sep 2021 12:00:00 +0000",
        "Message-ID": "<fedcba9876543210fedc@thinkwatch.example>",
        "List-Id": "<watch.alerts.t.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert message["Feedback-ID"] == "watch:immediate:alert:t.example"
    link, mailto = message["List-Unsubscribe"].split(", ")
    assert mailto == "<mailto:stop@t.example?subject=unsubscribe%20watch%20desk>"
    token = link.removeprefix("<https://t.example/unsubscribe/").removesuffix(">")
    assert SERVED.signer.read("unsubscribe", token) == Grant("desk", ("watch",))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Content-Type"].content_type == "multipart/alternative"


def test_without_a_key_there_is_no_link_that_anybody_could_forge(mail):
    message = mail(mail_settings=MailSettings("a@t.example", "T", "t.example", "stop@t.example", "https://t.example/"))
    assert message["List-Unsubscribe"].startswith("<mailto:")
    assert message["List-Unsubscribe-Post"] is None
    assert "https://t.example" not in text_of(message)


def test_thread_stays_the_same_from_alert_to_alert(mail):
    first, later = mail(), mail(delivery_id="d2", alert_id="x", message_id="<d2@t.example>", created_at=datetime(2022, 5, 1, tzinfo=UTC))
    other = mail(subscription_id="other")
    assert first["References"] == later["References"] != other["References"]


def test_headers_for_programs_are_never_encoded(newsroom_desk):
    long = MailSettings(
        "a@t.example", "T", "a-very-long-domain-name." * 6 + "example", "stop@t.example", "https://t.example/" + "x" * 200, SERVED.signer
    )
    parcel = newsroom_desk.parcel(subscription_id="s" * 60, message_id="<fedcba9876543210fedc@" + "y" * 100 + ".example>")
    head = render(parcel, long).as_bytes().split(b"\r\n\r\n")[0]
    assert b"=?" not in head
    assert max(map(len, head.split(b"\r\n"))) < 998


def test_same_parcel_gives_the_same_bytes(newsroom_desk):
    raw = [render(newsroom_desk.parcel(), newsroom_desk.settings).as_bytes() for _ in range(2)]
    assert raw[0] == raw[1]


@pytest.mark.fault("E95")
@pytest.mark.parametrize(
    "title",
    [
        "CSTO\r\nBcc: victim@desk.example\r\n\r\nbody",
        "CSTO\u2028\u2029\x85\x0b\x0c lines",
        "CSTO \x00\x01\x1b\x7f",
        "CSTO \u202egnp.exe\u202c",
        "CSTO \ud83d",
        "CSTO " + "очень длинное название " * 5000,
        "CSTO" + "x" * 100_000,
        "=?utf-8?q?CSTO?=",
        NASTY + " CSTO",
    ],
)
def test_e95_any_title_gives_one_valid_mail(mail, newsroom_desk, title):
    message = mail(newsroom_desk.candidate(title=title, text="The CSTO met."), newsroom_desk.subscription("csto"))
    assert message.defects == []
    assert [message.get_all(name) for name in ("To", "Bcc")] == [["Desk <desk@institute.example>"], None]
    assert message["Subject"].startswith("CSTO: ")
    assert len(message["Subject"]) < 250
    assert not re.search("[\x00-\x1f\u2028\u202e\ud800-\udfff]", message["Subject"])
    assert "*CSTO*" in text_of(message)


@pytest.mark.fault("E95")
@pytest.mark.parametrize("name", ["a@b>, c@d", 'Анна "Аня" О’Нил', "x\r\nBcc: y@z.example", "=?utf-8?q?x?=", "Очень длинное имя " * 11])
def test_e95_any_name_gives_one_recipient(mail, name):
    message = mail(subscriber_name=name)
    (to,) = message["To"].addresses
    assert to.addr_spec == "desk@institute.example"
    assert message["Bcc"] is None
    assert message["From"].addresses[0].addr_spec == "alerts@thinkwatch.example"


@pytest.mark.fault("E96")
def test_e96_nothing_from_a_page_is_markup(mail, newsroom_desk):
    candidate = newsroom_desk.candidate(title=f"CSTO {NASTY}", text=f"The CSTO met {NASTY}. {NASTY}", source_name=NASTY)
    message = mail(candidate, newsroom_desk.subscription("csto"), subscriber_name=NASTY)
    page = Words(html_of(message))
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(page.tags)
    assert "7 * 7" in html_of(message)
    assert NASTY in text_of(message)


@pytest.mark.fault("E96")
@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "https://x.example/a\r\nBcc: b", "//x.example", "https://", "http://[", "", None),
        *("https://x.example/\u202e", "https://x.example/" + "y" * 3000),
    ],
)
def test_e96_only_a_web_address_becomes_a_link(mail, newsroom_desk, url):
    message = mail(url=url)
    assert [link for link in Words(html_of(message)).links if not link.startswith("mailto:stop@")] == []
    assert "Read it" not in text_of(message)


@pytest.mark.fault("E96")
def test_e96_right_to_left_text_is_set_as_such(mail, newsroom_desk):
    candidate = newsroom_desk.candidate(title="اجتماع CSTO", text="قالت CSTO إن المناورات.", language="ar")
    page = html_of(mail(candidate, newsroom_desk.subscription("csto")))
    assert page.count('lang="ar" dir="rtl"') == 2
    assert page.count("text-align:right") == 2


def test_no_tracking(mail):
    page = Words(html_of(mail()))
    assert set(page.links) == {"https://russtrat.example/a1?a=1&b=2", "mailto:stop@thinkwatch.example?subject=unsubscribe%20watch%20desk"}


@pytest.mark.fault("E97")
@pytest.mark.parametrize("filler", ["&", "<", "ы", "x", "😀", "\u0301"])
def test_e97_four_hundred_hits_stay_small(mail, newsroom_desk, filler):
    text = "".join(f"{filler * 400} CSTO {filler * 400}. {filler * 300}.\n\n" for _ in range(400))
    candidate = newsroom_desk.candidate(title=(filler * 99 + " ") * 40, text=text)
    message = mail(candidate, newsroom_desk.subscription("csto"))
    page = html_of(message)
    assert len(page.encode()) < 80_000
    assert "More such sentences in the article: 394" in page
    assert "CSTO</b> × 400" in page
    assert "mailto:stop@thinkwatch.example" in page


@pytest.mark.fault("E97")
def test_e97_forty_names_are_counted_and_the_first_are_shown(mail, newsroom_desk):
    names = {f"Name{number}": (f"name-{number}", "name") for number in range(40)}
    candidate = newsroom_desk.candidate(title="Names", text=" ".join(f"{name} spoke." for name in names), names=names)
    message = mail(candidate, newsroom_desk.subscription("|".join(f"name-{number}" for number in range(40))))
    assert message["Subject"] == "Name 0, Name 1, Name 2 +37: Names (RUSSTRAT, Russia)"
    assert "and 28 more" in text_of(message)


@pytest.mark.fault("E98")
def test_e98_no_line_is_too_long_for_the_wire(mail, newsroom_desk):
    candidate = newsroom_desk.candidate(title="CSTO " + "ж" * 5000, text="The CSTO " + "ж" * 5000, url="https://x.example/" + "y" * 1900)
    parcel = newsroom_desk.parcel(candidate, newsroom_desk.subscription("csto"))
    raw = render(parcel, newsroom_desk.settings).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


def test_later_version_and_withdrawn_page_are_said(mail):
    text = text_of(mail(revision_no=3, withdrawn_at=datetime(2021, 9, 20, tzinfo=UTC)))
    assert "This is a later version of the article: version 3." in text
    assert "The page has since been withdrawn" in text


def test_what_is_no_longer_named_and_what_was_withdrawn_is_said_first(mail):
    removal = mail(kind="removal", removed=("tajikistan",))
    assert removal["Subject"] == "No longer mentions Tajikistan: Summit in Dushanbe: what was agreed (RUSSTRAT, Russia)"
    assert text_of(removal).startswith("The article was changed and no longer names: Tajikistan. This is what it said before.\n\nCSTO × 2")
    assert "no longer names: Tajikistan" in html_of(removal)
    withdrawal = mail(kind="withdrawal", withdrawn_at=datetime(2021, 9, 20, tzinfo=UTC))
    assert withdrawal["Subject"].startswith("Withdrawn: Summit")
    assert "The page was withdrawn." in text_of(withdrawal)
    assert "has since been" not in text_of(withdrawal)
    assert "No longer named in this version: NATO." in text_of(mail(removed=("nato",)))


def test_other_outlets_of_the_story_are_listed(mail):
    outlets = tuple(Outlet(name, None) for name in ["Valdai", NASTY, "Valdai", *map(str, range(9))])
    message = mail(outlets=outlets)
    assert f"Also published by: Valdai, {NASTY}, 0, 1, 2, 3, 4, 5 and 3 more" in text_of(message)
    assert "script" not in Words(html_of(message)).tags


def test_alert_on_the_title_alone_shows_how_the_article_begins(mail, newsroom_desk):
    text = text_of(mail(newsroom_desk.candidate(title="CSTO", text="A note. More."), newsroom_desk.subscription("csto")))
    assert "How it begins\n\nA note.\n" in text
    assert "CSTO: title 0–4" in text


def test_alert_without_proof_is_refused(newsroom_desk):
    for broken in ({"cause": frozenset()}, {"text": "something else"}, {"title": "something else"}):
        with pytest.raises(ValueError, match="mention"):
            render(newsroom_desk.parcel(**broken), newsroom_desk.settings)


def test_page_can_be_read_by_ear_on_a_phone_and_in_the_dark(mail):
    page = html_of(mail())
    assert re.findall(r"<(h\d)", page) == ["h1", "h2", "h2"]
    assert page.count("<table") == page.count('role="presentation"') == 2
    assert 'name="viewport" content="width=device-width' in page
    assert 'name="color-scheme" content="light dark"' in page
    assert "prefers-color-scheme: dark" in page


@given(st.text(max_size=80), st.text(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_round_a_name_can_be_mailed(newsroom_desk, title, text):
    candidate = newsroom_desk.candidate(title=title, text=f"{text} CSTO {text}")
    message = message_from_bytes(
        render(newsroom_desk.parcel(candidate, newsroom_desk.subscription("csto")), newsroom_desk.settings).as_bytes(),
        policy=policy.default,
    )
    assert message.defects == []
    assert "*CSTO*" in text_of(message)
    assert set(Words(html_of(message)).tags) <= {
        *("html", "head", "meta", "title", "style", "body", "table", "tr", "td", "p", "span", "b", "h1", "h2", "a", "br"),
        *("strong", "blockquote", "div"),
    }
