"""The published copy in the tools that analysts have: DuckDB in Python, and DuckDB's own shell (PyPI's duckdb-cli), where it is installed."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.database import Warehouse
from warehouse.migrations import migrate
from warehouse.publish import publish

NOW = datetime(2024, 5, 6, 8, tzinfo=UTC)
SHELL = shutil.which("duckdb", path=Path(sys.executable).parent) or shutil.which("duckdb")
QUESTION = "SELECT source_id, name, enabled FROM sources"
VIEWS = "SELECT schema_name || '.' || view_name AS view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"


@pytest.fixture(scope="module")
def link(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tools")
    warehouse = Warehouse(folder / "warehouse.duckdb")
    migrate(warehouse, NOW)
    with warehouse.transaction() as transaction:
        row = {"source_id": "institute", "name": "Институт «Восток»", "enabled": True, "added_at": NOW}
        transaction.merge("sources", [row], key=["source_id"])
    return publish(warehouse, folder / "thinkwatch.duckdb", NOW).path.parent.parent / "thinkwatch.duckdb"


def test_python_opens_the_link_and_every_view_can_be_read(link):
    with duckdb.connect(str(link), read_only=True) as connection:
        assert connection.execute(QUESTION).fetchall() == [("institute", "Институт «Восток»", True)]
        names = [name for (name,) in connection.execute(VIEWS).fetchall()]
        assert len(names) > 8
        for name in names:
            connection.execute(f"FROM {name} LIMIT 1").fetchall()


@pytest.mark.skipif(SHELL is None, reason="duckdb-cli is not installed (requirements-scale.lock)")
def test_the_shell_opens_the_link_and_reads_every_view(link):
    def ask(statement):
        done = subprocess.run([SHELL, "-readonly", "-json", str(link), statement], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "[]")

    assert ask(QUESTION)[0]["name"] == "Институт «Восток»"
    names = [row["view_name"] for row in ask(VIEWS)]
    assert len(names) > 8
    ask(" UNION ALL ".join(f"SELECT count(*) AS rows FROM {name}" for name in names))
