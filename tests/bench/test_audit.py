"""The audit of dependencies, against a server of our own that plays the service: what it cannot see is never green."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.audit import allowed, locked, main

LOCK = "alpha==1.0 \\\n    --hash=sha256:aa\nBeta_two[extra]==2.5 ; python_version < '3.12' \\\n    --hash=sha256:bb\n    # via alpha\n"


class Service:
    """Answers with what `answer` makes of the question."""

    def __init__(self):
        self.asked, self.answer = [], lambda question: {"results": [{} for _ in question["queries"]]}


@pytest.fixture
def service(monkeypatch):
    played = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append(question)
            answer = played.answer(question)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(503 if answer == b"" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}/"
    monkeypatch.setenv("AUDIT_URL", played.url)
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK, "utf-8")
    return str(path)


def test_every_pinned_package_is_asked_of_and_none_known_is_green(service, lock):
    assert main([lock]) == 0
    [question] = service.asked
    assert [(one["package"]["name"], one["version"]) for one in question["queries"]] == [("alpha", "1.0"), ("beta-two", "2.5")]


@pytest.mark.fault("O134")
def test_o134_a_known_hole_is_red_and_named(service, lock, capsys):
    service.answer = lambda _: {"results": [{}, {"vulns": [{"id": "GHSA-xxxx", "modified": "2026-01-01"}]}]}
    assert main([lock]) == 1
    assert capsys.readouterr().out == "beta-two 2.5: GHSA-xxxx\n"


@pytest.mark.fault("O134")
@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>busy</html>", {"results": [{}]}, {"results": []}, {"results": None}, {}, {"results": [{}, {"next_page_token": "more"}]}],
)
def test_o134_an_audit_that_could_not_look_is_red(service, lock, answer, capsys):
    service.answer = lambda _: answer
    assert main([lock]) == 2
    assert "could not look" in capsys.readouterr().err


@pytest.mark.fault("O134")
def test_o134_a_service_that_is_not_there_or_a_lock_that_pins_nothing_is_red(lock, tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIT_URL", "http://127.0.0.1:9/")
    assert main([lock]) == 2
    assert main([str(tmp_path / "none.lock")]) == 2
    (tmp_path / "empty.lock").write_text("# nothing\n", "utf-8")
    assert main([str(tmp_path / "empty.lock")]) == 2


def test_only_a_hole_with_a_reason_is_allowed():
    assert allowed("# why\nGHSA-1 we never parse such files\nGHSA-2\n") == {"GHSA-1": "we never parse such files"}


def test_our_own_lock_is_read_whole():
    text = Path("requirements.lock").read_text("utf-8")
    assert len(locked(text)) == sum("==" in line and not line.startswith((" ", "#")) for line in text.splitlines()) > 50
