"""The `thinkwatch` command. Each group of commands is a small file, imported only when it is called.

Nothing heavy belongs here: `thinkwatch --help` must not import Dagster, DuckDB or an extractor.
"""

import difflib
import errno
import importlib
import os
import select
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from click.exceptions import Exit

from warehouse.errors import ConfigError, ThinkwatchError

# name → (module, one-line help); the command object in the module bears the command's name, `_` for `-`.
COMMANDS = {
    "demo": ("pipelines.cli.demo", "Replay a fortnight of thirteen institutes: feeds, articles, mentions and mail, without a network."),
    "init": ("pipelines.cli.init", "Write a commented starting configuration."),
    "doctor": ("pipelines.cli.doctor", "Check the whole installation and say how to mend it."),
    "config": ("pipelines.cli.config", "Show the settings in force, secrets masked."),
    "run": ("pipelines.cli.run", "Run one cycle over the sources that are due."),
    "ui": ("pipelines.cli.ui", "Open the Dagster UI with its daemon and schedules."),
    "serve": ("pipelines.cli.serve", "Serve the pages to stop or change alerts, and their Atom feeds."),
    "sql": ("pipelines.cli.sql", "Query the analysts' copy, read-only."),
    "search": ("pipelines.cli.search", "Find articles by their words, in any of their forms."),
    "desk": ("pipelines.cli.desk", "Open charts and a reader of the analysts' copy in the browser."),
    "views": ("pipelines.cli.views", "List the tables, views and macros that can be queried, with their comments."),
    "sources": ("pipelines.cli.sources", "List, check, find, add, import and export sources; see and undo merges."),
    "backfill": ("pipelines.cli.backfill", "Read what a source published before it was watched; alerts nobody."),
    "archive": ("pipelines.cli.archive", "Check the archive of raw documents, or make it smaller."),
    "status": ("pipelines.cli.status", "Say whether all is well, and how each source does."),
    "issues": ("pipelines.cli.issues", "List what was not understood or went wrong, with what to do."),
    "export": ("pipelines.cli.export", "Write the tables as Parquet, a file a month."),
    "backup": ("pipelines.cli.backup", "Back up everything that this installation wrote, with checksums."),
    "restore": ("pipelines.cli.restore", "Restore a backup; mail is held until it is released."),
    "store": ("pipelines.cli.store", "Take a store in a file over into a lake, or tidy a lake."),
    "explain": ("pipelines.cli.explain", "Say why an article was stripped, matched, alerted or not."),
    "rematch": ("pipelines.cli.rematch", "Match the stored texts again after a change of a watch list."),
    "reread": ("pipelines.cli.reread", "Read the raw archive anew as we read today, see what changes, take it over."),
    "alerts": ("pipelines.cli.alerts", "List, preview, test, release and suppress alerts; say which were false."),
    "bounces": ("pipelines.cli.bounces", "Read the mails that came back, and suppress addresses that have had enough."),
    "backtest": ("pipelines.cli.backtest", "Say what a subscription would have sent, by the engine that sends."),
    "extract": ("pipelines.cli.extract", "Turn a page into its clean article; stores nothing."),
    "fixture": ("pipelines.cli.fixture", "Save a page of a source as a test case, or run the test cases."),
    "feed": ("pipelines.cli.feed", "Read a feed of any supported kind; stores nothing."),
    "match": ("pipelines.cli.match", "Match documents against watch lists; stores nothing."),
    "watch": ("pipelines.cli.watch", "Check, list and try the forms of a watch list."),
    "completion": ("pipelines.cli.completion", "Print what makes bash, zsh or fish complete our commands."),
}


@contextmanager
def _enough_seen() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as fault:
        if not _reader_is_gone():
            raise ThinkwatchError("a connection was closed while we wrote to it", hint="try it again") from fault
        _forget_output()
        raise Exit(0) from fault


def _reader_is_gone() -> bool:
    """Whether nobody reads our output any more."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of a newcomer's path."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command object, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        return getattr(module, cmd_name.replace("-", "_"))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called; one that there is not is answered with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as fault:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            guess = f"Did you mean {near[0]!r}?" if near else "The commands: thinkwatch --help"
            raise click.UsageError(f"{fault.format_message()} {guess}", ctx) from fault

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """As click does, but who closes the pipe after our help's first line has seen enough, and nothing failed."""
        with _enough_seen():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, but who closes the pipe of a command, such as head, has seen enough, and nothing failed."""
        with _enough_seen():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="thinkwatch", prog_name="thinkwatch")
@click.option("--config", "config_path", metavar="PATH", help="The configuration file; else $THINKWATCH_CONFIG, else ./thinkwatch.toml.")
@click.pass_context
def thinkwatch(ctx: click.Context, config_path: str | None) -> None:
    """Watch what think tanks publish: clean text in DuckDB, alerts with their proof.

    Example: thinkwatch demo
    """
    ctx.obj = config_path
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an expected error is one line and a hint on stderr, with its exit status."""
    try:
        _refuse_other_encodings(sys.argv[1:] if arguments is None else arguments)
        status = thinkwatch.main(args=arguments, prog_name="thinkwatch", standalone_mode=False)
        sys.stdout.flush()  # now, while what stands in the way can still be said
    except ThinkwatchError as fault:
        click.echo(f"error: {fault.message if not fault.args else fault}", err=True)
        if fault.hint:
            click.echo(f"  hint: {fault.hint}", err=True)
        sys.exit(fault.exit_status)
    except BrokenPipeError:  # at the very end
        _forget_output()
        sys.exit(0)
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            click.echo(f"error: {fault.filename or 'the output'}: {fault.strerror}", err=True)
            click.echo("  hint: free some space, or write elsewhere; what was stored before is kept", err=True)
            _forget_output()
            sys.exit(1)
        if fault.filename is None:
            raise
        click.echo(f"error: {fault.filename}: {fault.strerror}", err=True)
        click.echo("  hint: check that the path is there and what you may do with it", err=True)
        sys.exit(2)
    except click.ClickException as fault:
        fault.show()
        sys.exit(2)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


def _refuse_other_encodings(arguments: Sequence[str]) -> None:
    for one in arguments:
        try:
            one.encode()
        except UnicodeEncodeError as fault:
            said = one.encode("utf-8", "backslashreplace").decode()
            raise ConfigError(f"an argument is not UTF-8: {said}", hint="type it as UTF-8; rename a file that is called so") from fault


def _forget_output() -> None:
    """Let what is still to be written to a closed pipe or a full disk go nowhere, so that Python does not stumble over it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
