import pytest

from pipelines.replay.articles import load_articles, read_article
from pipelines.replay.clock import LAST_TICK
from pipelines.replay.gold import gold_blocks, gold_text
from pipelines.replay.institutes import load_institutes, number_of
from pipelines.replay.state import articles_of, shown
from pipelines.replay.truth import truth
from warehouse.errors import ConfigError

HEAD = "---\ninstitute: drupal\ntitle: T\nbyline: B\npublished: 2021-09-20T10:00:00+02:00\n{more}---\nA body.\n"


def sample(folder, more):
    path = folder / "sample.en.md"
    path.write_text(HEAD.format(more=more), encoding="utf-8")
    return path


def test_every_institute_has_articles_on_the_first_day_and_new_ones_later():
    for name in load_institutes():
        assert shown(name, 0), name
        assert len(shown(name, LAST_TICK)) - len(shown(name, 0)) >= 5


def test_every_article_belongs_to_an_institute_that_is_there_and_is_out_by_the_end():
    assert {article.front.institute for article in load_articles()} == set(load_institutes())
    assert len(truth(LAST_TICK)) == len(load_articles()) + 1  # and the user's document


def test_slugs_and_numbers_are_unique():
    slugs = [article.slug for name in load_institutes() for article in articles_of(name)]
    assert len(set(slugs)) == len({number_of(slug) for slug in slugs}) == len(slugs)


def test_a_third_of_the_articles_concerns_nobody():
    everything = truth(LAST_TICK)
    assert 0.3 <= sum(not article.expect for article in everything) / len(everything) <= 0.4


def test_lengths_run_from_a_note_to_a_long_read():
    words = sorted(len(article.gold_text.split()) for article in truth(LAST_TICK))
    assert words[0] <= 50
    assert words[-3] >= 600


def only_in(article, kinds):
    """Whether one of the article's entities is named in blocks of these kinds alone (by the naive sign of its English or Russian name)."""
    blocks = list(gold_blocks(article))
    names = {"iran": "Iran", "turkey": "Turkey", "armenia": "YEREVAN"}
    return any(
        name in " ".join(text for kind, text in blocks if kind in kinds)
        and name not in " ".join(text for kind, text in blocks if kind not in kinds)
        for entity, name in names.items()
        if entity in article.mentioned
    )


def test_there_are_articles_that_name_an_entity_only_in_a_footnote_or_only_in_the_dateline():
    articles = [article for name in load_institutes() for article in articles_of(name)]
    assert sum(only_in(article, {"notes"}) for article in articles) >= 2
    assert sum(only_in(article, {"dateline"}) for article in articles) >= 1
    assert sum(bool(article.quiet) for article in truth(LAST_TICK)) >= 1


def test_the_silent_edit_changes_text_and_expectation_but_not_the_address():
    before, after = (next(article for article in truth(tick) if article.slug == "aral-sea-basin") for tick in (6, 7))
    assert (before.revision, after.revision) == (0, 1)
    assert (before.url, before.title, before.published) == (after.url, after.title, after.published)
    assert after.expect - before.expect == {"afghanistan"}
    assert "Afghanistan" in after.gold_text
    assert "Afghanistan" not in before.gold_text


def test_the_title_only_edit_changes_nothing_else():
    before, after = (next(article for article in truth(tick) if article.slug == "svalbard-treaty") for tick in (6, 7))
    assert before.title != after.title
    assert (before.gold_text, before.expect) == (after.gold_text, after.expect)


def test_the_russian_article_has_its_names_only_in_oblique_cases():
    (article,) = (article for article in truth(LAST_TICK) if article.slug == "baza-201")
    assert "в Таджикистане" in article.gold_text
    assert "ОДКБ" in article.gold_text
    assert "Таджикистан " not in article.gold_text
    assert article.expect == {"csto", "tajikistan"}


def test_an_undated_article_tells_no_date():
    undated = [article for article in truth(LAST_TICK) if article.published is None]
    assert undated
    assert {article.published_quality for article in undated} == {None}


def test_an_article_that_is_not_out_yet_is_not_shown():
    assert all("sco-bodies" not in article.url for article in truth(12))
    assert any("sco-bodies" in article.url for article in truth(13))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("expects: [nato]\n", "expects"),
        ("published: 2021-09-20T10:00:00\n", "stands twice"),
        ("edits: [{tick: 3, replace: {absent: words}}]\n", "absent"),
    ],
)
def test_a_faulty_article_file_is_refused_by_name(tmp_path, more, said):
    with pytest.raises(ConfigError, match=said) as fault:
        read_article(sample(tmp_path, more))
    assert "sample.en.md" in str(fault.value)


def test_gold_texts_are_alike_nowhere():
    texts = [gold_text(article) for name in load_institutes() for article in articles_of(name)]
    assert len(set(texts)) == len(texts)
