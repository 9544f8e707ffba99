"""YAML files read into pydantic models, with the line of each fault.

Lives on the ground floor because sources, watch lists and subscriptions are all read this way.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
# What a person can act on, in place of pydantic's words.
_WORDS = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "list_type": "must be a list, such as [a, b]",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be keys with values, such as {{key: value}}",
    "model_attributes_type": "must be keys with values, such as {{key: value}}",
    "dict_type": "must be keys with values, such as {{key: value}}",
    "literal_error": "must be one of {expected}",
}
_MOST = 9  # faults of one file that are said beside the first


class Document:
    """One YAML (or JSON) file: its plain `data`, and the line of any place in it."""

    def __init__(self, text: str, path: Path | str) -> None:
        """Parse `text`; `path` only names it. Raises ConfigError with the line of a syntax fault or a repeated key."""
        self.path = path
        try:
            self.root = yaml.compose(text, Loader=yaml.CSafeLoader)
            self.data = yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as fault:
            problem, line = _problem(fault, text)
            hint = "mend the line; quoting the value helps when it holds ': ' or starts with a special character"
            raise ConfigError(f"not valid YAML: {problem}", path=path, line=line, hint=hint) from fault
        except ValueError as fault:  # a date that no calendar has
            raise ConfigError(
                f"not valid YAML: {fault}", path=path, line=_odd_line(self.root), hint="mend the line, or quote it"
            ) from fault
        self._refuse_repeated_keys(self.root)

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Read a file. Raises ConfigError when it is missing, unreadable or not UTF-8."""
        try:
            return cls(path.read_text(encoding="utf-8-sig"), path)
        except FileNotFoundError as fault:
            raise ConfigError("no such file", path=path, hint="check the path, or write a start with: thinkwatch init") from fault
        except UnicodeDecodeError as fault:
            raise ConfigError(f"not UTF-8 at byte {fault.start}", path=path, hint="save the file as UTF-8") from fault
        except OSError as fault:
            raise ConfigError(fault.strerror or str(fault), path=path, hint="check its permissions") from fault

    def line(self, location: Sequence[int | str]) -> int | None:
        """The 1-based line of a place such as ("entities", 3, "labels"); of its nearest parent when it is absent."""
        node = self.root
        for step in location:
            child = _child(node, step) if node is not None else None
            if child is None:
                break
            node = child
        return node.start_mark.line + 1 if node is not None else None

    def fault(self, message: str, location: Sequence[int | str] = (), *, hint: str = "") -> ConfigError:
        """A ConfigError that names this file and the line of `location`."""
        return ConfigError(message, path=self.path, line=self.line(location), hint=hint)

    def validate(self, model: type[Model], *, over: Mapping[str, Any] | None = None, at: Sequence[int | str] = ()) -> Model:
        """The document, or its part at a place, as a `model`; keys that it does not give are taken from `over`.

        Raises ConfigError that says each fault with its line, a misspelt key first; of very many the first ones.
        """
        data = self.data if self.data is not None else {}
        for step in at:
            data = data[step]
        try:
            return model.model_validate({**over, **data} if over else data)
        except ValidationError as faults:
            # A misspelt key is both unknown and missing: its line is where the misspelling stands.
            first, *others = sorted(faults.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
            more = "".join(f"; {self._placed(fault, at)}" for fault in others[:_MOST])
            rest = f" (and {len(others) - _MOST} more)" if len(others) > _MOST else ""
            hint = "see the commented example that `thinkwatch init` writes"
            raise self.fault(f"{in_words(first, at)}{more}{rest}", (*at, *first["loc"]), hint=hint) from faults

    def _placed(self, fault: Mapping[str, Any], at: Sequence[int | str]) -> str:
        line = self.line((*at, *fault["loc"]))
        return (f"line {line}: " if line else "") + in_words(fault, at)

    def _refuse_repeated_keys(self, node: yaml.Node | None) -> None:
        if isinstance(node, yaml.SequenceNode):
            for child in node.value:
                self._refuse_repeated_keys(child)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise ConfigError(
                        f"the key {key.value!r} stands twice", path=self.path, line=key.start_mark.line + 1, hint="keep one of them"
                    )
                seen.add(key.value)
                self._refuse_repeated_keys(value)


def _problem(fault: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """What a parser found, in one line, and the 1-based line where."""
    if isinstance(fault, yaml.reader.ReaderError):
        before = text.encode("utf-8", "replace")[: fault.position]
        return f"a character that YAML does not allow ({fault.reason})", before.count(b"\n") + 1
    mark = getattr(fault, "problem_mark", None)
    return " ".join((getattr(fault, "problem", None) or str(fault)).split()), mark.line + 1 if mark else None


def _odd_line(node: yaml.Node | None) -> int | None:
    """The 1-based line of the first value below the node that looks like a date and is none; None where there is none."""
    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.SafeLoader("").construct_object(node)
        except ValueError:
            return node.start_mark.line + 1
    children = [pair for pairs in node.value for pair in pairs] if isinstance(node, yaml.MappingNode) else getattr(node, "value", ())
    found = (_odd_line(child) for child in children if isinstance(child, yaml.Node))
    return next((line for line in found if line), None)


def _child(node: yaml.Node, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    return None


def in_words(fault: Mapping[str, Any], at: Sequence[int | str] = ()) -> str:
    """One fault of a model: the place in the document and what is wrong there."""
    place = ".".join(str(step) for step in (*at, *fault["loc"]))
    words = _WORDS.get(fault["type"])
    said = words.format(**fault.get("ctx", {})) if words else fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "string_type" and isinstance(fault["input"], bool):
        said += f": YAML reads it as {str(fault['input']).lower()}"
    return f"{place or 'file'}: {said}"
