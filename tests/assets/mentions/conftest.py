"""A store with some texts in several languages, and the step that matches them against a watch list."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from alerts.records import Rule
from assets.mentions import match_revisions
from warehouse.database import Warehouse

NOW = datetime(2021, 9, 19, 18, 0, tzinfo=UTC)
TEXTS = (
    ("en", "Talks in Georgia", "Jordan met Chad in the Atlanta, Georgia area. WHO said no.\n\nThe U.S. and Central Asia."),
    ("ru", "Саммит ОДКБ", "В Грузии и Йемене прошли учения OДКБ. Грузинский берег, со­юзники США."),
    ("ru", "О погоде", "Сегодня ничего не случилось, и никто никуда не поехал."),
    ("zh", "会议", "塔吉克斯坦和WHO举行会谈"),
    ("fr", "Sommet", "La Côte d’Ivoire et le Mali ; la Jordanie, la Co\u0302te d'Ivoire."),
    ("kk", "Kazakh", "Chad Mali Georgia"),
    ("", "EMPTY", ""),
    ("en", "us and who", "A text of us who met a man called Jordan; chad is no country here. Ｗ Ｈ Ｏ and ＷＨＯ."),
)


def document(entities):
    return json.dumps({"entities": [{"id": name, **entity} for name, entity in entities.items()]}, ensure_ascii=False)


class Desk:
    """A store with texts, and the step that matches them against a list."""

    now, texts = NOW, TEXTS
    document = staticmethod(document)

    def __init__(self, folder: Path, template: Path) -> None:
        path = folder / "data" / "warehouse.duckdb"
        path.parent.mkdir(parents=True)
        shutil.copyfile(template, path)
        self.config = folder / "thinkwatch.toml"
        self.config.write_text('watchlists = ["list.yaml"]\n', encoding="utf-8")
        self.list = folder / "list.yaml"
        self.warehouse = Warehouse(path, threads=1)
        self.flow = SimpleNamespace(warehouse=self.warehouse, watchlists=[self.list], cache=folder / "data" / "cache", now=lambda: NOW)

    def put(self, texts=TEXTS, *, seen=NOW):
        with self.warehouse.transaction() as transaction:
            transaction.merge(
                "sources", [{"source_id": "s", "name": "S", "languages": ["en"], "enabled": True, "added_at": NOW}], key=["source_id"]
            )
            for number, (language, title, text) in enumerate(texts):
                revision = {
                    "revision_id": f"r{number}",
                    "article_id": f"a{number}",
                    "title": title,
                    "text": text,
                    "language": language or None,
                }
                more = {
                    "revision_no": 1,
                    "change_kind": "new",
                    "seen_from": seen + timedelta(minutes=number // 2),
                    "text_hash": "x",
                    "text_source": "page",
                    "extractor": "e",
                }
                transaction.merge("revisions", [revision | more], key=["revision_id"])
                article = {
                    "source_id": "s",
                    "story_id": f"s{number}",
                    "text_source": "page",
                    "first_seen_at": seen,
                    "changed_at": seen,
                    "baseline": False,
                }
                transaction.merge("articles", [revision | article], key=["article_id"])

    def match(self, entities, **options):
        self.list.write_text(document(entities), encoding="utf-8")
        return match_revisions(self.flow, **options)

    def rows(self, sql):
        with self.warehouse.transaction() as transaction:
            return transaction.connection.execute(sql).fetchall()

    def put_alert(self, alert, revision, groups, *, only=""):
        """An alert of a rule with these groups, proved by the mentions of the revision (or by those of one form)."""
        rule = json.dumps([{"subscription": "s", "words": "w", "rule": Rule(groups=groups).plain()}])
        self.rows(
            "INSERT INTO alerts BY NAME SELECT "
            f"'{alert}' AS alert_id, 'desk' AS subscriber_id, 's' AS subscription_id, article_id, revision_id, ['georgia'] AS entities, '' AS reason, "
            f"'{rule}' AS rule, '' AS watchlist_hash, seen_from AS created_at, 'sent' AS state, 'mention' AS kind FROM revisions WHERE revision_id = '{revision}'"
        )
        self.rows(
            f"INSERT INTO alert_mentions SELECT '{alert}', mention_id FROM mentions WHERE revision_id = '{revision}' AND matched = coalesce(nullif('{only}', ''), matched)"
        )

    def mentions(self):
        return self.rows("SELECT * EXCLUDE (watchlist_hash) FROM mentions ORDER BY ALL")


@pytest.fixture
def desk(new_desk):
    return new_desk()


@pytest.fixture(scope="session")
def new_desk(empty_store, tmp_path_factory):
    """Makes desks, each with a store of its own."""

    def new():
        desk = Desk(tmp_path_factory.mktemp("desk") / "desk", empty_store)
        desk.put()
        return desk

    return new
