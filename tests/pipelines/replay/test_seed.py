"""The user's document: on its page word for word, with its tail where such a site puts it."""

import re

from pipelines.replay.gold import gold_text
from pipelines.replay.institutes import load_institutes
from pipelines.replay.seed import SEED, seed_article, seed_lines, seed_tail

SITE = load_institutes()["elementor-old"]
OUT = 4


def page_of(reader, tick=OUT):
    return reader.page(SITE, seed_article(), tick)


def test_it_is_published_on_the_nineteenth(reader):
    assert reader.get(SITE, SITE.path_of(seed_article()), OUT - 1).status == 404
    assert reader.get(SITE, SITE.path_of(seed_article()), OUT).status == 200


def test_every_line_stands_on_the_page_exactly_and_in_order(reader):
    texts = [" ".join(text.split()) for text in page_of(reader).itertext()]
    place = 0
    for line in seed_lines()[1:]:
        place = texts.index(line, place) + 1
    assert place


def test_the_gold_text_is_the_file_between_title_and_tail():
    raw = SEED.read_text(encoding="utf-8")
    body = raw.split("\n", 2)[2].split("\n\n\nShare on facebook")[0]
    assert gold_text(seed_article()) == body


def test_the_tail_is_four_shares_two_headings_a_badge_and_two_cards():
    tail = seed_tail()
    assert [line.split()[-1] for line in tail.share] == ["facebook", "twitter", "pinterest", "linkedin"]
    assert (tail.headings, tail.badge) == (("On Key", "Related Posts"), "Russtrat world")
    assert [title for title, _ in tail.cards] == ["Erdogan’s Syrian Trap", "Drone attack on Uncle Sam"]


def test_the_tail_has_the_markup_of_its_time(reader):
    page = page_of(reader)
    (share,) = page.find_class("elementor-widget-share-buttons")
    assert share.get("data-widget_type") == "share-buttons.default"
    assert [found.text_content() for found in share.find_class("elementor-screen-only")] == list(seed_tail().share)
    (posts,) = page.find_class("elementor-widget-posts")
    assert posts.get("data-widget_type") == "posts.cards"
    assert [badge.text_content() for badge in posts.find_class("elementor-post__badge")] == ["Russtrat world"]
    assert len(posts.find_class("elementor-post__card")) == 2
    assert page.find_class("elementor-inner")
    assert page.find_class("elementor-column-wrap")


def test_the_body_widget_holds_the_article_and_nothing_else(reader):
    (body,) = page_of(reader).find_class("elementor-widget-theme-post-content")
    assert [paragraph.text_content() for paragraph in body.iter("p")] == gold_text(seed_article()).split("\n\n")


def test_the_words_of_the_teasers_are_not_expected():
    assert not seed_article().expect & {"turkey", "syria"}
    assert not re.search(r"Turk|Erdogan|Syria", gold_text(seed_article()))
