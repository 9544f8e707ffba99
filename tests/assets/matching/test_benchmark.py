"""Quality over the public benchmark, where it lies beside the checkout; by its own scorer."""

import json
import subprocess
import sys

import pytest

from assets.matching.compiling import compile_watchlist
from assets.matching.matcher import Matcher
from assets.matching.mentions import find_mentions
from assets.matching.watchlist import load_watchlist


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ntrex", {"f1": 0.97, "precision": 0.95}),
        ("factru", {"f1": 0.97}),
        ("gum", {"precision": 0.95, "salience_auc": 0.9}),
        ("micro", {"f1": 1.0}),
    ],
)
def test_quality_does_not_fall(benchmarks, tmp_path, name, least):
    folder = benchmarks / "matching" / name
    matcher = Matcher(compile_watchlist(load_watchlist([folder / "watchlist.json"])))
    predictions = tmp_path / "predictions.jsonl"
    with (folder / "docs.jsonl").open(encoding="utf-8") as documents, predictions.open("w", encoding="utf-8") as out:
        for document in map(json.loads, documents):
            for mention in find_mentions(matcher, title=document["title"], text=document["text"], language=document["lang"]):
                out.write(json.dumps({"doc": document["id"], "entity": mention.entity, "score": mention.score}) + "\n")
    run = subprocess.run(
        [sys.executable, str(folder.parent / "score.py"), str(folder), str(predictions), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    score = json.loads(run.stdout)
    assert {measure: score[measure] for measure in least if score[measure] < least[measure]} == {}
    assert min(language["recall"] for language in score["by_lang"].values()) >= 0.95
