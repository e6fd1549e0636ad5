"""The parent's side: has an answer read in a child process, and writes it into its assessment."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from analyzer.engines import Job
from analyzer.engines.local.content.child import Answer
from analyzer.media.sandbox import FEW_THREADS, MODEL_NICENESS, ChildFailed, run_child
from analyzer.scoring import bands
from core.assessment import (
    AnswerPart,
    Assessment,
    KeyPoint,
    Metric,
    Model,
    PartName,
    Sentence,
    Structure,
)
from core.questions import AnswerKind

log = logging.getLogger(__name__)

NOT_READ = "What you said could not be looked at this time: only how you said it was measured."
MAY_STRAY = (
    "Little of what was heard is near to what this question looks for: "
    "did you answer the one you meant to?"
)

CHILD = "analyzer.engines.local.content.child"
MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60
WALL_SECONDS = 60.0


class FoundPart(Model):
    """A part of an answer, and the number of the sentence it was heard in."""

    name: PartName
    sentence: int | None


class Content(Model):
    """What the child has read in an answer."""

    key_points: tuple[int, ...]  # numbers of sentences
    parts: tuple[FoundPart, ...]
    not_heard: tuple[str, ...]  # in a few words each
    structure: Structure
    off_topic: bool
    by_meaning: bool  # False: the model is not there, and words were compared


class _Printed(BaseModel, extra="forbid"):
    content: Content


async def with_content(assessment: Assessment, job: Job) -> Assessment:
    """The assessment with what was said, as far as it can be told and is wanted.

    That takes English speech of some length. Key points, parts and what was not heard belong to
    Relevance, structure to Clarity: of a metric that is off nothing is said.
    """
    wanted = {Metric.RELEVANCE, Metric.CLARITY} - job.metrics_off
    if not wanted or not _readable(assessment):
        return assessment
    kind = job.kind or AnswerKind.BEHAVIOURAL
    try:
        content = await read_answer(job.question, kind, job.looks_for, assessment.transcript)
    except ChildFailed as failed:
        log.warning("the answer was not read: %s", failed.reason)
        return assessment.model_copy(update={"notes": (NOT_READ, *assessment.notes)})
    found: dict[str, object] = {}
    if Metric.CLARITY in wanted:
        found["structure"] = content.structure
    if Metric.RELEVANCE in wanted:
        found |= _relevant(content, assessment)
    return assessment.model_copy(update=found)


async def read_answer(
    question: str, kind: AnswerKind, looks_for: str, transcript: Sequence[Sentence]
) -> Content:
    """Have an answer of at least one sentence read.

    Raises:
        ChildFailed: it met a limit or printed something else.
    """
    answer = Answer(
        question=question,
        kind=kind,
        looks_for=looks_for,
        sentences=tuple(without_fillers(sentence) for sentence in transcript),
    )
    printed = await run_child(
        CHILD,
        ["read"],
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=CPU_SECONDS,
        wall_seconds=WALL_SECONDS,
        environment=FEW_THREADS,
        niceness=MODEL_NICENESS,
        given=answer.model_dump_json().encode(),
    )
    try:
        content = _Printed.model_validate_json(printed).content
    except ValidationError:
        raise ChildFailed("output") from None
    named = [*content.key_points, *(part.sentence or 0 for part in content.parts)]
    if any(not 0 <= number < len(transcript) for number in named):
        raise ChildFailed("output")
    return content


def _readable(assessment: Assessment) -> bool:
    delivery = assessment.delivery
    return (
        delivery is not None
        and delivery.words >= bands.MIN_WORDS
        and bool(assessment.transcript)
        and assessment.language in (None, "en")
    )


def _relevant(content: Content, assessment: Assessment) -> dict[str, object]:
    transcript = assessment.transcript

    def second(number: int | None) -> float | None:
        return None if number is None else transcript[number].start

    found: dict[str, object] = {
        "key_points": tuple(
            KeyPoint(text=without_fillers(transcript[number]), at_seconds=second(number))
            for number in content.key_points
        ),
        "parts": tuple(
            AnswerPart(name=part.name, at_seconds=second(part.sentence)) for part in content.parts
        ),
        "not_heard": tuple(
            f"Not heard: {missing}. Did you say it?" for missing in content.not_heard
        ),
    }
    if content.off_topic:
        found["notes"] = (MAY_STRAY, *assessment.notes)
    return found


def without_fillers(sentence: Sentence) -> str:
    """A sentence as it was meant: without "um" and the comma after it, with a capital first."""
    text = sentence.text
    for start, end in sorted(sentence.fillers, reverse=True):
        text = f"{text[:start].rstrip()} {text[end:].lstrip(' ,')}".strip()
    if sentence.fillers and sentence.fillers[0][0] == 0:
        text = text[:1].upper() + text[1:]
    return text or sentence.text
