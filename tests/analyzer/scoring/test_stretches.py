"""The stretches that show a measure best: where an answer is fastest, slowest, flattest."""

from __future__ import annotations

import pytest

from analyzer.scoring.delivery import measure
from analyzer.scoring.stretches import (
    PITCH_STEP_SECONDS,
    longest_without,
    melodies,
    nearest_pace,
    with_stretches,
)
from core.assessment import Delivery, Stretch, Word


def spoken(*paces: tuple[int, float], pause: float = 0.0) -> list[Word]:
    """Words at each of these paces: how many, and how long each takes; a sentence has ten."""
    words: list[Word] = []
    at = 0.0
    for count, every in paces:
        for index in range(count):
            end = "." if index % 10 == 9 else ""
            words.append(Word(text=f"w{end}", start=round(at, 3), end=round(at + every, 3)))
            at += every
        at += pause
    return words


def stretched(words: list[Word], contour: tuple[float | None, ...] = ()) -> Delivery:
    delivery = measure(words)
    assert delivery is not None
    return with_stretches(delivery, words, contour)


def test_the_fastest_and_the_slowest_stretch_are_found_with_their_pace() -> None:
    found = stretched(spoken((40, 0.4), (40, 0.25), (30, 0.6), (20, 0.4)))
    assert found.fastest is not None
    assert found.slowest is not None
    assert 16 <= found.fastest.start < found.fastest.end <= 26
    assert found.fastest.value == pytest.approx(240, abs=5)
    assert 26 <= found.slowest.start < found.slowest.end <= 44
    assert found.slowest.value == pytest.approx(100, abs=5)
    assert found.fastest.end - found.fastest.start == pytest.approx(6, abs=0.3)


def test_an_even_answer_has_neither() -> None:
    found = stretched(spoken((150, 0.4)))
    assert (found.fastest, found.slowest) == (None, None)


def test_a_pause_is_no_slow_stretch() -> None:
    found = stretched(spoken((40, 0.4), (40, 0.3), pause=5))
    assert found.slowest is not None
    assert found.slowest.end <= 16
    assert found.slowest.value == pytest.approx(150, abs=5)


@pytest.mark.parametrize("words", [spoken((10, 0.4)), spoken((100, 0.4), pause=2)[::12], []])
def test_speech_without_six_seconds_in_a_row_has_no_pace_of_its_own(words: list[Word]) -> None:
    assert nearest_pace(words, 150) is None


def test_fillers_are_not_counted_as_words() -> None:
    words = [word.model_copy(update={"text": "um"}) for word in spoken((40, 0.25))]
    assert nearest_pace(words, 150) is None


def test_the_flattest_sentence_is_the_one_whose_pitch_moves_least() -> None:
    words = spoken((30, 0.4))  # three sentences of four seconds
    steps = round(4 / PITCH_STEP_SECONDS)
    lively, flat = [0.0, 6.0], [0.0, 1.0]
    contour = tuple((lively * steps)[:steps] + (flat * steps)[:steps] + (lively * steps)[:steps])
    assert stretched(words, contour).flattest == Stretch(start=4, end=8, value=0.5)
    assert [one.value for one in melodies(words, contour)] == [3, 0.5, 3]


def test_a_sentence_that_is_hardly_voiced_has_no_melody() -> None:
    words = spoken((10, 0.4))
    mostly: tuple[float | None, ...] = (None,) * 70 + (1.0,) * 10
    assert list(melodies(words, mostly)) == []
    assert stretched(words, ()).flattest is None


def test_the_longest_time_without_something_begins_after_it() -> None:
    assert longest_without([3, 10, 22], 0, 40) == 22
    assert longest_without([30], 0, 40) == 0
    assert longest_without([], 2, 40) == 2
