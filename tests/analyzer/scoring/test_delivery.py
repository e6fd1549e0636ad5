"""The measured delivery on known word times, and the transcript's sentences."""

from __future__ import annotations

import pytest

from analyzer.scoring.delivery import SENTENCE_MAX_CHARACTERS, is_filler, measure, sentences
from core.assessment import Filler, Pause, Word


def word(text: str, start: float, end: float) -> Word:
    return Word(text=text, start=start, end=end)


def spoken(*rows: tuple[str, float, float]) -> list[Word]:
    return [word(*row) for row in rows]


def evenly(count: int, every: float, begin: float = 0.0) -> list[Word]:
    """Words that follow each other without a gap."""
    return [
        word("word", begin + index * every, begin + (index + 1) * every) for index in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "every", "pace"),
    [(150, 0.4, 150.0), (20, 0.5, 120.0), (10, 0.25, 240.0), (1, 1.0, 60.0)],
)
def test_pace_is_words_per_minute_from_first_to_last_word(
    count: int, every: float, pace: float
) -> None:
    delivery = measure(evenly(count, every, begin=7.0))
    assert delivery is not None
    assert delivery.words_per_minute == pytest.approx(pace)
    assert delivery.words == count
    assert delivery.span_seconds == pytest.approx(count * every)


def test_silence_before_the_first_and_after_the_last_word_is_no_pause() -> None:
    delivery = measure(evenly(4, 0.5, begin=12), speech=[(0.0, 0.4), (12, 14), (30, 31)])
    assert delivery is not None
    assert delivery.pauses == ()
    assert delivery.talk_ratio == 1.0


@pytest.mark.parametrize(
    ("gap", "pauses", "longest", "talk"),
    [
        (0.2, (), 0.0, 1.0),  # bridged: part of the speech
        (0.9, (), 0.9, 2 / 2.9),
        (1.0, (), 1.0, 2 / 3),  # a pause is over a second
        (1.5, (Pause(start=2.0, seconds=1.5),), 1.5, 2 / 3.5),
    ],
)
def test_a_gap_between_words_is_measured(
    gap: float, pauses: tuple[Pause, ...], longest: float, talk: float
) -> None:
    delivery = measure(spoken(("one", 1, 2), ("two", 2 + gap, 3 + gap)))
    assert delivery is not None
    assert delivery.pauses == pauses
    assert delivery.longest_pause_seconds == pytest.approx(longest)
    assert delivery.talk_ratio == pytest.approx(talk, abs=0.001)


def test_voice_activity_decides_about_pauses_where_it_is_given() -> None:
    words = spoken(("one", 0, 5), ("two", 5, 6))  # the recogniser stretched a word over a pause
    delivery = measure(words, speech=[(0, 1), (3.5, 6)])
    assert delivery is not None
    assert delivery.pauses == (Pause(start=1.0, seconds=2.5),)
    assert delivery.talk_ratio == pytest.approx(3.5 / 6, abs=0.001)


@pytest.mark.parametrize(
    ("speech", "span"),
    [
        ([(0.3, 2.1)], (0.3, 2.1)),  # the recogniser began too early and ended too early
        ([(0.3, 1.8)], (0.3, 1.8)),  # and ended too late
        ([(0.3, 1.2), (1.55, 1.9)], (0.3, 1.9)),
        ([(0.3, 1.8), (2.4, 2.9)], (0.3, 1.8)),  # a cough, or a chair
        ([(0.3, 3.4)], (0.3, 2.25)),  # a cough without a break before it
        ([(1.2, 1.9)], (0.0, 1.9)),  # no voice where the first word is
        ([(0.3, 1.55)], (0.3, 2.0)),  # nor where the last one is
        ([], (0.0, 2.0)),
    ],
)
def test_pace_is_measured_over_the_voice_and_no_more_than_the_words(
    speech: list[tuple[float, float]], span: tuple[float, float]
) -> None:
    delivery = measure(spoken(("one", 0.0, 0.5), ("two", 1.5, 2.0)), speech=speech)
    assert delivery is not None
    assert delivery.span_seconds == pytest.approx(span[1] - span[0])
    assert delivery.words_per_minute == pytest.approx(2 / (span[1] - span[0]) * 60, abs=0.1)


def test_fillers_beside_the_words_are_not_measured_with_them() -> None:
    words = spoken(("Um,", 0.2, 0.6), ("one", 0.7, 1.0), ("two", 1.5, 2.0))
    delivery = measure(words, speech=[(0.2, 2.6)], fillers=[word("uh", 2.1, 2.5)])
    assert delivery is not None
    assert delivery.span_seconds == pytest.approx(2.1 - 0.7)


