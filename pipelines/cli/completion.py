"""`thinkwatch completion`: what teaches a shell to complete our commands."""

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    r"""Print the script that makes SHELL complete commands, options and ids of sources.

    \b
    bash: echo 'eval "$(thinkwatch completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(thinkwatch completion zsh)"' >> ~/.zshrc
    fish: thinkwatch completion fish > ~/.config/fish/completions/thinkwatch.fish

    Example: thinkwatch completion bash
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"click does not know {shell}")
    click.echo(kind(ctx.find_root().command, {}, "thinkwatch", "_THINKWATCH_COMPLETE").source())
