"""The demo's clip: what `demo/README.md` says is in it, and what the local engine makes of it."""

from __future__ import annotations

import asyncio

import pytest

from analyzer.engines import Job
from analyzer.engines.local.engine import LocalEngine
from analyzer.media.preflight import probe_clip
from analyzer.questions.bank import STARTERS
from core.assessment import Assessment
from core.models import VendorRefs
from demo import SAMPLE_CLIP, SAMPLE_QUESTION


async def _keep(refs: VendorRefs) -> None:
    raise AssertionError(refs)  # the local engine leaves nothing with anybody


async def _assess() -> Assessment:
    facts = await probe_clip(SAMPLE_CLIP)
    assert (facts.width, facts.height, facts.has_audio) == (480, 360, True)
    assert facts.duration_seconds == pytest.approx(32.7, abs=0.2)
    return await LocalEngine().poll(
        Job(
            attempt_id="0" * 16,
            question=SAMPLE_QUESTION,
            clip=SAMPLE_CLIP,
            facts=facts,
            refs=VendorRefs(),
        ),
        _keep,
    )


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return asyncio.run(_assess())


def test_it_answers_a_question_of_the_bank_and_is_small() -> None:
    assert SAMPLE_QUESTION in {starter.text for starter in STARTERS}
    assert SAMPLE_CLIP.stat().st_size < 700_000


def test_its_words_are_heard(assessment: Assessment) -> None:
    said = " ".join(sentence.text for sentence in assessment.transcript).lower()
    for words in ("booking page", "my task was", "as a result", "what i learned"):
        assert words in said


def test_its_delivery_is_measured_as_it_was_made(assessment: Assessment) -> None:
    delivery = assessment.delivery
    assert delivery is not None
    assert delivery.words_per_minute == pytest.approx(162.7, rel=0.03)
    (pause,) = delivery.pauses
    assert pause.start == pytest.approx(16.6, abs=0.2)
    assert pause.seconds == pytest.approx(1.5, abs=0.2)
    um, uh = delivery.fillers
    assert um.at_seconds == pytest.approx(11.5, abs=0.4)
    assert uh.at_seconds == pytest.approx(19.1, abs=0.4)
    assert delivery.pitch_variation_semitones == pytest.approx(1.7, abs=0.2)
