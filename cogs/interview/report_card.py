"""How the report of an interview looks in Discord."""

from __future__ import annotations

import discord

from analyzer.interviews.course import Course, Standing
from analyzer.interviews.report import InterviewReport
from cogs.ui.buttons import OPEN_STUDIO, Action, PracticeButton, view_of
from cogs.ui.embeds import RESULT, Card, FittedEmbed


def report_card(course: Course, report: InterviewReport, *, page: str | None) -> Card:
    """The report."""
    card = FittedEmbed("Your interview", RESULT)
    card.say(f"{report.assessed} answers", weight=1)
    return Card(card.build(), report_buttons(course, page=page))


def report_buttons(course: Course, *, page: str | None) -> discord.ui.View:
    """What can be done with a report: each answer's own result, the studio, a new one, delete."""
    interview = course.interview
    items = list[discord.ui.Item[discord.ui.View]]()
    for question in course.with_standing(Standing.ASSESSED):
        if question.attempt_id is not None:
            label = course.label(question).partition(" of ")[0]
            items.append(PracticeButton(Action.ATTEMPT_SHOW, question.attempt_id, label=label))
    if page is not None:
        items.append(discord.ui.Button(label=OPEN_STUDIO, url=page))
    items += [
        PracticeButton(Action.INTERVIEW_NEW, interview.id),
        PracticeButton(Action.INTERVIEW_DELETE, interview.id),
    ]
    return view_of(*items)
