"""What a check of `thinkwatch doctor` says."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """What one check found; `hint` says how to mend it."""

    state: Literal["good", "odd", "bad"]
    subject: str
    message: str
    hint: str = ""
