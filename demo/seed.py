"""Gives the demo a past: sample members and sample attempts, each of them labelled as a sample."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.consent import consent_version
from analyzer.engines.local.report import Heard, write_report
from analyzer.scoring.delivery import measure, sentences
from analyzer.scoring.rubric import METRIC_NAMES, RUBRIC, RUBRIC_VERSION
from core.assessment import (
    Assessment,
    EngineName,
    KeyPoint,
    Metric,
    Score,
)
from core.interviews import InterviewState
from core.models import Attempt, AttemptState, ClipSource, DeliveredVia, Owner
from demo.sample_interview import interview_of, sample_answers
from demo.sample_speech import heard
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.repositories.attempts import Attempts
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.interviews import Interviews

NOTE = "Sample data made for this demo."
VERSION = "sample"

_NO_LIMIT = 1000  # what was made later counts as used already

_NO_CLIP = ClipSource(url="https://example.invalid/sample.mp4", name="sample.mp4", size_bytes=0)

MEASURED = "Tell me about a problem you solved. (sample)"
"""Answered with results as the local engine gives them."""

JUDGED = "Describe a disagreement you settled. (sample)"
"""Answered with results as the TwelveLabs engine gives them."""

YOU = "You"
MEMBERS = ("Rio", "Kim", "Noor", "Alex", "Jo")
"""Who has a past here."""

ON_BOARD: Mapping[str, str] = {
    "Rio": "Rio - sample",
    "Kim": "Quiet Otter - sample",
    "Noor": "Noor - sample",
}
"""Aliases: the simulated page shows mentions inside embeds as numbers, which Discord does not."""

_WORDS: Mapping[str, str] = {
    MEASURED: (
        "Last spring our weekly report took two days, and nobody knew why. I wrote down each step "
        "for one week. Most of the time went into copying numbers between two tables. I asked "
        "both teams for one shared table, and wrote a small script for the rest. Now the report "
        "takes an hour, and the errors we used to find on Fridays are gone. What I learned is to "
        "measure first, and to ask people before I build anything."
    ),
    JUDGED: (
        "A colleague and I disagreed about a release date. She wanted to wait for a full test, "
        "and I had promised the date. I asked what could go wrong, and we wrote a list together. "
        "Two points were serious, so we moved those to the front and released the rest on time. "
        "The customer was content, and we have planned each release with such a list since then."
    ),
}

_POINTS: tuple[tuple[str, float], ...] = (
    ("Names the disagreement in one sentence at the start.", 1),
    ("Says what the other person wanted, and why.", 6),
    ("Leaves open how it ended.", 19),
    ("Tells step by step how the two of you decided.", 12),
    ("Gives the result: released on time.", 21),
    ("Does not say what you would do differently.", 25),
    ("Closes with what has changed since then.", 24),
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One sample attempt: when, how it was spoken, and for `JUDGED` what it scored."""

    days_ago: float
    pace: int  # words per minute
    semitones: float
    fillers: int
    scores: Sequence[int] = ()  # in the order of `Metric`; none: measured locally
    points: Sequence[int] = ()  # places in `_POINTS`


_PAST: Mapping[str, Sequence[_Answer]] = {
    YOU: (
        _Answer(39, 196, 1.6, 7),
        _Answer(32, 188, 1.9, 6),
        _Answer(26, 192, 2.3, 6),
        _Answer(18, 176, 2.2, 4),
        _Answer(11, 168, 2.8, 3),
        _Answer(4, 172, 3.1, 2),
        _Answer(37, 190, 1.7, 6, (4, 4, 5, 3, 5, 4, 5), (2, 5)),
        _Answer(30, 186, 1.8, 6, (5, 4, 5, 4, 5, 4, 5), (1, 2, 5)),
        _Answer(23, 178, 2.2, 4, (5, 6, 6, 4, 6, 5, 6), (0, 2, 5)),
        _Answer(16, 182, 2.1, 5, (5, 5, 6, 5, 5, 5, 7), (0, 1, 2, 5)),
        _Answer(9, 170, 2.6, 3, (6, 6, 7, 5, 6, 6, 7), (0, 1, 4, 5)),
        _Answer(2, 164, 3.0, 2, (7, 7, 8, 7, 6, 6, 8), (0, 1, 3, 4, 6)),
    ),
    "Rio": (
        _Answer(35, 150, 2.4, 2),
        _Answer(28, 158, 2.6, 1),
        _Answer(15, 149, 3.2, 2),
        _Answer(6, 155, 3.0, 0),
        _Answer(0.2, 152, 3.4, 1),
        _Answer(21, 157, 2.7, 2, (6, 7, 8, 6, 7, 6, 7), (0, 1, 2)),
        _Answer(8, 153, 3.1, 1, (7, 8, 8, 7, 7, 8, 8), (0, 1, 3, 4)),
    ),
    "Kim": (
        _Answer(20, 118, 1.9, 1),
        _Answer(12, 124, 2.0, 1),
        _Answer(0.4, 131, 2.4, 0),
        _Answer(19, 120, 1.8, 1, (4, 6, 6, 3, 4, 4, 6), (0, 2)),
        _Answer(10, 126, 2.1, 1, (5, 7, 7, 5, 5, 5, 7), (0, 1, 4)),
        _Answer(3, 133, 2.4, 0, (6, 8, 8, 6, 6, 6, 8), (0, 1, 3, 4)),
    ),
    "Noor": (
        _Answer(27, 171, 3.6, 3),
        _Answer(13, 166, 3.3, 4),
        _Answer(1, 160, 3.8, 2),
        _Answer(25, 174, 3.4, 4, (6, 5, 7, 6, 7, 7, 5), (1, 2)),
        _Answer(7, 163, 3.7, 2, (7, 6, 8, 6, 7, 8, 6), (0, 1, 4)),
    ),
    "Alex": (_Answer(14, 205, 2.0, 9), _Answer(5, 190, 2.2, 6)),
    "Jo": (_Answer(17, 140, 1.4, 2, (5, 5, 7, 4, 5, 4, 6), (0, 2, 5)),),
}


