import json
import shutil

import pytest

from warehouse.database import Warehouse


@pytest.fixture
def installation(demo, tmp_path):
    """A copy of the finished demo, with a backup from before its mails were sent."""
    folder = tmp_path / "demo"
    shutil.copytree(demo.folder, folder, symlinks=True)
    return folder


def mails(folder):
    return sorted(path.name for path in (folder / "mail").glob("*.eml"))


@pytest.mark.fault("E104")
def test_a_restored_backup_sends_no_mail_twice_and_none_unasked(installation, thinkwatch, tmp_path):
    config, backups = ("--config", installation / "thinkwatch.toml"), tmp_path / "backups"
    store, sent = Warehouse(installation / "warehouse.duckdb"), mails(installation)
    with store.transaction() as transaction:
        transaction.connection.execute("UPDATE deliveries SET state = 'new', sent_at = NULL, receipt = NULL, attempts = 0")
        transaction.changed = True
    made = thinkwatch(*config, "backup", backups).stdout.strip()
    # The machine is lost with its journal and its mails; the backup is from before they were sent.
    shutil.rmtree(installation / "mail")
    (installation / "mail").mkdir()

    refused = thinkwatch(*config, "restore", made, check=False)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    restored = thinkwatch(*config, "restore", made, "--yes")
    assert "no mail leaves until you say so" in restored.stderr
    thinkwatch(*config, "run", check=False)
    assert mails(installation) == []
    assert f"{len(sent)} deliveries go with the next run" in thinkwatch(*config, "restore", "--release-mail").stderr
    thinkwatch(*config, "run", check=False)
    assert mails(installation) == []  # the journal, which was in the backup, knows that they were sent
    assert thinkwatch(*config, "restore", "--release-mail").stderr == "no mail was held\n"


def test_a_restored_installation_answers_as_before(installation, thinkwatch, tmp_path):
    config = ("--config", installation / "thinkwatch.toml")

    def answers():
        found = thinkwatch(*config, "search", "of", "--limit", "1000", "--json").stdout.splitlines()
        return thinkwatch(*config, "sql", "SELECT count(*), max(title) FROM articles", "--csv").stdout, {
            json.loads(line)["article_id"] for line in found
        }

    before = answers()
    made = thinkwatch(*config, "backup", tmp_path / "backups").stdout.strip()
    assert "files agree" in thinkwatch(*config, "restore", made, "--dry-run").stderr
    for name in ("warehouse.duckdb", "thinkwatch.duckdb"):
        (installation / name).unlink()
    for name in ("archive", "search", "published", "dagster"):
        shutil.rmtree(installation / name)
    thinkwatch(*config, "restore", made)
    assert answers() == before
    assert len(before[1]) > 3
    listed = thinkwatch(*config, "backup", tmp_path / "backups", "--list", "--json").stdout
    assert json.loads(listed)["folder"] == made
