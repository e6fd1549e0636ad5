"""Buttons that work after a restart: all they need to know is in their custom id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import discord

from analyzer.interviews.follow_ups import follow_up_for
from analyzer.questions.kinds import question_kind
from core.models import Attempt, AttemptState


class Action(StrEnum):
    """What a button does. The values are in the custom ids of messages already sent: keep them."""

    CONSENT_AGREE = "agree"
    CONSENT_NOT_NOW = "notnow"
    CONSENT_MORE = "more"
    ATTEMPT_CANCEL = "cancel"
    ATTEMPT_SHOW = "result"
    ATTEMPT_AGAIN = "again"
    ATTEMPT_SHARE = "share"
    ATTEMPT_UNSHARE = "unshare"
    ATTEMPT_TRANSCRIPT = "transcript"
    ATTEMPT_DELETE = "delete"
    ATTEMPT_DELETE_YES = "erase"
    ATTEMPT_KEEP = "keep"
    PRIVACY_DETAILS = "details"
    PRIVACY_EXPORT = "export"
    PRIVACY_DELETE_ALL = "askall"
    PRIVACY_DELETE_ALL_YES = "eraseall"
    PRIVACY_DELETE_ONE_YES = "eraseone"
    PRIVACY_KEEP = "leaveit"
    PRIVACY_WITHDRAW = "withdraw"
    QUESTION_ANSWER = "answer"
    QUESTION_REMOVE_YES = "drop"
    QUESTION_KEEP = "spare"
    PRACTICE_UPLOAD = "upload"
    PRACTICE_BEGIN = "begin"
    ATTEMPT_STUDIO = "studio"
    LINK_UPLOAD = "file"
    ATTEMPT_FOLLOW_UP = "followup"
    INTERVIEW_SHOW = "interview"
    INTERVIEW_OPEN = "interviewopen"
    INTERVIEW_NEW = "interviewnew"
    INTERVIEW_ANSWER = "interviewanswer"
    INTERVIEW_AGAIN = "interviewagain"
    INTERVIEW_SKIP = "interviewskip"
    INTERVIEW_BRING_BACK = "interviewback"
    INTERVIEW_FINISH = "interviewfinish"
    INTERVIEW_FINISH_YES = "interviewend"
    INTERVIEW_STOP = "interviewstop"
    INTERVIEW_GO_ON = "interviewgoon"
    INTERVIEW_NOT_NOW = "interviewnotnow"
    INTERVIEW_DELETE = "interviewdelete"
    INTERVIEW_DELETE_YES = "interviewerase"


OPEN_STUDIO = "Open the studio"
"""Leads into the studio: by a link where only its member sees it, else by a press."""

AGAIN, ANSWER_AGAIN = "Try again", "Answer it again"
"""Names of buttons that texts speak of."""

NOTHING = "0" * 16
"""The subject of a button that is about nothing in particular."""

_LOOKS: Mapping[str, tuple[str, discord.ButtonStyle]] = {
    Action.CONSENT_AGREE: ("I agree", discord.ButtonStyle.success),
    Action.CONSENT_NOT_NOW: ("Not now", discord.ButtonStyle.secondary),
    Action.CONSENT_MORE: ("What is scored?", discord.ButtonStyle.secondary),
    Action.ATTEMPT_CANCEL: ("Cancel", discord.ButtonStyle.secondary),
    Action.ATTEMPT_SHOW: ("Get result", discord.ButtonStyle.primary),
    Action.ATTEMPT_AGAIN: (AGAIN, discord.ButtonStyle.primary),
    Action.ATTEMPT_SHARE: ("Share", discord.ButtonStyle.secondary),
    Action.ATTEMPT_UNSHARE: ("Unshare", discord.ButtonStyle.secondary),
    Action.ATTEMPT_TRANSCRIPT: ("Transcript", discord.ButtonStyle.secondary),
    Action.ATTEMPT_DELETE: ("Delete", discord.ButtonStyle.secondary),
    Action.ATTEMPT_DELETE_YES: ("Yes, delete it", discord.ButtonStyle.danger),
    Action.ATTEMPT_KEEP: ("Keep it", discord.ButtonStyle.secondary),
    Action.PRIVACY_DETAILS: ("Details", discord.ButtonStyle.secondary),
    Action.PRIVACY_EXPORT: ("Export", discord.ButtonStyle.primary),
    Action.PRIVACY_DELETE_ALL: ("Delete everything", discord.ButtonStyle.secondary),
    Action.PRIVACY_DELETE_ALL_YES: ("Yes, delete everything", discord.ButtonStyle.danger),
    Action.PRIVACY_DELETE_ONE_YES: ("Yes, delete it", discord.ButtonStyle.danger),
    Action.PRIVACY_KEEP: ("Keep it", discord.ButtonStyle.secondary),
    Action.PRIVACY_WITHDRAW: ("Withdraw consent", discord.ButtonStyle.secondary),
    Action.QUESTION_ANSWER: ("Answer it", discord.ButtonStyle.primary),
    Action.QUESTION_REMOVE_YES: ("Yes, remove it", discord.ButtonStyle.danger),
    Action.QUESTION_KEEP: ("Keep it", discord.ButtonStyle.secondary),
    Action.PRACTICE_UPLOAD: ("Send a file", discord.ButtonStyle.primary),
    Action.PRACTICE_BEGIN: ("Practise now", discord.ButtonStyle.primary),
    Action.ATTEMPT_STUDIO: (OPEN_STUDIO, discord.ButtonStyle.secondary),
    Action.LINK_UPLOAD: ("Send a file instead", discord.ButtonStyle.secondary),
    Action.ATTEMPT_FOLLOW_UP: ("Follow-up", discord.ButtonStyle.secondary),
    Action.INTERVIEW_SHOW: ("Show the report", discord.ButtonStyle.secondary),
    Action.INTERVIEW_OPEN: ("Show it", discord.ButtonStyle.secondary),
    Action.INTERVIEW_NEW: ("New interview", discord.ButtonStyle.primary),
    Action.INTERVIEW_ANSWER: ("Answer it", discord.ButtonStyle.primary),
    Action.INTERVIEW_AGAIN: (ANSWER_AGAIN, discord.ButtonStyle.primary),
    Action.INTERVIEW_SKIP: ("Skip", discord.ButtonStyle.secondary),
    Action.INTERVIEW_BRING_BACK: ("Bring it back", discord.ButtonStyle.secondary),
    Action.INTERVIEW_FINISH: ("Finish", discord.ButtonStyle.secondary),
    Action.INTERVIEW_FINISH_YES: ("Yes, finish", discord.ButtonStyle.primary),
    Action.INTERVIEW_STOP: ("Stop", discord.ButtonStyle.secondary),
    Action.INTERVIEW_GO_ON: ("Go on", discord.ButtonStyle.primary),
    Action.INTERVIEW_NOT_NOW: ("Not now", discord.ButtonStyle.secondary),
    Action.INTERVIEW_DELETE: ("Delete", discord.ButtonStyle.secondary),
    Action.INTERVIEW_DELETE_YES: ("Yes, delete it", discord.ButtonStyle.danger),
}

_ID = re.compile(
    r"gr:(?P<action>[a-z]{1,16}):(?P<subject>[0-9a-f]{16})(?::(?P<position>[0-9]{1,3}))?"
)


class PracticeButton(discord.ui.Button[Any]):
    """A button about one attempt, request or question, or about a position in an interview."""

    def __init__(
        self, action: str, subject: str, *, label: str | None = None, position: int | None = None
    ) -> None:
        name, style = _LOOKS.get(action, ("", discord.ButtonStyle.secondary))
        place = "" if position is None else f":{position}"
        super().__init__(
            label=label or name, style=style, custom_id=f"gr:{action}:{subject}{place}"
        )


class ButtonPress(NamedTuple):
    """What the custom id of a `PracticeButton` says: hostile until validated."""

    action: str
    subject: str
    position: int | None = None


def read_button(custom_id: str) -> ButtonPress | None:
    """Read the custom id of a `PracticeButton`, `None` when it is something else's."""
    match = _ID.fullmatch(custom_id)
    if match is None:
        return None
    position = match["position"]
    return ButtonPress(match["action"], match["subject"], int(position) if position else None)


