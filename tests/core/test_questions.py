"""How a question is cleaned, and when two questions are the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.models import QUESTION_MAX
from core.questions import clean_question, question_key

ASKED = "Why do you want this job?"


@pytest.mark.parametrize(
    "again",
    [
        "why do you want THIS job",
        "  Why do\tyou \n want this job ?!  ",
        "Why do you want this job…",
        "Ｗｈｙ do you want this job？",
        "Why do you want this job.",
    ],
)
def test_case_spaces_width_and_the_end_make_no_difference(again: str) -> None:
    assert question_key(again) == question_key(ASKED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Why do you want this job?", "Why do you want that job?"),
        ("Do you like C?", "Do you like C#?"),
        ("Do you like C?", "Do you like C++?"),
        ("?", "!"),
    ],
)
def test_other_words_make_another_question(one: str, other: str) -> None:
    assert question_key(one) != question_key(other)


def test_accents_are_one_however_they_are_typed() -> None:
    assert question_key("Re\u0301sume\u0301") == question_key("R\u00e9sum\u00e9")


def test_folding_reaches_letters_beyond_ascii() -> None:
    assert question_key("GROẞE ÄPFEL") == question_key("grosse äpfel")


@given(st.text(min_size=1, max_size=QUESTION_MAX))
def test_key_is_bounded_and_the_same_for_louder_typing(question: str) -> None:
    assert len(question_key(question)) <= QUESTION_MAX
    assert question_key(f"  {question}  ") == question_key(question)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Why\tyou?\n\n ", "Why you?"),
        ("Why\x00\u202eyou?", "Why you?"),
        ("Pourquoi « vous » ?", "Pourquoi « vous » ?"),
        ("q" * 300, "q" * 300),
    ],
)
def test_a_question_is_cleaned(typed: str, cleaned: str) -> None:
    assert clean_question(typed) == cleaned


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "question_empty"), (" \u200b\n", "question_empty"), ("q" * 301, "question_too_long")],
)
def test_a_question_that_says_nothing_or_too_much_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_question(typed)
    assert refused.value.code == code
