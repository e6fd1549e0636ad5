"""What of a model's answer comes through, and that nothing a model writes can do harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.engines.twelvelabs.response import (
    ADVICE_MAX,
    EVIDENCE_MAX,
    KEY_POINT_MAX,
    KEY_POINTS_MAX,
    ModelResponse,
    every_metric,
    merge,
    read_response,
)
from analyzer.scoring.rubric import NO_AUDIO, NOT_ASSESSED, PICTURE, SPEECH
from core.assessment import Metric
from core.errors import EngineRefused

DURATION = 30.0


def metric(score: Any = 7, **changes: Any) -> dict[str, Any]:
    return {
        "score": score,
        "not_observable": "",
        "evidence": "You looked at the camera.",
        "at_seconds": 4.5,
        **changes,
    }


def answer(**changes: Any) -> dict[str, Any]:
    return {
        **{name.value: metric() for name in Metric},
        "strength": "You named the result first.",
        "next_step": "Pause before the result.",
        "key_points": [{"text": "You named your part.", "at": 3}],
        **changes,
    }


def read(found: Any, *, has_audio: bool = True) -> ModelResponse:
    data = found if isinstance(found, str) else json.dumps(found)
    return read_response(data, duration_seconds=DURATION, has_audio=has_audio)


def test_a_whole_answer_comes_through() -> None:
    response = read(answer())
    assert response.complete
    assert {score.value for score in response.scores.values()} == {7}
    assert response.scores[Metric.CLARITY].evidence == "You looked at the camera."
    assert response.scores[Metric.CLARITY].at_seconds == 4.5
    assert response.strength == "You named the result first."
    assert response.next_step == "Pause before the result."
    assert [(p.text, p.at_seconds) for p in response.key_points] == [("You named your part.", 3.0)]


@pytest.mark.parametrize(("found", "value"), [(1, 1), (10, 10), (7.0, 7)])
def test_whole_numbers_from_one_to_ten_are_scores(found: Any, value: int) -> None:
    assert read(answer(clarity=metric(found))).scores[Metric.CLARITY].value == value


@pytest.mark.parametrize(
    "found",
    [0, 11, -3, 7.5, "7", "8/10", "high", True, False, [7], {"value": 7}, 10**400],
)
def test_anything_else_is_unusable_and_harms_no_other_metric(found: Any) -> None:
    response = read(answer(clarity=metric(found)))
    assert response.unusable == {Metric.CLARITY}
    assert not response.complete


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_unusable(word: str) -> None:
    data = json.dumps(answer(clarity=metric("X"), voice_tone=metric(at_seconds="X")))
    response = read(data.replace('"X"', word))
    assert response.unusable == {Metric.CLARITY}
    assert response.scores[Metric.VOICE_TONE].at_seconds is None


@pytest.mark.parametrize("found", [None, 7, "7", [], {}, {"evidence": "x"}])
def test_a_metric_of_another_shape_is_unusable(found: Any) -> None:
    assert read(answer(clarity=found)).unusable == {Metric.CLARITY}


def test_a_missing_metric_is_unusable_and_an_extra_one_is_ignored() -> None:
    found = answer(charm=metric(10))
    del found["clarity"]
    assert read(found).unusable == {Metric.CLARITY}


def test_not_observable_is_no_score_with_its_reason() -> None:
    score = read(answer(eye_contact=metric(None, not_observable="no face"))).scores[
        Metric.EYE_CONTACT
    ]
    assert (score.value, score.reason) == (None, "not observable: no face")
    assert (score.evidence, score.at_seconds) == ("", None)


def test_no_score_without_a_reason_is_unusable() -> None:
    assert read(answer(eye_contact=metric(None))).unusable == {Metric.EYE_CONTACT}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(0, 0.0), (30, 30.0), (30.5, None), (-1, None), ("4", None), (True, None), (None, None)],
)
def test_a_moment_outside_the_clip_is_no_moment(moment: Any, expected: float | None) -> None:
    response = read(
        answer(clarity=metric(at_seconds=moment), key_points=[{"text": "A", "at": moment}])
    )
    assert response.scores[Metric.CLARITY].at_seconds == expected
    assert response.key_points[0].at_seconds == expected


def test_without_sound_the_speech_metrics_say_so_whatever_the_model_says() -> None:
    response = read(answer(), has_audio=False)
    assert {response.scores[name].reason for name in SPEECH} == {NO_AUDIO}
    assert {response.scores[name].value for name in PICTURE} == {7}
    assert response.complete


@pytest.mark.parametrize(
    "wrap",
    [
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here is {{your}} assessment:\n\n{} \n\nI hope that helps {{you}} in 2026",
        "\ufeff  {}",
        "{}{}",
    ],
)
def test_fences_and_prose_are_skipped(wrap: str) -> None:
    data = wrap.replace("{{", "{").replace("}}", "}").replace("{}", json.dumps(answer()))
    assert read(data).complete


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("}", ",}"),
        ("}", ", }"),
        ("]", ",\n]"),
        ('}, "', '} "'),
        (": null", ": None"),
        ('"score": 7', "score: 7"),
        ('"score": 7', '"score": 7 // of ten\n'),
        ("You looked at the camera.", "You looked\nat the camera."),
    ],
)
def test_json_that_is_misspelt_is_read_as_it_was_meant(right: str, wrong: str) -> None:
    data = json.dumps(answer(eye_contact=metric(None, not_observable="no face")))
    assert right in data
    misspelt = data.replace(right, wrong)
    with pytest.raises(json.JSONDecodeError):
        json.loads(misspelt)
    response = read(misspelt)
    assert response.complete
    assert response.scores[Metric.CLARITY].value == 7
    assert response.scores[Metric.EYE_CONTACT].reason == "not observable: no face"
    assert response.strength == "You named the result first."


def test_an_answer_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    data = json.dumps(answer())
    cut = read(data[: data.index('"eye_contact"') + 5])
    assert set(cut.scores) == {Metric.CONFIDENCE, Metric.CLARITY, Metric.SPEECH_RATE}
    assert not cut.complete


def test_a_score_that_was_cut_off_is_not_taken_for_a_smaller_one() -> None:
    data = json.dumps(answer(clarity=metric(10)))
    cut = data[: data.index("10") + 1]
    assert cut.endswith('"score": 1')
    assert read(cut).unusable >= {Metric.CLARITY}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "I cannot help with that.",
        "null",
        "[]",
        "42",
        '"text"',
        "{",
        "{}",
        '{"a": ' * 5000,
        "[" * 100_000,
        '{"clarity": ' + "[" * 5000,
        "{" * 300_000,
        "9" * 300_000,
        '{"clarity": {"score": ' + "9" * 10_000 + "}}",
        "\x00\x01\x02",
        '{"clarity": {"score": 7,' + " " * 30_000 + "}}",  # too long to be repaired
    ],
)
def test_an_answer_without_anything_usable_is_empty(data: str) -> None:
    response = read(data)
    assert response.empty
    with pytest.raises(EngineRefused) as caught:
        every_metric(response)
    assert caught.value.code == "unusable_output"


def test_a_missing_audio_track_alone_is_nothing_usable() -> None:
    response = read("", has_audio=False)
    assert response.empty
    with pytest.raises(EngineRefused):
        every_metric(response)


def test_texts_are_one_line_and_clipped() -> None:
    long = "word " * 500
    response = read(
        answer(
            clarity=metric(evidence=f"a\nb\x00c\u2028d\u202ee {long}"),
            strength=long,
            next_step=long,
            key_points=[{"text": long}] * 50,
        )
    )
    evidence = response.scores[Metric.CLARITY].evidence
    assert evidence.startswith("a b c de word")
    assert len(evidence) <= EVIDENCE_MAX
    assert evidence.endswith("…")
    assert len(response.strength) <= ADVICE_MAX
    assert len(response.next_step) <= ADVICE_MAX
    assert len(response.key_points) == KEY_POINTS_MAX
    assert {len(p.text) <= KEY_POINT_MAX for p in response.key_points} == {True}


@pytest.mark.parametrize("found", [None, 3, "text", {"text": "A"}, [None, 3, "A", {"text": 3}]])
def test_key_points_of_another_shape_are_left_out(found: Any) -> None:
    assert read(answer(key_points=found)).key_points == ()


def test_sentences_with_forbidden_remarks_are_dropped_everywhere() -> None:
    bad = "You seem nervous."
    response = read(
        answer(
            clarity=metric(evidence=f"You opened with the result. {bad}"),
            eye_contact=metric(None, not_observable="the speaker is a woman in the dark"),
            strength=f"{bad} Your pace was even.",
            next_step=bad,
            key_points=[{"text": bad}, {"text": "You named a date."}],
        )
    )
    assert response.scores[Metric.CLARITY].evidence == "You opened with the result."
    assert response.scores[Metric.EYE_CONTACT].reason == "not observable in this clip"
    assert response.strength == "Your pace was even."
    assert response.next_step == ""
    assert [p.text for p in response.key_points] == ["You named a date."]
    assert response.complete  # no score is missing: nothing worth a second analysis


def test_a_repeat_wins_where_it_is_usable() -> None:
    first = read(answer(clarity=metric(3), voice_tone=metric(11), strength="First."))
    repeat = read(answer(clarity=metric(9), speech_rate=metric("8/10"), strength=""))
    scores = every_metric(merge(first, repeat))
    assert scores[Metric.CLARITY].value == 9
    assert scores[Metric.SPEECH_RATE].value == 7
    assert scores[Metric.VOICE_TONE].value == 7
    assert merge(first, repeat).strength == "First."


def test_what_is_unusable_twice_is_not_assessed() -> None:
    broken = read(answer(clarity=metric("8/10")))
    score = every_metric(merge(broken, broken))[Metric.CLARITY]
    assert (score.value, score.reason) == (None, NOT_ASSESSED)


def test_one_usable_text_is_enough_for_an_assessment() -> None:
    scores = every_metric(read({"strength": "Your pace was even."}))
    assert {score.reason for score in scores.values()} == {NOT_ASSESSED}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["score", "evidence", "at_seconds", "text", "at"]), inner)
    ),
    max_leaves=10,
)
KEYS = st.sampled_from([*(name.value for name in Metric), "strength", "next_step", "key_points"])


@given(st.dictionaries(KEYS, JSON), st.integers(0, 2000), st.booleans())
def test_no_answer_raises_or_breaks_a_limit(found: Any, cut: int, has_audio: bool) -> None:
    response = read(json.dumps(found)[: cut or None], has_audio=has_audio)
    for score in response.scores.values():
        assert score.value is None or 1 <= score.value <= 10
        assert score.at_seconds is None or 0 <= score.at_seconds <= DURATION
        assert len(score.evidence) <= EVIDENCE_MAX


@given(st.text())
def test_no_text_at_all_raises(data: str) -> None:
    assert read(data).empty
