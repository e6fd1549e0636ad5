"""The page's calls, each for the link that its `Authorization` header carries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web

from analyzer.dependencies import Clock, Limits
from analyzer.services.studio import StudioService
from analyzer.services.studio_interviews import HeldInterview
from analyzer.services.studio_takes import came_to_nothing, ends_at
from core.assessment import EngineName
from core.errors import Refused
from core.models import Attempt
from storage.repositories.studio_links import StudioLink
from web.studio.answers import json_answer
from web.studio.event_stream import stream
from web.studio.rate_limits import RateLimiter
from web.studio.request_bodies import (
    BeginBody,
    ReadTimeouts,
    SubmitBody,
    body_of,
    offset_of,
    pieces,
)
from web.studio.rights import HeldLink, Rights
from web.studio.schemas import (
    ANSWER_SECONDS,
    SHORTEST_SECONDS,
    AgainAnswer,
    ReceivedAnswer,
    SessionAnswer,
    SnapshotAnswer,
    SubmittedAnswer,
    snapshot_of,
)

Call = Callable[[web.Request, StudioLink, Attempt | None], Awaitable[web.StreamResponse]]
Look = Callable[[Attempt, datetime], Awaitable[web.StreamResponse]]
"""Answers a call of whoever may look at a result until then, and do nothing else."""
Show = Callable[[web.Request, HeldInterview], Awaitable[web.StreamResponse]]
"""Answers a call of whoever may go on with an interview."""


class Calls:
    """Answers calls. Whose link it is, and whether it holds, is looked up for each anew."""

    def __init__(
        self,
        studio: StudioService,
        *,
        limits: Limits,
        engine: Callable[[], Awaitable[EngineName]],
        judge_host: str | None,
        retention: Callable[[int], Awaitable[timedelta]],
        clock: Clock,
        rate_limiter: RateLimiter,
        read_timeouts: ReadTimeouts,
    ) -> None:
        """`engine` says what would assess a recording now.

        `retention` says how long a server's attempts are kept, by its id.
        """
        self._studio = studio
        self._limits = limits
        self._engine = engine
        self._judge_host = judge_host
        self._retention = retention
        self._clock = clock
        self._rate_limiter = rate_limiter
        self._read_timeouts = read_timeouts
        self._stopping = asyncio.Event()

    def add_to(self, app: web.Application, rights: Rights, show: Show) -> None:
        """Add the routes; their paths are below the application's own.

        `show` answers with how far an interview is, where the page opens the link to one.
        """
        calls: tuple[tuple[str, str, Call, Look | None], ...] = (
            ("GET", "session", self._session, self._result_session),
            ("POST", "upload", self._begin, None),
            ("PATCH", "upload", self._append, None),
            ("POST", "submit", self._submit, None),
            ("GET", "attempt", self._attempt, self._result),
            ("GET", "events", self._events, None),
            ("POST", "cancel", self._cancel, None),
            ("POST", "again", self._again, None),
            ("POST", "follow-up", self._follow_up, None),
        )
        for method, path, call, look in calls:
            opened = show if path == "session" else None
            app.router.add_route(
                method, f"/api/{path}", self._for_right(rights, call, look, opened)
            )

    async def stop(self, _app: web.Application) -> None:
        """End the streams of events, so that nothing holds up the process that stops."""
        self._stopping.set()

    def _for_right(
        self, rights: Rights, call: Call, look: Look | None, show: Show | None
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Answer for the right that the header carries."""

        async def answer(request: web.Request) -> web.StreamResponse:
            held = await rights.of(request)
            if isinstance(held, HeldLink):
                return await call(request, held.link, held.attempt)
            if isinstance(held, HeldInterview):
                if show is None:
                    raise Refused(
                        "interview_only",
                        "This link leads through an interview. Reload the page to go on with it.",
                    )
                return await show(request, held)
            if look is None:
                raise Refused(
                    "looks_only", "This page only shows a result. Use /practice for a new answer."
                )
            return await look(held.attempt, held.until)

        return answer

    async def _session(
        self, _request: web.Request, link: StudioLink, attempt: Attempt | None
    ) -> web.Response:
        now, limits = self._clock(), self._limits
        received = None if attempt else await self._studio.received(link)
        until = ends_at(link, submitted=attempt is not None)
        answer_seconds = min(ANSWER_SECONDS, limits.clip_seconds)
        session = SessionAnswer(
            question=link.question,
            answer_seconds=answer_seconds,
            shortest_seconds=min(SHORTEST_SECONDS, answer_seconds),
            longest_seconds=limits.clip_seconds,
            max_bytes=limits.clip_bytes,
            expires_at=until,
            seconds_left=max(0.0, round((until - now).total_seconds(), 1)),
            shared=attempt.shared if attempt else await self._studio.shares(link),
            engine=attempt.engine if attempt else await self._engine(),
            judge_host=self._judge_host,
            state="submitted" if attempt else "open" if received is None else "uploading",
            received_bytes=received,
            attempt=await self._snapshot(attempt) if attempt else None,
            retention_days=(await self._retention(link.owner.guild_id)).days,
        )
        return json_answer(session)

    async def _result_session(self, attempt: Attempt, until: datetime) -> web.Response:
        """For whoever may look at a result, and nothing else."""
        limits = self._limits
        session = SessionAnswer(
            question=attempt.question,
            answer_seconds=min(ANSWER_SECONDS, limits.clip_seconds),
            shortest_seconds=min(SHORTEST_SECONDS, limits.clip_seconds),
            longest_seconds=limits.clip_seconds,
            max_bytes=limits.clip_bytes,
            expires_at=until,
            seconds_left=max(0.0, round((until - self._clock()).total_seconds(), 1)),
            shared=attempt.shared,
            engine=attempt.engine,
            judge_host=self._judge_host,
            state="submitted",
            looks_only=True,
            received_bytes=None,
            attempt=await self._snapshot(attempt),
            retention_days=(await self._retention(attempt.owner.guild_id)).days,
        )
        return json_answer(session)

    async def _result(self, attempt: Attempt, _until: datetime) -> web.Response:
        return json_answer(await self._snapshot(attempt))

    async def _begin(
        self, request: web.Request, link: StudioLink, attempt: Attempt | None
    ) -> web.Response:
        _check_unsent(attempt)
        with self._rate_limiter.changing(link.id):
            body = await body_of(request, BeginBody, self._read_timeouts)
            body.check_type()
            await self._studio.begin_upload(link, body.size_bytes, body.seconds)
        return json_answer(ReceivedAnswer(received_bytes=0), status=201)

    async def _append(
        self, request: web.Request, link: StudioLink, attempt: Attempt | None
    ) -> web.Response:
        _check_unsent(attempt)
        offset = offset_of(request)
        with self._rate_limiter.changing(link.id):
            async with contextlib.aclosing(pieces(request, self._read_timeouts)) as chunks:
                received = await self._studio.append(link, offset, chunks)
        return json_answer(ReceivedAnswer(received_bytes=received))

    async def _submit(
        self, request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.Response:
        with self._rate_limiter.changing(link.id):
            body = await body_of(request, SubmitBody, self._read_timeouts)
            attempt, is_new = await self._studio.submit(link, shared=body.shared)
        answer = SubmittedAnswer(attempt=await self._snapshot(attempt))
        return json_answer(answer, status=202 if is_new else 200)

    async def _attempt(
        self, _request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.Response:
        return json_answer(await self._snapshot(await self._studio.attempt(link)))

    async def _cancel(
        self, _request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.Response:
        return json_answer(await self._snapshot(await self._studio.cancel(link)))

    async def _again(
        self, _request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.Response:
        with self._rate_limiter.changing(link.id):
            return json_answer(AgainAnswer(token=await self._studio.again(link)))

    async def _follow_up(
        self, _request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.Response:
        with self._rate_limiter.changing(link.id):
            return json_answer(AgainAnswer(token=await self._studio.follow_up(link)))

    async def _events(
        self, request: web.Request, link: StudioLink, _attempt: Attempt | None
    ) -> web.StreamResponse:
        await self._studio.attempt(link)

        async def look() -> SnapshotAnswer | None:
            try:
                return await self._snapshot(await self._studio.attempt(link))
            except Refused:
                return None

        with self._rate_limiter.watching(link.id):
            return await stream(request, look, self._stopping)

    async def _snapshot(self, attempt: Attempt) -> SnapshotAnswer:
        if attempt.assessment is None:
            return snapshot_of(attempt, self._clock())
        earlier = await self._studio.earlier(attempt)
        follow_up = await self._studio.follow_up_of(attempt)
        return snapshot_of(attempt, self._clock(), earlier, follow_up)


def _check_unsent(attempt: Attempt | None) -> None:
    if attempt is not None and not came_to_nothing(attempt):
        raise Refused("submitted", "Your recording has been sent in already.")
