"""Tables for spreadsheets: no program finds a formula in one, and every text comes back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.questions.draft import Draft, read_text
from analyzer.questions.file_format import parse, to_csv, to_json
from analyzer.services.data_export import make_archive
from core.errors import Refused
from core.models import Owner
from core.questions import Question
from core.spreadsheet import csv_file, guarded, unguarded

ATTACK = "Why us?;=cmd|'/C calc'!A0;x"
BEGINS = "=+-@\t\r＝＋－＠"
"""What begins a formula in a spreadsheet (owasp.org, "CSV Injection")."""

DELIMITERS = ",;\t|"
PARTS = st.sampled_from(
    [*BEGINS, *DELIMITERS, *"'\"\n \ufeff\u2060\u200b", "x", "cmd", '"="', "'+'"]
)
TEXTS = st.lists(PARTS, max_size=30).map("".join) | st.text(max_size=40)


def cells_of(data: bytes) -> Iterator[str]:
    """Every cell that some program may find in a file, with and without regard to quotes."""
    text = data.decode("utf-8-sig")
    for delimiter in DELIMITERS:
        for line in text.splitlines():
            for cell in line.split(delimiter):
                yield from (cell, cell.strip(), cell.strip('"'), cell.strip().strip('"').strip())
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in row:
                yield from (cell, cell.strip())
    for line in text.replace("\t", ";").replace(",", ";").replace("|", ";").splitlines():
        yield from line.split(";")  # one that splits at all of them at once


def archive_of(question: str) -> bytes:
    """The scores of a member who answered this question, as they take them along."""
    assessment = {"rubric_version": 1, "scores": {}, "delivery": None}
    attempt = {"id": "0" * 16, "created_at": "", "question": question, "engine": "local"}
    held = {"attempts": [attempt | {"overall": None, "assessment": assessment}]}
    made = make_archive(
        Owner(guild_id=1, user_id=2),
        held,
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
        limit_bytes=10**6,
    )
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert json.loads(archive.read("greenroom.json"))["attempts"][0]["question"] == question
        return archive.read("scores.csv")


def question_of(text: str) -> Question | None:
    try:
        return Draft(read_text(text)).made()
    except Refused:
        return None


QUESTIONS = TEXTS.map(question_of).filter(bool)


@given(TEXTS)
def test_no_program_finds_a_formula_in_a_members_copy(question: str) -> None:
    assert not [cell for cell in cells_of(archive_of(question)) if cell.startswith(tuple(BEGINS))]


@given(QUESTIONS)
def test_no_program_finds_a_formula_in_an_exported_bank(question: Question) -> None:
    assert not [cell for cell in cells_of(to_csv([question])) if cell.startswith(tuple(BEGINS))]


@given(QUESTIONS)
def test_an_exported_question_comes_back_as_it_was(question: Question) -> None:
    for data in (to_csv([question]), to_json([question])):
        [draft] = parse(data)
        assert draft.text == question.text
    assert json.loads(to_json([question]))[0]["text"] == question.text  # JSON needs no guard


@given(QUESTIONS, st.sampled_from([(";", csv.QUOTE_MINIMAL), ("\t", csv.QUOTE_ALL)]))
def test_it_also_comes_back_through_a_spreadsheet(question: Question, how: tuple[str, int]) -> None:
    """Which reads the file, and writes it with its own delimiter and with fewer quotes."""
    rows = csv.reader(io.StringIO(to_csv([question]).decode("utf-8-sig"), newline=""))
    file = io.StringIO()
    csv.writer(file, delimiter=how[0], quoting=how[1]).writerows(rows)  # type: ignore[arg-type]  # any int
    [draft] = parse(file.getvalue().encode())
    assert draft.text == question.text


@given(TEXTS)
def test_guards_come_off_again_and_stand_before_formulas_only(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (ATTACK, "Why us?;'=cmd|'/C calc'!A0;x"),
        ("=1", "'=1"),
        ("'=1", "''=1"),
        ("a, -b", "a, '-b"),
        ('say "+1"', 'say "\'+1"'),
        ("a\n@b\t＝c", "a\n'@b\t'＝c"),
        ("1 - 1 = 0, a+b", "1 - 1 = 0, a+b"),
        ("What's new?", "What's new?"),
    ],
)
def test_a_guard_stands_where_a_cell_may_begin_and_nowhere_else(text: str, written: str) -> None:
    assert guarded(text) == written


@pytest.mark.parametrize("text", ["When '+', '-' or '='?", "Why '-v'?", ATTACK, "'tis, '-so"])
def test_what_a_manager_typed_loses_no_apostrophe(text: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["text"], [text]])
    [draft] = parse(file.getvalue().encode())
    assert draft.text == text


def test_an_export_of_the_version_before_comes_back_too() -> None:
    assert [draft.text for draft in parse(b"text\n'=1+1\n''quoted\n")] == ["=1+1", "'quoted"]


def test_every_cell_is_quoted_and_numbers_stay_numbers() -> None:
    assert csv_file([["a", -1.5, None]]).decode("utf-8-sig") == '"a","-1.5",""\r\n'
