"""Files of questions made to cost time or room: each is refused with a list somebody can read."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from types import SimpleNamespace
from typing import Literal

import pytest

from analyzer.questions import draft as question_draft
from analyzer.questions.draft import TAG_MAX, read_tags
from analyzer.questions.file_format import FILE_MAX_BYTES, PROBLEM_MAX, PROBLEMS_MAX, parse
from cogs.questions.cards import problems_card
from core.errors import FileRefused, Refused

UNKNOWN = 95_000


def unknown_names() -> str:
    return '[{"text": "Why?"' + "".join(f',"{n:x}":1' for n in range(UNKNOWN)) + "}]"


HOSTILE: dict[str, Callable[[], str]] = {
    "unknown names": unknown_names,
    "unknown names in many entries": lambda: json.dumps([{"n": 1, "m": 2}] * 60_000),
    "entries that are none": lambda: json.dumps([1] * 330_000),
    "numbers": lambda: "[" + ("9" * 4000 + ",") * 240 + "1]",
    "empty lines": lambda: "\n" * 1_000_000,
    "empty lines before": lambda: "text\n" + "\n" * 999_000 + "Why?\nWhy?",
    "empty cells": lambda: "text,kind\n" + ",,\n" * 330_000,
    "columns": lambda: "text," * 200_000 + "\nWhy?",
    "one wide row": lambda: "text,kind\nWhy?" + "," * 999_000,
    "wide rows": lambda: "text\n" + ("Why?" + "," * 50 + "\n") * 18_000,
    "a cell of a megabyte": lambda: 'text\n"' + "Why " * 249_000 + '"',
    "a text of a megabyte": lambda: json.dumps([{"text": "Why? " * 190_000}]),
    "a name of a megabyte": lambda: json.dumps([{"x" * 999_000: 1}]),
    "the same name again and again": lambda: "[{" + '"text": 1,' * 99_000 + '"text": 2}]',
    "tags": lambda: json.dumps([{"text": "?", "tags": ",".join(map(str, range(140_000)))}]),
    "a list of tags": lambda: json.dumps([{"text": "Why?", "tags": ["x"] * 190_000}]),
    "a tag that grows": lambda: '[{"text": "?", "tags": "' + "\ufdfa" * 330_000 + '"}]',
    "deep lists": lambda: "[" * 499_000 + "]" * 499_000,
    "deep objects": lambda: '[{"text":' + '{"a":' * 190_000,
    "the same question": lambda: "text\n" + "a\n" * 499_000,
    "half a character": lambda: '[{"\\ud800": 1, "text": "\\udfff"}]',
}


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_no_file_brings_more_problems_than_somebody_reads(made: Callable[[], str]) -> None:
    data = made().encode()
    assert len(data) < 2 * FILE_MAX_BYTES
    with pytest.raises(FileRefused) as caught:
        parse(data)
    assert 0 < len(caught.value.problems) <= PROBLEMS_MAX
    assert max(len(problem) for problem in caught.value.problems) <= PROBLEM_MAX
    embed, files = problems_card(caught.value)
    assert len(embed) <= 6000
    assert all(len(file.fp.read()) < 100_000 for file in files)


def test_what_is_not_listed_is_counted() -> None:
    with pytest.raises(FileRefused) as caught:
        parse(unknown_names().encode())
    assert caught.value.unlisted == UNKNOWN - PROBLEMS_MAX
    embed, [file] = problems_card(caught.value)
    assert "The file has the first 500 of 95,000 problems." in (embed.description or "")
    assert file.description == "The first 500 of 95,000 problems, by line."
    assert file.fp.read().decode().splitlines()[-1] == "and 94,500 more"


@pytest.mark.parametrize("tag", ["x" * 50_000, "x " * 50_000, "\ufdfa" * 50_000])
def test_a_tag_is_not_worked_on_beyond_what_one_can_be(
    tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def normalize(form: Literal["NFKC"], text: str) -> str:
        assert len(text) <= 100 * TAG_MAX
        return unicodedata.normalize(form, text)

    monkeypatch.setattr(question_draft, "unicodedata", SimpleNamespace(normalize=normalize))
    with pytest.raises(Refused, match="bad_tag"):
        read_tags(tag)
    with pytest.raises(Refused, match="too_many_tags"):
        read_tags([tag] * 1000)
