"""Commands as a shell would start them, each in a process of its own, forked from one that has imported all of them already.

`python launcher.py` reads requests from its stdin, one JSON object a line: the arguments, the folder, the environment, and the
files for stdout and stderr. It answers each with the exit status, negative for a signal.
"""

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HEAVY = ("pipelines.definitions", "pipelines.cycle", "assets.extraction.extract", "assets.extraction.workers", "pipelines.replay.site")


class Launcher:
    """The process that forks; started with the first command."""

    def __init__(self):
        self.process = None

    def run(self, arguments, *, cwd, env):
        """Run a command to its end."""
        if self.process is None:
            self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with tempfile.TemporaryDirectory() as folder:
            said = [str(Path(folder, name)) for name in ("stdout", "stderr")]
            print(json.dumps([arguments, str(cwd or Path.cwd()), env, *said]), file=self.process.stdin, flush=True)
            status = int(self.process.stdout.readline())
            return subprocess.CompletedProcess(arguments, status, *(Path(name).read_text(encoding="utf-8") for name in said))

    def close(self):
        if self.process:
            self.process.communicate()


def become(arguments, folder, environment, *said):
    """Be a command, in a forked child."""
    from pipelines.cli import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(said, 1):
        file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    main(arguments)


def serve():
    """Answer requests until there are no more."""
    from pipelines.cli import COMMANDS

    for name in (*HEAVY, *(module for module, _ in COMMANDS.values())):
        importlib.import_module(name)
    for line in sys.stdin:
        # Ends as multiprocessing's children do: DuckDB's own thread does not come along, and would be missed at an ordinary end.
        child = multiprocessing.get_context("fork").Process(target=become, args=json.loads(line))
        child.start()
        child.join()
        print(child.exitcode, flush=True)


if __name__ == "__main__":
    serve()
