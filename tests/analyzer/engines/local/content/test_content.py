"""What was said gets into an assessment: read in the real child, as far as it is wanted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from analyzer.engines import Job
from analyzer.engines.local.content import content as reading
from analyzer.engines.local.content.content import MAY_STRAY, NOT_READ, with_content
from analyzer.media.sandbox import ChildFailed
from core.assessment import Assessment, Delivery, Metric, PartName, Sentence
from core.models import VendorRefs
from core.questions import AnswerKind
from tests.analyzer.engines.local.content.answers import answer, transcript
from tests.analyzer.engines.local.test_engine import FACTS
from tests.storage.samples import ASSESSMENT

EMPTY: dict[str, Any] = {"key_points": (), "not_heard": (), "parts": (), "structure": None}


def heard(name: str, **others: Any) -> Assessment:
    said = transcript(answer(name)["sentences"])
    words = sum(len(sentence.text.split()) for sentence in said)
    delivery = Delivery(words=words, span_seconds=said[-1].end)
    update = EMPTY | {"transcript": said, "delivery": delivery, "notes": ("As before.",)}
    return ASSESSMENT.model_copy(update=update | others)


def job(name: str, **others: Any) -> Job:
    one = answer(name)
    asked: dict[str, Any] = {"question": one["question"], "kind": AnswerKind(one["kind"])}
    return Job(attempt_id="0" * 16, clip=Path(), facts=FACTS, refs=VendorRefs(), **(asked | others))


@pytest.fixture(scope="module")
def story() -> Assessment:
    return asyncio.run(with_content(heard("b2"), job("b2")))


def test_it_quotes_the_member_with_the_second(story: Assessment) -> None:
    said = {sentence.text: sentence.start for sentence in story.transcript}
    assert 1 <= len(story.key_points) <= 5
    assert all(point.at_seconds == said[point.text] for point in story.key_points)


def test_parts_are_heard_at_a_second_or_not_heard(story: Assessment) -> None:
    seconds = {part.name: part.at_seconds for part in story.parts}
    assert seconds.pop(PartName.SITUATION) in (0.0, 4.0)
    assert seconds == {PartName.TASK: None, PartName.ACTION: None, PartName.RESULT: None}


def test_what_was_not_heard_is_asked_for_and_not_claimed(story: Assessment) -> None:
    assert story.not_heard == (
        "Not heard: what you did yourself. Did you say it?",
        "Not heard: how it ended. Did you say it?",
    )
    assert story.structure is not None
    assert story.scores == ASSESSMENT.scores, "words that were heard earn no score"


async def test_an_answer_to_something_else_gets_a_note() -> None:
    line = "Clear names, small functions, comments that say why, and tests that show the use."
    found = await with_content(heard("t5"), job("t5", looks_for=line))
    assert found.notes == (MAY_STRAY, "As before.")


async def test_nothing_is_said_of_a_metric_that_is_off() -> None:
    off = frozenset({Metric.RELEVANCE})
    found = await with_content(heard("b1"), job("b1", metrics_off=off))
    assert (found.key_points, found.parts, found.not_heard) == ((), (), ())
    assert found.structure is not None
    off = frozenset({Metric.CLARITY})
    found = await with_content(heard("b1"), job("b1", metrics_off=off))
    assert found.key_points
    assert found.structure is None


@pytest.mark.parametrize(
    ("others", "off"),
    [
        ({"language": "de"}, frozenset()),
        ({"transcript": ()}, frozenset()),
        ({"delivery": None}, frozenset()),
        ({"delivery": Delivery(words=3, span_seconds=2.0)}, frozenset()),
        ({}, frozenset({Metric.RELEVANCE, Metric.CLARITY})),
    ],
)
async def test_what_cannot_be_read_or_is_not_wanted_starts_no_child(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, Any], off: frozenset[Metric]
) -> None:
    async def never(*arguments: Any, **limits: Any) -> bytes:
        raise AssertionError

    monkeypatch.setattr(reading, "run_child", never)
    before = heard("b1", **others)
    assert await with_content(before, job("b1", metrics_off=off)) == before


@pytest.mark.parametrize(
    "printed", [b"", b"{}", b'{"content": {}}', b"[1]", ChildFailed("timeout")]
)
async def test_a_child_that_fails_costs_nothing_but_its_part(
    monkeypatch: pytest.MonkeyPatch, printed: bytes | ChildFailed
) -> None:
    async def broken(*arguments: Any, **limits: Any) -> bytes:
        if isinstance(printed, ChildFailed):
            raise printed
        return printed

    monkeypatch.setattr(reading, "run_child", broken)
    before = heard("b1")
    found = await with_content(before, job("b1"))
    assert found == before.model_copy(update={"notes": (NOT_READ, "As before.")})


async def test_a_sentence_that_was_not_said_is_no_key_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def invented(*arguments: Any, **limits: Any) -> bytes:
        return (
            b'{"content": {"key_points": [99], "parts": [], "not_heard": [], "structure":'
            b'{"opening": true, "closing": true, "signposts": 1}, "off_topic": false,'
            b'"by_meaning": true}}'
        )

    monkeypatch.setattr(reading, "run_child", invented)
    found = await with_content(heard("b1"), job("b1"))
    assert found.notes[0] == NOT_READ
    assert found.key_points == ()


@pytest.mark.parametrize(
    ("text", "fillers", "meant"),
    [
        ("um First, I asked.", ((0, 2),), "First, I asked."),
        ("Then I asked, uh a colleague.", ((14, 16),), "Then I asked, a colleague."),
        ("Um, well, uh, I left.", ((0, 3), (10, 13)), "Well, I left."),
        ("I left, um.", ((8, 11),), "I left,"),
        ("Um.", ((0, 3),), "Um."),
        ("No filler.", (), "No filler."),
        ("iOS was new to me.", (), "iOS was new to me."),
    ],
)
def test_a_key_point_is_the_sentence_without_its_fillers(
    text: str, fillers: tuple[tuple[int, int], ...], meant: str
) -> None:
    said = Sentence(text=text, start=0, end=1, fillers=fillers)
    assert reading.without_fillers(said) == meant
