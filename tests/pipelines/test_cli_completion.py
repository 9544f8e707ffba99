"""What the shell completes: commands, options, ids of sources; and the scripts that teach it to."""

import shutil
import subprocess

import pytest

from pipelines.cli import COMMANDS


@pytest.fixture
def completed(tmp_path, thinkwatch):
    """What bash would offer for the words; the last one is being written."""
    (tmp_path / "thinkwatch.toml").write_text("", encoding="utf-8")
    (tmp_path / "sources").mkdir()
    for name in ("alpha", "albania", "beta"):
        text = f"id: {name}\nname: {name}\nfeeds:\n  - url: https://{name}.example/feed\n"
        (tmp_path / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def offered(*words):
        asked = {"_THINKWATCH_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["thinkwatch", *words]), "COMP_CWORD": str(len(words))}
        import os
        import sys

        environment = {key: value for key, value in os.environ.items() if not key.startswith("THINKWATCH")} | asked
        command = [sys.executable, "-c", "from pipelines.cli import main; main()"]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return [line.partition(",")[2] for line in done.stdout.split()]

    return offered


def test_commands_and_options_are_completed(completed):
    assert completed("sea") == ["search"]
    assert "--parquet" in completed("sql", "--pa")


def test_ids_of_sources_are_completed(completed):
    assert completed("run", "--source", "al") == ["albania", "alpha"]
    assert completed("sources", "show", "b") == ["beta"]


def test_a_fault_of_the_files_completes_nothing(completed, tmp_path):
    (tmp_path / "sources" / "beta.yaml").write_text("id: [", encoding="utf-8")
    assert completed("run", "--source", "al") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell, thinkwatch):
    script = thinkwatch("completion", shell).stdout
    assert f"{shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_every_command_has_help_with_an_example():
    import importlib

    for name, (module, summary) in COMMANDS.items():
        command = getattr(importlib.import_module(module), name.replace("-", "_"))
        assert summary.endswith(".")
        assert "Example: thinkwatch" in command.help, name
