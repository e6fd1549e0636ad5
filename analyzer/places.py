"""Where somebody practises and as whom, and whether their server's managers allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import Refused
from core.models import Owner, ServerSettings

NAMES_SHOWN = 10
"""Channels or roles that a refusal names."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a server, and a member there, as Discord describes them now."""

    channel_ids: frozenset[int]  # the channel; of a thread also the one it belongs to
    role_ids: frozenset[int]  # the member's
    is_manager: bool  # whether they may change what this server has chosen
    may_use: bool  # whether Discord lets them use commands in this channel
    channels_seen: Sequence[str] = ()  # names of the channels chosen, as far as they see them
    roles_wanted: Sequence[str] = ()  # names of the roles chosen


class Places(Protocol):
    """Looks members up at Discord."""

    async def look(self, owner: Owner, channel_id: int, settings: ServerSettings) -> Place | None:
        """The owner in a channel of their server; `None` where the bot is not in that server.

        `settings` are the server's, whose channels and roles a refusal names.

        Raises:
            Refused: `not_member`; they have left the server. `no_access`; the channel is gone.
            UserFacingError: `discord_away`; Discord does not say.
        """
        ...


def check(settings: ServerSettings, place: Place) -> None:
    """Check that this server lets this member practise here: the one rule for every way in.

    The channels hold for everybody, since they are about where results may appear; the roles do
    not hold for who may change them.

    Raises:
        Refused: `channel`, `role` or `no_access`; the sentence says what would do.
    """
    if settings.channels and settings.channels.isdisjoint(place.channel_ids):
        where = listed(place.channels_seen) or "a channel you can't see"
        raise Refused("channel", f"In this server, practise in {where}.")
    if settings.roles and settings.roles.isdisjoint(place.role_ids) and not place.is_manager:
        names = listed(place.roles_wanted) or "none is left"
        raise Refused(
            "role",
            f"In this server, you need one of these roles to practise: {names}. Ask its managers.",
        )
    if not place.may_use:
        raise no_access()


def no_access() -> Refused:
    """Discord would not take a command of theirs in this channel."""
    return Refused(
        "no_access",
        "You can no longer use commands in the channel where you began, so this can't be sent in "
        "there. Use /practice in another channel.",
    )


def not_member() -> Refused:
    """They have left the server, or were removed from it."""
    return Refused(
        "not_member",
        "You are no longer in the server where you began, so this can't be sent in there. Use "
        "/practice in a server you are in.",
    )


def listed(names: Sequence[str]) -> str:
    """Names in one line, the first ten of them."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
