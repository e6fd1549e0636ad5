"""Interviews from question to report: gone on with, followed up, ended, and never lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from analyzer.interviews.course import Course, Standing
from core.assessment import AnswerPart, PartName
from core.errors import EngineRefused, Refused
from core.interviews import FollowUps, Interview, InterviewQuestion, InterviewState, QuestionOrigin
from core.models import Attempt, AttemptState, Owner
from core.questions import AnswerKind
from tests.analyzer.harness import ANN, BEN, CLIP, Harness, Process
from tests.analyzer.pipeline.test_crashes import Crash, raising
from tests.storage.samples import ASSESSMENT

TEXTS = ("Tell me about yourself.", "Tell me about a conflict at work.", "How do you test code?")
KINDS = (AnswerKind.OPENER, AnswerKind.BEHAVIOURAL, AnswerKind.TECHNICAL)
WITHOUT_RESULT = ASSESSMENT.model_copy(
    update={
        "parts": tuple(
            AnswerPart(name=name, at_seconds=None if name is PartName.RESULT else 1.0)
            for name in (PartName.SITUATION, PartName.TASK, PartName.ACTION, PartName.RESULT)
        ),
        "follow_up": "What came of it in the end?",
    }
)


async def begin(
    harness: Harness,
    process: Process,
    count: int = 3,
    follow_ups: FollowUps = FollowUps.NONE,
    **others: Any,
) -> Interview:
    """An interview of the first questions, with a reply."""
    questions = [
        InterviewQuestion(position=2 * place, text=TEXTS[place], kind=KINDS[place])
        for place in range(count)
    ]
    options: dict[str, Any] = {"owner": ANN, "channel_id": 11, "reply": await harness.open_reply()}
    return await process.interviews.begin(
        questions=questions, follow_ups=follow_ups, **(options | others)
    )


async def send(harness: Harness, process: Process, interview: Interview, position: int) -> Attempt:
    """An answer sent in, not worked on yet."""
    owner = interview.owner
    if await harness.consents.get(owner) is None:
        await harness.consents.agree(owner, 4)
    return await process.interviews.submit(
        owner=owner,
        interview_id=interview.id,
        position=position,
        source=CLIP,
        open_reply=harness.open_reply,
    )


async def answer(harness: Harness, process: Process, interview: Interview, position: int) -> None:
    """An answer, worked on to its end."""
    attempt = await send(harness, process, interview, position)
    await process.attempts.advance(attempt.owner, attempt.id)


async def course_of(process: Process, interview: Interview) -> Course:
    return await process.interviews.of(interview.owner, interview.id)


async def test_one_question_comes_after_the_other_and_the_report_with_the_last_result(
    harness: Harness,
) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    for place, position in enumerate((0, 2, 4)):
        course = await course_of(process, interview)
        assert course.next is not None
        assert course.next.position == position
        assert course.label(course.next) == f"Question {place + 1} of 3"
        assert harness.interviews_told.reports == []
        await answer(harness, process, interview, position)
    course = await course_of(process, interview)
    assert course.interview.state is InterviewState.FINISHED
    assert course.next is None
    assert len(harness.interviews_told.reports) == 1
    answers = [course.answer(one) for one in course.interview.questions]
    assert [one.question for one in answers if one] == list(TEXTS)
    assert all(one and one.interview_id == interview.id and not one.shared for one in answers)


async def test_the_next_question_is_there_while_the_last_answer_is_assessed(
    harness: Harness,
) -> None:
    """More than two may be under way for whoever is in an interview, and for nobody else."""
    process = harness.process()
    interview = await begin(harness, process)
    for position in (0, 2, 4):
        await send(harness, process, interview, position)
    course = await course_of(process, interview)
    assert course.under_way
    assert course.next is None
    assert not course.complete
    with pytest.raises(Refused, match="waiting"):
        await harness.submit(process)


async def test_answers_of_an_interview_are_worked_on_beside_each_other(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    began: set[str] = set()
    all_began = asyncio.Event()

    async def work(_owner: object, attempt_id: str) -> None:
        began.add(attempt_id)
        if len(began) == 3:
            all_began.set()
        await all_began.wait()  # one after the other would never end

    process.runner.start(work)
    for position in (0, 2, 4):
        await send(harness, process, interview, position)
    async with asyncio.timeout(10):
        await process.rest()
    assert len(began) == 3


async def test_a_question_is_answered_once_whoever_tries_twice(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    await send(harness, process, interview, 0)
    with pytest.raises(Refused) as refused:
        await send(harness, process, interview, 0)
    assert refused.value.code == "answered"
    assert await harness.uses(ANN) == 1
    other = harness.process()
    first = await process.interviews.link(ANN, interview.id, 2)
    assert (await other.interviews.link(ANN, interview.id, 2)).attempt_id == first.attempt_id


async def test_a_failed_answer_can_be_sent_again_or_left_out_and_spoils_nothing(
    harness: Harness,
) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    harness.engine.troubles["start"] = EngineRefused("too_short", "Record more.")
    await answer(harness, process, interview, 0)
    await answer(harness, process, interview, 2)
    harness.engine.troubles.clear()
    await answer(harness, process, interview, 4)
    course = await course_of(process, interview)
    assert [course.standing(one) for one in course.interview.questions] == [
        Standing.CAME_TO_NOTHING,
        Standing.CAME_TO_NOTHING,
        Standing.ASSESSED,
    ]
    assert course.interview.state is InterviewState.OPEN
    assert course.next == course.interview.at(0)
    await answer(harness, process, interview, 0)
    course = await process.interviews.leave_out(ANN, interview.id, 2)
    assert course.interview.state is InterviewState.FINISHED
    assert await harness.uses(ANN) == 2  # the failed ones were given back
    assert len(harness.interviews_told.reports) == 1


async def test_what_is_left_out_can_be_brought_back(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    course = await process.interviews.leave_out(ANN, interview.id, 0)
    assert course.next == course.interview.at(2)
    course = await process.interviews.leave_out(ANN, interview.id, 0, left_out=False)
    assert course.next == course.interview.at(0)
    await answer(harness, process, interview, 0)
    with pytest.raises(Refused, match="answered"):
        await process.interviews.leave_out(ANN, interview.id, 0)


async def test_at_the_end_one_follow_up_asks_about_what_was_missing(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process, follow_ups=FollowUps.END)
    await answer(harness, process, interview, 0)
    harness.engine.assessment = WITHOUT_RESULT
    await answer(harness, process, interview, 2)
    assert len((await course_of(process, interview)).interview.questions) == 3
    await process.interviews.leave_out(ANN, interview.id, 4)
    course = await course_of(process, interview)
    assert course.next is not None
    assert course.next.text == "What came of it in the end?"
    assert (course.next.position, course.next.follows) == (3, 2)
    assert course.next.origin is QuestionOrigin.FOLLOW_UP
    assert course.label(course.next) == "Follow-up to question 2"
    about = course.answer(course.interview.questions[1])
    await answer(harness, process, interview, 3)
    course = await course_of(process, interview)
    assert len(course.interview.questions) == 4  # none follows on a follow-up
    assert course.interview.state is InterviewState.FINISHED
    followed = course.answer(course.interview.questions[2])
    assert about is not None
    assert followed is not None
    assert followed.parent_id == about.id
    assert followed.assessment is not None
    assert PartName.RESULT not in {part.name for part in followed.assessment.parts}
    assert followed.assessment.follow_up == ""


async def test_while_a_result_may_lead_to_a_follow_up_the_interview_waits(
    harness: Harness,
) -> None:
    process = harness.process()
    interview = await begin(harness, process, count=1, follow_ups=FollowUps.END)
    attempt = await send(harness, process, interview, 0)
    course = await course_of(process, interview)
    assert course.waits
    assert course.next is None
    harness.engine.assessment = WITHOUT_RESULT
    await process.attempts.advance(ANN, attempt.id)
    course = await course_of(process, interview)
    assert not course.waits
    assert course.next is not None


async def test_results_that_come_together_do_not_end_it_before_the_follow_up(
    harness: Harness,
) -> None:
    harness.engine.assessment = WITHOUT_RESULT
    process = harness.process()
    interview = await begin(harness, process, count=2, follow_ups=FollowUps.END)
    told = process.attempts.answered
    process.attempts.answered = _nobody
    for position in (0, 2):
        await answer(harness, process, interview, position)
    await asyncio.gather(*(told(ANN, interview.id) for _ in range(3)))
    course = await course_of(process, interview)
    assert course.interview.state is InterviewState.OPEN
    assert course.next is not None
    assert course.next.follows is not None


async def _nobody(_owner: Owner, _interview_id: str) -> None:
    """Hears of no result."""


async def test_where_it_was_chosen_each_answer_is_followed_up(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process, count=2, follow_ups=FollowUps.EACH)
    harness.engine.assessment = WITHOUT_RESULT
    await answer(harness, process, interview, 0)
    course = await course_of(process, interview)
    assert course.next is not None
    assert course.next.position == 1
    await process.interviews.leave_out(ANN, interview.id, 1)
    await answer(harness, process, interview, 2)
    course = await course_of(process, interview)
    assert [one.position for one in course.interview.questions] == [0, 1, 2, 3]


async def test_finished_early_it_reports_once_the_last_result_is_there(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process, follow_ups=FollowUps.END)
    harness.engine.assessment = WITHOUT_RESULT
    await answer(harness, process, interview, 0)
    attempt = await send(harness, process, interview, 2)
    course = await process.interviews.finish(ANN, interview.id)
    assert course.interview.state is InterviewState.FINISHED
    assert course.next is None
    assert harness.interviews_told.reports == []
    await process.attempts.advance(ANN, attempt.id)
    assert len(harness.interviews_told.reports) == 1
    assert len((await course_of(process, interview)).interview.questions) == 3
    await process.interviews.settle(ANN, interview.id)
    assert len(harness.interviews_told.reports) == 1


async def test_an_answer_whose_recording_was_begun_is_taken_after_the_end(harness: Harness) -> None:
    """Nothing that was recorded is lost because another tab has pressed `Finish`."""
    process = harness.process()
    interview = await begin(harness, process)
    await answer(harness, process, interview, 0)
    await process.interviews.finish(ANN, interview.id)
    await answer(harness, process, interview, 2)
    course = await course_of(process, interview)
    assert len(course.with_standing(Standing.ASSESSED)) == 2
    await process.interviews.stop(ANN, interview.id)  # it has ended: that changes nothing
    assert (await course_of(process, interview)).interview.state is InterviewState.FINISHED


async def test_one_interview_goes_on_at_a_time_and_a_stopped_one_can_go_on(
    harness: Harness,
) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    with pytest.raises(Refused) as refused:
        await begin(harness, process)
    assert refused.value.code == "interview_open"
    await begin(harness, process, owner=BEN)
    await process.interviews.stop(ANN, interview.id)
    assert await process.interviews.current(ANN) is None
    with pytest.raises(Refused) as refused:
        await send(harness, process, interview, 0)
    assert refused.value.code == "interview_over"
    await process.interviews.go_on(ANN, interview.id)
    await answer(harness, process, interview, 0)
    await process.interviews.stop(ANN, interview.id)
    harness.clock.forward(minutes=1)
    other = await begin(harness, process)
    with pytest.raises(Refused) as refused:
        await process.interviews.go_on(ANN, interview.id)
    assert refused.value.code == "interview_open"
    assert (await process.interviews.page(ANN, size=5))[0][0].id == other.id


async def test_nobody_else_gets_at_an_interview(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    service = process.interviews
    for call in (
        service.of(BEN, interview.id),
        service.finish(BEN, interview.id),
        service.stop(BEN, interview.id),
        service.link(BEN, interview.id, 0),
        service.leave_out(BEN, interview.id, 0),
        service.report(BEN, interview.id),
        service.delete(BEN, interview.id),
    ):
        with pytest.raises(Refused) as refused:
            await call
        assert refused.value.code == "interview_gone"
    assert (await course_of(process, interview)).interview.state is InterviewState.OPEN


async def test_a_day_later_it_has_ended_with_what_was_answered(harness: Harness) -> None:
    process = harness.process()
    answered = await begin(harness, process)
    await answer(harness, process, answered, 0)
    unanswered = await begin(harness, process, owner=BEN)
    harness.clock.forward(hours=25)
    with pytest.raises(Refused) as refused:
        await process.interviews.link(ANN, answered.id, 2)
    assert refused.value.code == "interview_over"
    await process.cleanup.run()
    assert (await course_of(process, answered)).interview.state is InterviewState.FINISHED
    assert (await course_of(process, unanswered)).interview.state is InterviewState.STOPPED
    assert len(harness.interviews_told.reports) == 1
    await begin(harness, process)


async def test_a_recording_whose_time_was_over_can_be_begun_anew(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    first = await process.interviews.link(ANN, interview.id, 0)
    harness.clock.forward(hours=2)
    later = await process.interviews.link(ANN, interview.id, 0)
    assert (later.id, later.interview_id, later.position) == (first.id, interview.id, 0)
    assert later.opened_at == harness.clock()


async def test_deleting_an_interview_deletes_its_answers_and_their_copies(
    harness: Harness,
) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    await answer(harness, process, interview, 0)
    await send(harness, process, interview, 2)
    deleted = await process.interviews.delete(ANN, interview.id)
    assert deleted.attempts == 2
    assert await process.interviews.page(ANN, size=5) == ([], 0)
    assert await harness.attempts.history(ANN, limit=5) == []
    await harness.assert_nothing_is_left()


async def test_an_interview_is_kept_as_long_as_its_answers(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process)
    await answer(harness, process, interview, 0)
    await process.interviews.finish(ANN, interview.id)
    harness.clock.forward(days=harness.settings.retention_days + 1)
    await process.cleanup.run()
    assert await process.interviews.page(ANN, size=5) == ([], 0)


async def test_a_single_result_is_followed_up_where_something_was_missing(
    harness: Harness,
) -> None:
    process = harness.process()
    harness.engine.assessment = WITHOUT_RESULT
    attempt = await harness.submit(process, question=TEXTS[1])
    with pytest.raises(Refused, match="nothing_missing"):
        await process.interviews.follow_up(ANN, attempt.id)
    await process.attempts.advance(ANN, attempt.id)
    parent, text = await process.interviews.follow_up(ANN, attempt.id)
    assert (parent.id, text) == (attempt.id, "What came of it in the end?")
    with pytest.raises(Refused):
        await process.interviews.follow_up(BEN, attempt.id)


async def test_wherever_a_process_dies_the_report_comes_and_nothing_is_billed_twice(
    harness: Harness,
) -> None:
    """The last answer of an interview is worked on; the process dies at each await of that."""

    async def last_answer(number: int) -> tuple[Interview, Attempt]:
        owner = ANN.model_copy(update={"user_id": 1000 + number})
        process = harness.process()
        interview = await begin(harness, process, count=2, follow_ups=FollowUps.END, owner=owner)
        await answer(harness, process, interview, 0)
        return interview, await send(harness, process, interview, 2)

    interview, attempt = await last_answer(0)
    harness.points.names.clear()
    await harness.process().attempts.advance(attempt.owner, attempt.id)
    points = list(harness.points.names)
    assert any(name.endswith("interviews.reported") for name in points)
    for at, name in enumerate(points):
        interview, attempt = await last_answer(at + 1)
        before = len(harness.interviews_told.reports)
        harness.points.step_in(at, raising(Crash()))
        with pytest.raises(Crash):
            await harness.process().attempts.advance(attempt.owner, attempt.id)
        await harness.process().start()
        process = harness.process()
        await process.cleanup.run()
        course = await course_of(process, interview)
        assert course.interview.state is InterviewState.FINISHED, name
        assert course.interview.reported_at is not None, name
        assert 1 <= len(harness.interviews_told.reports) - before <= 2, name
        assert harness.vendor.made[f"task {attempt.id}-1"] == 1, name
        ended = await harness.now(attempt)
        assert ended is not None
        assert ended.state is AttemptState.DELIVERED, name


async def test_nothing_is_asked_any_more_when_its_day_is_over(harness: Harness) -> None:
    process = harness.process()
    interview = await begin(harness, process, count=1, follow_ups=FollowUps.END)
    harness.engine.assessment = WITHOUT_RESULT
    attempt = await send(harness, process, interview, 0)
    harness.clock.forward(hours=25)
    await process.attempts.advance(ANN, attempt.id)
    course = await course_of(process, interview)
    assert len(course.interview.questions) == 1
    assert course.interview.state is InterviewState.FINISHED
    assert len(harness.interviews_told.reports) == 1


async def test_of_two_stopped_interviews_one_goes_on(harness: Harness) -> None:
    process = harness.process()
    stopped = []
    for _ in range(2):
        stopped.append(await begin(harness, process))
        await process.interviews.stop(ANN, stopped[-1].id)
        harness.clock.forward(minutes=1)
    reopened = [harness.deps.interviews.reopen(ANN, one.id) for one in stopped]
    assert sorted(await asyncio.gather(*reopened)) == [False, True]
