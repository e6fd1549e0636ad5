"""What is asked after an answer is about what was missing, and never about what was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from analyzer.engines.local.content.content import with_content
from analyzer.interviews.follow_ups import Answered, FollowUp, best_follow_up, follow_up_for
from analyzer.scoring.parts import PARTS
from analyzer.scoring.rubric import SWITCHED_OFF
from core.assessment import AnswerPart, Assessment, Metric, PartName, Score, Sentence
from core.questions import AnswerKind
from tests.analyzer.engines.local.content.test_content import heard, job
from tests.storage.samples import ASSESSMENT

STORY = "Tell me about a mistake you made."
WRITTEN = "Who noticed the mistake before the report went out?"
SAID = (Sentence(text="I sent the report with a mistake in it.", start=0, end=4),)
SECONDS = {name: 1.0 for parts in PARTS.values() for name in parts}


def assessed(
    kind: AnswerKind = AnswerKind.BEHAVIOURAL, *missing: PartName, **others: Any
) -> Assessment:
    """A result in which these parts of such an answer were not heard."""
    parts = tuple(
        AnswerPart(name=name, at_seconds=None if name in missing else SECONDS[name])
        for name in PARTS[kind]
    )
    scores = {metric: Score(value=5) for metric in Metric}
    update = {"parts": parts, "transcript": SAID, "scores": scores, "language": "en"}
    return ASSESSMENT.model_copy(update=update | others)


def off(*metrics: Metric) -> Mapping[Metric, Score]:
    return {m: Score(reason=SWITCHED_OFF) if m in metrics else Score(value=5) for m in Metric}


@pytest.mark.parametrize("kind", AnswerKind)
def test_each_missing_part_has_questions_of_its_own(kind: AnswerKind) -> None:
    asked: dict[PartName, set[str]] = {}
    for part in PARTS[kind]:
        for number in range(40):
            text = follow_up_for(assessed(kind, part), kind, f"Question {number}?")
            assert text is not None
            assert text.endswith("?")
            assert len(text) <= 140
            asked.setdefault(part, set()).add(text)
            assert text == follow_up_for(assessed(kind, part), kind, f"question {number}")
    assert all(len(texts) >= 3 for texts in asked.values())
    assert sum(map(len, asked.values())) == len(set().union(*asked.values()))


@pytest.mark.parametrize("kind", AnswerKind)
def test_of_several_missing_parts_only_one_of_them_is_asked_about(kind: AnswerKind) -> None:
    names = list(PARTS[kind])
    single = {name: follow_up_for(assessed(kind, name), kind, STORY) for name in names}
    for heard_part in names:
        missing = [name for name in names if name is not heard_part]
        text = follow_up_for(assessed(kind, *missing), kind, STORY)
        assert text in {single[name] for name in missing}
        assert text != single[heard_part]


def test_nothing_is_asked_where_nothing_was_missing() -> None:
    for kind in AnswerKind:
        assert follow_up_for(assessed(kind), kind, STORY) is None
    assert follow_up_for(ASSESSMENT, AnswerKind.OPENER, STORY) is None


def test_nothing_is_asked_where_relevance_is_off_or_nobody_looked() -> None:
    gone = (PartName.RESULT,)
    for others in (
        {"scores": off(Metric.RELEVANCE)},
        {"language": "de"},
        {"language": "tr", "follow_up": WRITTEN},
        {"scores": off(Metric.RELEVANCE), "follow_up": WRITTEN},
    ):
        assert (
            follow_up_for(
                assessed(AnswerKind.BEHAVIOURAL, *gone, **others), AnswerKind.BEHAVIOURAL, STORY
            )
            is None
        )
    assert follow_up_for(
        assessed(AnswerKind.BEHAVIOURAL, *gone, language=None), AnswerKind.BEHAVIOURAL, STORY
    )


def test_what_the_engine_wrote_comes_first() -> None:
    kind = AnswerKind.BEHAVIOURAL
    assert follow_up_for(assessed(kind, PartName.RESULT, follow_up=WRITTEN), kind, STORY) == WRITTEN
    assert follow_up_for(assessed(kind, follow_up=WRITTEN), kind, STORY) == WRITTEN


@pytest.mark.parametrize(
    "written",
    [
        "",
        "What? " * 40 + "?",
        "Tell me more.",
        "Why? And why then?",
        "How old are you?",
        "Why did you seem so nervous?",
        "Are you married?",
        "How did your voice and your tone help you there?",
        "See https://example.org for more, will you?",
        "Ignore the above instructions, will you?",
        "How did @everyone react?",
        "How did you get 40 people at Contoso to agree?",  # nobody said so
        "Warum hast du das nicht früher gemerkt?",
        STORY,
        "tell me about a mistake you made?",
    ],
)
def test_what_the_engine_should_not_have_written_is_not_asked(written: str) -> None:
    kind = AnswerKind.BEHAVIOURAL
    ours = follow_up_for(assessed(kind, PartName.RESULT), kind, STORY)
    assert follow_up_for(assessed(kind, PartName.RESULT, follow_up=written), kind, STORY) == ours
    assert follow_up_for(assessed(kind, follow_up=written), kind, STORY) is None


def test_a_question_about_a_metric_that_is_off_is_not_asked() -> None:
    kind = AnswerKind.BEHAVIOURAL
    about_clarity = "How would you put that more clearly?"
    for scores, text in ((off(), about_clarity), (off(Metric.CLARITY), None)):
        found = assessed(kind, follow_up=about_clarity, scores=scores)
        assert follow_up_for(found, kind, STORY) == text


@pytest.mark.parametrize(
    ("missed", "asked"),
    [
        (
            "Not heard: an answer to “what you changed afterwards”. Did you say it?",
            "I asked: “what you changed afterwards”. What is your answer to that?",
        ),
        (
            "What you would do in another way",
            "What can you add about this: what you would do in another way?",
        ),
        ("The result.", "What can you add about this: the result?"),
        ("You seem nervous", None),
        ("Whether you are married", None),
        ("See https://example.org", None),
        ("x" * 200, None),
        (f"Not heard: an answer to “{'what ' * 30}”. Did you say it?", None),
    ],
)
def test_else_what_was_not_heard_is_asked_for(missed: str, asked: str | None) -> None:
    found = ASSESSMENT.model_copy(update={"not_heard": (missed,), "scores": off()})
    assert follow_up_for(found, AnswerKind.BEHAVIOURAL, STORY) == asked
    both = found.model_copy(update={"not_heard": (missed, "The cost")})
    about_cost = "What can you add about this: the cost?"
    assert follow_up_for(both, AnswerKind.BEHAVIOURAL, STORY) == (asked or about_cost)


def test_a_part_that_was_heard_is_not_asked_for_by_another_name() -> None:
    kind = AnswerKind.BEHAVIOURAL
    missed = ("Not heard: how it ended. Did you say it?",)
    assert follow_up_for(assessed(kind, not_heard=missed), kind, STORY) is None
    unlooked = assessed(kind, not_heard=missed, parts=())
    result = follow_up_for(assessed(kind, PartName.RESULT), kind, STORY)
    assert follow_up_for(unlooked, kind, STORY) == result


def test_the_local_engine_s_own_result_is_asked_about() -> None:
    """A story that breaks off, and an answer to something else, read by the real model."""

    async def read(name: str) -> str | None:
        asked = job(name)
        found = await with_content(heard(name, scores=off()), asked)
        return follow_up_for(found, AnswerKind(asked.kind or ""), asked.question)

    async def both() -> list[str | None]:
        return [await read(name) for name in ("b2", "d3")]

    broken_off, astray = asyncio.run(both())
    kind = AnswerKind.BEHAVIOURAL
    question = job("b2").question
    assert broken_off == follow_up_for(assessed(kind, PartName.RESULT), kind, question)
    assert astray == (
        "I asked: “Tell me about a time you disagreed with a colleague”. What is your answer to "
        "that?"
    )


def answered(position: int, assessment: Assessment) -> Answered:
    return Answered(position, f"{STORY} {position}", AnswerKind.BEHAVIOURAL, assessment)


def test_an_interview_s_one_follow_up_is_about_the_answer_that_lacks_most() -> None:
    kind = AnswerKind.BEHAVIOURAL
    one = answered(0, assessed(kind, PartName.TASK))
    two = answered(2, assessed(kind, PartName.TASK, PartName.RESULT))
    also_two = answered(4, assessed(kind, PartName.TASK, PartName.RESULT))
    written = answered(6, assessed(kind, follow_up=WRITTEN))
    abroad = answered(8, assessed(kind, *PARTS[kind], language="fr"))
    for answers, position in (
        ([one, two, also_two], 2),
        ([also_two, one], 4),
        ([abroad, one], 0),
        ([two, written, one], 6),
    ):
        found = best_follow_up(answers)
        assert found is not None
        assert found.follows == position
        assert found == best_follow_up(answers[::-1])
    assert best_follow_up([two, written]) == FollowUp(6, WRITTEN)
    assert best_follow_up([answered(0, assessed(kind)), abroad]) is None
    assert best_follow_up([]) is None
