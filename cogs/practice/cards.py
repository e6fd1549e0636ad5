"""The cards of `/practice`: a question with the way into the studio, and what to do without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import discord

from analyzer.services.studio import OPEN_LIFE, ends_at
from cogs.questions.cards import Card
from cogs.ui.buttons import Action, PracticeButton
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.text import plain
from core.errors import Refused
from core.models import QUESTION_MAX
from storage.repositories.studio_links import StudioLink

_TEXT_LIMIT = 2 * QUESTION_MAX  # room for an escape before every character
_MINUTES = OPEN_LIFE // timedelta(minutes=1)
_MUST, _MAY = 20, 10


def studio_card(link: StudioLink, url: str) -> Card:
    """A question to answer in the studio. The address is a key: only its member may see it."""
    ends = int(ends_at(link, submitted=False).timestamp())
    card = _question_card(link.question).say(
        "Press `Open the studio`: your browser shows the question, gives you time to prepare and "
        "records your answer. Nothing is sent before you say so.",
        weight=_MUST,
    )
    card.say(
        f"The link is only for you. It ends <t:{ends}:R> and takes one answer. The result comes "
        "here and to the studio; `Get result` brings it when this message no longer changes.",
        weight=_MUST,
    )
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Open the studio", url=url))
    view.add_item(PracticeButton(Action.RESULT, link.id))
    view.stop()
    return Card(card.build(), view)


def no_studio_card(question: str, request_id: str, needs: Sequence[str]) -> Card:
    """A question to answer with a file. `needs` are missing settings, for who can set them."""
    card = _question_card(question).say(
        "The studio is not set up here. Record your answer with your phone or computer, then press "
        "`Send a file`.",
        weight=_MUST,
    )
    if needs:
        names = " and ".join(f"`{name}`" for name in needs)
        card.say(
            f"For whoever runs this bot: the studio needs {names}; see docs/studio.md.", weight=_MAY
        )
    view = discord.ui.View(timeout=None)
    view.add_item(PracticeButton(Action.UPLOAD, request_id))
    view.stop()
    return Card(card.build(), view)


def not_recorded(link: StudioLink, *, now: datetime) -> Refused:
    """Why there is no result yet, and what to do."""
    if now >= ends_at(link, submitted=False):
        return Refused(
            "link_expired",
            f"Nothing was sent in with that studio link, and its {_MINUTES} minutes are over. Use "
            "`/practice` for a new one.",
        )
    return Refused(
        "not_recorded",
        "You haven't sent in an answer yet. Press `Open the studio`, record it and send it; then "
        "come back here.",
    )


def _question_card(question: str) -> FittedEmbed:
    card = FittedEmbed("Practice question", WORKING)
    return card.say(f"**{plain(question, _TEXT_LIMIT) or '…'}**", weight=_MUST)
