"""Teasers of other articles never reach the text, in any template and language; the article always does, whole."""

import pytest

from assets.extraction.extract import extract
from assets.extraction.records import Extract

from .article import BODY, NOW

CARDS = [
    ("A trap on the Bosporus strait", "The straits convention sets the rules by which warships of Turkey and others pass, and yet the"),
    ("Drones over the desert base", "Reports from Syria say that small aircraft were seen above the base before the garrison could"),
    ("Who reads the tea leaves now", "Analysts in Georgia disagree about the meaning of the vote, though most of them expect that"),
]
HEADINGS = {
    "en": ("Related Posts", "On Key", "You may also like", "Read also:", "More on this topic", "Recommended for you"),
    "ru": ("Читайте также", "Материалы по теме", "Похожие записи", "По теме:", "Другие материалы"),
    "de": ("Das könnte Sie auch interessieren", "Ähnliche Beiträge", "Lesen Sie auch", "Mehr zum Thema"),
    "fr": ("Sur le même sujet", "À lire aussi", "Articles similaires", "Vous aimerez aussi"),
    "es": ("Noticias relacionadas", "Te puede interesar", "Lea también", "Artículos relacionados"),
    "uk": ("Читайте також", "Схожі матеріали", "За темою"),
    "zh": ("相关阅读", "延伸阅读", "推荐阅读", "相关文章："),
}
EVERY_HEADING = [heading for headings in HEADINGS.values() for heading in headings]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def flat(heading: str) -> str:
    cards = "".join(f'<h3><a href="/p/{n}">{title}</a></h3><p>{lead}</p>' for n, (title, lead) in enumerate(CARDS))
    return f"<article><h1>The port</h1>{paragraphs(BODY)}<h3>{heading}</h3>{cards}</article>"


def flat_bold(heading: str) -> str:
    cards = "".join(f'<p><a href="/p/{n}">{title}</a></p>' for n, (title, _) in enumerate(CARDS))
    return f"<article><h1>The port</h1>{paragraphs(BODY)}<p><b>{heading}</b></p>{cards}</article>"


def unlinked(heading: str) -> str:
    cards = "".join(f"<h4>{title}</h4><p>{lead}</p>" for title, lead in CARDS)
    return f"<div><h1>The port</h1>{paragraphs(BODY)}<h3>{heading}</h3>{cards}</div>"


def boxed(heading: str) -> str:
    cards = "".join(f'<div><h3><a href="/p/{n}">{title}</a></h3><p>{lead}</p></div>' for n, (title, lead) in enumerate(CARDS))
    return f"<div><h1>The port</h1><div>{paragraphs(BODY)}</div><div><h2>{heading}</h2>{cards}</div></div>"


def whole_card_links(heading: str) -> str:
    cards = "".join(f'<a href="/p/{n}"><div>{title}</div><p>{lead}</p></a>' for n, (title, lead) in enumerate(CARDS))
    return f"<div><h1>The port</h1><div>{paragraphs(BODY)}</div><div><div>{heading}</div>{cards}</div></div>"


def heading_apart(heading: str) -> str:
    cards = "".join(f'<div class="c9f"><a href="/p/{n}"><b>{title}</b></a><div>{lead}</div></div>' for n, (title, lead) in enumerate(CARDS))
    return f"<main><h1>The port</h1><div>{paragraphs(BODY)}</div><div><h4>{heading}</h4></div><div>{cards}</div></main>"


def box_inside(heading: str) -> str:
    box = "".join(f'<li><a href="/p/{n}">{title}</a></li>' for n, (title, _) in enumerate(CARDS))
    return f"<article><h1>The port</h1>{paragraphs(BODY[:3])}<div><p>{heading}</p><ul>{box}</ul></div>{paragraphs(BODY[3:])}</article>"


def box_inside_with_leads(heading: str) -> str:
    box = "".join(f'<div><a href="/p/{n}">{title}</a><p>{lead}</p></div>' for n, (title, lead) in enumerate(CARDS[:2]))
    return f"<article><h1>The port</h1>{paragraphs(BODY[:3])}<div><h4>{heading}</h4>{box}</div>{paragraphs(BODY[3:])}</article>"


def line_inside(heading: str) -> str:
    lines = "".join(
        f'<p><strong>{heading}{"" if heading.endswith((":", "：")) else ":"}</strong> <a href="/p/1">{title}</a></p>'
        for title, _ in CARDS[:1]
    )
    return f"<article><h1>The port</h1>{paragraphs(BODY[:3])}{lines}{paragraphs(BODY[3:])}</article>"


def heading_and_list_inside(heading: str) -> str:
    box = "".join(f'<li><a href="/p/{n}">{title}</a></li>' for n, (title, _) in enumerate(CARDS))
    return f"<article><h1>The port</h1>{paragraphs(BODY[:4])}<h4>{heading}</h4><ul>{box}</ul>{paragraphs(BODY[4:])}</article>"


def table_of_cards(heading: str) -> str:
    cells = "".join(f'<td><a href="/p/{n}">{title}</a><br>{lead}</td>' for n, (title, lead) in enumerate(CARDS))
    return (
        f"<table><tr><td><h1>The port</h1>{'<br><br>'.join(BODY)}<br><br><b>{heading}</b><table><tr>{cells}</tr></table></td></tr></table>"
    )


TEMPLATES = [
    flat,
    flat_bold,
    unlinked,
    boxed,
    whole_card_links,
    heading_apart,
    box_inside,
    box_inside_with_leads,
    line_inside,
    heading_and_list_inside,
    table_of_cards,
]


def read(markup: str) -> Extract:
    page = f"<html><head><title>The port</title></head><body><div><a href='/'>Home</a> <a href='/a'>About us</a></div>{markup}<div>© 2024 All rights reserved.</div></body></html>"
    return extract(page.encode(), url="https://institute.example/port", now=NOW)


@pytest.mark.parametrize("heading", EVERY_HEADING)
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
def test_teasers_are_cut_and_the_article_is_whole(template, heading):
    found = read(template(heading))
    assert found.text.split("\n\n") == BODY
    gone = " ".join(cut.text for cut in found.cut)
    assert all(title in gone for title, _ in CARDS[:1])


@pytest.mark.parametrize(
    "shares",
    [
        ("Share on facebook", "Share on twitter"),
        ("Поделиться в Telegram", "Поделиться ВКонтакте"),
        ("Auf Facebook teilen", "Auf Twitter teilen"),
    ],
)
def test_cards_without_a_heading_go_with_the_share_lines_above_them(shares):
    cards = "".join(f'<h3><a href="/p/{n}">{title}</a></h3><p>{lead}</p>' for n, (title, lead) in enumerate(CARDS))
    found = read(f"<article><h1>The port</h1>{paragraphs(BODY)}{paragraphs(list(shares))}{cards}</article>")
    assert found.text.split("\n\n") == BODY


def test_an_article_about_sharing_and_related_posts_is_not_cut():
    body = [
        *BODY[:5],
        "Share prices fell. Related posts in the ministry were cut, and readers may also like to know that comments were made.",
        BODY[5],
    ]
    assert read(f"<article><h1>The port</h1>{paragraphs(body)}</article>").text.split("\n\n") == body


def test_a_section_headed_like_a_teaser_box_stays_when_it_is_prose():
    found = read(
        f"<article><h1>The port</h1>{paragraphs(BODY[:4])}<h2>More on this topic</h2>{paragraphs([text * 4 for text in BODY[4:]])}</article>"
    )
    assert BODY[5] in found.text
    assert "More on this topic" in found.text
