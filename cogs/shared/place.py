"""Whether a server lets a member practise where they are."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.places import check
from cogs.client import Interaction
from cogs.places import place_of
from cogs.shared.interactions import owner_of
from core.models import Owner, ServerSettings


@dataclass(frozen=True, slots=True)
class AllowedPlace:
    """Where a member may practise, as `check_place` has found it.

    It is handed on, so that one command reads a server's settings once. After a detour, as by the
    consent card, it is out of date: check again.
    """

    owner: Owner
    channel_id: int
    settings: ServerSettings


async def check_place(interaction: Interaction) -> AllowedPlace:
    """Check that this server lets this member practise here.

    A thread counts as the channel it belongs to.

    Raises:
        Refused: not in this channel, or not with these roles; the sentence says what would do.
    """
    owner = owner_of(interaction)
    settings = await interaction.client.app.deps.server_settings.get(owner.guild_id)
    check(settings, place_of(interaction, settings))
    return AllowedPlace(owner, interaction.channel_id or 0, settings)
