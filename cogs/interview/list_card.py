"""How `/interview list` looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import counted, plain
from core.interviews import Interview, InterviewState

QUESTION_LIMIT = 80

_MUST, _MAY = 20, 10


def list_card(
    interviews: Sequence[Interview], page: int, pages: int, *, now: datetime
) -> discord.Embed:
    """One page of a member's interviews, numbered from 1 like the buttons below it."""
    footer = f"Page {page} of {pages}" if pages > 1 else ""
    card = FittedEmbed("Your interviews", WORKING, footer=footer)
    for number, interview in enumerate(interviews, start=1):
        answered = sum(one.attempt_id is not None for one in interview.questions)
        when = f"<t:{int(interview.created_at.timestamp())}:f>"
        count = counted(len(interview.planned), "question")
        facts = f"{count}, {counted(answered, 'answer')} · {_state(interview, now)}"
        card.say(f"**{number}.** {when}", facts, weight=_MUST)
        card.say(plain(interview.questions[0].text, QUESTION_LIMIT), weight=_MAY, gap=False)
    return card.build()


def _state(interview: Interview, now: datetime) -> str:
    if interview.state is InterviewState.STOPPED:
        return "stopped"
    if interview.state is InterviewState.OPEN and now < interview.goes_on_until:
        return "goes on"
    return "finished"
