"""Who wrote a text, who paid for it and whose opinion it is not names nobody whom the article is about."""

import pytest

from assets.extraction.extract import extract, extract_feed_content
from assets.extraction.records import Extract, Hints
from assets.matching.mentions import SILENT_ZONES

from .article import BODY, NOW

INTRODUCTIONS = [
    ("Anna Holm", "Anna Holm is a senior fellow at the Northern Institute and a former ambassador to Turkey."),
    ("Anna Holm", "Dr. Anna B. Holm (PhD, Peking) is an analyst of China. She has lived in Georgia."),
    ("Anna Holm", "Anna Holm, a lawyer by training, works on Iran and Iraq."),
    ("Anna Holm", "The author is a research fellow at the Institute for China Studies in Beijing."),
    ("Anna Holm", "About the author: a researcher on Iran and Iraq at the Northern Institute."),
    ("Анна Хольм", "Анна Хольм – старший научный сотрудник Института Китая и современной Азии."),
    ("Анна Хольм", "Анна Хольм является экспертом по Турции и Ирану."),
    ("Anna Holm", "Anna Holm ist Wissenschaftlerin in der Forschungsgruppe Türkei."),
    ("Anna Holm", "Anna Holm est chercheuse associée au programme Turquie de l'institut."),
    ("Anna Holm", "Anna Holm es investigadora del programa sobre Irán."),
]
DISCLAIMERS = [
    "The views and opinions expressed in this article are those of the authors alone and do not necessarily reflect the official policy or position of the U.S. Army, the U.S. Department of Defense, the United States Government, or any other agency, organization, employer or company with which they may be affiliated.",
    "Co-funded by the European Union. Views and opinions expressed are however those of the author(s) only and do not necessarily reflect those of the European Union or the European Education and Culture Executive Agency (EACEA). Neither the European Union nor EACEA can be held responsible for them.",
    "The content of this publication does not necessarily reflect the view or the position of the OSCE Secretariat.",
    "This report was made possible by a grant from the Embassy of Japan.",
    "The author is writing in a personal capacity; nothing here represents the position of the European Union.",
    "Содержание публикации не отражает официальную позицию ОБСЕ или её государств-участников.",
    "Dieser Beitrag gibt nicht die Meinung der Europäischen Union wieder.",
    "Cette publication n'engage que son auteur et non l'Union européenne.",
    "本文仅代表作者个人观点，不代表土耳其外交部，也不代表本站立场。",
    "Bu makale yazarın kişisel görüşüdür ve Türkiye Dışişleri Bakanlığı'nın resmi görüşünü yansıtmaz.",
    "Мнение автора может не совпадать с позицией МИД Турции и редакции.",
    "Мақала авторының пікірі Түркия үкіметінің көзқарасымен сәйкес келмеуі мүмкін.",
    "Este documento no refleja necesariamente las opiniones de la Unión Europea.",
]
STATEMENTS = [
    "The views expressed by Iran and Turkey at the summit were far apart, and no paper was signed.",
    "Las opiniones de los ministros de Irán y Turquía estaban muy alejadas, y no se firmó nada.",
    "Polls do not necessarily reflect what people in Iran think, say those who made them.",
    "The authorities in Turkey do not necessarily reflect on such questions before they answer.",
    "Funded by Qatar, the group has bought a port in Sudan and two in Somalia since then.",
    "He published this article on his own, and Turkey answered in its own way.",
    "作者指出，出口增长并不代表土耳其的港口已经饱和，各国还需要继续谈判。",
    "Yazar, Türkiye'nin açıkladığı rakamlar gerçeği yansıtmaz diyor; makale ise bunu tartışıyor.",
    "Линия, которую автор провёл на карте, может не совпадать с границей Турции.",
    "The author is wrong to say that Turkey will leave, and the author was aware of it.",
    "Der Autor ist der Meinung, dass die Türkei den Hafen kauft.",
    "L'auteur est convaincu que la Turquie veut le port.",
    "Автор является сторонником того, чтобы порт купила Турция. Автор – за Турцию.",
    "El autor es muy claro: Turquía quiere el puerto.",
    "Holm is what the island in the strait is called, and Turkey has a claim to it.",
    "He is said to have asked Turkey for a loan before the berth was built.",
]


def paragraphs(texts) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(texts, author: str = "Anna Holm", element: str = "p") -> Extract:
    inner = paragraphs(texts) if element == "p" else "".join(f"<p><{element}>{text}</{element}></p>" for text in texts)
    page = f"<html><head><title>The port</title><meta name='author' content='{author}'></head><body><article><h1>The port</h1>{inner}</article></body></html>"
    return extract(page.encode(), url="https://institute.example/port", now=NOW)


def silent(found: Extract) -> str:
    return "\n".join(found.text[zone.start : zone.end] for zone in found.zones if zone.kind in SILENT_ZONES)


@pytest.mark.fault("M81")
@pytest.mark.parametrize(
    ("author", "told", "first"),
    # A dash alone says so at the end only.
    [(*each, first) for each in INTRODUCTIONS for first in (False, True) if not (first and "–" in each[1])],
)
def test_who_introduces_an_author_is_kept_and_alerts_nobody(author, told, first):
    found = read([told, *BODY] if first else [*BODY, told], author)
    assert told in silent(found)
    assert told in (found.about_authors or "") + (found.signature or "")
    assert all(line in found.text and line not in silent(found) for line in BODY)


def test_what_goes_on_about_an_author_is_about_the_author():
    more = "She previously worked for the United Nations in Afghanistan."
    assert more in silent(read([*BODY, INTRODUCTIONS[0][1], more]))
    assert more not in silent(read([*BODY, more]))


def test_a_feed_introduces_its_author_too():
    told = INTRODUCTIONS[0][1]
    found = extract_feed_content(paragraphs([*BODY, told]), hints=Hints(authors=("Anna Holm",)), now=NOW)
    assert told in silent(found)


@pytest.mark.fault("M81")
@pytest.mark.parametrize("told", DISCLAIMERS)
@pytest.mark.parametrize("place", ["last", "first", "in italics", "feed", "plain"])
def test_a_disclaimer_goes_however_long_it_is_and_whatever_it_begins_with(told, place):
    texts = [told, *BODY] if place == "first" else [*BODY, told]
    if place in {"feed", "plain"}:
        found = extract_feed_content(paragraphs(texts) if place == "feed" else "\n\n".join(texts), now=NOW)
    else:
        found = read(texts, element="em" if place == "in italics" else "p")
    assert found.text.split("\n\n") == BODY
    assert found.disclaimer == told


@pytest.mark.parametrize("said", STATEMENTS)
def test_a_sentence_that_only_sounds_alike_stays_and_alerts(said):
    found = read([*BODY, said])
    assert said in found.text
    assert said not in silent(found)


@pytest.mark.fault("M81")
@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("<p>Keywords: Turkey, Iran, NATO</p>", ""),
        ("<p><strong>Tags:</strong> Turkey, Iran</p>", ""),
        ("", "<p>#Turkey #Iran #NATO</p>"),
        ("", "<h4>Topics</h4><ul><li><a href='/t/1'>Turkey</a></li><li><a href='/t/2'>Iran</a></li></ul>"),
        ("", "<p>Countries: Turkey, Iran</p>"),
    ],
)
def test_tags_without_a_box_go_above_and_below_the_text(above, below):
    page = f"<html><head><title>The port</title></head><body><article><h1>The port</h1>{above}{paragraphs(BODY)}{below}</article></body></html>"
    found = extract(page.encode(), url="https://institute.example/port", now=NOW)
    assert found.text.split("\n\n") == BODY
