"""The one message that shows an interview: its next question, or its report."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord

from analyzer.interviews.course import Course
from analyzer.interviews.report import InterviewReport
from cogs.interview.cards import course_card
from cogs.interview.report_card import report_alt, report_card
from cogs.ui.charts import drawn, interview_chart, picture
from core.interviews import Interview

Page = Callable[[Interview], str]
"""Where an interview's member goes on with it in the studio: a credential of theirs."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message shows. Files are read when they are sent, so each sending makes its own."""

    embed: discord.Embed
    view: discord.ui.View
    chart: bytes | None = None
    alt: str = ""

    def content(self) -> dict[str, Any]:
        """What an edit is given; without a chart, one that was there goes away."""
        embed = self.embed.copy()
        files = picture(embed, self.chart, "interview.png", self.alt)
        return {"embed": embed, "view": self.view, "attachments": files}

    @property
    def words(self) -> tuple[object, ...]:
        """What tells it from another one."""
        labels = [getattr(item, "label", "") for item in self.view.children]
        return (self.embed.to_dict(), labels)


async def message_of(
    course: Course,
    report: InterviewReport | None,
    *,
    now: datetime,
    page: str | None,
    notes: Sequence[str] = (),
) -> Message:
    """What shows an interview: its report, where there is one, else how far it is."""
    if report is None:
        card = course_card(course, now=now, page=page, notes=notes)
        return Message(card.embed, card.view)
    card = report_card(course.interview, report, page=page)
    chart = None
    if report.series:
        lines = [one.line for one in report.series]
        chart = await drawn(functools.partial(interview_chart, lines, report.columns))
    return Message(card.embed, card.view, chart, report_alt(report))
