"""`thinkwatch extract`: one JSON document a page, one line a page of a manifest, and errors that a person can mend."""

import gzip
import json
import os

import pytest
from click.testing import CliRunner

from pipelines.cli import main, thinkwatch

PROSE = "".join(
    f"<p>Paragraph {number} tells how the port was built, who paid for it, and why the ferries still run late in winter.</p>"
    for number in range(6)
)
PAGE = f'<html lang="en"><head><title>The port</title></head><body><article><h1>The port</h1>{PROSE}<p>Share on facebook</p><p>Share on twitter</p></article></body></html>'
KEYS = {
    "status",
    "reason",
    "title",
    "authors",
    "published",
    "published_quality",
    "modified",
    "language",
    "site",
    "description",
    "text",
    "zones",
    "cut",
    "links",
    "attachments",
}


def run(*arguments, data: bytes | None = None):
    return CliRunner().invoke(thinkwatch, ["extract", *map(str, arguments)], input=data, standalone_mode=False, catch_exceptions=False)


def test_a_file_gives_one_json_document(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    ran = run(path, "--url", "https://institute.example/port")
    found = json.loads(ran.stdout)
    assert set(found) >= KEYS
    assert (found["status"], found["title"], found["language"]) == ("ok", "The port", "en")
    assert found["zones"][0] == {
        "kind": "body",
        "start": 0,
        "end": len("Paragraph 0 tells how the port was built, who paid for it, and why the ferries still run late in winter."),
    }
    assert any(cut["kind"] == "share" and "facebook" in cut["text"] for cut in found["cut"])
    assert "facebook" not in found["text"]


def test_stdin_and_packed_pages():
    assert json.loads(run("-", data=PAGE.encode()).stdout)["status"] == "ok"
    assert json.loads(run("-", data=gzip.compress(PAGE.encode())).stdout)["status"] == "ok"


def test_what_the_server_said_is_heard():
    body = "Саммит прошёл в Душанбе, и стороны подписали четырнадцать документов.\n\nПереговоры шли три дня, и ни одна из сторон не ушла."
    found = json.loads(run("-", "--content-type", "text/plain; charset=windows-1251", data=body.encode("windows-1251")).stdout)
    assert found["text"] == body


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_manifest_gives_a_line_a_page(tmp_path, jobs):
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    lines = [
        {"id": "a", "path": "a.html", "url": "https://institute.example/a", "other": 1},
        {"id": "b", "html": "b.html.gz"},
        {"id": "c", "html": PAGE},
        {"id": "d", "html": "<html><title>404</title><h1>Page not found</h1></html>"},
    ]
    manifest, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)) + "\n\n", "utf-8")
    assert run("--manifest", manifest, "--out", out, "--jobs", jobs).return_value == 0
    found = {row["id"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    assert {name: row["status"] for name, row in found.items()} == {"a": "ok", "b": "ok", "c": "ok", "d": "no_article"}
    assert found["d"]["reason"] == "soft_404"
    assert found["a"]["text"] == found["b"]["text"] == found["c"]["text"]
    assert set(found["a"]) >= KEYS | {"id"}


def test_what_recurs_on_the_pages_of_a_site_is_cut(tmp_path):
    notice = "<section><div>Instituutti on riippumaton, eikä se ota vastaan rahaa hallituksilta tai yrityksiltä.</div></section>"
    pages = [PAGE.replace("Paragraph", f"In part {name} paragraph").replace("</article>", f"{notice}</article>") for name in "abcd"]
    manifest = tmp_path / "in.jsonl"
    manifest.write_text(
        "\n".join(json.dumps({"id": page[:9], "html": page, "url": f"https://a.example/{place}"}) for place, page in enumerate(pages))
    )
    rows = [json.loads(line) for line in run("--manifest", manifest).stdout.splitlines()]
    assert len(rows) == 4
    for row in rows:
        assert "Instituutti" not in row["text"]
        assert "recurring" in {cut["kind"] for cut in row["cut"]}
        assert row["text"].count("paragraph") == 6


def test_a_page_that_cannot_be_read_is_told_and_the_others_are_done(tmp_path):
    manifest = tmp_path / "in.jsonl"
    manifest.write_text(json.dumps({"id": "gone", "path": "gone.html"}) + "\n" + json.dumps({"id": "here", "html": PAGE}), "utf-8")
    ran = run("--manifest", manifest)
    rows = {row["id"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert rows["gone"]["status"] == "error"
    assert "gone.html" in rows["gone"]["reason"]
    assert rows["here"]["status"] == "ok"
    assert ran.return_value == 1
    assert "1 of 2" in ran.stderr


@pytest.mark.fault("P63")
def test_a_page_that_never_ends_is_ended_and_the_others_are_done(tmp_path):
    os.mkfifo(tmp_path / "endless.html")  # nobody writes into it: reading it never ends
    lines = [{"id": "endless", "path": "endless.html"}, {"id": "here", "html": PAGE}, {"id": "there", "html": PAGE}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    ran = run("--manifest", tmp_path / "in.jsonl", "--jobs", 2, "--seconds", 8)
    rows = {row["id"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert {name: row["status"] for name, row in rows.items()} == {"endless": "error", "here": "ok", "there": "ok"}
    assert rows["endless"]["reason"] == "hung: it took longer than 8 s"
    assert set(rows["endless"]) >= KEYS
    assert ran.return_value == 1


@pytest.mark.parametrize(("line", "number"), [("{", 2), ('{"id": "x"}', 2), ("[1]", 2)])
def test_a_bad_manifest_line_is_named_and_nothing_is_done(tmp_path, capsys, line, number):
    manifest = tmp_path / "in.jsonl"
    manifest.write_text(json.dumps({"id": "a", "html": PAGE}) + "\n" + line, "utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["extract", "--manifest", str(manifest)])
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ""
    assert f"in.jsonl:{number}:" in said.err


@pytest.mark.parametrize("arguments", [[], ["page.html", "--manifest", "in.jsonl"], ["no-such-file.html"]])
def test_wrong_use_says_what_to_do(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["extract", *arguments])
    assert stopped.value.code == 2
    assert "hint:" in capsys.readouterr().err


def test_help_has_a_summary_and_an_example():
    said = run("--help").stdout
    assert "clean article" in said
    assert "Example: thinkwatch extract page.html" in said
