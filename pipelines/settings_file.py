"""`thinkwatch.toml` as text and values; what is wrong with the settings, and where: a line of it, or a variable of the environment.

What belongs here: reading, and the words and places of faults. What does not: which settings there are.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from warehouse.documents import in_words
from warehouse.errors import ConfigError

PREFIX = "THINKWATCH_"
OWN = ("base", "file")  # found out, never set
SEE = "see the commented file that `thinkwatch init` writes; THINKWATCH_* variables are settings too"
_HEADER = re.compile(r"\s*\[+\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


def read_text(file: Path) -> str:
    """The file's text. Raises ConfigError when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ConfigError(f"not UTF-8 at byte {fault.start}", path=file, hint="save the file as UTF-8") from fault
    except OSError as fault:
        raise ConfigError(fault.strerror or str(fault), path=file, hint="check its permissions") from fault


def read_values(text: str, model: type[BaseModel], secrets: Mapping[str, set[str]], file: Path | None) -> dict[str, Any]:
    """What the text says. Raises ConfigError for what is no TOML, and for what may not stand in a file, such as `secrets` by table."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"line (\d+)", str(fault))
        number = int(line[1]) if line else len(text.splitlines())
        raise ConfigError(f"not valid TOML: {fault}", path=file, line=number, hint="mend the line") from fault
    except RecursionError as fault:
        raise ConfigError("not valid TOML: too deeply nested", path=file, hint="no setting needs brackets within brackets") from fault
    for own in [name for name in OWN if name in values]:
        raise unknown([own], model, file, text)
    tables = {name: keys & table.keys() for name, keys in secrets.items() if isinstance(table := values.get(name), dict)}
    for section, secret in [(name, key) for name, found in tables.items() for key in sorted(found)]:
        raise ConfigError(
            f"{section}.{secret}: secrets do not belong in a file",
            path=file,
            line=line_of(text, section, secret),
            hint=f"set {PREFIX}{section.upper()}__{secret.upper()}",
        )
    return values


def first_fault(faults: ValidationError, model: type[BaseModel], file: Path | None, text: str) -> ConfigError:
    """The error for the first of the faults; `text` is the file's."""
    first = faults.errors()[0]
    steps = [step for step in first["loc"] if isinstance(step, str)]
    if first["type"] == "extra_forbidden":
        return unknown(steps, model, file, text)
    message = in_words(first)
    if variable := _variable(steps):
        return ConfigError(message, path=f"${variable}", hint=f"set it otherwise, or unset it: it overrides {file or 'the default'}")
    return ConfigError(message, path=file, line=line_of(text, *steps), hint=SEE)


def unknown(steps: Sequence[str], model: type[BaseModel], file: Path | None, text: str) -> ConfigError:
    """The error for a setting that there is not, with the nearest that there is."""
    variable = _variable(steps)
    close = difflib.get_close_matches(steps[-1], [name for name in _fields(model, steps[:-1]) if name not in OWN], n=1)
    hint = f"did you mean {close[0]}?" if close else SEE
    message = f"{'.'.join(steps)}: unknown setting"
    if variable:
        return ConfigError(message, path=f"${variable}", hint=hint)
    return ConfigError(message, path=file, line=line_of(text, *steps), hint=hint)


def no_json(field: str, model: type[BaseModel]) -> ConfigError:
    """The error for a variable below this field that should hold a list or a table."""
    whole = f"{PREFIX}{field.upper()}"
    names = [name for name in os.environ if name.upper() == whole or name.upper().startswith(f"{whole}__")]
    wrong = next((name for name in names if _json_form(model, name) and not _is_json(os.environ[name])), whole)
    form = _json_form(model, wrong)
    hint = f"it is written as JSON, such as {wrong}='{form}'" if form else "it is written as JSON"
    return ConfigError("not valid JSON", path=f"${wrong}", hint=hint)


def line_of(text: str, *steps: str) -> int | None:
    """The 1-based line of a key such as ("fetch", "contact") in a TOML file, else of its table; None where neither stands."""
    found = dict(reversed(list(_places(text))))
    names = (".".join(steps[:many]) for many in range(len(steps), 0, -1))
    return next((found[name] for name in names if name in found), None)


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Each table and key of the file by its whole name, with its line."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _bare(header[1])
            yield table, number
        elif key := _KEY.match(line):
            yield ".".join(filter(None, (table, _bare(key[1])))), number


def _bare(name: str) -> str:
    return re.sub(r"[\"'\s]", "", name)


def _variable(steps: Sequence[str]) -> str | None:
    """The variable of the environment that sets this, or the table in which it stands."""
    given = {name.upper(): name for name in os.environ}
    names = (PREFIX + "__".join(steps[:many]).upper() for many in range(len(steps), 0, -1))
    return next((given[name] for name in names if name in given), None)


def _fields(model: type[BaseModel], steps: Sequence[str]) -> Mapping[str, Any]:
    """The fields of the model at this place, by name; none where there is no model."""
    for step in steps:
        kind = model.model_fields[step].annotation if step in model.model_fields else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return {}
        model = kind
    return model.model_fields


def _json_form(model: type[BaseModel], variable: str) -> str:
    """What a variable for a list or a table looks like; nothing for one that holds a single value."""
    *above, last = variable.upper().removeprefix(PREFIX).lower().split("__")
    field = _fields(model, above).get(last)
    kinds = (field.annotation, *get_args(field.annotation)) if field else ()
    if any(get_origin(kind) is list for kind in kinds):
        return '["one", "two"]'
    is_table = any(get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel)) for kind in kinds)
    return '{"key": "value"}' if is_table else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
