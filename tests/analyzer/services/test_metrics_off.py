"""A metric that is off is not asked for, not scored, not measured, not shown and in no total."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.engines.local.report import without_audio, write_report
from analyzer.engines.local.withheld import MAY_BE_MISSED
from analyzer.engines.twelvelabs.engine import NO_TRANSCRIPT, _no_transcript
from analyzer.engines.twelvelabs.prompt import build_prompt, build_schema
from analyzer.engines.twelvelabs.response import every_metric, read_response
from analyzer.scoring.delivery import without
from analyzer.scoring.result_words import switched_off
from analyzer.scoring.rubric import METRIC_NAMES, NO_AUDIO, RUBRIC, SWITCHED_OFF, assessable
from cogs.analyze.result_card import public_result_embed, result_embed, result_text
from core.assessment import Assessment, Filler, Metric, Pause, Score
from tests.analyzer.engines.local.test_report import heard, ums
from tests.cogs.ui.samples import assessment, attempt, delivery
from tests.fakes.twelvelabs_schema import lint

OFF = frozenset({Metric.EYE_CONTACT, Metric.VOICE_TONE})
VALUES = dict.fromkeys(Metric, 6)
MEASURED = delivery(
    pauses=(Pause(start=4, seconds=1.5),),
    longest_pause_seconds=1.5,
    talk_ratio=0.8,
    fillers=(Filler(text="um", at_seconds=2),),
    pitch_variation_semitones=3.0,
)


def answer(**changes: Any) -> str:
    """A complete answer of a model that was told nothing about what is off."""
    metric = {"score": 7, "not_observable": "", "evidence": "Seen.", "at_seconds": 1.0}
    return json.dumps(
        {m.value: metric for m in Metric}
        | {"strength": "Good order.", "next_step": "Name a number.", "key_points": []}
        | changes
    )


def read(data: str, off: frozenset[Metric] = OFF, *, has_audio: bool = True) -> Any:
    return read_response(data, duration_seconds=30, has_audio=has_audio, off=off)


def with_off(off: frozenset[Metric], **changes: Any) -> Assessment:
    found = assessment(VALUES, **changes)
    scores = dict(found.scores) | {metric: Score(reason=SWITCHED_OFF) for metric in off}
    return found.model_copy(update={"scores": scores})


@pytest.mark.parametrize("has_audio", [True, False])
@pytest.mark.parametrize("metric", Metric)
def test_neither_prompt_nor_schema_asks_for_it(metric: Metric, *, has_audio: bool) -> None:
    off = frozenset({metric})
    prompt = build_prompt("Why us?", has_audio=has_audio, off=off)
    schema = build_schema(has_audio=has_audio, off=off)
    assert metric.value not in prompt
    assert RUBRIC[metric].low not in prompt
    assert metric.value not in schema["properties"]
    assert metric.value not in schema["required"]
    assert metric not in assessable(has_audio=has_audio, off=off)
    assert lint(schema) == []


def test_the_prompt_forbids_to_speak_about_it_only_when_something_is_off() -> None:
    prompt = build_prompt("Why us?", has_audio=True, off=OFF)
    told = prompt.partition("wants no feedback")[2]
    assert RUBRIC[Metric.EYE_CONTACT].observable in told
    assert RUBRIC[Metric.VOICE_TONE].observable in told
    assert RUBRIC[Metric.CLARITY].observable not in told
    assert "wants no feedback" not in build_prompt("Why us?", has_audio=True)


def test_whatever_the_model_says_about_it_is_ignored() -> None:
    found = read(answer())
    assert {metric for metric, score in found.scores.items() if score.value is None} == OFF
    assert all(found.scores[metric].reason == SWITCHED_OFF for metric in OFF)
    assert found.complete


def test_an_answer_that_leaves_it_out_needs_no_repeat() -> None:
    said = json.loads(answer())
    for metric in OFF:
        del said[metric.value]
    assert read(json.dumps(said)).complete


def test_sentences_about_it_are_dropped_wherever_they_stand() -> None:
    found = read(
        answer(
            strength="Good order. You kept eye contact.",
            next_step="Vary your pitch.",
            clarity={
                "score": 7,
                "not_observable": "",
                "evidence": "Steps follow. You looked away while thinking.",
                "at_seconds": 1,
            },
        )
    )
    assert found.strength == "Good order."
    assert found.next_step == ""
    assert found.complete  # every score is there: no second, billed call for a sentence
    assert found.scores[Metric.CLARITY].evidence == "Steps follow."


def test_nothing_but_what_is_off_counts_as_an_empty_answer() -> None:
    assert read("{}").empty
    assert read("{}", has_audio=False).empty


def test_off_wins_over_a_missing_audio_track() -> None:
    scores = every_metric(read(answer(), has_audio=False))
    assert scores[Metric.VOICE_TONE].reason == SWITCHED_OFF
    assert scores[Metric.CLARITY].reason == NO_AUDIO


def test_the_overall_is_the_mean_of_the_others_and_needs_four() -> None:
    values = VALUES | {Metric.EYE_CONTACT: 1, Metric.VOICE_TONE: 1}
    found = assessment(values)
    assert found.overall == 4.6
    scores = dict(found.scores) | {metric: Score(reason=SWITCHED_OFF) for metric in OFF}
    assert found.model_copy(update={"scores": scores}).overall == 6.0
    four_off = frozenset(list(Metric)[:4])
    assert with_off(four_off).overall is None


def test_what_was_measured_goes_with_its_metric() -> None:
    no_pace = without(MEASURED, frozenset({Metric.SPEECH_RATE}))
    assert no_pace is not None
    assert (no_pace.words_per_minute, no_pace.pauses, no_pace.fillers) == (None, (), ())
    assert (no_pace.longest_pause_seconds, no_pace.talk_ratio) == (None, None)
    assert not no_pace.fillers_counted
    assert no_pace.pitch_variation_semitones == 3.0
    no_pitch = without(MEASURED, frozenset({Metric.VOICE_TONE}))
    assert no_pitch == MEASURED.model_copy(update={"pitch_variation_semitones": None})
    assert without(MEASURED, frozenset({Metric.EYE_CONTACT})) == MEASURED
    assert without(None, OFF) is None


def test_a_missing_transcript_is_noted_without_a_word_of_pace() -> None:
    assert _no_transcript(frozenset()) == NO_TRANSCRIPT
    assert _no_transcript(frozenset({Metric.SPEECH_RATE})) == "No transcript came back."


def test_the_local_engine_says_nothing_about_pace_that_is_off() -> None:
    off = frozenset({Metric.SPEECH_RATE})
    found = write_report(
        heard(fillers=ums(1, 2, 3, 4, 5, 6, 7, 8)), engine_version="local", off=off
    )
    assert found.scores[Metric.SPEECH_RATE] == Score(reason=SWITCHED_OFF)
    assert found.scores[Metric.VOICE_TONE].value == 10
    assert "lively" in found.strength
    said = " ".join((found.strength, found.next_step, *found.notes)).lower()
    for word in ("pace", "words per minute", "filler", "pause", "slow"):
        assert word not in said
    assert MAY_BE_MISSED not in found.notes


def test_the_local_engine_says_nothing_about_a_voice_that_is_off() -> None:
    off = frozenset({Metric.VOICE_TONE})
    found = write_report(heard(pitch_semitones=0.6), engine_version="local", off=off)
    assert found.scores[Metric.VOICE_TONE] == Score(reason=SWITCHED_OFF)
    assert found.delivery is not None
    assert found.delivery.pitch_variation_semitones is None
    said = " ".join((found.strength, found.next_step, *found.notes)).lower()
    assert "pitch" not in said
    assert "voice" not in said


def test_the_local_engine_with_both_off_still_writes_down_the_words() -> None:
    off = frozenset({Metric.SPEECH_RATE, Metric.VOICE_TONE})
    found = write_report(heard(), engine_version="local", off=off)
    assert switched_off(found) == off
    assert found.strength == "You kept an answer going for 60 seconds."
    assert found.transcript
    silent = without_audio(engine_version="local", off=off)
    assert switched_off(silent) == off


@pytest.mark.parametrize("metric", Metric)
def test_no_result_mentions_it(metric: Metric) -> None:
    off = frozenset({metric})
    now = attempt(with_off(off, delivery=without(MEASURED, off)))
    before = attempt(assessment(VALUES | {metric: 2}, delivery=MEASURED))
    private = result_embed(now, before).to_dict()
    for shown in (
        json.dumps(private),
        json.dumps(public_result_embed(now).to_dict()),
        result_text(now, before),
    ):
        assert METRIC_NAMES[metric] not in shown
        assert SWITCHED_OFF not in shown
        assert "from 6 of 6 metrics" in shown
        if metric is Metric.SPEECH_RATE:
            for word in ("words per minute", "pause over", "filler", "Speaking", "Pace:"):
                assert word not in shown
        if metric is Metric.VOICE_TONE:
            assert "your voice" not in shown.lower()


def test_what_is_on_is_shown_as_ever() -> None:
    shown = result_text(attempt(assessment(VALUES, delivery=MEASURED)))
    for words in (
        "148 words per minute",
        "1 pause over",
        "1 filler",
        "Speaking",
        "Your voice",
    ):
        assert words in shown


def test_an_overall_is_not_compared_with_one_that_counted_it() -> None:
    now, before = with_off(OFF), assessment(VALUES)
    assert "Overall 6.0, before" not in result_text(attempt(now), attempt(before))
    assert "Overall 6.0, before 6.0" in result_text(attempt(now), attempt(with_off(OFF)))
    assert "The same: Confidence" in result_text(attempt(now), attempt(before))
