"""Whole pages with all furniture at once, in seven languages and the markup of seven systems: the text is the article, to the letter."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract

NOW = datetime(2024, 11, 1, tzinfo=UTC)
WORDS = {
    "en": {
        "title": "The port of Aktau and the middle corridor",
        "body": [
            "The port of Aktau stands on the eastern shore of the Caspian Sea. Ferries cross from here to Baku in about a day.",
            "Grain, metals and oil products leave the country by this way, and containers from the east have now joined them.",
            "The sea itself sets a limit, because its level has been falling for years and ships load less than they could.",
            "None of this is beyond reach. It asks for patience more than for money, and for people who read the same form alike.",
        ],
        "byline": "By Dana Yesimova",
        "date": "12 March 2024",
        "share": ["Share on Facebook", "Share on Telegram"],
        "related": "Related articles",
        "cards": [
            ("A trap on the Bosporus strait", "Warships of Turkey pass by the rules of the convention, and yet the"),
            ("Drones over the desert base", "Reports from Syria say that small aircraft were seen before"),
        ],
        "newsletter": ["Subscribe to our newsletter", "Receive our analyses every Tuesday."],
        "comments": ["Leave a comment", "Your email address will not be published."],
        "tags": "Tags: ports, Caspian",
        "rights": "© 2024 Steppe Institute. All rights reserved.",
        "menu": ["Home", "About us", "Experts", "Publications", "Contact"],
    },
    "ru": {
        "title": "Порт Актау и срединный коридор",
        "body": [
            "Порт Актау стоит на восточном берегу Каспийского моря. Паромы идут отсюда в Баку около суток, если нет шторма.",
            "Этим путём страну покидают зерно, металлы и нефтепродукты, а теперь к ним прибавились и контейнеры с востока.",
            "Само море ставит предел: его уровень падает уже много лет, и суда берут меньше груза, чем могли бы брать.",
            "Всё это достижимо. Терпения здесь нужно больше, чем денег, и ещё нужны люди, которые одинаково читают одну форму.",
        ],
        "byline": "Автор: Дана Есимова",
        "date": "12 марта 2024",
        "share": ["Поделиться в Telegram", "Поделиться ВКонтакте"],
        "related": "Материалы по теме",
        "cards": [
            ("Ловушка на Босфоре: что дальше", "Корабли Турции проходят по правилам конвенции, однако"),
            ("Беспилотники над пустыней", "Сообщения из Сирии говорят, что над базой видели аппараты, прежде чем"),
        ],
        "newsletter": ["Подпишитесь на нашу рассылку", "Получайте аналитику каждый вторник."],
        "comments": ["Оставить комментарий", "Ваш адрес электронной почты не будет опубликован."],
        "tags": "Теги: порты, Каспий",
        "rights": "© 2024 Институт Степи. Все права защищены.",
        "menu": ["Главная", "Об институте", "Эксперты", "Публикации", "Контакты"],
    },
    "de": {
        "title": "Der Hafen von Aktau und der mittlere Korridor",
        "body": [
            "Der Hafen von Aktau liegt am östlichen Ufer des Kaspischen Meeres. Fähren brauchen von hier nach Baku etwa einen Tag.",
            "Getreide, Metalle und Ölprodukte verlassen das Land auf diesem Weg, und nun kommen Container aus dem Osten hinzu.",
            "Das Meer selbst setzt eine Grenze, denn sein Spiegel sinkt seit Jahren, und die Schiffe laden weniger als möglich.",
            "Nichts davon ist unerreichbar. Es braucht mehr Geduld als Geld und Menschen, die dasselbe Formular gleich lesen.",
        ],
        "byline": "Von Dana Yesimova",
        "date": "12. März 2024",
        "share": ["Auf Facebook teilen", "Auf Telegram teilen"],
        "related": "Das könnte Sie auch interessieren",
        "cards": [
            ("Eine Falle am Bosporus", "Kriegsschiffe der Türkei fahren nach den Regeln der Konvention, und doch"),
            ("Drohnen über der Wüste", "Berichte aus Syrien sagen, dass kleine Flugzeuge gesehen wurden, bevor"),
        ],
        "newsletter": ["Newsletter abonnieren", "Erhalten Sie unsere Analysen jeden Dienstag."],
        "comments": ["Schreibe einen Kommentar", "Deine E-Mail-Adresse wird nicht veröffentlicht."],
        "tags": "Schlagwörter: Häfen, Kaspisches Meer",
        "rights": "© 2024 Steppeninstitut. Alle Rechte vorbehalten.",
        "menu": ["Startseite", "Über uns", "Experten", "Publikationen", "Kontakt"],
    },
    "fr": {
        "title": "Le port d’Aktaou et le corridor médian",
        "body": [
            "Le port d’Aktaou se trouve sur la rive orientale de la mer Caspienne. Les ferries gagnent Bakou en un jour environ.",
            "Les céréales, les métaux et les produits pétroliers quittent le pays par cette voie, et des conteneurs s’y ajoutent.",
            "La mer elle-même fixe une limite, car son niveau baisse depuis des années et les navires chargent moins.",
            "Rien de cela n’est hors d’atteinte. Il faut plus de patience que d’argent, et des gens qui lisent le même formulaire.",
        ],
        "byline": "Par Dana Yesimova",
        "date": "12 mars 2024",
        "share": ["Partager sur Facebook", "Partager sur Telegram"],
        "related": "Sur le même sujet",
        "cards": [
            ("Un piège sur le Bosphore", "Les navires de la Turquie passent selon les règles, et pourtant la"),
            ("Des drones sur le désert", "Des rapports de Syrie disent que de petits avions ont été vus avant"),
        ],
        "newsletter": ["Abonnez-vous à notre lettre", "Recevez nos analyses chaque mardi."],
        "comments": ["Laisser un commentaire", "Votre adresse e-mail ne sera pas publiée."],
        "tags": "Mots-clés : ports, Caspienne",
        "rights": "© 2024 Institut de la steppe. Tous droits réservés.",
        "menu": ["Accueil", "Qui sommes-nous", "Experts", "Publications", "Contact"],
    },
    "es": {
        "title": "El puerto de Aktau y el corredor central",
        "body": [
            "El puerto de Aktau está en la orilla oriental del mar Caspio. Los transbordadores llegan a Bakú en un día, más o menos.",
            "El grano, los metales y los productos del petróleo salen del país por esta vía, y ahora se suman los contenedores.",
            "El mar mismo pone un límite, porque su nivel baja desde hace años y los barcos cargan menos de lo que podrían.",
            "Nada de esto es inalcanzable. Pide más paciencia que dinero, y personas que lean el mismo formulario igual.",
        ],
        "byline": "Por Dana Yesimova",
        "date": "12 de marzo de 2024",
        "share": ["Compartir en Facebook", "Compartir en Telegram"],
        "related": "Te puede interesar",
        "cards": [
            ("Una trampa en el Bósforo", "Los buques de Turquía pasan según las reglas, y sin embargo la"),
            ("Drones sobre el desierto", "Informes de Siria dicen que se vieron pequeños aviones antes de"),
        ],
        "newsletter": ["Suscríbete a nuestro boletín", "Recibe los análisis cada martes."],
        "comments": ["Deja un comentario", "Tu dirección de correo electrónico no será publicada."],
        "tags": "Etiquetas: puertos, Caspio",
        "rights": "© 2024 Instituto de la Estepa. Todos los derechos reservados.",
        "menu": ["Inicio", "Quiénes somos", "Expertos", "Publicaciones", "Contacto"],
    },
    "uk": {
        "title": "Порт Актау і серединний коридор",
        "body": [
            "Порт Актау стоїть на східному березі Каспійського моря. Пороми йдуть звідси до Баку близько доби, якщо немає шторму.",
            "Цим шляхом країну залишають зерно, метали й нафтопродукти, а тепер до них додалися і контейнери зі сходу.",
            "Саме море ставить межу: його рівень падає вже багато років, і судна беруть менше вантажу, ніж могли б.",
            "Усе це досяжне. Терпіння тут потрібно більше, ніж грошей, і ще потрібні люди, які однаково читають одну форму.",
        ],
        "byline": "Автор: Дана Єсімова",
        "date": "12 березня 2024",
        "share": ["Поділитися у Facebook", "Поділитися в Telegram"],
        "related": "Читайте також",
        "cards": [
            ("Пастка на Босфорі: що далі", "Кораблі Туреччини проходять за правилами конвенції, однак"),
            ("Безпілотники над пустелею", "Повідомлення із Сирії кажуть, що над базою бачили апарати, перш ніж"),
        ],
        "newsletter": ["Підпишіться на нашу розсилку", "Отримуйте аналітику щовівторка."],
        "comments": ["Залишити коментар", "Ваша e-mail адреса не оприлюднюватиметься."],
        "tags": "Теги: порти, Каспій",
        "rights": "© 2024 Інститут Степу. Усі права захищено.",
        "menu": ["Головна", "Про нас", "Експерти", "Публікації", "Контакти"],
    },
    "zh": {
        "title": "阿克套港与中间走廊",
        "body": [
            "阿克套港位于里海东岸，是哈萨克斯坦通往世界的门户之一。渡轮从这里出发前往巴库，大约需要一天时间。",
            "粮食、金属和石油产品经由这条道路离开该国，如今来自东方的集装箱也加入其中，港口的工作量逐年增加。",
            "大海本身就是一个限制，因为里海的水位多年来一直在下降，船只的装载量比设计时的装载量要少得多。",
            "这一切并非遥不可及。与资金相比，这里更需要的是耐心，还需要能够以同样方式阅读同一份表格的人员。",
        ],
        "byline": "作者：王小明",
        "date": "2024年3月12日",
        "share": ["分享到微信", "分享到微博"],
        "related": "相关阅读",
        "cards": [
            ("博斯普鲁斯海峡的陷阱与规则", "土耳其的军舰按照公约的规则通过海峡，然而其他国家的"),
            ("沙漠上空的无人机与基地", "来自叙利亚的报道称，在基地上空看到了小型飞机，此前"),
        ],
        "newsletter": ["订阅我们的邮件", "每周二收到我们的分析。"],
        "comments": ["发表评论", "您的邮箱地址不会被公开。"],
        "tags": "标签：港口、里海",
        "rights": "版权所有 2024 草原研究所",
        "menu": ["首页", "关于我们", "专家", "出版物", "联系我们"],
    },
}


def paragraphs(lines) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def links(words) -> list[str]:
    return [f'<a href="/{number}">{item}</a>' for number, item in enumerate(words["menu"])]


def menu(words) -> str:
    return "".join(f"<li>{link}</li>" for link in links(words))


def cards(words, title: str, lead: str, box: str) -> str:
    titles = [f'<a href="/p/{number}">{name}</a>' for number, (name, _) in enumerate(words["cards"])]
    return "".join(box.format(title.format(link) + lead.format(text)) for link, (_, text) in zip(titles, words["cards"], strict=True))


def divi(words) -> str:
    card = '<div class="post-content"><p>{}</p></div>', '<article class="et_pb_post">{}</article>'
    return f"""<body class="et_pb_theme"><header id="main-header"><ul>{menu(words)}</ul></header><div id="et-main-area">
    <article class="post type-post"><div class="et_pb_section"><div class="et_pb_row"><div class="et_pb_title_container">
    <h1 class="entry-title">{words["title"]}</h1><p class="et_pb_title_meta_container">{words["byline"]} | {words["date"]}</p></div>
    <div class="et_pb_module et_pb_post_content">{paragraphs(words["body"])}</div>
    <ul class="et_pb_social_media_follow"><li>{words["share"][0]}</li><li>{words["share"][1]}</li></ul><h3>{words["related"]}</h3>
    <div class="et_pb_blog_grid">{cards(words, '<h2 class="entry-title">{}</h2>', *card)}</div>
    <div class="et_pb_newsletter">{paragraphs(words["newsletter"])}</div>
    <section class="et_pb_comments_module">{paragraphs(words["comments"])}</section></div></div></article></div>
    <footer>{words["rights"]}</footer></body>"""


def typo3(words) -> str:
    return f"""<body><nav><ul>{menu(words)}</ul></nav><main><div class="news news-single"><div class="article" itemscope="itemscope">
    <div class="header"><h1>{words["title"]}</h1></div><div class="footer"><p><span class="news-list-date">{words["date"]}</span>
    <span class="news-list-author">{words["byline"]}</span></p></div>
    <div class="news-text-wrap" itemprop="articleBody">{paragraphs(words["body"])}</div><div class="news-related-wrap">
    <h3>{words["related"]}</h3>{cards(words, "<h4>{}</h4>", "<p>{}</p>", '<div class="news-related-news">{}</div>')}</div></div></div>
    <div class="social-links">{paragraphs(words["share"])}</div><div class="newsletter-box">{paragraphs(words["newsletter"])}</div></main>
    <footer>{words["rights"]}</footer></body>"""


def gutenberg(words) -> str:
    excerpt = '<div class="wp-block-latest-posts__post-excerpt">{}</div>'
    return f"""<body class="wp-singular"><div class="wp-site-blocks"><header class="wp-block-template-part"><ul>{menu(words)}</ul></header>
    <main class="wp-block-group"><h1 class="wp-block-post-title">{words["title"]}</h1>
    <div class="wp-block-post-date"><time datetime="2024-03-12T10:00:00+03:00">{words["date"]}</time></div>
    <div class="wp-block-post-author-name">{words["byline"]}</div>
    <div class="entry-content wp-block-post-content">{paragraphs(words["body"])}<p>{words["tags"]}</p>
    <p class="has-background">{words["newsletter"][0]}</p><p class="has-background">{words["newsletter"][1]}</p>
    <h3 class="wp-block-heading">{words["related"]}</h3><ul class="wp-block-list">{cards(words, "{}", excerpt, "<li>{}</li>")}</ul></div>
    <div class="wp-block-comments">{paragraphs(words["comments"])}</div></main><footer>{words["rights"]}</footer></div></body>"""


def hashed(words) -> str:
    return f"""<body><div id="__next"><div class="c47a09">{"".join(links(words))}</div>
    <div class="c53665"><h1 class="c7d0db">{words["title"]}</h1><div class="cc04cd">{words["date"]} · {words["byline"]}</div>
    <div class="c187ef">{paragraphs(words["body"][:2])}<div class="c9cdf4">{paragraphs(words["newsletter"])}</div>
    {paragraphs(words["body"][2:])}</div><div class="cf970e"><span>{words["share"][0]}</span><span>{words["share"][1]}</span></div>
    <div class="cc582d"><div class="cc5ff0">{words["related"]}</div>
    {cards(words, "<div>{}</div>", "<p>{}</p>", '<div class="x8f2a1">{}</div>')}</div></div>
    <div class="cf0357"><p>{words["rights"]}</p></div></div></body>"""


def spip(words) -> str:
    card = '<h3 class="entry-title">{}</h3>', '<div class="introduction">{}</div>', "<li>{}</li>"
    return f"""<body class="page_article"><div id="page"><div id="nav"><ul>{menu(words)}</ul></div><div id="conteneur"><div id="contenu">
    <div class="cartouche"><h1 class="crayon article-titre-12">{words["title"]}</h1>
    <p class="info-publi">{words["date"]}, <span class="auteurs">{words["byline"]}</span></p></div>
    <div class="crayon article-texte-12 texte">{paragraphs(words["body"])}</div>
    <div class="liste articles"><h2>{words["related"]}</h2><ul>{cards(words, *card)}</ul></div>
    <div class="formulaire_spip">{paragraphs(words["comments"])}</div></div></div><div id="pied">{words["rights"]}</div></div></body>"""


def plain_boxes(words) -> str:
    boxes = ["".join(f"<div>{line}</div>" for line in words[name]) for name in ("body", "share")]
    return f"""<body><div><div><ul>{menu(words)}</ul></div><div><h1>{words["title"]}</h1><div>{words["date"]} {words["byline"]}</div>
    <div>{boxes[0]}</div><div>{boxes[1]}</div><div><h2>{words["related"]}</h2>
    {cards(words, "<h3>{}</h3>", "<p>{}</p>", "<div>{}</div>")}</div>
    <div><h4>{words["newsletter"][0]}</h4><p>{words["newsletter"][1]}</p></div></div><div><div>{words["rights"]}</div></div></div></body>"""


def line_breaks(words) -> str:
    related = "<br>".join(f'<a href="/p/{number}">{name}</a>' for number, (name, _) in enumerate(words["cards"]))
    text = "<br><br>".join([words["byline"], *words["body"], *words["share"], f"<b>{words['related']}</b>", related])
    return f"""<body><table><tr><td>{"<br>".join(links(words))}</td><td><h1>{words["title"]}</h1>{text}</td></tr></table>
    <p>{words["rights"]}</p></body>"""


TEMPLATES = [divi, typo3, gutenberg, hashed, spip, plain_boxes, line_breaks]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
@pytest.mark.parametrize("language", WORDS)
def test_the_text_is_the_article_to_the_letter(language, template):
    words = WORDS[language]
    page = f'<html lang="{language}"><head><meta charset="utf-8"><title>{words["title"]}</title></head>{template(words)}</html>'
    found = extract(page.encode(), url="https://institute.example/analysis/port", now=NOW)
    assert found.text.split("\n\n") == words["body"]
    assert (found.title, found.language, len(found.authors)) == (words["title"], language, 1)
    if template is not line_breaks:
        assert found.published is not None
        assert found.published.date().isoformat() == "2024-03-12"
    cut = "\n".join(part.text for part in found.cut)
    assert all(name in cut for name, _ in words["cards"])
