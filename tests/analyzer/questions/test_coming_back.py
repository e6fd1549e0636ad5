"""Which question comes back, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analyzer.questions.coming_back import comebacks, weakest
from core.assessment import AnswerPart, EngineName, Metric, PartName, Score
from core.questions import question_key
from storage.repositories.history import Entry
from tests.cogs.ui.samples import assessment, attempt

DAY_ZERO = datetime(2026, 3, 1, tzinfo=UTC)


def entry(day: int, question: str, **others: str) -> Entry:
    return Entry(
        id=f"{day:016x}",
        question=question,
        question_key=question_key(question),
        engine=EngineName.LOCAL,
        overall=None,
        created_at=DAY_ZERO + timedelta(days=day),
        **others,
    )


def test_distances_grow_with_each_answer() -> None:
    answers = [entry(day, "Why you?") for day in (30, 20, 10, 1)]
    after = []
    for count in range(1, 5):
        [one] = comebacks(answers[-count:])
        after.append((one.due_at - answers[-count].created_at).days)
    assert after == [2, 5, 12, 12]


def test_what_is_due_first_comes_first_and_follow_ups_never() -> None:
    found = comebacks(
        [
            entry(9, "What came of it?", parent_id="a" * 16),
            entry(8, "Why  you"),
            entry(7, "Else?"),
            entry(1, "Why you?"),
        ]
    )
    assert [(one.question, one.attempt_id) for one in found] == [
        ("Else?", f"{7:016x}"),
        ("Why  you", f"{8:016x}"),
    ]


def test_the_weakest_result_is_found_with_and_without_an_overall() -> None:
    strong = attempt(assessment(dict.fromkeys(Metric, 8)))
    weak = attempt(assessment(dict.fromkeys(Metric, 4)))
    assert weakest([strong, weak]) == weak
    none = {metric: Score(reason="not assessed") for metric in Metric}

    def local(pace: int, *heard: PartName) -> object:
        parts = tuple(
            AnswerPart(name=name, at_seconds=1.0 if name in heard else None)
            for name in (PartName.SITUATION, PartName.RESULT)
        )
        scores = none | {Metric.SPEECH_RATE: Score(value=pace)}
        return assessment().model_copy(update={"scores": scores, "parts": parts})

    whole = attempt(local(7, PartName.SITUATION, PartName.RESULT))  # type: ignore[arg-type]
    lacking = attempt(local(9))  # type: ignore[arg-type]
    assert weakest([whole, lacking]) == lacking
