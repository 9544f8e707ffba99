"""How the furniture of pages changes and what it holds."""

from pipelines.replay.clock import LAST_TICK, TICKS
from pipelines.replay.furniture import furniture, planted
from pipelines.replay.institutes import load_institutes
from pipelines.replay.state import articles_of, shown
from pipelines.replay.truth import planted as planted_by_slug
from pipelines.replay.truth import truth


def named(institute, slug):
    return load_institutes()[institute], next(article for article in articles_of(institute) if article.slug == slug)


def card_titles(institute, article, tick):
    return [card["title"] for card in furniture(institute, article, tick)["related"]["cards"]]


def test_cards_change_from_tick_to_tick_where_pages_are_made_anew(institute):
    article = articles_of(institute.id)[0]
    sets = {tuple(card_titles(institute, article, tick)) for tick in TICKS}
    assert (len(sets) > 1) == institute.rotates


def test_a_card_for_another_article_leads_to_its_page(institute):
    article = articles_of(institute.id)[0]
    links = {card["path"] for tick in TICKS for card in furniture(institute, article, tick)["related"]["cards"]}
    pages = {institute.path_of(other) for other in articles_of(institute.id)}
    assert bool(links & pages) == institute.rotates
    assert institute.path_of(article) not in links


def test_every_institute_names_turkey_syria_iran_and_nato_somewhere_around_its_articles(institute):
    found = frozenset().union(*(article.traps for tick in TICKS for article in truth(tick, institute.id)))
    assert {"turkey", "syria", "iran", "nato"} <= found


def test_the_blocks_of_the_taxonomy_are_all_there():
    blocks = {block for institute in load_institutes().values() for block in institute.blocks}
    wanted = {
        "share",
        "related",
        "read_also",
        "newsletter",
        "author",
        "tags",
        "disclaimer",
        "comments",
        "donate",
        "event",
        "print",
        "cookies",
    }
    assert wanted <= blocks


def test_the_read_also_line_names_ukraine_unless_the_article_does():
    for name, slug in (("wp-classic", "rhine-commission"), ("bitrix-ru", "baikal")):
        item = furniture(*named(name, slug), LAST_TICK)["read_also"]["item"]
        assert item["names"] == ["ukraine"]


def test_a_page_of_one_paragraph_has_no_room_for_a_read_also_line():
    assert "read_also" not in furniture(*named("bitrix-ru", "chasovye-poyasa"), LAST_TICK)


def test_planted_pieces_can_be_asked_for_by_slug_and_before_publication_there_are_none():
    institute, article = named("drupal", "opec-founders")
    assert planted_by_slug("drupal", "opec-founders", LAST_TICK) == planted(institute, article, LAST_TICK)
    assert planted_by_slug("drupal", "opec-founders", 5) == []
    assert article not in shown("drupal", 5)


def test_an_undated_page_shows_dates_but_none_of_its_own(reader):
    institute, article = named("static-table", "dunay")
    text = reader.text(institute, article, LAST_TICK)
    for card in furniture(institute, article, LAST_TICK)["related"]["cards"]:
        assert card["date"] in text
    assert "9 сентября 2021" not in text
