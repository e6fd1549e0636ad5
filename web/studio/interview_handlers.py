"""The page's calls for an interview, each for whoever holds the link to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from analyzer.dependencies import Clock
from analyzer.interviews.course import Course
from analyzer.interviews.report import report_of
from analyzer.interviews.report_page import report_page
from analyzer.services.studio_interviews import HeldInterview, StudioInterviews
from analyzer.services.studio_tokens import link_unknown
from core.errors import Refused
from web.studio.answers import json_answer
from web.studio.interview_schemas import QuestionLinkAnswer, interview_answer
from web.studio.middleware import sentence_of
from web.studio.rate_limits import RateLimiter
from web.studio.report_schemas import ReportAnswer, report_answer
from web.studio.request_bodies import (
    LeaveOutBody,
    QuestionBody,
    ReadTimeouts,
    body_of,
)
from web.studio.rights import Rights

_REPORT_NAME = "interview-report.html"

Call = Callable[[web.Request, HeldInterview], Awaitable[web.StreamResponse]]


class InterviewCalls:
    """Answers calls; each looks the interview up anew, by the owner whom the link names."""

    def __init__(
        self,
        interviews: StudioInterviews,
        *,
        clock: Clock,
        rate_limiter: RateLimiter,
        read_timeouts: ReadTimeouts,
    ) -> None:
        self._interviews = interviews
        self._clock = clock
        self._rate_limiter = rate_limiter
        self._read_timeouts = read_timeouts

    def add_to(self, app: web.Application, rights: Rights) -> None:
        """Add the routes; their paths are below the application's own."""
        calls: tuple[tuple[str, str, Call], ...] = (
            ("GET", "interview", self.show),
            ("POST", "interview/question", self._question),
            ("POST", "interview/leave-out", self._leave_out),
            ("POST", "interview/finish", self._finish),
            ("GET", "interview/report", self._report),
            ("GET", "interview/report.html", self._report_file),
        )
        for method, path, call in calls:
            app.router.add_route(method, f"/api/{path}", _for_interview(rights, call))

    async def show(self, _request: web.Request, held: HeldInterview) -> web.Response:
        """How far the interview is."""
        left, refused = 0, None
        try:
            left = await self._interviews.answers_left(held)
        except Refused as error:
            refused = sentence_of(error)
        return json_answer(
            interview_answer(held, self._clock(), answers_left=left, refused=refused)
        )

    async def _question(self, request: web.Request, held: HeldInterview) -> web.Response:
        with self._rate_limiter.changing(held.id):
            body = await body_of(request, QuestionBody, self._read_timeouts)
            token = await self._interviews.question(held, body.position)
        return json_answer(QuestionLinkAnswer(token=token))

    async def _leave_out(self, request: web.Request, held: HeldInterview) -> web.Response:
        with self._rate_limiter.changing(held.id):
            body = await body_of(request, LeaveOutBody, self._read_timeouts)
            now = await self._interviews.leave_out(held, body.position, left_out=body.left_out)
        return await self.show(request, now)

    async def _finish(self, request: web.Request, held: HeldInterview) -> web.Response:
        with self._rate_limiter.changing(held.id):
            now = await self._interviews.finish(held)
        return await self.show(request, now)

    async def _report(self, _request: web.Request, held: HeldInterview) -> web.Response:
        return json_answer(await asyncio.to_thread(_answer_of, held.course))

    async def _report_file(self, _request: web.Request, held: HeldInterview) -> web.Response:
        text = await asyncio.to_thread(report_page, held.course)
        return web.Response(
            text=text,
            content_type="text/html",
            headers={"Content-Disposition": f'attachment; filename="{_REPORT_NAME}"'},
        )


def _answer_of(course: Course) -> ReportAnswer:
    return report_answer(report_of(course.interview, course.attempts), course)


def _for_interview(
    rights: Rights, call: Call
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        held = await rights.of(request)
        if not isinstance(held, HeldInterview):
            raise link_unknown()
        return await call(request, held)

    return answer
