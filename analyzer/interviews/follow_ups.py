"""What is asked about an answer afterwards: one question about what was missing in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.model_output.claim_reader import FOLLOW_UP_MAX, ClaimReader
from analyzer.model_output.claims import Transcript
from analyzer.scoring.parts import PARTS
from analyzer.scoring.rubric import SWITCHED_OFF
from core.assessment import Assessment, Metric, PartName
from core.questions import AnswerKind, question_key

LANGUAGES = frozenset({None, "en"})
"""Of speech in which parts are looked for (ISO 639-1); `None`: English was assumed."""

_WORDINGS: Mapping[PartName, Sequence[str]] = {
    PartName.SITUATION: (
        "What was going on at the time, and where was that?",
        "Can you set the scene for me: where was this, and who was involved?",
        "What was the situation when this began?",
    ),
    PartName.TASK: (
        "What exactly was yours to do there?",
        "What was the goal, and which part of it was your responsibility?",
        "What had to be achieved, and by when?",
    ),
    PartName.ACTION: (
        "What did you do yourself, step by step?",
        "Which steps did you take, and in which order?",
        "What was your own part in it?",
    ),
    PartName.RESULT: (
        "What came of it in the end?",
        "How did it turn out, and how could you tell?",
        "What was different afterwards?",
    ),
    PartName.APPROACH: (
        "How would you go about it, step by step?",
        "Where would you begin, and what would come next?",
        "What would you do first if you had to do this today?",
    ),
    PartName.REASONS: (
        "Why would you do it that way and not in another?",
        "What speaks for your way, and what does it cost?",
        "What would you be trading off there?",
    ),
    PartName.EXAMPLE: (
        "Can you give me an example of that?",
        "Where have you used that, or seen it used?",
        "What would be an example of that from your own work?",
    ),
    PartName.LIMITS: (
        "Where does that stop working?",
        "In which case would you not do it that way?",
        "What are the limits of that approach?",
    ),
    PartName.FACTS: (
        "What would you want to find out before you decide?",
        "Which facts would you need first, and who could tell you?",
        "What would you ask first, and whom?",
    ),
    PartName.OPTIONS: (
        "Which other ways would there be?",
        "What else could you do, and why would you not do it?",
        "Which options would you weigh against each other?",
    ),
    PartName.DECISION: (
        "What would you do in the end, and why?",
        "Which way would you decide, and for what reason?",
        "What would your next step be?",
    ),
    PartName.CHECK: (
        "How would you know that it has worked?",
        "What would you look at afterwards to see whether it helped?",
        "How and when would you check on it?",
    ),
    PartName.NOW: (
        "What do you do at the moment?",
        "What does your work or your course look like right now?",
        "What are you working on these days?",
    ),
    PartName.BEFORE: (
        "How did you come to where you are today?",
        "What did you do or study before?",
        "Which earlier experience has prepared you for this?",
    ),
    PartName.REASON: (
        "Why does this come next for you?",
        "What draws you to this kind of work?",
        "Why this field, and why now?",
    ),
}

_ORDER: Mapping[AnswerKind, Sequence[PartName]] = {
    AnswerKind.BEHAVIOURAL: (
        PartName.RESULT,
        PartName.ACTION,
        PartName.TASK,
        PartName.SITUATION,
    ),
    AnswerKind.TECHNICAL: (
        PartName.EXAMPLE,
        PartName.REASONS,
        PartName.LIMITS,
        PartName.APPROACH,
    ),
    AnswerKind.SITUATIONAL: (
        PartName.DECISION,
        PartName.FACTS,
        PartName.CHECK,
        PartName.OPTIONS,
    ),
    AnswerKind.OPENER: (PartName.REASON, PartName.BEFORE, PartName.NOW),
}
"""Of several missing parts, which is asked about: what an answer is worth least without."""

_NOT_HEARD = re.compile(r"^Not heard: (.+?)\.? Did you say it\?$")
_ASKED = re.compile(r"^an answer to [“\"](.+?)[”\"]$")
_SAID_AS_PARTS: Mapping[str, PartName] = {
    "what you did yourself": PartName.ACTION,
    "how it ended": PartName.RESULT,
}
"""How the local engine names parts of a story among what was not heard."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its result, which a follow-up question may be about."""

    position: int  # of its question in the interview
    question: str
    kind: AnswerKind
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up question, and the position of the question whose answer it is about."""

    follows: int
    text: str


def follow_up_for(assessment: Assessment, kind: AnswerKind, question: str) -> str | None:
    """One question about what was missing in an answer, at most 140 characters.

    The engine's own, where it wrote one that may be asked; else one of ours about a part of such
    answers that was not heard; else about what the engine missed. `None` where nothing was
    missing, Relevance is switched off, or the answer is in a language in which nobody looked.
    """
    if not _may_ask(assessment):
        return None
    return _written(assessment, question) or _ours(assessment, kind, question)


def best_follow_up(answers: Sequence[Answered]) -> FollowUp | None:
    """The one follow-up question of an interview; `None` where no answer gives one.

    One that an engine wrote comes before ours; then the answer in which most was missing, and of
    two such answers the earlier one.
    """
    found = []
    for answer in answers:
        assessment, kind = answer.assessment, answer.kind
        if not _may_ask(assessment):
            continue
        written = _written(assessment, answer.question)
        text = written or _ours(assessment, kind, answer.question)
        if text is not None:
            missing = len(_missing(assessment, kind)) or len(assessment.not_heard)
            found.append((written is None, -missing, answer.position, text))
    if not found:
        return None
    _, _, position, text = min(found)
    return FollowUp(position, text)


def _may_ask(assessment: Assessment) -> bool:
    off = assessment.scores[Metric.RELEVANCE].reason == SWITCHED_OFF
    return not off and assessment.language in LANGUAGES


def _written(assessment: Assessment, question: str) -> str | None:
    """What the engine wrote, read once more as if it came from outside: it may be an old row."""
    off = frozenset(
        metric for metric, score in assessment.scores.items() if score.reason == SWITCHED_OFF
    )
    said = Transcript(assessment.transcript, also=(question,))
    text = ClaimReader(said, duration_seconds=0, off=off).follow_up(assessment.follow_up)
    return text if text and question_key(text) != question_key(question) else None


def _missing(assessment: Assessment, kind: AnswerKind) -> list[PartName]:
    """The parts of such an answer that were looked for and not heard, weightiest first."""
    heard = {part.name for part in assessment.parts if part.at_seconds is not None}
    sought = {part.name for part in assessment.parts} - heard
    return [name for name in _ORDER[kind] if name in sought]


def _ours(assessment: Assessment, kind: AnswerKind, question: str) -> str | None:
    """About a part that was not heard, else about anything else that was not.

    Where nothing at all was heard, "What came of it?" would make no sense: the question is asked
    again, or what is told first is asked for.
    """
    missing = _missing(assessment, kind)
    if not missing:
        return _about_not_heard(assessment, question)
    if len(missing) < len(PARTS[kind]):
        return _wording(missing[0], question)
    asked = (found for missed in assessment.not_heard if (found := _ASKED.match(_core(missed))))
    again = next((_again(found.group(1)) for found in asked), None)
    return again or _wording(next(iter(PARTS[kind])), question)


def _about_not_heard(assessment: Assessment, question: str) -> str | None:
    heard = {part.name for part in assessment.parts if part.at_seconds is not None}
    for missed in assessment.not_heard:
        text = _core(missed)
        part = _SAID_AS_PARTS.get(text)
        if part is not None and part not in heard:
            return _wording(part, question)
        worded = None if part is not None else _worded(text, assessment, question)
        if worded is not None:
            return worded
    return None


def _core(missed: str) -> str:
    """What was missing, without the words the local engine puts around it."""
    found = _NOT_HEARD.match(missed)
    return (found.group(1) if found else missed).strip().rstrip(".")


def _again(asked: str) -> str | None:
    """A part of the question once more, in its own words."""
    text = f"I asked: “{asked.rstrip(' .?')}”. What is your answer to that?"
    return text if len(text) <= FOLLOW_UP_MAX else None


def _worded(missed: str, assessment: Assessment, question: str) -> str | None:
    """A question about something that was not heard; `None` where none fits or may be asked."""
    if (asked := _ASKED.match(missed)) is not None:
        return _again(asked.group(1))
    begin = missed[:2].lower() if missed[1:2].islower() else missed[:2]
    text = f"What can you add about this: {begin}{missed[2:]}?"
    said = Transcript(assessment.transcript, also=(question,))
    reader = ClaimReader(said, duration_seconds=0, off=frozenset())
    return reader.follow_up(text) or None


def _wording(part: PartName, question: str) -> str:
    """One of ours: always the same for one question, another one for others."""
    wordings = _WORDINGS[part]
    digest = hashlib.sha256(f"{question_key(question)}/{part.value}".encode()).digest()
    return wordings[digest[0] % len(wordings)]
