"""Pages that are no articles: nothing of them is ever passed off as one, and the reason is said."""

import json
from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.gate import judge_bytes
from assets.extraction.records import Hints

NOW = datetime(2024, 11, 1, tzinfo=UTC)
LINKS = "<ul>" + "".join(f'<li><a href="/{number}">A popular note, number {number}</a></li>' for number in range(12)) + "</ul>"
PROSE = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter.</p>"
    for number in range(12)
)

CASES = [
    # challenges, several vendors and languages
    ("blocked", "challenge", '<title>Just a moment...</title><body><noscript>Enable JavaScript and cookies to continue</noscript><script src="/cdn-cgi/challenge-platform/x.js"></script>'),
    ("blocked", "challenge", "<title>Один момент…</title><body><h1>site.example</h1><p>Проверяем, что вы не робот. Это может занять несколько секунд.</p><script>window._cf_chl_opt={}</script>"),
    ("blocked", "challenge", "<title>DDoS-Guard</title><body><h1>Проверка браузера перед переходом на сайт</h1><p>Подождите несколько секунд.</p>"),
    ("blocked", "challenge", '<title>site.example</title><body><script src="/_Incapsula_Resource?SWJIYLWA=1"></script><iframe></iframe>Request unsuccessful. Incapsula incident ID: 1'),
    ("blocked", "challenge", "<title>Access denied</title><body><h1>Access denied</h1><p>You do not have permission to view this page.</p>"),
    ("blocked", "challenge", "<title>Einen Moment</title><body><h1>Ihr Browser wird überprüft</h1><p>Bitte warten Sie einige Sekunden.</p>"),
    ("blocked", "challenge", "<title>Vérification</title><body><h1>Vérification de votre navigateur</h1><p>Veuillez patienter quelques secondes.</p>"),
    ("blocked", "challenge", "<title>请稍候</title><body><h1>正在检查您的浏览器</h1><p>安全检查完成后将自动跳转。</p>"),
    ("blocked", "captcha", '<title>Ой, капча!</title><body><form action="/showcaptcha"><p>Подтвердите, что запросы отправляли вы, а не робот</p></form>'),
    ("blocked", "captcha", '<title>Weiter</title><body><p>Bitte bestätigen Sie.</p><div class="h-captcha"></div>'),
    # consent and log-in walls
    ("blocked", "consent", "<title>Before you continue</title><body><h1>We value your privacy</h1><p>We and our 847 partners store and access information on a device.</p><button>Accept all</button>"),
    ("blocked", "consent", "<title>Zustimmung</title><body><h1>Ihre Privatsphäre ist uns wichtig</h1><p>Wir und unsere Partner speichern Informationen auf einem Gerät.</p>"),
    ("blocked", "login", '<title>Log in</title><body><form><label>Username</label><input name="log"><input type="password" name="pwd"></form>'),
    ("blocked", "login", '<title>Авторизация</title><body><form>Логин <input name="l"> Пароль <input type="password"></form><a>Забыли пароль?</a>'),
    ("blocked", "maintenance", "<title>Maintenance</title><body><h1>Briefly unavailable for scheduled maintenance. Check back in a minute.</h1>"),
    ("blocked", "maintenance", "<title>Сайт временно недоступен</title><body><p>Проводятся технические работы. Зайдите позже.</p>"),
    ("blocked", "maintenance", "<title>Error</title><body><h1>Error establishing a database connection</h1>"),
    # nothing there
    ("no_article", "soft_404", f"<title>Page not found</title><body><h1>404</h1><p>The page you are looking for could not be found. It may have been moved.</p>{LINKS}"),
    ("no_article", "soft_404", f"<title>Страница не найдена</title><body><h1>Ошибка 404</h1><p>К сожалению, такой страницы нет.</p>{LINKS}"),
    ("no_article", "soft_404", f"<title>Page introuvable</title><body><h1>Oups</h1><p>La page que vous recherchez n'existe plus.</p>{LINKS}"),
    ("no_article", "soft_404", f"<title>Seite nicht gefunden</title><body><h1>Leider nichts gefunden</h1>{LINKS}"),
    ("no_article", "soft_404", f"<title>页面不存在</title><body><h1>404</h1><p>您访问的页面不存在或已被删除。</p>{LINKS}"),
    ("no_article", "parked", "<title>institute.example is for sale</title><body><h1>This domain may be for sale</h1><p>Related searches</p>"),
    ("no_article", "parked", "<title>Домен продаётся</title><body><h1>Домен продаётся</h1><p>Купить домен можно здесь.</p>"),
    ("no_article", "empty", '<title>App</title><body><div id="root"></div><script src="/app.js"></script><noscript>You need to enable JavaScript to run this app.</noscript>'),
    ("no_article", "redirect", '<title></title><meta http-equiv="refresh" content="0; url=http://169.254.169.254/latest/"><body>'),
    ("no_article", "empty", "<title>Index</title><body></body>"),
]  # fmt: skip


