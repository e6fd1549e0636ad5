"""A sample interview: three questions and a follow-up, answered as the local engine hears it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.engines.local.report import write_report
from core.assessment import AnswerPart, Assessment, KeyPoint, PartName
from core.interviews import FollowUps, Interview, InterviewQuestion, QuestionOrigin
from core.models import Owner
from core.questions import AnswerKind
from demo.sample_speech import heard

VERSION = "sample"


@dataclass(frozen=True, slots=True)
class _Sample:
    """One question, and how it was answered."""

    question: str
    kind: AnswerKind
    text: str
    parts: Mapping[PartName, int | None]  # in which sentence each was heard
    pace: int
    fillers: int
    semitones: float
    follows: int | None = None
    follow_up: str = ""


_SAMPLES = (
    _Sample(
        "Tell me about yourself. (sample)",
        AnswerKind.OPENER,
        "I look after the data of a mid-sized library, which means that I keep our catalogue and "
        "our loans in order. Before that I studied history and worked at the desk for three years, "
        "so I know what people ask for. What I like is to find out why a number looks odd. Now I "
        "would like to do that in a larger team.",
        {PartName.NOW: 0, PartName.BEFORE: 1, PartName.REASON: 3},
        pace=164,
        fillers=1,
        semitones=2.6,
    ),
    _Sample(
        "Tell me about a conflict at work. (sample)",
        AnswerKind.BEHAVIOURAL,
        "Last winter two of us wanted the same week for a change to the catalogue. I was to find a "
        "date that worked for both. So I wrote down what each change needed, and we went through "
        "the list together over a coffee. Then we put the smaller one first.",
        {
            PartName.SITUATION: 0,
            PartName.TASK: 1,
            PartName.ACTION: 2,
            PartName.RESULT: None,
        },
        pace=181,
        fillers=2,
        semitones=2.1,
        follow_up="What came of it for the two of you in the end?",
    ),
    _Sample(
        "How would you deal with a report that must be ready tomorrow? (sample)",
        AnswerKind.SITUATIONAL,
        "First I would ask what the report is for and who reads it. Then there are two ways, to "
        "make all of it rough, or half of it well. I would decide for the half that is needed for "
        "the meeting, because a wrong number costs more than a missing one. The rest would follow "
        "a day later.",
        {
            PartName.FACTS: 0,
            PartName.OPTIONS: 1,
            PartName.DECISION: 2,
            PartName.CHECK: None,
        },
        pace=172,
        fillers=1,
        semitones=2.9,
    ),
    _Sample(
        "What came of it for the two of you in the end? (sample)",
        AnswerKind.BEHAVIOURAL,
        "As a result both changes were done within nine days, and nobody had to work at night. "
        "Since then the two of us plan our changes at the start of each month.",
        {
            PartName.SITUATION: None,
            PartName.TASK: None,
            PartName.ACTION: 1,
            PartName.RESULT: 0,
        },
        pace=158,
        fillers=0,
        semitones=3.1,
        follows=2,
    ),
)


def interview_of(owner: Owner, channel_id: int, when: datetime) -> Interview:
    """The sample interview as this member's, begun at that moment."""
    planned = [one for one in _SAMPLES if one.follows is None]
    questions = [_question(one, 2 * place) for place, one in enumerate(planned)]
    questions += [_question(one, one.follows + 1) for one in _SAMPLES if one.follows is not None]
    return Interview(
        id=secrets.token_hex(8),
        owner=owner,
        channel_id=channel_id,
        follow_ups=FollowUps.END,
        questions=tuple(sorted(questions, key=lambda one: one.position)),
        created_at=when - timedelta(minutes=1),
    )


def sample_answers(interview: Interview) -> Iterator[tuple[InterviewQuestion, Assessment]]:
    """Its questions in the order in which they were answered, each with its result."""
    for sample in _SAMPLES:
        question = next(one for one in interview.questions if one.text == sample.question)
        yield question, _assessment(sample)


def _question(sample: _Sample, position: int) -> InterviewQuestion:
    origin = QuestionOrigin.BANK if sample.follows is None else QuestionOrigin.FOLLOW_UP
    return InterviewQuestion(
        position=position,
        text=sample.question,
        kind=sample.kind,
        origin=origin,
        follows=sample.follows,
    )


def _assessment(sample: _Sample) -> Assessment:
    spoken = heard(
        sample.text, pace=sample.pace, semitones=sample.semitones, fillers=sample.fillers
    )
    said = re.split(r"(?<=\.) ", sample.text)
    begins = [begin for begin, _ in spoken.speech]
    return write_report(spoken, engine_version=VERSION).model_copy(
        update={
            "parts": tuple(
                AnswerPart(name=name, at_seconds=None if place is None else begins[place])
                for name, place in sample.parts.items()
            ),
            "key_points": tuple(
                KeyPoint(text=f"“{said[place]}”", at_seconds=begins[place])
                for place in sample.parts.values()
                if place is not None
            ),
            "follow_up": sample.follow_up,
        }
    )
