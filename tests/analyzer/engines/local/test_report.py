"""What the local engine says about what it heard: scores, moments, strength and next step."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.engines.local.report import Heard, write_report
from analyzer.engines.local.withheld import HARD_TO_HEAR, LITTLE_SPEECH, NO_PITCH
from core.assessment import Assessment, Metric, Word


def heard(**changes: Any) -> Heard:
    """A minute of flawless delivery at 150 words per minute, but for the changes."""
    known: dict[str, Any] = {
        "words": evenly(150, 0.4),
        "fillers": (),
        "speech": ((0.0, 60.0),),
        "pitch_semitones": 4.0,
        "sound_seconds": 60.0,
        "stage_seconds": {},
        "peak_bytes": None,
    }
    return Heard(**known | changes)


def evenly(count: int, every: float, *, probability: float = 0.9) -> tuple[Word, ...]:
    return tuple(
        Word(
            text=f"w{'abcdefghij'[index % 10]}{'.' if index % 10 == 9 else ''}",
            start=index * every,
            end=(index + 1) * every,
            probability=probability,
        )
        for index in range(count)
    )


def ums(*times: float) -> tuple[Word, ...]:
    return tuple(Word(text="Um,", start=time, end=time + 0.2) for time in times)


def report(**changes: Any) -> Assessment:
    return write_report(heard(**changes), engine_version="local-2 (test)")


def test_a_flawless_delivery_is_praised_for_its_delivery_only() -> None:
    found = report()
    assert found.scores[Metric.SPEECH_RATE].value == 10
    assert found.scores[Metric.VOICE_TONE].value == 10
    assert "150 words per minute" in found.strength
    assert found.next_step == (
        "Nothing measured in your delivery stands out: next, work on what you say."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"words": evenly(100, 0.6)}, "Speak a little faster: your pace was slow (100 words per"),
        (
            {"words": evenly(240, 0.25)},
            "Slow down a little: your pace was fast (240 words per minute;",
        ),
        (
            {"pitch_semitones": 1.2},
            "Stress the one word that matters in each sentence: your voice stayed on nearly one",
        ),
        (
            {"pitch_semitones": 2.2},
            "Stress the one word that matters in each sentence: your voice moved little (2.2",
        ),
        (
            {"pitch_semitones": 7.9},
            "Keep your voice a little steadier: your voice jumped up and down (7.9",
        ),
        (
            {"speech": ((0, 20), (24.5, 60))},
            "Pause for less long (one pause was over a second, the longest 4.5 seconds)",
        ),
        (
            {"speech": ((0, 10), (12, 20), (22, 30), (32, 40), (43, 60))},
            "Pause for less long (4 pauses were over a second, the longest 3.0 seconds)",
        ),
        (
            {"fillers": ums(*range(3, 18))},
            'Leave a short silence instead of fillers such as "um" (at least 15 were heard)',
        ),
    ],
)
def test_the_next_step_is_about_the_weakest_measure(changes: dict[str, Any], expected: str) -> None:
    assert report(**changes).next_step.startswith(expected)


def test_where_nothing_went_well_no_strength_is_made_up() -> None:
    found = report(
        words=evenly(60, 1.0),
        pitch_semitones=1.0,
        speech=((0, 20), (25, 60)),
        fillers=ums(*range(20)),
    )
    assert found.strength == "You kept an answer going for 60 seconds."


def test_fillers_that_were_not_looked_for_are_no_strength() -> None:
    found = report(fillers=None, words=evenly(60, 1.0), pitch_semitones=1.0)
    assert "filler" not in found.strength + found.next_step


def test_a_slow_pace_points_at_the_longest_pause() -> None:
    found = report(words=evenly(100, 0.6), speech=((0, 10), (12, 30), (33, 60)))
    assert found.scores[Metric.SPEECH_RATE].at_seconds == 30


def test_a_fast_pace_points_at_the_fastest_sentence() -> None:
    slow, fast = evenly(60, 0.4), evenly(60, 0.2)
    late = tuple(
        word.model_copy(update={"start": word.start + 24, "end": word.end + 24}) for word in fast
    )
    found = report(words=slow + late, speech=((0.0, 36.0),))
    moment = found.scores[Metric.SPEECH_RATE].at_seconds
    assert moment is not None
    assert moment >= 24


def test_a_comfortable_pace_points_nowhere() -> None:
    assert report().scores[Metric.SPEECH_RATE].at_seconds is None


@pytest.mark.parametrize(
    "changes", [{"words": evenly(19, 0.5)}, {"words": evenly(20, 0.3), "speech": ((0.0, 6.0),)}]
)
def test_little_speech_is_not_scored_but_shown(changes: dict[str, Any]) -> None:
    found = report(**changes)
    assert found.scores[Metric.SPEECH_RATE].reason == LITTLE_SPEECH
    assert found.scores[Metric.VOICE_TONE].reason == LITTLE_SPEECH
    assert found.delivery is not None
    assert found.transcript
    assert "at least 20 words" in found.next_step


@pytest.mark.parametrize("semitones", [None, 8.1])
def test_a_pitch_that_could_not_be_followed_is_not_scored(semitones: float | None) -> None:
    found = report(pitch_semitones=semitones)
    assert found.scores[Metric.VOICE_TONE].reason == NO_PITCH
    assert found.scores[Metric.SPEECH_RATE].value == 10


@pytest.mark.parametrize(("probability", "noted"), [(0.5, True), (0.9, False)])
def test_words_that_were_hard_to_hear_are_noted(probability: float, noted: bool) -> None:
    found = report(words=evenly(150, 0.4, probability=probability))
    assert (HARD_TO_HEAR in found.notes) is noted
