"""Tells a member how their interview goes, by editing its message; needs no gateway."""

from __future__ import annotations

import contextlib
import logging

import discord

from analyzer.dependencies import Clock, Timings
from analyzer.interviews.course import Course
from analyzer.interviews.report import InterviewReport
from cogs.interview.message import Page, message_of
from cogs.shared.replies import Replies, TellLater
from core.errors import error_location

log = logging.getLogger(__name__)


class DiscordInterviewAnnouncer:
    """Edits the message that an interview has, while Discord lets it be edited.

    Afterwards its buttons, `/interview show` and the studio show what there is: nobody gets a
    message unasked.
    """

    def __init__(
        self, client: discord.Client, *, clock: Clock, timings: Timings, page: Page | None = None
    ) -> None:
        """`page` is `None` where there is no studio."""
        self._replies = Replies(client, clock=clock, timings=timings)
        self._clock = clock
        self._page = page

    async def show(self, course: Course, report: InterviewReport | None) -> None:
        """Show how far an interview is, or its report, which is told until Discord takes it."""
        try:
            await self._show(course, report)
        except Exception as error:  # noqa: BLE001 - no answer's work may hang on telling
            log.error("an interview was not shown: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets

    async def _show(self, course: Course, report: InterviewReport | None) -> None:
        reply = course.interview.reply
        now = self._clock()
        if reply is None or now >= reply.dies_at:
            return
        page = None if self._page is None else self._page(course.interview)
        message = await message_of(course, report, now=now, page=page)

        async def tell() -> int | None:
            return await self._replies.edit(reply, **message.content())

        if report is not None:
            await self._replies.insist(tell)
        else:
            with contextlib.suppress(TellLater):
                await tell()
