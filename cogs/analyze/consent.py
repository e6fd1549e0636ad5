"""The consent card's buttons: agreeing lets the same request go on by itself."""

from __future__ import annotations

from analyzer.consent import consent_version
from cogs.analyze.cards import note_embed
from cogs.client import GreenroomBot, Interaction
from cogs.practice.cog import open_studio
from cogs.shared.submission import owner_of, submit
from cogs.ui.buttons import HANDLERS, Action
from core.errors import Refused

GONE = "That request has expired. Please send your clip again."


async def agree(interaction: Interaction, request_id: str) -> None:
    """Record the consent, then go on with what the member asked for, exactly once."""
    app, owner = interaction.client.app, owner_of(interaction)
    if await app.deps.requests.get(owner, request_id) is None:
        raise Refused("request_gone", GONE)
    await interaction.response.defer()
    await app.deps.consents.agree(owner, consent_version(app.deps.engine))
    request = await app.deps.requests.take(owner, request_id)
    if request is not None and not request.clips:
        await open_studio(interaction, question=request.question or "", shared=request.shared)
    elif request is not None:
        await submit(
            interaction,
            source=request.clips[0],
            question=request.question or "",
            shared=request.shared,
        )


async def not_now(interaction: Interaction, request_id: str) -> None:
    """Forget the request; the clip has not been touched."""
    await interaction.response.defer()
    await interaction.client.app.deps.requests.take(owner_of(interaction), request_id)
    await interaction.edit_original_response(
        embed=note_embed(
            "All right. Nothing was fetched or kept. Run `/analyze` whenever you like."
        ),
        view=None,
    )


async def setup(_bot: GreenroomBot) -> None:
    """Make the buttons answer."""
    HANDLERS[Action.AGREE] = agree
    HANDLERS[Action.NOT_NOW] = not_now
