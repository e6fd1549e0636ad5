"""What goes to a judge's server in one call, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """One call: its messages, and the schema of its answer, with and without lengths of texts."""

    messages: Sequence[Mapping[str, str]]
    schema: Mapping[str, Any]
    schema_with_lengths: Mapping[str, Any]
    tokens: int  # the longest answer


@dataclass(slots=True)
class Reply:
    """What was answered, maybe not to its end."""

    text: str = ""
    pieces: int = 0  # about one a token
    whole: bool = False
