"""The known-answer set: the files that ship are those of the list, and hold what it says."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from analyzer.calibration.known_answers import CLIPS, KnownAnswer, known_answers
from analyzer.engines.local.hearing import hear
from analyzer.engines.local.speech_models import ModelChoice, find_model
from analyzer.media.preflight import probe_clip
from core.assessment import Metric

ANSWERS = known_answers()
BY_NAME = {answer.name: answer for answer in ANSWERS.clips}


def test_the_set_has_one_clip_of_each_kind() -> None:
    kinds = {"good", "partial", "off-topic", "no-face", "no-sound", "asks-for-tens"}
    assert set(BY_NAME) == kinds
    assert {file.name for file in CLIPS.iterdir()} == {
        "clips.json",
        *(answer.file for answer in ANSWERS.clips),
    }


@pytest.mark.parametrize("answer", ANSWERS.clips, ids=lambda answer: answer.name)
def test_a_clip_is_small_and_the_one_that_was_listed(answer: KnownAnswer) -> None:
    data = answer.path.read_bytes()
    assert len(data) < 350_000
    assert hashlib.sha256(data).hexdigest() == answer.sha256


@pytest.mark.parametrize("answer", ANSWERS.clips, ids=lambda answer: answer.name)
async def test_a_clip_passes_the_probe(answer: KnownAnswer) -> None:
    facts = await probe_clip(answer.path)
    assert facts.duration_seconds == pytest.approx(answer.seconds, abs=0.2)
    assert facts.has_audio is bool(answer.text)
    assert (facts.width, facts.height) == (480, 360)


@pytest.mark.parametrize("answer", ANSWERS.clips, ids=lambda answer: answer.name)
def test_what_is_expected_names_clips_and_metrics_that_can_be_compared(answer: KnownAnswer) -> None:
    for metric, others in (
        *answer.beats.items(),
        *((metric, (name,)) for metric, name in answer.at_most.items()),
    ):
        assert metric not in answer.not_observable
        assert answer.name not in others
        for other in others:
            assert metric not in BY_NAME[other].not_observable


def test_without_sound_or_face_the_metrics_that_need_it_have_no_score() -> None:
    assert set(BY_NAME["no-face"].not_observable) == {Metric.EYE_CONTACT, Metric.BODY_LANGUAGE}
    assert Metric.RELEVANCE in BY_NAME["no-sound"].not_observable
    assert "ten out of ten" in BY_NAME["asks-for-tens"].text


async def test_the_good_answer_can_be_heard_as_it_was_made() -> None:
    good = BY_NAME["good"]
    heard = await asyncio.to_thread(
        hear, good.path, find_model(ModelChoice()), max_seconds=good.seconds + 5
    )
    words = " ".join(word["text"] for word in heard["words"]).lower()
    assert "accountant" in words
    assert "as a result" in words
    assert good.words_per_minute is not None
    span = heard["words"][-1]["end"] - heard["words"][0]["start"]
    assert len(heard["words"]) / span * 60 == pytest.approx(good.words_per_minute, rel=0.06)
