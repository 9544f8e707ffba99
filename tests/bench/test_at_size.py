import duckdb
import pytest

from bench.at_size import PAGE, QUESTION
from bench.made import make
from warehouse.laying_down import lay_down
from warehouse.queries import statements

ARTICLES = 600


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    store = make(folder, ARTICLES)
    with store.lock():
        store.copy_to(folder / "copy.duckdb")
    with duckdb.connect(folder / "copy.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.fixture(scope="module")
def answers(copy):
    """What each question of the cookbook is answered from the views, and from the tables that are laid down for them."""
    asked = QUESTION.findall(PAGE.read_text(encoding="utf-8"))
    viewed = {name: copy.execute(sql).fetchall() for name, sql in asked}
    lay_down(copy, fewest=1)
    return {name: (viewed[name], copy.execute(sql).fetchall()) for name, sql in asked}


def test_the_tables_laid_down_answer_every_question_as_the_views_do(answers):
    assert len(answers) == 20
    assert sum(bool(viewed) for viewed, _ in answers.values()) >= 14  # of so few articles not all find something
    assert [name for name, (viewed, laid) in answers.items() if viewed != laid] == []


@pytest.mark.usefixtures("answers")
def test_what_a_search_found_is_looked_up_and_not_looked_for(copy):
    some = [name for (name,) in copy.execute("SELECT article_id FROM articles WHERE article_id > '8' LIMIT 5").fetchall()]
    found = {"document_ids": [*some, "nobody"]}
    shown = copy.execute(statements()["documents_found"], found).fetchall()
    assert sorted(row[0] for row in shown) == sorted(some)
    (plan,) = copy.execute(f"EXPLAIN ANALYZE {statements()['documents_found']}", found).fetchall()
    assert "Index Scan" in plan[1]
