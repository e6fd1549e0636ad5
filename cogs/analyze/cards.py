"""The cards of an attempt without a result: under way, failed, cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord

from analyzer.stages import ENDS, STAGES, expected_text, left_text, waiting_line
from cogs.ui.buttons import AGAIN, ANSWER_AGAIN
from cogs.ui.embeds import ATTENTION, QUIET, SENTENCE_LIMIT, WORKING, FittedEmbed
from cogs.ui.text import moment, plain, sentence
from core.assessment import EngineName
from core.models import Attempt, AttemptState

QUESTION_LIMIT = 200

_DURATION = {
    EngineName.TWELVELABS: "It usually takes one to three minutes.",
    EngineName.LOCAL: "It usually takes less time than the clip is long.",
}
_MUST, _MAY = 20, 10
_TODAY = timedelta(hours=12)  # until then the time of day says which day it is


def progress_embed(attempt: Attempt, *, now: datetime) -> discord.Embed:
    """How far an attempt has come, as a short checklist, with the time since it was submitted."""
    elapsed = moment((now - attempt.created_at).total_seconds())
    return (
        FittedEmbed("Working on your answer", WORKING)
        .say(plain(attempt.question, QUESTION_LIMIT), weight=_MAY)
        .say(*_checklist(attempt), weight=_MUST)
        .say(f"{elapsed} so far. {_waiting(attempt, now) or _duration(attempt, now)}", weight=_MUST)
        .say(
            "You can close Discord; the result will be here and in `/history`.",
            weight=_MUST,
            gap=False,
        )
        .build()
    )


def failure_embed(attempt: Attempt) -> discord.Embed:
    """Why there is no result, and what to do next. The reference finds it in the operator's log."""
    why = attempt.failure.sentence if attempt.failure else "This attempt could not be finished."
    return (
        FittedEmbed(ENDS[AttemptState.FAILED], ATTENTION)
        .say(sentence(why, SENTENCE_LIMIT), weight=_MUST)
        .say(
            "Nothing was scored and your clip is not kept. Press "
            f"`{_again(attempt)}` to answer the same question whenever you like.",
            weight=_MUST,
        )
        .say(
            f"If it keeps happening, give this reference to whoever runs the bot: `{attempt.id}`",
            weight=_MUST,
        )
        .field("Question", [plain(attempt.question, QUESTION_LIMIT)], weight=_MAY)
        .build()
    )


def cancelled_embed(attempt: Attempt) -> discord.Embed:
    """The member's own cancelling, confirmed."""
    return (
        FittedEmbed(ENDS[AttemptState.CANCELLED], QUIET)
        .say(
            f"Nothing was scored and your clip is not kept. Press `{_again(attempt)}` whenever you "
            "like.",
            weight=_MUST,
        )
        .field("Question", [plain(attempt.question, QUESTION_LIMIT)], weight=_MAY)
        .build()
    )


def _again(attempt: Attempt) -> str:
    """The button that takes another answer; an interview's goes on with the interview."""
    return AGAIN if attempt.interview_id is None else ANSWER_AGAIN


def _waiting(attempt: Attempt, now: datetime) -> str:
    """Its place in line and when it goes on, in the reader's own time zone."""
    line = waiting_line(attempt, now)
    if not line or attempt.waiting is None:
        return ""
    until = attempt.waiting.until
    style = "t" if until - now < _TODAY else "f"
    return f"{line} <t:{int(until.timestamp())}:{style}>."


def _duration(attempt: Attempt, now: datetime) -> str:
    if left := left_text(attempt, now):
        return f"{left[0].upper()}{left[1:]}."
    about = expected_text(attempt)
    return f"Measuring takes {about}." if about else _DURATION[attempt.engine]


def _checklist(attempt: Attempt) -> list[str]:
    """The steps: done, under way, to come. An ended attempt has done them all."""
    stages = STAGES[attempt.engine]
    doing = [attempt.state in stage.states for stage in stages]
    current = doing.index(True) if True in doing else len(doing)
    lines = ["✓ Received"]
    for index, stage in enumerate(stages):
        if index < current:
            lines.append(f"✓ {stage.step}")
        else:
            lines.append(f"**▸ {stage.step}**" if index == current else f"· {stage.step}")
    return lines