def view_of(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """The buttons and menus of a message.

    The view is stopped at once: it is sent, but discord.py does not keep it in memory. The
    dispatcher answers by the custom ids alone.
    """
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def buttons(subject: str, *actions: Action) -> discord.ui.View:
    """A row of buttons about one attempt, request or question."""
    return view_of(*(PracticeButton(action, subject) for action in actions))


def result_buttons(
    attempt: Attempt, *, page: str | None = None, has_studio: bool = False
) -> discord.ui.View:
    """What an owner can do with an attempt that has ended.

    Args:
        attempt: theirs.
        page: where they look at it in the studio: a credential, for messages only they see.
        has_studio: whether a press can lead there, where everybody sees the message.
    """
    if attempt.assessment is None:
        delete = PracticeButton(Action.ATTEMPT_DELETE, attempt.id)
        if attempt.interview_id is None:
            return view_of(PracticeButton(Action.ATTEMPT_AGAIN, attempt.id), delete)
        again = PracticeButton(
            Action.INTERVIEW_AGAIN, attempt.interview_id, position=attempt.position
        )
        return view_of(again, delete)
    items: list[discord.ui.Item[Any]] = [PracticeButton(Action.ATTEMPT_AGAIN, attempt.id)]
    if page is not None:
        items.append(discord.ui.Button(label=OPEN_STUDIO, url=page))
    elif has_studio:
        items.append(PracticeButton(Action.ATTEMPT_STUDIO, attempt.id))
    if may_be_followed_up(attempt):
        items.append(PracticeButton(Action.ATTEMPT_FOLLOW_UP, attempt.id))
    sharing = Action.ATTEMPT_UNSHARE if attempt.shared else Action.ATTEMPT_SHARE
    items.append(PracticeButton(sharing, attempt.id))
    if attempt.assessment.transcript:
        items.append(PracticeButton(Action.ATTEMPT_TRANSCRIPT, attempt.id))
    items.append(PracticeButton(Action.ATTEMPT_DELETE, attempt.id))
    return view_of(*items)


def may_be_followed_up(attempt: Attempt) -> bool:
    """Whether something was missing in an answer, so that there is a question to ask about it.

    The kind of answer is told without the server's bank, which only whoever asks looks up.
    """
    if attempt.assessment is None:
        return False
    kind = question_kind(attempt.question)
    return follow_up_for(attempt.assessment, kind, attempt.question) is not None


def progress_buttons(attempt: Attempt) -> discord.ui.View:
    """Under a progress message: cancel, and the button that outlives the reply.

    Discord says when a reply can no longer be edited only when it is tried, and may say so long
    before its fifteen minutes are over.
    """
    actions = [Action.ATTEMPT_CANCEL] if attempt.state is not AttemptState.ASSESSED else []
    return buttons(attempt.id, *actions, Action.ATTEMPT_SHOW)
