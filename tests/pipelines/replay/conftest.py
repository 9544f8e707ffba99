"""What the replay's tests share: every page of the fortnight, and pages as the text that a reader sees."""

import lxml.html
import pytest

from pipelines.replay.institutes import load_institutes
from pipelines.replay.mishaps import path_of
from pipelines.replay.respond import respond
from pipelines.replay.state import shown

INSTITUTES = load_institutes()
LOOKED_AT = (0, 6, 14)  # ticks: the first, the last before the edits, the last of all


def page_cases():
    return [
        pytest.param(institute, article, tick, id=f"{institute.id}-{article.slug}-{tick}")
        for institute in INSTITUTES.values()
        for tick in LOOKED_AT
        for article in shown(institute.id, tick)
        if not befallen(institute, institute.path_of(article), tick)
    ]


def befallen(institute, path, tick):
    """Whether something goes wrong with a path at a tick: then its answer says nothing of the articles."""
    return any(tick in mishap.ticks and path == path_of(institute, mishap) for mishap in institute.mishaps)


class Reader:
    """Fetches pages without a network and reads them as a person would."""

    def get(self, institute, path, tick, **headers):
        return respond(institute.id, path, {name.replace("_", "-"): value for name, value in headers.items()}, tick)

    def page(self, institute, article, tick):
        answer = self.get(institute, institute.path_of(article), tick)
        assert answer.status == 200
        return lxml.html.fromstring(answer.body.decode(institute.charset_of(article.language)))

    def text(self, institute, article, tick):
        return one_line(self.page(institute, article, tick).text_content())


def one_line(text):
    return " ".join(text.split())


@pytest.fixture(scope="session")
def reader():
    return Reader()


@pytest.fixture(scope="session")
def ill():
    return befallen


@pytest.fixture(scope="session")
def flat():
    return one_line


def pytest_generate_tests(metafunc):
    if {"institute", "article", "tick"} <= set(metafunc.fixturenames):
        metafunc.parametrize(("institute", "article", "tick"), page_cases())
    elif "institute" in metafunc.fixturenames:
        metafunc.parametrize("institute", [pytest.param(institute, id=name) for name, institute in INSTITUTES.items()])