@pytest.mark.fault("P54", "P55")
@pytest.mark.parametrize(("status", "reason", "page"), CASES, ids=[f"{number}-{reason}" for number, (_, reason, _) in enumerate(CASES)])
def test_fault_54_and_55_no_obstacle_is_an_article(status, reason, page):
    found = extract(
        f"<html><head>{page}</html>".encode(), url="https://institute.example/p", content_type="text/html; charset=utf-8", now=NOW
    )
    assert (found.status, found.reason) == (status, reason)
    assert found.text == ""
    assert found.zones == ()


NOTE = (
    "The director of the institute visited Dushanbe on Tuesday and spoke with colleagues about the sharing of water in the Ferghana valley."
)
BESIDE = [
    ("Visit to Dushanbe", '<div class="x1"><p>We value your privacy</p><p>We and our partners use cookies. Accept all cookies or manage your consent.</p></div>'),
    ("Visit to Dushanbe", '<div role="dialog"><h2>Your privacy choices</h2><p>We and our partners store and access information on a device.</p></div>'),
    ("Visit to Dushanbe", '<div id="modal"><form><h3>Log in to your account</h3><input type="password"><a>Forgot your password?</a></form></div>'),
    ("Visit to Dushanbe", '<form class="newsletter"><input type="email"><div class="g-recaptcha"></div><button>Subscribe</button></form>'),
    ("Armenia's nuclear plant under maintenance", ""),
    ("Resolution 404 not found in the archive", ""),
    ("The old embassy is for sale", ""),
    ("На Нурекской ГЭС ведутся технические работы", ""),
]  # fmt: skip


@pytest.mark.fault("P54", "P55")
@pytest.mark.parametrize(("title", "beside"), BESIDE, ids=range(len(BESIDE)))
def test_a_short_note_beside_a_notice_or_a_form_is_read_where_its_feed_names_it(title, beside):
    page = f"<title>{title}</title><body><article><h1>{title}</h1><p>{NOTE}</p></article>{beside}"
    found = extract(page.encode(), url="https://institute.example/p", hints=Hints(title=title), now=NOW)
    assert (found.status, found.text) == ("ok", NOTE)


@pytest.mark.parametrize("vouching", [
    '<meta property="og:type" content="article">',
    '<meta property="article:published_time" content="2024-05-01T10:00:00Z">',
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Visit to Dushanbe"}</script>',
])  # fmt: skip
def test_a_short_note_beside_a_cookie_notice_is_read_where_its_head_says_what_it_is(vouching):
    title, beside = BESIDE[0]
    page = f"<title>{title}</title>{vouching}<body><article><h1>{title}</h1><p>{NOTE}</p></article>{beside}"
    assert extract(page.encode(), url="https://institute.example/p", now=NOW).text == NOTE


@pytest.mark.fault("P54", "P55")
@pytest.mark.parametrize(("status", "reason", "page"), CASES, ids=[f"{number}-{reason}" for number, (_, reason, _) in enumerate(CASES)])
def test_no_obstacle_is_an_article_whatever_its_feed_calls_the_entry(status, reason, page):
    head = '<meta property="og:type" content="article">'
    hints = Hints(title="Visit to Dushanbe")
    found = extract(f"<html><head>{head}{page}</html>".encode(), url="https://institute.example/p", hints=hints, now=NOW)
    assert (found.status, found.reason) == (status, reason)


def test_a_log_in_form_under_the_title_is_no_article():
    page = '<title>Visit</title><body><h1>Visit to Dushanbe</h1><p>This content is for members. Please log in to read the whole of this text.</p><form><input type="password"></form>'
    found = extract(page.encode(), url="https://institute.example/p", hints=Hints(title="Visit to Dushanbe"), now=NOW)
    assert (found.status, found.reason) == ("blocked", "login")


