import duckdb
import pytest

from bench.at_size import PAGE, QUESTION
from bench.made import make
from warehouse.laying_down import lay_down

ARTICLES = 600


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each question of the cookbook is answered from the views, and from the tables that are laid down for them."""
    folder = tmp_path_factory.mktemp("made")
    store = make(folder, ARTICLES)
    with store.lock():
        store.copy_to(folder / "copy.duckdb")
    asked = QUESTION.findall(PAGE.read_text(encoding="utf-8"))
    with duckdb.connect(folder / "copy.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        viewed = {name: connection.execute(sql).fetchall() for name, sql in asked}
        lay_down(connection, fewest=1)
        return {name: (viewed[name], connection.execute(sql).fetchall()) for name, sql in asked}


def test_the_tables_laid_down_answer_every_question_as_the_views_do(answers):
    assert len(answers) == 20
    assert sum(bool(viewed) for viewed, _ in answers.values()) >= 14  # of so few articles not all find something
    assert [name for name, (viewed, laid) in answers.items() if viewed != laid] == []