def test_fillers_among_the_words_are_counted_apart() -> None:
    words = spoken(("Um,", 0, 0.5), ("I", 0.5, 1), ("uh...", 1, 2), ("code", 2, 3))
    delivery = measure(words)
    assert delivery is not None
    assert delivery.words == 2
    assert delivery.words_per_minute == pytest.approx(2 / 2.5 * 60)
    assert delivery.fillers == (
        Filler(text="um", at_seconds=0),
        Filler(text="uh", at_seconds=1),
    )
    assert delivery.fillers_counted


def test_a_filler_in_a_pause_ends_the_pause() -> None:
    delivery = measure(spoken(("one", 0, 1), ("um", 1.8, 2.2), ("two", 3, 4)))
    assert delivery is not None
    assert delivery.pauses == ()


def test_words_without_any_filler_do_not_prove_that_there_was_none() -> None:
    without_second_look, with_second_look = measure(evenly(3, 1)), measure(evenly(3, 1), fillers=[])
    assert without_second_look is not None
    assert with_second_look is not None
    assert not without_second_look.fillers_counted
    assert with_second_look.fillers_counted


def test_a_filler_found_by_both_looks_counts_once() -> None:
    words = spoken(("um", 1.0, 1.3), ("I", 2, 3), ("er", 8, 8.4))
    delivery = measure(words, fillers=[word("Umm,", 1.2, 1.5), word("uh", 5.0, 5.2)])
    assert delivery is not None
    assert [filler.at_seconds for filler in delivery.fillers] == [1.2, 5.0, 8]


@pytest.mark.parametrize(
    ("between", "written", "count"),
    [
        ([], (6.22, 6.76), 1),  # of a synthetic voice: 0.6 s apart, and said once
        ([], (6.6, 6.8), 1),
        ([], (6.8, 7.1), 2),
        ([("a", 6.16, 6.22)], (6.22, 6.76), 2),
    ],
)
def test_a_filler_counts_once_in_a_gap_between_words(
    between: list[tuple[str, float, float]], written: tuple[float, float], count: int
) -> None:
    words = spoken(("new", 5.0, 5.6), *between, ("uh", *written), ("language", 7.1, 7.5))
    second_look = [word("uh", 5.62, 6.16)]
    delivery = measure(words, fillers=second_look)
    assert delivery is not None
    assert len(delivery.fillers) == count
    (sentence,) = sentences(words, fillers=second_look)
    assert len(sentence.fillers) == count


@pytest.mark.parametrize("words", [[], spoken(("Um", 0, 1)), spoken(("  ", 0, 1))])
def test_without_a_word_there_is_no_delivery(words: list[Word]) -> None:
    assert measure(words) is None


def test_words_out_of_order_and_backwards_do_no_harm() -> None:
    delivery = measure(spoken(("two", 3, 4), ("one", 1, 0.2), ("never", float("inf"), 5)))
    assert delivery is not None
    assert delivery.words == 2
    assert delivery.span_seconds == pytest.approx(3)


def test_one_word_without_length_has_no_pace() -> None:
    delivery = measure(spoken(("Hi", 1, 1)))
    assert delivery is not None
    assert delivery.words_per_minute is None
    assert delivery.talk_ratio is None


@pytest.mark.parametrize("text", ["um", "Umm,", "uh", "Uhh...", "uhm", "er", "erm", "hmm", "Mm."])
def test_filled_pauses_are_fillers(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize("text", ["umbrella", "uh-huh", "m", "her", "I", "like", "hum", "a", ""])
def test_words_are_no_fillers(text: str) -> None:
    assert not is_filler(text)


def test_sentences_end_at_marks_and_keep_their_times() -> None:
    words = spoken(
        ("Hello!", 0, 1),
        ("I", 1, 1.5),
        ("earn", 1.5, 2),
        ("3.5", 2, 3),
        ("k.”", 3, 4),
        ("Ok", 4, 5),
    )
    assert [(one.text, one.start, one.end) for one in sentences(words)] == [
        ("Hello!", 0, 1),
        ("I earn 3.5 k.”", 1, 4),
        ("Ok", 4, 5),
    ]


def test_a_long_pause_ends_a_sentence() -> None:
    words = spoken(("one", 0, 1), ("two", 2.1, 3), ("three", 4.3, 5))
    assert [one.text for one in sentences(words)] == ["one two", "three"]


def test_a_transcript_without_marks_is_cut_into_bounded_sentences() -> None:
    long_words = [word("x" * 90, i, i + 1) for i in range(10)]
    assert [len(one.text.split()) for one in sentences(evenly(90, 0.3))] == [40, 40, 10]
    assert max(len(one.text) for one in sentences(long_words)) <= SENTENCE_MAX_CHARACTERS
    assert sum(len(one.text.split()) for one in sentences(long_words)) == 10
    assert len(sentences([word("y" * 5000, 0, 1)])[0].text) == SENTENCE_MAX_CHARACTERS


def test_no_words_make_no_sentences() -> None:
    assert sentences([]) == ()
