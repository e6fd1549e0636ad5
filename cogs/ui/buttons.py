"""Buttons that work after a restart: all they need to know is in their custom id."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import discord

from cogs.ui.error_replies import answer_error
from core.errors import Refused
from core.models import Attempt, AttemptState

if TYPE_CHECKING:
    from cogs.client import Interaction

Handler = Callable[["Interaction", str], Awaitable[None]]
"""Answers a press: the interaction, and the id of what the button is about."""


class Action(StrEnum):
    """What a button does. The values are in the custom ids of messages already sent: keep them."""

    AGREE = "agree"
    NOT_NOW = "notnow"
    CANCEL = "cancel"
    RESULT = "result"
    AGAIN = "again"
    SHARE = "share"
    UNSHARE = "unshare"
    TRANSCRIPT = "transcript"
    DELETE = "delete"
    ERASE = "erase"
    KEEP_ATTEMPT = "keep"
    EXPORT = "export"
    ASK_ALL = "askall"
    ERASE_ALL = "eraseall"
    ERASE_ONE = "eraseone"
    KEEP_DATA = "leaveit"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    UPLOAD = "upload"
    REMOVE_QUESTION = "drop"
    KEEP_QUESTION = "spare"


_LOOKS: Mapping[str, tuple[str, discord.ButtonStyle]] = {
    Action.AGREE: ("I agree", discord.ButtonStyle.success),
    Action.NOT_NOW: ("Not now", discord.ButtonStyle.secondary),
    Action.CANCEL: ("Cancel", discord.ButtonStyle.secondary),
    Action.RESULT: ("Get result", discord.ButtonStyle.primary),
    Action.AGAIN: ("Try again", discord.ButtonStyle.primary),
    Action.SHARE: ("Share", discord.ButtonStyle.secondary),
    Action.UNSHARE: ("Unshare", discord.ButtonStyle.secondary),
    Action.TRANSCRIPT: ("Transcript", discord.ButtonStyle.secondary),
    Action.DELETE: ("Delete", discord.ButtonStyle.secondary),
    Action.ERASE: ("Yes, delete it", discord.ButtonStyle.danger),
    Action.KEEP_ATTEMPT: ("Keep it", discord.ButtonStyle.secondary),
    Action.EXPORT: ("Export", discord.ButtonStyle.primary),
    Action.ASK_ALL: ("Delete everything", discord.ButtonStyle.secondary),
    Action.ERASE_ALL: ("Yes, delete everything", discord.ButtonStyle.danger),
    Action.ERASE_ONE: ("Yes, delete it", discord.ButtonStyle.danger),
    Action.KEEP_DATA: ("Keep it", discord.ButtonStyle.secondary),
    Action.WITHDRAW: ("Withdraw consent", discord.ButtonStyle.secondary),
    Action.ANSWER: ("Answer it", discord.ButtonStyle.primary),
    Action.UPLOAD: ("Send a file", discord.ButtonStyle.primary),
    Action.REMOVE_QUESTION: ("Yes, remove it", discord.ButtonStyle.danger),
    Action.KEEP_QUESTION: ("Keep it", discord.ButtonStyle.secondary),
}

HANDLERS: dict[str, Handler] = {}
"""Filled by the cogs when they are loaded."""


class PracticeButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"gr:(?P<action>[a-z]{1,16}):(?P<subject>[0-9a-f]{16})",
):
    """A button about one attempt, request or question."""

    def __init__(self, action: str, subject: str, *, label: str | None = None) -> None:
        name, style = _LOOKS.get(action, ("", discord.ButtonStyle.secondary))
        super().__init__(
            discord.ui.Button(label=label or name, style=style, custom_id=f"gr:{action}:{subject}")
        )
        self.action = action
        self.subject = subject

    @classmethod
    async def from_custom_id(
        cls, _interaction: Any, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from a press, also one of an earlier process."""
        return cls(match["action"], match["subject"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the cog that answers it."""
        try:
            await _handler(self.action)(interaction, self.subject)
        except Exception as error:  # noqa: BLE001 - the one place where a press's errors are answered
            await answer_error(interaction, error)


def _handler(action: str) -> Handler:
    """Who answers; messages outlive versions, so a button may be of one that is gone.

    Raises:
        Refused: nobody does.
    """
    handler = HANDLERS.get(action)
    if handler is None:
        raise Refused("old_button", "This button is no longer in use. Run the command again.")
    return handler


def buttons(subject: str, *actions: Action) -> discord.ui.View:
    """A row of buttons about one attempt or request.

    The view is stopped at once: it is sent, but discord.py does not keep it in memory.
    """
    view = discord.ui.View(timeout=None)
    for action in actions:
        view.add_item(PracticeButton(action, subject))
    view.stop()
    return view


def result_buttons(attempt: Attempt) -> discord.ui.View:
    """What an owner can do with a finished attempt."""
    if attempt.assessment is None:
        return buttons(attempt.id, Action.AGAIN, Action.DELETE)
    sharing = Action.UNSHARE if attempt.shared else Action.SHARE
    actions = [Action.AGAIN, sharing, Action.TRANSCRIPT, Action.DELETE]
    if not attempt.assessment.transcript:
        actions.remove(Action.TRANSCRIPT)
    return buttons(attempt.id, *actions)


def progress_buttons(attempt: Attempt, *, leave_result_button: bool) -> discord.ui.View:
    """Under a progress message: cancel, and late on the button that outlives the reply.

    A waiting attempt has it from the first: nothing edits its reply before its turn comes.
    """
    actions = [Action.CANCEL] if attempt.state is not AttemptState.ASSESSED else []
    if leave_result_button or attempt.state is AttemptState.QUEUED:
        actions.append(Action.RESULT)
    return buttons(attempt.id, *actions)
