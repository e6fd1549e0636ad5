"""An engine whose results a judge adds to: what is said is judged, where it only measured."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from analyzer.engines import Engine, Job, Pending, SaveRefs
from analyzer.judge.criteria import JUDGED
from analyzer.judge.failures import JudgeFailed
from analyzer.judge.judge import Judge
from analyzer.judge.prompt import TRANSCRIPT_MAX, Material
from analyzer.judge.reading import Judgement
from analyzer.scoring.bands import MIN_WORDS
from analyzer.scoring.parts import parts_of
from analyzer.scoring.rubric import SWITCHED_OFF
from core.assessment import Assessment, EngineName, Metric, Score
from core.models import VendorRefs

log = logging.getLogger(__name__)

NO_ANSWER = "not assessed: the judge did not answer"
NO_USABLE_ANSWER = "not assessed: the judge gave no score that your words bear out"
NOT_AGREED = "not assessed: you have not agreed to the judge yet"
NOT_ENGLISH = "not assessed: the judge comments on answers in English only"
TOO_FEW_WORDS = f"not assessed: fewer than {MIN_WORDS} words were heard"

JUDGE_AWAY = "The judge did not answer, so what you said was not judged this time."
READ_IN_PART = "The judge read the beginning and the end of this long answer."


class JudgedEngine:
    """Another engine, and a judge that reads the transcript of its results.

    What the local engine measured stays, and the judge scores what the words show. To a result of
    TwelveLabs, which has judged already, it adds what is missing and no score. Every other call is
    the other engine's. A judge that fails costs nothing but its part.
    """

    def __init__(self, engine: Engine, judge: Judge) -> None:
        self._engine = engine
        self._judge = judge

    @property
    def name(self) -> EngineName:
        """Which engine this is."""
        return self._engine.name

    @property
    def version(self) -> str:
        """The other engine's: the judge has a field of its own."""
        return self._engine.version

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """As the other engine does."""
        return await self._engine.prepare(job, save_refs)

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:
        """As the other engine does."""
        return await self._engine.start(job, save_refs)

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment | Pending:
        """Look once; where there is a result, let the judge read it, within its time.

        Raises:
            EngineError: what the other engine raises.
        """
        found = await self._engine.poll(job, save_refs)
        if isinstance(found, Pending):
            return found
        if self.name is EngineName.LOCAL:
            return await self._judged(job, found)
        return await self._filled(job, found)

    async def ended(self) -> frozenset[str] | None:
        """As the other engine does."""
        return await self._engine.ended()

    async def discard(self, refs: VendorRefs) -> None:
        """As the other engine does: nothing is left with a judge."""
        await self._engine.discard(refs)

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:
        """As the other engine does."""
        return await self._engine.sweep(open_ids)

    async def check(self) -> str:
        """Try the other engine. A judge that is away keeps no attempt from being assessed."""
        return await self._engine.check()

    async def aclose(self) -> None:
        """Close the other engine's connections; the judge is closed by whoever opened it."""
        await self._engine.aclose()

    async def _judged(self, job: Job, found: Assessment) -> Assessment:
        """The local engine's result with scores of what was said, and all else a judge gives."""
        if not job.may_judge:
            return _without_judge(found, NOT_AGREED)
        if _words_in(found) < MIN_WORDS:
            return _without_judge(found, _why_nothing_was_heard(found))
        if not _in_english(found):
            return _without_judge(found, NOT_ENGLISH)
        judgement = await self._read(job, found, with_scores=True)
        if judgement is None:
            return _without_judge(found, NO_ANSWER, JUDGE_AWAY)
        return self._with(
            found,
            scores=_scores(found, judgement.scores, NO_USABLE_ANSWER),
            strength=judgement.strength or found.strength,
            strength_at=judgement.strength_at if judgement.strength else found.strength_at,
            next_step=judgement.next_step or found.next_step,
            next_step_at=judgement.next_step_at if judgement.next_step else found.next_step_at,
            key_points=judgement.key_points or found.key_points,
            parts=judgement.parts or found.parts,
            # what was not heard goes with the parts, or the two could contradict each other
            not_heard=judgement.missing if judgement.parts else found.not_heard,
            follow_up=judgement.follow_up or found.follow_up,
            better=judgement.better or found.better,
        )

    async def _filled(self, job: Job, found: Assessment) -> Assessment:
        """Another engine's result with what it lacks."""
        lacks_parts = not found.parts and bool(parts_of(job.kind or ""))
        lacks = lacks_parts or not (found.follow_up and found.better and found.key_points)
        words = sum(len(said.text.split()) for said in found.transcript)
        if (
            not lacks
            or not job.may_judge
            or words < MIN_WORDS
            or found.language not in (None, "en")
        ):
            return found
        judgement = await self._read(job, found, with_scores=False)
        if judgement is None:
            return found
        filled = self._with(
            found,
            strength=found.strength or judgement.strength,
            strength_at=found.strength_at if found.strength else judgement.strength_at,
            next_step=found.next_step or judgement.next_step,
            next_step_at=found.next_step_at if found.next_step else judgement.next_step_at,
            key_points=found.key_points or judgement.key_points,
            parts=found.parts or judgement.parts,
            not_heard=found.not_heard or (() if found.parts else judgement.missing),
            follow_up=found.follow_up or judgement.follow_up,
            better=found.better or judgement.better,
        )
        unchanged = filled.model_copy(update={"judge": found.judge, "notes": found.notes})
        return found if unchanged == found else filled

    def _with(self, found: Assessment, **changes: object) -> Assessment:
        length = sum(len(said.text) for said in found.transcript)
        notes = (READ_IN_PART, *found.notes) if length > TRANSCRIPT_MAX else found.notes
        return found.model_copy(update={**changes, "judge": self._judge.model, "notes": notes})

    async def _read(self, job: Job, found: Assessment, *, with_scores: bool) -> Judgement | None:
        """What the judge says; `None` where it failed, which is logged."""
        material = Material(
            question=job.question,
            kind=job.kind or "",
            transcript=found.transcript,
            duration_seconds=job.facts.duration_seconds,
            off=job.metrics_off,
            looks_for=job.looks_for,
        )
        try:
            return await self._judge.read(material, with_scores=with_scores)
        except JudgeFailed as failed:
            log.warning("judge: no part of this result: %s", failed.code)
            return None


def _scores(
    found: Assessment, judged: Mapping[Metric, Score], reason: str
) -> Mapping[Metric, Score]:
    """The scores with the judge's in their places; where it has none, the reason why."""
    return {
        metric: score
        if metric not in JUDGED or score.reason == SWITCHED_OFF
        else judged.get(metric, Score(reason=reason))
        for metric, score in found.scores.items()
    }


def _words_in(found: Assessment) -> int:
    return sum(len(said.text.split()) for said in found.transcript)


def _in_english(found: Assessment) -> bool:
    """The guardrails know no other language. Where it was not told, English was assumed."""
    return found.language in (None, "en")


def _why_nothing_was_heard(found: Assessment) -> str:
    """Why there are too few words, as the engine has said it of the pace."""
    reason = found.scores[Metric.SPEECH_RATE].reason
    heard_nothing = not found.transcript and reason not in (None, SWITCHED_OFF)
    return reason if heard_nothing and reason else TOO_FEW_WORDS


def _without_judge(found: Assessment, reason: str, *notes: str) -> Assessment:
    return found.model_copy(
        update={"scores": _scores(found, {}, reason), "notes": (*notes, *found.notes)}
    )
