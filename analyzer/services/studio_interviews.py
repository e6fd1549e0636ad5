"""Interviews in the studio: what whoever holds an interview's link may do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analyzer.interviews.course import Course
from analyzer.services.attempts import AttemptService
from analyzer.services.interviews import InterviewService
from analyzer.services.studio_checks import StudioChecks
from analyzer.services.studio_pages import StudioPages
from core.errors import Refused
from core.models import Owner


@dataclass(frozen=True, slots=True)
class HeldInterview:
    """An interview as it is now, and until when its link can be used."""

    course: Course
    until: datetime

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return self.course.interview.owner

    @property
    def id(self) -> str:
        """The interview's id."""
        return self.course.interview.id

    @property
    def goes_on_until(self) -> datetime:
        """Until when questions can be answered with the link."""
        return min(self.until, self.course.interview.goes_on_until)


class StudioInterviews:
    """Every call is for the owner whom the link's signature names."""

    def __init__(
        self,
        attempts: AttemptService,
        interviews: InterviewService,
        checks: StudioChecks,
        pages: StudioPages,
    ) -> None:
        """`attempts` knows the allowance; `checks` asks what the command has asked."""
        self._attempts = attempts
        self._interviews = interviews
        self._checks = checks
        self._pages = pages

    async def find(self, token: str) -> HeldInterview | None:
        """The interview a token is for; `None` for any other token.

        Raises:
            Refused: `interview_link_over`, the token's day is over; or `interview_gone`.
        """
        try:
            owner, interview_id, until = self._pages.interviews.read(token)
        except Refused as error:
            if error.code == "link_unknown":
                return None
            raise Refused(
                "interview_link_over",
                "This link to an interview is over. What it has shown is in Discord: use "
                "/interview show.",
            ) from None
        return HeldInterview(await self._interviews.of(owner, interview_id), until)

    async def answers_left(self, held: HeldInterview) -> int:
        """How many answers the owner may send in now.

        Raises:
            Refused: every metric is switched off, or an allowance is used up.
        """
        return await self._attempts.allowance_left(held.owner)

    async def question(self, held: HeldInterview, position: int) -> str:
        """The token of the link with which a question is answered; the same link for each tab.

        Raises:
            Refused: like `InterviewService.link`; or there is no consent any more, the member may
                not practise there any more, or an allowance is used up.
            UserFacingError: see `StudioChecks.place`.
        """
        await self._checks.consent(held.owner)
        await self._attempts.check_allowance(held.owner)
        link = await self._interviews.link(held.owner, held.id, position)
        await self._checks.place_for_upload(link)
        return self._pages.links.write(link.id)

    async def leave_out(
        self, held: HeldInterview, position: int, *, left_out: bool
    ) -> HeldInterview:
        """Leave a question out, or take that back; see `InterviewService.leave_out`."""
        course = await self._interviews.leave_out(held.owner, held.id, position, left_out=left_out)
        return HeldInterview(course, held.until)

    async def finish(self, held: HeldInterview) -> HeldInterview:
        """End the interview with what was answered; see `InterviewService.finish`."""
        return HeldInterview(await self._interviews.finish(held.owner, held.id), held.until)
