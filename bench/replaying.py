"""Whether a web archive program that nobody here wrote reads the raw archive: pywb makes its own index and plays each answer back.

Every answer of our archive that it lists, those seen before included, is asked of pywb by its address and second, as it was
stored, and its bytes are held against the checksum that we keep. Answers that came twice in one second are asked once, and
redirects that lead to themselves not at all: pywb passes over those. It needs an environment of its own:

    python3 -m venv /tmp/pywb && /tmp/pywb/bin/pip install pywb setuptools
    python -m bench.replaying /tmp/pywb/bin [demo/archive]

Prints one JSON object; exit status 1 when pywb lacks an answer or plays another one.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from bench.relay import await_port
from bench.screenshots import free_port
from warehouse.archive import Archive, Archived

NAME = "thinkwatch"
UNTOUCHED = "id_"  # in an address of pywb: the document as it was, without banner and rewritten links


@contextmanager
def playing(programs: Path, files: list[Path]) -> Iterator[str]:
    """Pywb on loopback with these files in one collection; the beginning of its addresses."""
    with tempfile.TemporaryDirectory() as folder:
        for step in (["init", NAME], ["add", NAME, *map(str, files)]):
            subprocess.run([programs / "wb-manager", *step], cwd=folder, check=True, capture_output=True)
        port = free_port()
        command = [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                await_port(port, server, Path(folder))
                yield f"http://127.0.0.1:{port}/{NAME}/"
            finally:
                server.terminate()


def played(answer: Archived, site: str) -> str:
    """Checksum of what pywb gives for an answer; empty when it has none."""
    opener = urllib.request.OpenerDirector()  # of its own, as an archived redirect or 404 is an answer like any other
    opener.add_handler(urllib.request.HTTPHandler())
    with opener.open(f"{site}{answer.requested_at:%Y%m%d%H%M%S}{UNTOUCHED}/{answer.url}", timeout=20) as reply:
        body = reply.read()
        return sha256(body).hexdigest() if reply.status == answer.status else ""


def leads_to_itself(answer: Archived) -> bool:
    """Whether an answer is a redirect to its own address."""
    return any(name.lower() == "location" and value == answer.url for name, value in answer.headers)


def main() -> int:
    programs, folder = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "demo/archive")
    archive = Archive(folder)
    answers = [answer for file in archive.files() for answer in archive.answers(file)[0] if not leads_to_itself(answer)]
    once = {(answer.url, f"{answer.requested_at:%Y%m%d%H%M%S}"): answer for answer in answers}
    began = time.monotonic()
    with playing(programs, [(folder / file).resolve() for file in archive.files()]) as site:
        wrong = [f"{answer.status} {answer.url}" for answer in once.values() if played(answer, site) != answer.ref.sha256]
    found = {"answers": len(answers), "asked": len(once), "played": len(once) - len(wrong), "wrong": wrong[:20]}
    print(json.dumps(found | {"seconds": round(time.monotonic() - began, 1)}, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
