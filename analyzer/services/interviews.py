"""Interviews: begun, gone on with question by question, ended, and reported on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from analyzer.dependencies import Dependencies
from analyzer.interviews.course import Course, Standing
from analyzer.interviews.due_follow_ups import due_follow_ups
from analyzer.interviews.follow_ups import follow_up_for
from analyzer.interviews.report import InterviewReport, report_of
from analyzer.questions.kinds import about_question
from analyzer.services.attempts import AskedIn, AttemptService
from analyzer.services.deletion import AttemptDeletion, Deleted
from analyzer.services.studio_checks import StudioChecks, too_many_links
from analyzer.services.studio_takes import LINKS_AN_HOUR, came_to_nothing, ends_at
from core.errors import Refused, Superseded
from core.interviews import (
    INTERVIEW_LIFE,
    FollowUps,
    Interview,
    InterviewQuestion,
    InterviewState,
)
from core.models import Attempt, ClipSource, Owner, ReplyAddress, ServerSettings, new_id
from core.questions import question_key
from storage.repositories.interviews import Found
from storage.repositories.studio_links import StudioLink

log = logging.getLogger(__name__)

_GONE = "That interview is no longer kept. Use `/interview start` for a new one."
_OVER = "That interview has ended. Use `/interview start` for a new one."


class InterviewService:
    """Every call takes the owner it is for; the answers themselves are attempts like any other."""

    def __init__(
        self, deps: Dependencies, attempts: AttemptService, deletion: AttemptDeletion
    ) -> None:
        """Make one, and follow the answers that `attempts` works on."""
        self._deps = deps
        self._attempts = attempts
        self._deletion = deletion
        self._checks = StudioChecks(deps)
        attempts.answered = self.settle

    async def begin(
        self,
        *,
        owner: Owner,
        channel_id: int,
        questions: Sequence[InterviewQuestion],
        follow_ups: FollowUps,
        reply: ReplyAddress | None,
    ) -> Interview:
        """Begin an interview with these questions.

        Raises:
            Refused: `interview_open`; the owner has one that goes on.
        """
        now = self._deps.clock()
        interview = Interview(
            id=new_id(),
            owner=owner,
            channel_id=channel_id,
            follow_ups=follow_ups,
            questions=tuple(questions),
            reply=reply,
            created_at=now,
        )
        if not await self._deps.interviews.begin(interview, since=now - INTERVIEW_LIFE):
            raise Refused(
                "interview_open",
                "You have an interview that goes on. Go on with it by `/interview show`, or end it "
                "with `/interview stop`.",
            )
        log.info("interview begun: %d questions", len(interview.questions))
        return interview

    async def of(self, owner: Owner, interview_id: str) -> Course:
        """The owner's interview with this id, and how far it is.

        Raises:
            Refused: `interview_gone`; this member has none such here.
        """
        return _course(await self._deps.interviews.get(owner, interview_id))

    async def current(self, owner: Owner) -> Course | None:
        """The owner's interview that goes on."""
        since = self._deps.clock() - INTERVIEW_LIFE
        found = await self._deps.interviews.goes_on(owner, since=since)
        return None if found is None else _course(found)

    async def last(self, owner: Owner) -> Course | None:
        """The owner's latest interview, however it ended."""
        found = await self._deps.interviews.last(owner)
        return None if found is None else _course(found)

    async def last_questions(self, owner: Owner) -> frozenset[str]:
        """Keys of the questions that the owner's latest interview asked: not to be asked again."""
        course = await self.last(owner)
        asked = () if course is None else course.interview.questions
        return frozenset(question_key(one.text) for one in asked)

    async def page(
        self, owner: Owner, *, size: int, number: int = 1
    ) -> tuple[list[Interview], int]:
        """Some of the owner's interviews, newest first, and how many there are; pages from 1."""
        return await self._deps.interviews.page(owner, size=size, number=number)

    async def leave_out(
        self, owner: Owner, interview_id: str, position: int, *, left_out: bool = True
    ) -> Course:
        """Leave a question out, or take that back; returns how far the interview is then.

        Raises:
            Refused: `interview_gone`, `interview_over`, or `answered`; it has a result already, or
                its answer is being assessed.
        """
        course = await self.of(owner, interview_id)
        self._check_open(course)
        self._unanswered(course, position)
        await self._deps.interviews.leave_out(owner, interview_id, position, left_out=left_out)
        await self.settle(owner, interview_id)
        return await self.of(owner, interview_id)

    async def finish(self, owner: Owner, interview_id: str) -> Course:
        """End an interview with what was answered; its report comes with the last result.

        Raises:
            Refused: `interview_gone`.
        """
        course = await self.of(owner, interview_id)
        ended = await self._deps.interviews.end(owner, interview_id, InterviewState.FINISHED)
        if ended:
            log.info("interview finished by its member")
        elif course.interview.state is InterviewState.STOPPED:
            raise Refused("interview_over", _OVER)
        await self.settle(owner, interview_id)
        return await self.of(owner, interview_id)

    async def stop(self, owner: Owner, interview_id: str) -> Course:
        """End an interview without a report; what was answered stays in the history.

        Raises:
            Refused: `interview_gone`.
        """
        await self._deps.interviews.end(owner, interview_id, InterviewState.STOPPED)
        return await self.of(owner, interview_id)

    async def go_on(self, owner: Owner, interview_id: str) -> Course:
        """Go on with an interview that was stopped.

        Raises:
            Refused: `interview_gone`, `interview_over`, or `interview_open`; another one goes on.
        """
        course = await self.of(owner, interview_id)
        self._check_in_time(course)
        other = await self.current(owner)
        if other is not None and other.interview.id != interview_id:
            raise Refused(
                "interview_open",
                "Another interview goes on meanwhile. End that one with `/interview stop` first.",
            )
        await self._deps.interviews.reopen(owner, interview_id)
        return await self.of(owner, interview_id)

    async def delete(self, owner: Owner, interview_id: str) -> Deleted:
        """Delete an interview and every answer to it, with what those left outside.

        Raises:
            Refused: `interview_gone`.
        """
        await self.of(owner, interview_id)
        await self._deps.interviews.end(owner, interview_id, InterviewState.STOPPED)
        answers = await self._deps.interviews.answers(owner, interview_id)

        async def delete_rows() -> None:
            for one in answers:
                await self._deps.attempts.delete(owner, one.id, scrub=False)
            await self._deps.interviews.delete(owner, interview_id)
            await self._deps.database.scrubbed()

        return await self._deletion.delete_all(answers, delete_rows)

    async def show_in(self, owner: Owner, interview_id: str, reply: ReplyAddress | None) -> None:
        """Let this message show from now on how far an interview is, and say that it is reported.

        It replaces the one before, whose token may have died; `None`: no message does.
        """
        await self._deps.interviews.show_in(owner, interview_id, reply)

    async def report(self, owner: Owner, interview_id: str) -> InterviewReport:
        """What an interview has shown so far.

        Raises:
            Refused: `interview_gone`.
        """
        course = await self.of(owner, interview_id)
        return report_of(course.interview, course.attempts)

    async def link(self, owner: Owner, interview_id: str, position: int) -> StudioLink:
        """The link with which a question is answered: the same one for whoever asks.

        One whose time is over, or whose answer came to nothing, begins anew.

        Raises:
            Refused: `interview_gone`, `interview_over`, `answered` or `too_many_links`.
        """
        deps, now = self._deps, self._deps.clock()
        course = await self.of(owner, interview_id)
        self._check_in_time(course)
        question = self._unanswered(course, position)
        about = None if question.follows is None else course.interview.at(question.follows)
        link = await deps.studio_links.of_question(
            StudioLink(
                id=new_id(),
                owner=owner,
                channel_id=course.interview.channel_id,
                question=question.text,
                created_at=now,
                interview_id=interview_id,
                position=position,
                parent_id=None if about is None else about.attempt_id,
            ),
            since=now - timedelta(hours=1),
            most=LINKS_AN_HOUR,
        )
        if link is None:
            raise too_many_links()
        attempt = await deps.attempts.get(owner, link.attempt_id)
        deleted = attempt is None and link.submitted_at is not None
        if deleted or (attempt is not None and came_to_nothing(attempt)):
            await self._checks.another_try(owner)
        elif attempt is not None or now < ends_at(link, submitted=False):
            return link
        link = await deps.studio_links.reopen(link, new_id())
        if link is None:
            raise Refused("interview_gone", _GONE)
        return link

    async def submit(
        self,
        *,
        owner: Owner,
        interview_id: str,
        position: int,
        source: ClipSource,
        open_reply: Callable[[], Awaitable[ReplyAddress | None]],
        settings: ServerSettings | None = None,
    ) -> Attempt:
        """Queue a clip as the answer to a question; it takes the place of a recording.

        Raises:
            Refused: like `link`, and like `AttemptService.submit`.
            ClipRefused: the declared size is over the limit.
        """
        link = await self.link(owner, interview_id, position)
        try:
            attempt = await self._attempts.submit(
                owner=owner,
                channel_id=link.channel_id,
                question=link.question,
                source=source,
                shared=False,
                open_reply=open_reply,
                attempt_id=link.attempt_id,
                settings=settings,
                asked_in=AskedIn(link.interview_id, link.position, link.parent_id),
            )
        except Superseded:
            raise _answered() from None
        await self._deps.studio_links.submitted(link)
        return attempt

    async def follow_up(self, owner: Owner, attempt_id: str) -> tuple[Attempt, str]:
        """An attempt of the owner's, and the question about what was missing in it.

        Raises:
            Refused: `not_owner`, or `nothing_missing`; there is nothing to ask.
        """
        attempt = await self._deps.attempts.get(owner, attempt_id)
        if attempt is None:
            raise Refused("not_owner", "That attempt isn't kept any more. Use `/practice`.")
        text: str | None = None
        if attempt.assessment is not None:
            about = await about_question(self._deps.questions, owner.guild_id, attempt.question)
            text = follow_up_for(attempt.assessment, about.kind, attempt.question)
        if text is None:
            raise Refused(
                "nothing_missing",
                "Nothing was found missing in that answer, so there is no follow-up to it. Try "
                "another question with `/practice`.",
            )
        return attempt, text

    async def settle(self, owner: Owner, interview_id: str, *, show: bool = True) -> None:
        """Do what is due: ask a follow-up, end what is done, tell of the report. Safe to repeat.

        With `show`, the message that shows the interview says how far it is.

        Raises:
            StorageUnavailable: the rows can't be read or written now. Repeat it.
        """
        with suppress(Refused):  # it has been deleted meanwhile
            await self._settle(owner, interview_id, show=show)

    async def _settle(self, owner: Owner, interview_id: str, *, show: bool) -> None:
        course = await self.of(owner, interview_id)
        if course.interview.state is InterviewState.OPEN:
            if not self._is_over(course):
                course = await self._ask_follow_ups(course)
            if (end := self._end_of(course)) is not None:
                await self._deps.interviews.end(owner, interview_id, end)
                course = await self.of(owner, interview_id)
        if course.complete and course.interview.state is InterviewState.FINISHED:
            if course.interview.reported_at is None:
                report = report_of(course.interview, course.attempts)
                await self._deps.interview_announcer.show(course, report)
                if await self._deps.interviews.reported(owner, interview_id):
                    log.info("interview reported")
        elif show and not (course := await self.of(owner, interview_id)).complete:
            # read anew: another answer may have ended it, and its report must not be written over
            await self._deps.interview_announcer.show(course, None)

    async def settle_all(self) -> None:
        """Do what is due in every interview, after a crash or an outage. For the cleanup."""
        for owner, interview_id in await self._deps.interviews.unsettled():
            await self.settle(owner, interview_id, show=False)

    async def _ask_follow_ups(self, course: Course) -> Course:
        """Ask about what was missing, where a result allows it now; the course as it is then."""
        interview = course.interview
        only = interview.follow_ups is FollowUps.END
        due = due_follow_ups(course)
        for one in due:
            await self._deps.interviews.add_question(interview, one, only=only)
        # also where another call has asked it just before: what was read above knows nothing of it
        return await self.of(interview.owner, interview.id) if due else course

    def _end_of(self, course: Course) -> InterviewState | None:
        """How an open interview ends now; `None` while there is something left to do in it."""
        if course.done:
            return InterviewState.FINISHED
        if not self._is_over(course) or course.under_way:
            return None
        answered = course.with_standing(Standing.ASSESSED)
        return InterviewState.FINISHED if answered else InterviewState.STOPPED

    def _is_over(self, course: Course) -> bool:
        return self._deps.clock() >= course.interview.goes_on_until

    def _check_in_time(self, course: Course) -> None:
        if self._is_over(course):
            raise Refused("interview_over", _OVER)

    def _check_open(self, course: Course) -> None:
        self._check_in_time(course)
        if course.interview.state is not InterviewState.OPEN:
            raise Refused("interview_over", _OVER)

    def _unanswered(self, course: Course, position: int) -> InterviewQuestion:
        """The question with this position, if an answer to it can still be sent in."""
        question = course.interview.at(position)
        if question is None:
            raise Refused("interview_gone", _GONE)
        if course.interview.state is InterviewState.STOPPED:
            raise Refused("interview_over", _OVER)
        if course.standing(question).answered:
            raise _answered()
        return question


def _course(found: Found | None) -> Course:
    if found is None:
        raise Refused("interview_gone", _GONE)
    return Course(found.interview, found.attempts)


def _answered() -> Refused:
    return Refused(
        "answered",
        "That question has an answer already. Use `/interview show` to go on with the next one.",
    )
