"""Answers whose parts somebody has named, as `benchmarks/answers.json` has them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from core.assessment import Sentence
from core.settings import ROOT


@cache
def answers() -> list[dict[str, Any]]:
    """All of them."""
    found: list[dict[str, Any]] = json.loads((ROOT / "benchmarks" / "answers.json").read_text())
    return found


def answer(name: str) -> dict[str, Any]:
    """The one of this name."""
    return next(one for one in answers() if one["id"] == name)


def transcript(sentences: list[str], *, each: float = 4.0) -> tuple[Sentence, ...]:
    """Sentences said one after the other."""
    return tuple(
        Sentence(text=text, start=number * each, end=(number + 1) * each)
        for number, text in enumerate(sentences)
    )
