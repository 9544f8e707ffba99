"""Whether what is named on the command line is there: an id that nobody bears is said to be none, never answered with nothing."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

import click

from warehouse.errors import ConfigError

CODES = {"country": ("[A-Za-z]{2}", "RU"), "language": ("[A-Za-z]{2,3}", "ru")}


def refuse_strangers(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise ConfigError for the first of the given ids that is not known, with the nearest that are."""
    from alerts.subscribers import meant

    for one in given:
        if one not in known:
            raise ConfigError(f"there is no {what} {one!r}", hint=meant(one, known) if known else f"there is no {what} yet: thinkwatch run")


def code_of(what: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback for options that take codes of a country or of a language, one or several."""
    pattern, example = CODES[what]

    def check(_ctx: click.Context, _param: click.Parameter, value: Any) -> Any:
        for one in (value,) if isinstance(value, str) else value or ():
            if not re.fullmatch(pattern, one):
                raise click.BadParameter(f"{one!r} is no code of a {what}, such as {example}")
        return value

    return check
