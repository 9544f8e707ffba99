"""The words of digests, notices and pages, by language: one TOML file each, over the phrases of single alerts."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from alerts.phrases import PHRASES


@cache
def wording(language: str) -> Mapping[str, str]:
    """Every phrase of a language. Raises KeyError for a language without phrases."""
    own = tomllib.loads(files("alerts.wording").joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    return {**PHRASES[language], **own}
