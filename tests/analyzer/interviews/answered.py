"""Makes interviews whose questions have been answered, or not, for the tests of their report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from core.assessment import AnswerPart, Metric, PartName
from core.interviews import FollowUps, Interview, InterviewQuestion
from core.models import Attempt, AttemptState, Failure
from core.questions import AnswerKind
from tests.cogs.ui.samples import ASSESSED, DAY, assessment, attempt
from tests.storage.samples import ANN

STORY = (PartName.SITUATION, PartName.TASK, PartName.ACTION, PartName.RESULT)


def story(*missing: PartName) -> tuple[AnswerPart, ...]:
    return tuple(
        AnswerPart(name=name, at_seconds=None if name in missing else 3.0 + at)
        for at, name in enumerate(STORY)
    )


def scores(**values: int) -> dict[Metric, int]:
    return {metric: values.get(metric.value, 7) for metric in Metric}


def interview(answers: Sequence[Attempt | str | None]) -> tuple[Interview, dict[str, Attempt]]:
    """An interview whose questions have these answers; "left out" in place of one, or `None`."""
    questions, attempts = [], {}
    for place, one in enumerate(answers):
        made = None
        if isinstance(one, Attempt):
            made = one.model_copy(
                update={
                    "id": f"{place:016x}",
                    "created_at": DAY + timedelta(minutes=place),
                    "position": 2 * place,
                }
            )
            attempts[made.id] = made
        questions.append(
            InterviewQuestion(
                position=2 * place,
                text=made.question if made else f"Number {place + 1}?",
                kind=AnswerKind.BEHAVIOURAL,
                attempt_id=made.id if made else None,
                left_out=one == "left out",
            )
        )
    whole = Interview(
        id="f" * 16,
        owner=ANN,
        channel_id=11,
        follow_ups=FollowUps.NONE,
        questions=tuple(questions),
        created_at=DAY,
    )
    return whole, attempts


def result(values: dict[Metric, int] | None = None, **changes: Any) -> Attempt:
    off = changes.pop("metrics_off", frozenset())
    return attempt(assessment(values, **changes), metrics_off=off)


def failed() -> Attempt:
    failure = Failure(code="made_up", sentence="Your clip is too short. Record more.")
    return attempt(None, state=AttemptState.FAILED, failure=failure)


ANSWERS = st.one_of(
    st.none(),
    st.just("left out"),
    st.just(failed()),
    st.just(attempt(None, state=AttemptState.ANALYZING)),
    st.builds(
        lambda one, off: one.model_copy(update={"metrics_off": off}),
        ASSESSED,
        st.frozensets(st.sampled_from(Metric), max_size=6),
    ),
)
