"""Finds the JSON object in what a language model wrote, however it was wrapped or misspelt."""

from __future__ import annotations

import json
from collections.abc import Mapping

import json_repair
from pydantic_core import from_json

_TEXT_MAX = 200_000  # an answer has a few thousand characters; this bounds the work on the loop
_REPAIR_MAX = 20_000  # repairing takes time with the square of the length: 0.2 s for this much
_REPAIRS_MAX = 2  # of those that are repaired
_STARTS_MAX = 20  # places tried for the beginning of the JSON document
_DECODER = json.JSONDecoder(strict=False)  # line ends inside strings are meant as such


def read_object(text: str, keys: frozenset[str]) -> Mapping[str, object]:
    """Return the first JSON object in a text that has one of `keys`; an empty one if there is none.

    Fences and prose around it are skipped, and an object that was cut off is read as far as it
    goes. What is no JSON (a comma too many or missing, a comment, single quotes, a line end inside
    a string) is repaired where that is cheap. Never raises.
    """
    # A document cut off inside a number would read as 1 where 10 was meant.
    text = text[:_TEXT_MAX].rstrip().rstrip("-+.0123456789eE")
    start = text.find("{")
    for tries in range(_STARTS_MAX):
        if start < 0:
            break
        found = _read(text[start:], keys, repair=tries < _REPAIRS_MAX)
        if not keys.isdisjoint(found):
            return found
        start = text.find("{", start + 1)
    return {}


def _read(text: str, keys: frozenset[str], *, repair: bool) -> Mapping[str, object]:
    """Read the object a text begins with, in the way that gives the most of `keys`."""
    if (whole := _whole(text)) is not None:
        ways = [whole]
    else:
        ways = [_partly(text), *([_repaired(text)] if repair else [])]
    objects = [found for found in ways if isinstance(found, dict)]
    return max(objects, key=lambda found: len(keys & found.keys()), default={})


def _whole(text: str) -> object:
    try:
        return _DECODER.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _partly(text: str) -> object:
    try:
        return from_json(text, allow_partial=True)  # it stops at whatever is no JSON, too
    except ValueError:
        return None


def _repaired(text: str) -> object:
    try:
        return json_repair.loads(text) if len(text) <= _REPAIR_MAX else None
    except (ValueError, RecursionError):
        return None
