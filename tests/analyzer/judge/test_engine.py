"""An engine with a judge: what it measured stays, and a judge that fails costs its part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.engines import Job, Pending
from analyzer.engines.local.report import Heard, without_audio, write_report
from analyzer.judge.engine import (
    JUDGE_AWAY,
    NO_ANSWER,
    NO_USABLE_ANSWER,
    NOT_AGREED,
    NOT_ENGLISH,
    TOO_FEW_WORDS,
    JudgedEngine,
)
from analyzer.scoring.rubric import NO_AUDIO, NOT_ASSESSED_LOCALLY, SWITCHED_OFF
from analyzer.scoring.wording import made_by
from core.assessment import Assessment, EngineName, Metric, Word
from core.models import ClipFacts, VendorRefs
from core.questions import AnswerKind
from tests.analyzer.judge.setup import QUESTION, TEXTS, Bench, open_bench
from tests.analyzer.scripted import ScriptedEngine, Vendor
from tests.fakes.judge import Fault, answer
from tests.storage.samples import ASSESSMENT, FACTS

JUDGED = (Metric.CONFIDENCE, Metric.CLARITY, Metric.RELEVANCE)
LONGER = FACTS.model_copy(update={"duration_seconds": 60.0})


def measured(texts: tuple[str, ...] = TEXTS, **options: Any) -> Assessment:
    """What the local engine makes of these words, spoken without haste."""
    words = tuple(
        Word(text=word, start=0.5 * at, end=0.5 * at + 0.4, probability=0.9)
        for at, word in enumerate(" ".join(texts).split())
    )
    heard = Heard(
        words=words,
        fillers=(),
        speech=((0.0, 0.5 * len(words)),),
        pitch_semitones=4.0,
        sound_seconds=40.0,
        stage_seconds={},
        peak_bytes=None,
    )
    return write_report(heard, engine_version="local-1 (test)", **options)


class Inner(ScriptedEngine):
    """An engine that has a result at once."""

    async def poll(self, job: Job, save_refs: object) -> Assessment | Pending:  # noqa: ARG002 - the protocol's
        self.calls.append("poll")
        return Pending() if self.pending else self.assessment


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as opened:
        opened.server.say(answer())
        yield opened


def job(**changes: Any) -> Job:
    facts: ClipFacts = changes.pop("facts", LONGER)
    return Job(
        **{
            "attempt_id": "00112233aabbccdd",
            "question": QUESTION,
            "clip": Path("nowhere.clip"),
            "facts": facts,
            "refs": VendorRefs(),
            "kind": AnswerKind.BEHAVIOURAL,
            "looks_for": "the cause, and what came of it",
            **changes,
        }
    )


async def assess(
    bench: Bench, inner: Assessment, *, name: EngineName = EngineName.LOCAL, **changes: Any
) -> Assessment:
    engine = Inner(Vendor(), name)
    engine.assessment = inner
    found = await JudgedEngine(engine, bench.judge()).poll(job(**changes), _keep)
    assert isinstance(found, Assessment)
    return found


async def _keep(_: VendorRefs) -> None:
    """Nothing is left with anybody."""


async def test_what_was_measured_stays_and_what_was_said_is_judged(bench: Bench) -> None:
    before = measured()
    found = await assess(bench, before)
    for metric in (Metric.SPEECH_RATE, Metric.VOICE_TONE):
        assert found.scores[metric] == before.scores[metric]
    assert [found.scores[metric].value for metric in JUDGED] == [8, 7, 9]
    assert found.overall is not None
    assert before.overall is None
    assert (found.delivery, found.transcript) == (before.delivery, before.transcript)
    assert found.judge == "test-model"
    assert found.strength == "You say what came of it."
    assert found.strength_at is not None
    assert len(found.parts) == 4
    assert found.not_heard == ("What you would do in another way",)
    assert found.follow_up
    assert found.better is not None
    assert made_by(found) == ("Measured on this server. Judged by test-model from the transcript.")


async def test_the_question_and_the_words_go_out_and_no_id(bench: Bench) -> None:
    await assess(bench, measured())
    [seen] = bench.server.requests
    assert "00112233aabbccdd" not in str(seen.body)
    assert "nowhere" not in str(seen.body)
    assert "Kind of question: behavioural\n" in seen.prompt
    assert 'What a good answer contains: "the cause, and what came of it"' in seen.prompt
    assert all(text.split()[-1] in seen.prompt for text in TEXTS)


async def test_a_judge_that_fails_costs_nothing_but_its_part(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    before = measured()
    bench.server.fail(Fault(status=401))
    found = await assess(bench, before)
    assert {found.scores[metric].reason for metric in JUDGED} == {NO_ANSWER}
    assert found.scores[Metric.SPEECH_RATE] == before.scores[Metric.SPEECH_RATE]
    assert (found.strength, found.next_step) == (before.strength, before.next_step)
    assert found.judge is None
    assert found.notes == (JUDGE_AWAY, *before.notes)
    lines = [one.getMessage() for one in caplog.records if "no part of this result" in one.msg]
    assert lines == ["judge: no part of this result: key_refused"]


async def test_a_score_without_a_true_quote_is_not_assessed(bench: Bench) -> None:
    invented = {"quote": "I led a team of twelve", "evidence": "You lead.", "score": 10}
    bench.server.say(answer(clarity=invented))
    found = await assess(bench, measured())
    assert found.scores[Metric.CLARITY].reason == NO_USABLE_ANSWER
    assert found.scores[Metric.CONFIDENCE].value == 8
    assert found.overall is not None  # of four


async def test_without_consent_nothing_goes_out(bench: Bench) -> None:
    found = await assess(bench, measured(), may_judge=False)
    assert {found.scores[metric].reason for metric in JUDGED} == {NOT_AGREED}
    vendor = await assess(bench, ASSESSMENT, name=EngineName.TWELVELABS, may_judge=False)
    assert vendor == ASSESSMENT
    assert bench.server.requests == []


async def test_what_is_switched_off_stays_off(bench: Bench) -> None:
    off = frozenset({Metric.CLARITY})
    found = await assess(bench, measured(off=off), metrics_off=off)
    assert found.scores[Metric.CLARITY].reason == SWITCHED_OFF
    assert "clarity" not in bench.server.requests[0].body["response_format"]["json_schema"]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (measured(("Just a few words.",)), TOO_FEW_WORDS),
        (without_audio(engine_version="local-1 (test)"), NO_AUDIO),
        (measured().model_copy(update={"language": "de"}), NOT_ENGLISH),
    ],
    ids=["few words", "no sound", "German"],
)
async def test_what_a_judge_cannot_read_is_not_sent(
    bench: Bench, before: Assessment, reason: str
) -> None:
    found = await assess(bench, before)
    assert {found.scores[metric].reason for metric in JUDGED} == {reason}
    assert found.scores[Metric.BODY_LANGUAGE].reason in (NOT_ASSESSED_LOCALLY, NO_AUDIO)
    assert bench.server.requests == []


async def test_a_moment_after_the_clip_is_none(bench: Bench) -> None:
    found = await assess(bench, measured(), facts=FACTS.model_copy(update={"duration_seconds": 9}))
    assert all(point.at_seconds is None or point.at_seconds <= 9 for point in found.key_points)


async def test_another_engines_result_is_only_completed(bench: Bench) -> None:
    words = measured().transcript
    vendors = ASSESSMENT.model_copy(update={"transcript": words})
    found = await assess(bench, vendors, name=EngineName.TWELVELABS)
    assert found.scores == vendors.scores
    assert (found.strength, found.next_step) == (vendors.strength, vendors.next_step)
    assert found.key_points == vendors.key_points
    assert len(found.parts) == 4
    assert found.follow_up
    assert found.better is not None
    assert found.judge == "test-model"
    assert found.scored_by_judge is None
    assert "Completed by test-model" in made_by(found)
    asked = bench.server.requests[0].body["response_format"]["json_schema"]["schema"]["required"]
    assert not {metric.value for metric in JUDGED} & set(asked)


async def test_a_whole_result_of_another_engine_needs_no_judge(bench: Bench) -> None:
    whole = await assess(
        bench,
        ASSESSMENT.model_copy(update={"transcript": measured().transcript}),
        name=EngineName.TWELVELABS,
    )
    asked = len(bench.server.requests)
    assert await assess(bench, whole, name=EngineName.TWELVELABS) == whole
    assert len(bench.server.requests) == asked


async def test_what_is_not_ready_is_not_judged(bench: Bench) -> None:
    engine = Inner(Vendor(), EngineName.LOCAL)
    engine.pending = 1
    judged = JudgedEngine(engine, bench.judge())
    assert isinstance(await judged.poll(job(), _keep), Pending)
    assert (judged.name, judged.version) == (EngineName.LOCAL, "scripted-1")
    assert bench.server.requests == []