async def seed(url: str, owners: Mapping[str, Owner], *, channel_id: int, now: datetime) -> None:
    """Remember the sample attempts, and let three members join the board.

    Args:
        url: the database of the bot that runs.
        owners: `YOU` and each of `MEMBERS`.
        channel_id: where the attempts were made.
        now: what the days in the past are counted from.
    """
    database = Database(url)
    await database.open()
    try:
        for name, answers in _PAST.items():
            if name != YOU:
                await _agree(database, owners[name], now - timedelta(days=40))
            for answer in answers:
                await _remember(
                    database,
                    _attempt(owners[name], channel_id, answer, now, shared=name != YOU),
                    _assessment(answer),
                )
        await _hold_interview(database, owners[YOU], channel_id, now - timedelta(days=1))
        board = Board(database, lambda: now)
        await DailyUsage(database, lambda: now).forget(now - timedelta(days=1))
        for name, alias in ON_BOARD.items():
            await board.join(owners[name], alias=alias)
    finally:
        await database.close()


async def _hold_interview(
    database: Database, owner: Owner, channel_id: int, when: datetime
) -> None:
    """Remember an interview with its answers, of which its member has been told."""
    interview = interview_of(owner, channel_id, when)
    interviews = Interviews(database, lambda: when)
    await interviews.begin(interview, since=when)
    parents: dict[int, str] = {}
    for number, (question, made) in enumerate(sample_answers(interview)):
        parent = None if question.follows is None else parents[question.follows]
        attempt = Attempt(
            id=secrets.token_hex(8),
            owner=owner,
            channel_id=channel_id,
            question=question.text,
            shared=False,
            source=_NO_CLIP,
            engine=made.engine,
            state=AttemptState.QUEUED,
            created_at=when + timedelta(minutes=3 * number),
            interview_id=interview.id,
            position=question.position,
            parent_id=parent,
        )
        parents[question.position] = attempt.id
        await _remember(database, attempt, _noted(made))
    await interviews.end(owner, interview.id, InterviewState.FINISHED)
    await interviews.reported(owner, interview.id)


async def _agree(database: Database, owner: Owner, when: datetime) -> None:
    consents = Consents(database, lambda: when)
    await consents.agree(owner, consent_version(EngineName.TWELVELABS))


async def _remember(database: Database, attempt: Attempt, assessment: Assessment) -> None:
    """Let the attempt in and end it, both at the moment it was made."""
    when = attempt.created_at
    attempts = Attempts(database, lambda: when)
    await attempts.admit(attempt, used_since=when, daily_limit=_NO_LIMIT, open_limit=_NO_LIMIT)
    await attempts.move(
        attempt,
        AttemptState.DELIVERED,
        assessment=assessment,
        delivered_via=DeliveredVia.REPLY,
        cleaned_at=when,
    )


def _attempt(
    owner: Owner, channel_id: int, answer: _Answer, now: datetime, *, shared: bool
) -> Attempt:
    return Attempt(
        id=secrets.token_hex(8),
        owner=owner,
        channel_id=channel_id,
        question=_question(answer),
        shared=shared,
        source=_NO_CLIP,
        engine=EngineName.TWELVELABS if answer.scores else EngineName.LOCAL,
        state=AttemptState.QUEUED,
        created_at=now - timedelta(days=answer.days_ago),
    )


def _question(answer: _Answer) -> str:
    return JUDGED if answer.scores else MEASURED


def _assessment(answer: _Answer) -> Assessment:
    if answer.scores:
        return _noted(_judged(answer))
    return _noted(write_report(_heard(answer), engine_version=VERSION))


def _noted(made: Assessment) -> Assessment:
    """The result, with the note that it is a sample."""
    return made.model_copy(update={"notes": (NOTE, *made.notes)})


def _judged(answer: _Answer) -> Assessment:
    spoken = _heard(answer)
    scores = {
        metric: Score(value=value, evidence=f"Sample: {_anchor(metric, value)}.", at_seconds=2 + at)
        for at, (metric, value) in enumerate(zip(Metric, answer.scores, strict=True))
    }
    best = max(Metric, key=lambda metric: scores[metric].value or 0)
    weakest = min(Metric, key=lambda metric: scores[metric].value or 0)
    return Assessment(
        engine=EngineName.TWELVELABS,
        engine_version=VERSION,
        rubric_version=RUBRIC_VERSION,
        scores=scores,
        strength=f"Sample: {METRIC_NAMES[best]} came out best.",
        next_step=f"Sample: work on this: {RUBRIC[weakest].high}.",
        key_points=tuple(
            KeyPoint(text=text, at_seconds=at)
            for text, at in (_POINTS[place] for place in answer.points)
        ),
        delivery=measure(
            spoken.words,
            fillers=spoken.fillers,
            pitch_variation_semitones=spoken.pitch_semitones,
            speech=spoken.speech,
        ),
        transcript=sentences(spoken.words),
    )


def _anchor(metric: Metric, value: int) -> str:
    line = RUBRIC[metric]
    if value <= 3:
        return line.low
    return line.middle if value <= 7 else line.high


def _heard(answer: _Answer) -> Heard:
    return heard(
        _WORDS[_question(answer)],
        pace=answer.pace,
        semitones=answer.semitones,
        fillers=answer.fillers,
    )
