"""The same obstacles in the languages of the sources, inside a site's own chrome: none of them is ever text."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract

NOW = datetime(2024, 11, 1, tzinfo=UTC)
MENU = "<nav><a href='/'>Institute</a><a href='/analysis'>Analysis</a><a href='/experts'>Experts</a></nav>"
FOOT = "<footer><p>Institute of the Steppe, 12 Harbour Road. All rights reserved. Founded to study ports, ferries and canals.</p></footer>"
TEASERS = "".join(
    f'<div class="card"><h3><a href="/analysis/{number}">Why port number {number} was built so late</a></h3>'
    f"<p>Port number {number} was built in twelve years, and those who paid for it have been asking ever since why it took so long.</p></div>"
    for number in range(12)
)
OBSTACLES = {
    ("blocked", "consent"): [
        ("Мы ценим вашу конфиденциальность", "Мы и наши партнеры храним данные на устройстве."),
        ("Nous respectons votre vie privée", "Nous et nos partenaires stockons des informations sur un appareil."),
        ("Valoramos su privacidad", "Nosotros y nuestros socios almacenamos información en un dispositivo."),
    ],
    ("blocked", "maintenance"): [
        ("Wartungsarbeiten", "Die Seite wird gerade gewartet. Bitte versuchen Sie es später noch einmal."),
        ("Site en maintenance", "Le site est en cours de maintenance. Revenez plus tard."),
        ("Sitio en mantenimiento", "El sitio está en mantenimiento. Vuelva más tarde."),
        ("Технічні роботи", "На сайті проводяться технічні роботи. Спробуйте пізніше."),
        ("网站维护中", "网站正在维护，请稍后再试。"),
    ],
    ("blocked", "captcha"): [
        ("Bestätigen Sie, dass Sie kein Roboter sind", "Bitte lösen Sie das Captcha."),
        ("Vérifiez que vous êtes humain", "Je ne suis pas un robot"),
        ("Verifique que es humano", "No soy un robot"),
        ("人机验证", "请完成安全验证以继续访问"),
    ],
    ("no_article", "soft_404"): [
        ("Página no encontrada", "La página que busca no existe."),
        ("Сторінку не знайдено", "Такої сторінки не існує."),
        ("Seite nicht gefunden", "Die angeforderte Seite wurde nicht gefunden."),
        ("Page introuvable", "La page demandée n'existe pas."),
        ("Страница не найдена", "К сожалению, запрашиваемая страница удалена."),
        ("页面未找到", "抱歉，您访问的页面不存在。"),
        ("404", "Nothing is here."),
    ],
    ("no_article", "empty"): [
        ("App", "<noscript>Для работы сайта включите JavaScript.</noscript>"),
        ("App", "Bitte aktivieren Sie JavaScript, um diese Seite zu nutzen."),
        ("App", "Veuillez activer JavaScript pour utiliser ce site."),
        ("App", "请启用 JavaScript 以继续。"),
    ],
}
CASES = [(*verdict, *words) for verdict, pages in OBSTACLES.items() for words in pages]
STUBS = [
    "Чтобы продолжить чтение, оформите подписку. Уже есть подписка? Войдите.",
    "Lesen Sie weiter mit einem Abonnement. Sie sind bereits Abonnent?",
    "Cet article est réservé aux abonnés. Déjà abonné ? Connectez-vous.",
    "Este contenido es exclusivo para suscriptores. ¿Ya eres suscriptor?",
    "Для продовження читання оформіть передплату.",
    "订阅后继续阅读全文",
]
TEXT = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late.</p>" for number in range(4)
)


def read(title: str, body: str):
    page = f"<html><head><title>{title} | Institute of the Steppe</title></head><body>{MENU}<main>{body}</main>{FOOT}</body></html>"
    return extract(page.encode(), url="https://institute.example/analysis/port", content_type="text/html; charset=utf-8", now=NOW)


@pytest.mark.fault("P54", "P55")
@pytest.mark.parametrize(("status", "reason", "title", "line"), CASES)
def test_an_obstacle_is_known_in_every_language(status, reason, title, line):
    found = read(title, f"<h1>{title}</h1><p>{line}</p>")
    assert (found.status, found.reason, found.text) == (status, reason, "")


@pytest.mark.fault("P55")
@pytest.mark.parametrize("title", [title for title, _ in OBSTACLES["no_article", "soft_404"]])
def test_a_soft_404_full_of_teasers_is_no_article(title):
    found = read(title, f"<h1>{title}</h1>{TEASERS}")
    assert (found.status, found.reason, found.text) == ("no_article", "soft_404", "")


@pytest.mark.parametrize("title", ["Page not found: what a lost archive tells us", "404 days of drought", "Why the domain was for sale"])
def test_an_article_whose_title_begins_like_an_obstacle_is_an_article(title):
    assert read(title, f"<article><h1>{title}</h1>{TEXT * 3}</article>").status == "ok"


@pytest.mark.fault("P56")
@pytest.mark.parametrize("line", STUBS)
def test_a_stub_is_marked_in_every_language_and_its_wall_is_no_text(line):
    found = read("The port", f"<article><h1>The port</h1>{TEXT}<div class='wall'><p>{line}</p></div></article>")
    assert (found.status, found.truncated) == ("ok", True)
    assert line not in found.text
