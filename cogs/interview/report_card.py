"""How the report of an interview looks in Discord: what ran through it, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from analyzer.interviews.course import Standing
from analyzer.interviews.report import AnswerLine, InterviewReport
from analyzer.interviews.to_do import Moment
from analyzer.scoring.wording import DISCLAIMER
from cogs.ui.buttons import OPEN_STUDIO, Action, PracticeButton, view_of
from cogs.ui.embeds import RESULT, Card, FittedEmbed
from cogs.ui.text import ALT_TEXT_LIMIT, counted, moment, plain, raw
from core.interviews import Interview

QUESTION_LIMIT = 120
SENTENCE_LIMIT = 300

_LEAD, _TO_DO, _PATTERNS, _BEST, _ANSWERS, _QUESTIONS = range(60, 0, -10)


def report_card(interview: Interview, report: InterviewReport, *, page: str | None) -> Card:
    """The report of an interview, with a button to each answer's own result.

    Args:
        interview: whose report it is.
        report: as it is now.
        page: where it is looked at in the studio: a credential. `None` where there is none.
    """
    begun = int(interview.created_at.timestamp())
    card = FittedEmbed("Your interview", RESULT, footer=DISCLAIMER)
    count = counted(len(interview.planned), "question")
    card.say(f"<t:{begun}:D> · {count}", weight=_LEAD)
    card.say(plain(report.partial, SENTENCE_LIMIT), weight=_LEAD, gap=False)
    if report.best is not None:
        card.field("Your best moment", [_moment(report.best)], weight=_BEST)
    to_do = [
        f"**{number}.** {_moment(one.moment)}" for number, one in enumerate(report.to_do, start=1)
    ]
    card.field("To do next", to_do, weight=_TO_DO)
    patterns = [f"• {plain(one, SENTENCE_LIMIT)}" for one in report.patterns]
    card.field("What ran through it", patterns, weight=_PATTERNS)
    for answer in report.answers:
        card.field(answer.label, [plain(answer.question, QUESTION_LIMIT)], weight=_QUESTIONS)
        card.field(answer.label, [plain(answer.words, SENTENCE_LIMIT)], weight=_ANSWERS)
    return Card(card.build(), view_of(*_buttons(interview, report, page)))


def report_alt(report: InterviewReport) -> str:
    """What the chart shows, for whoever does not see it."""
    words = " ".join(one.words for one in report.series)
    return raw(f"Small line charts over the answers of an interview. {words}", ALT_TEXT_LIMIT)


def _buttons(
    interview: Interview, report: InterviewReport, page: str | None
) -> Iterator[discord.ui.Item[discord.ui.View]]:
    for answer in report.answers:
        if _has_result(answer):
            yield PracticeButton(Action.ATTEMPT_SHOW, str(answer.attempt_id), label=answer.label)
    if page is not None:
        yield discord.ui.Button(label=OPEN_STUDIO, url=page)
    yield PracticeButton(Action.INTERVIEW_NEW, interview.id)
    yield PracticeButton(Action.INTERVIEW_DELETE, interview.id)


def _has_result(answer: AnswerLine) -> bool:
    return answer.attempt_id is not None and answer.standing is Standing.ASSESSED


def _moment(found: Moment) -> str:
    """What was found, and where it can be heard again."""
    where = plain(found.label, QUESTION_LIMIT)
    if found.at_seconds is not None:
        where = f"{where}, {moment(found.at_seconds)}"
    return f"{plain(found.text, SENTENCE_LIMIT)} ({where})"
