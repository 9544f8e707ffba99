"""Every article page at the ticks that matter: what it must hold, and what surrounds it."""

from pipelines.replay.furniture import furniture, planted, traps
from pipelines.replay.gold import gold_blocks, gold_text
from pipelines.replay.institutes import load_phrases


def lines_of(article):
    """The pieces of the gold text that markup cannot have split: lines, and cells of tables."""
    for kind, text in gold_blocks(article):
        for line in text.split("\n"):
            yield from line.split(" | ") if kind == "table" else [line.removeprefix("- ")]


def test_a_page_shows_the_whole_gold_text_in_its_order(institute, article, tick, reader, flat):
    text, place = reader.text(institute, article, tick), 0
    for line in lines_of(article):
        found = text.find(flat(line), place)
        assert found >= 0, line
        place = found + len(flat(line))


def test_a_page_shows_its_title_and_every_planted_piece(institute, article, tick, reader, flat):
    text = reader.text(institute, article, tick)
    assert flat(article.title) in text
    pieces = planted(institute.at(tick), article, tick)
    assert len(pieces) >= 15
    assert [piece for piece in pieces if flat(piece) not in text] == []


def test_nothing_planted_stands_in_the_gold_text(institute, article, tick):
    gold = gold_text(article)
    assert [piece for piece in planted(institute.at(tick), article, tick) if piece in gold] == []


def test_cards_name_what_the_article_never_mentions(institute, article, tick):
    cards = furniture(institute.at(tick), article, tick)["related"]["cards"]
    named = frozenset().union(*(card["names"] for card in cards))
    if article.slug == "csto-summit":
        named -= {"united-states"}  # the user's own cards
    assert named
    assert not named & article.mentioned
    assert named <= traps(institute.at(tick), article, tick) | {"united-states"}


def test_every_page_says_what_it_is(institute, article, tick, reader):
    text = reader.text(institute, article, tick)
    own = article.slug == "csto-summit"
    assert ("user's own document" if own else load_phrases(article.language)["synthetic"]["text"]) in text


def test_a_page_declares_the_encoding_that_it_has(institute, article, tick, reader):
    charset = institute.charset_of(article.language)
    body = reader.get(institute, institute.path_of(article), tick).body
    assert f"charset={charset}".encode() in body.lower() or b'charset="utf-8"' in body.lower()
    assert article.language != "ru" or any(letter in body.decode(charset) for letter in "ыыя")
