"""Shows how an interview goes in the message that it has."""

from __future__ import annotations

import discord

from analyzer.dependencies import Clock
from analyzer.interviews.course import Course
from analyzer.interviews.report import InterviewReport


class DiscordInterviewAnnouncer:
    """Edits the message that an interview has, while Discord lets it be edited."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def show(self, course: Course, report: InterviewReport | None) -> None:
        """Show it."""