@pytest.mark.fault("P64")
@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", "empty"),
        (b"  \n\t ", "text/html", "empty"),
        (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj", "text/html; charset=utf-8", "broken_pdf"),
        (b"\n%PDF-1.7 x", None, "broken_pdf"),
        (b"\x89PNG\r\n\x1a\n0000", "text/html", "not_html"),
        (b"PK\x03\x04....", None, "not_html"),
        (b"\x01\x02\xd4\x00\x00\x00DUCK\x40\x00\x00\x00" + bytes(range(256)) * 20, "text/html", "not_html"),
        (b"....", "video/mp4", "video"),
    ],
)
def test_fault_64_files_behind_a_link_are_marked_and_not_parsed(body, content_type, reason):
    found = extract(body, content_type=content_type, now=NOW)
    assert (found.status, found.reason, found.text) == ("no_article", reason, "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8"])
def test_a_page_with_bytes_of_nought_is_read_all_the_same(encoding):
    page = f"<html><head><title>On \x00 rivers</title></head><body><article><h1>On rivers</h1>{PROSE}</article></body></html>"
    found = extract(page.encode(encoding), content_type="text/html", now=NOW)
    assert (found.status, found.reason) == ("ok", None)


def test_a_pdf_may_hold_bytes_of_nought_from_its_beginning():
    assert judge_bytes(b"%PDF-1.7\n%\x00\xe2\xe3\n" + bytes(1000), "application/pdf") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "The page you are looking for could not be found, said the archive, and so the ministry printed it again.",
        "Just a moment later the checking of browsers began at the border, and access was denied to nobody.",
        "Readers were asked to log in, to solve a captcha, and to prove that they are human before they read on.",
        "The domain was for sale, the site was under maintenance, and cookies had to be accepted by all.",
    ],
)
def test_an_article_that_speaks_of_obstacles_is_an_article(sentence):
    page = f"<html><head><title>On robots</title></head><body><article><h1>On robots</h1><p>{sentence}</p>{PROSE}</article></body></html>"
    found = extract(page.encode(), now=NOW)
    assert found.status == "ok"
    assert sentence in found.text


def test_an_article_on_a_page_with_a_log_in_form_is_an_article():
    page = f'<html><body><form><input type="password"></form><article><h1>The port</h1>{PROSE}</article><div class="g-recaptcha"></div></body></html>'
    assert extract(page.encode(), now=NOW).status == "ok"


@pytest.mark.fault("P56")
def test_fault_56_a_paywall_stub_is_kept_and_marked():
    stub = '<article><h1>The port</h1><p>The port stands on the eastern shore, and ferries cross from here in a day. Grain and metals leave by this way.</p><p>Containers have joined them over the last years, and the queue at the gate grows.</p><div class="paywall"><p>Subscribe to continue reading. Already a member? Log in.</p></div></article>'
    found = extract(f"<html><body>{stub}</body></html>".encode(), now=NOW)
    assert found.status == "ok"
    assert found.truncated
    assert "Already a member" not in found.text
    assert found.text.startswith("The port stands")


def test_a_whole_article_is_not_marked_as_a_stub():
    assert not extract(f"<html><body><article><h1>The port</h1>{PROSE}</article></body></html>".encode(), now=NOW).truncated


@pytest.mark.fault("P54", "P55", "P56", "P58", "P59", "P60", "P61", "P64")
def test_the_development_battery_of_pages(benchmarks):
    folder = benchmarks / "feeds"
    wanted = {"stored": "ok", "stored_partial": "ok", "stored_with_warning": "ok", "blocked": "blocked", "retry_later": "blocked"}
    for case in json.loads((folder / "pages.json").read_text("utf-8"))["pages"]:
        found = extract((folder / case["file"]).read_bytes(), url="https://site.test/p/x", content_type=case["content_type"], now=NOW)
        if case["want"] != "stored_or_rejected":
            assert found.status == wanted.get(case["want"], "no_article"), case["id"]
        assert found.truncated == (case["want"] == "stored_partial"), case["id"]
        assert bool(found.warnings) >= (case["want"] == "stored_with_warning"), case["id"]
        assert all(part in found.text for part in case["must_contain"]), case["id"]
        assert not any(part in found.text for part in case["must_not_contain"]), case["id"]
