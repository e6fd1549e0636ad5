"""Words as they are spoken: numbers, symbols and dashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.scoring.spoken_words import count_spoken, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("40%", "forty percent"),
        ("%", "percent"),
        ("2019", "twenty nineteen"),
        ("2005", "two thousand five"),
        ("1905", "nineteen oh five"),
        ("1900", "nineteen hundred"),
        ("2,019", "two thousand nineteen"),
        ("$1,250.50", "one thousand two hundred fifty dollars fifty cents"),
        ("$5M", "five million dollars"),
        ("€50", "fifty euros"),
        ("3rd", "three"),
        ("21st", "twenty one"),
        ("1/2", "one half"),
        ("24/7", "twenty four seven"),
        ("10:30", "ten thirty"),
        ("10:05am", "ten oh five am"),
        ("9:00", "nine o'clock"),
        ("A4", "A four"),
        ("B2B", "B two B"),
        ("COVID-19", "COVID nineteen"),
        ("10-15", "ten to fifteen"),
        ("34.5%", "thirty four point five percent"),
        ("99,900", "ninety nine thousand nine hundred"),
        ("1000000", "one million"),
        ("5551234567", "five five five one two three four five six seven"),
        ("007", "zero zero seven"),
        ("0", "zero"),
        ("1990s.", "nineteen ninety"),
        ("5k", "five thousand"),
        ("twenty-five", "twenty five"),
        ("well-known", "well-known"),
        ("and/or", "and or"),
        ("don't", "don't"),
        ("word.", "word."),
        ("&", "and"),
        ("-", ""),
        ("…", ""),
    ],
)
def test_a_token_is_the_words_that_are_said(written: str, said: str) -> None:
    assert list(spoken(written)) == said.split()
    assert count_spoken(written) == len(said.split())


@pytest.mark.parametrize(("written", "count"), [("2019", 1), ("40%", 2), ("A4", 2), ("Wort", 1)])
def test_where_numbers_are_one_word_they_count_once(written: str, count: int) -> None:
    assert count_spoken(written, joins_numbers=True) == count


@given(st.text(max_size=60))
def test_nothing_that_may_be_heard_breaks_it(text: str) -> None:
    assert 0 <= count_spoken(text) <= 2 * len(text) + 20
