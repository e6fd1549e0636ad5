"""Files of questions: read strictly, every mistake named, and written so that they come back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.questions.bank import BANK_MAX, merge_into
from analyzer.questions.draft import (
    TAG_MAX,
    TAGS_MAX,
    Draft,
    read_looks_for,
    read_tags,
    read_text,
)
from analyzer.questions.file_format import FILE_MAX_BYTES, fetch_file, parse, to_csv, to_json
from core.errors import FileRefused, Refused
from core.models import QUESTION_MAX
from core.questions import LOOKS_FOR_MAX, Question, QuestionKind, QuestionLevel, question_key


def made(text: str, **parts: str) -> Question:
    return Draft.read(text=text, **parts).made()


def problems_of(data: str | bytes) -> list[str]:
    with pytest.raises(FileRefused) as caught:
        parse(data.encode() if isinstance(data, str) else data)
    return list(caught.value.problems)


def content(questions: list[Question]) -> list[tuple[object, ...]]:
    return [(one.text, one.kind, one.level, one.tags, one.looks_for) for one in questions]


CSV = 'text,kind,level,tags\nWhy this?,technical,senior,"a, b"\nWhy that?,,,\n'


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.replace("\n", "\r\n").encode(),
        b"\n\nTags;Text; LEVEL ;kind\n\na,b;Why this?;Senior;TECHNICAL\n;;;\n;Why that?\n",
        b'tags\ttext\tlevel\tkind\n"a,b"\tWhy this?\tsenior\ttechnical\n\tWhy that?\n',
        json.dumps(
            [
                {"text": "Why this?", "kind": "technical", "level": "senior", "tags": ["a", "b"]},
                {"text": "Why that?", "tags": ""},
            ]
        ).encode("utf-8-sig"),
    ],
)
def test_csv_of_any_country_and_json_are_read(data: bytes) -> None:
    assert parse(data) == [
        Draft("Why this?", QuestionKind.TECHNICAL, QuestionLevel.SENIOR, ("a", "b")),
        Draft("Why that?", None, None, ()),
    ]


def test_a_column_that_is_not_there_says_nothing() -> None:
    assert parse(b"text\nWhy?\n") == parse(b'[{"text": "Why?"}]') == [Draft("Why?")]


def test_every_mistake_is_named_with_its_line() -> None:
    found = problems_of(
        "text,kind,level\n"
        "Why this?,technical,senior\n"
        '"Why\nthat?",funny,boss\n'
        "\n"
        "WHY THIS,,\n"
        ",,middle\n"
        "Why, again?,technical,senior\n"
    )
    assert found == [
        "Line 3: The kind “funny” should be one of behavioural, technical, situational.",
        "Line 3: The level “boss” should be one of entry, middle, senior.",
        "Line 6: It is the same question as in line 2.",
        "Line 7: The question has no text.",
        "Line 8: There are 4 cells but 3 columns. Put double quotes around a text with “,” in it.",
    ]


def test_every_mistake_in_json_is_named_with_its_line() -> None:
    found = problems_of(
        '[\n {"text": "Why?"},\n {"text": "[,\\n]",\n  "level": 3, "note": "?"},\n'
        ' "Why?",\n {"kind": "technical"}, {"text": "why"}\n]'
    )
    assert found == [
        "Line 3: The level should be text.",
        "Line 3: There is no “note” in a question; use text, kind, level, tags, looks_for.",
        "Line 5: A question should be an object, in “{” and “}”.",
        "Line 6: The question has no text.",
        "Line 6: It is the same question as in line 2.",
    ]


def test_the_same_question_twice_in_one_line_is_found() -> None:
    assert problems_of('[{"text": "a"}, {"text": "A"}]') == [
        "Line 1: It is the same question as in line 1."
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "Line 1: There is no question in this file."),
        (b"text\n", "Line 1: There is no question in this file."),
        (b"[]", "Line 1: There is no question in this file."),
        (b"tags,text\na", "Line 2: The question has no text."),
        (b"question\nWhy?", "Line 1: The first line should name the columns"),
        (b"text,text\nWhy?", "Line 1: The first line should name the columns"),
        (b"text,note\nWhy?", "Line 1: The first line should name the columns"),
        (b"text\nWhy?\n\xff", "Line 3: This is not UTF-8."),
        ("text\nWhy?".encode("utf-16"), "Line 1: This is not UTF-8."),
        (b'text\nWhy?\n"Why', "Line 3: This is not CSV"),
        (b"text\n" + b"x" * 200_000, "Line 2: This is not CSV"),
        (b'[{"text": "Why?"},\n]', "Line 2: This is not JSON"),
        (b'{"text": "Why?"}', "Line 1: This is not a list of questions"),
        (b"[" * 100_000, "Line 1: This is not a list of questions."),
        (b"[" + b"9" * 10_000 + b"]", "Line 1: This is not a list of questions."),
        (
            b"text\n" + b"\n".join(b"Question %d?" % n for n in range(600)),
            "Line 502: There are more than 500 questions.",
        ),
    ],
)
def test_what_cannot_be_read_says_where_and_why(data: bytes, problem: str) -> None:
    [found] = problems_of(data)
    assert found.startswith(problem)


SOME_CSV = st.lists(
    st.sampled_from(["text", "kind", "tags", ",", ";", '"', "\n", "\r", "'", "=1", "Why?", "\x00"])
).flatmap(
    lambda parts: st.sampled_from(["text,kind\n", "tags;text\n"]).map(
        lambda header: (header + "".join(parts)).encode()
    )
)

SOME_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["text", "kind", "level", "tags"]) | st.text(), inner)
    ),
).map(lambda value: json.dumps([value]).encode())


def outcome_of(data: bytes) -> tuple[list[Draft], tuple[str, ...]]:
    try:
        return parse(data), ()
    except FileRefused as refused:
        return [], refused.problems


@given(st.binary() | SOME_CSV | SOME_JSON)
def test_whatever_the_bytes_only_our_error_comes(data: bytes) -> None:
    drafts, problems = outcome_of(data)
    assert bool(drafts) != bool(problems)
    assert all(problem.startswith("Line ") for problem in problems)
    assert len({question_key(draft.made().text) for draft in drafts}) == len(drafts)


def readable(text: str) -> str | None:
    try:
        return read_text(text)
    except Refused:
        return None


TEXTS = (
    (st.sampled_from(["", "'", "=", "+", "-", "@", "''=", "＝"]) | st.text(max_size=2))
    .flatmap(lambda begin: st.text(max_size=280).map(lambda rest: begin + rest))
    .map(readable)
    .filter(bool)
)
TAGS = st.lists(
    st.from_regex(r"[a-z0-9é]{1,9}(-[a-z0-9]{1,9})?", fullmatch=True), max_size=TAGS_MAX
)
LINES = (
    (st.sampled_from(["", "-", "'=", "=1+1", "+", "''", "＝"]) | st.text(max_size=3))
    .flatmap(lambda begin: st.text(max_size=150).map(lambda rest: begin + rest))
    .map(read_looks_for)
)
BANKS = st.lists(
    st.builds(
        lambda *parts: Draft(*parts).made(),
        TEXTS,
        st.sampled_from(QuestionKind),
        st.sampled_from(QuestionLevel),
        TAGS.map(read_tags),
        LINES,
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda question: question_key(question.text),
)


@given(BANKS)
def test_every_bank_survives_export_and_import(bank: list[Question]) -> None:
    for data in (to_csv(bank), to_json(bank)):
        drafts = parse(data)
        assert content([draft.made() for draft in drafts]) == content(bank)
        assert merge_into(bank, drafts).same == tuple(bank)


def test_the_largest_bank_there_can_be_is_a_file_import_takes() -> None:
    tags = ",".join(f"{letter * TAG_MAX}" for letter in "𝒜𐐷𐐸𐐹𐐺𐐻"[1:])
    texts = (f"{number:03}" + "𐐷" * (QUESTION_MAX - 3) for number in range(BANK_MAX))
    line = "𐐷" * LOOKS_FOR_MAX
    bank = [
        made(text, tags=tags, kind="behavioural", level="middle", looks_for=line) for text in texts
    ]
    assert len(bank[0].tags) == TAGS_MAX
    for data in (to_csv(bank), to_json(bank)):
        assert len(data) <= FILE_MAX_BYTES
        assert len(parse(data)) == BANK_MAX


async def test_no_more_is_fetched_than_a_file_may_have() -> None:
    sent = 0

    @asynccontextmanager
    async def endless(url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 1
                yield b"x" * 65_536

        yield chunks()

    with pytest.raises(Refused) as caught:
        await fetch_file(endless, "")
    assert caught.value.code == "file_too_large"
    assert sent == FILE_MAX_BYTES // 65_536 + 1
