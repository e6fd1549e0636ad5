"""The consent card's buttons: agreeing lets the same request go on by itself."""

from __future__ import annotations

from analyzer.consent import agreed_as
from cogs.client import GreenroomBot, Interaction
from cogs.shared.consent import card_for, scoring_card, still_says
from cogs.shared.interactions import owner_of
from cogs.shared.place import check_place
from cogs.shared.studio_link import open_studio
from cogs.shared.submission import submit
from cogs.ui.buttons import Action
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import note_embed
from core.errors import Refused

GONE = "That request has expired. Please send your clip again."


async def agree(interaction: Interaction, request_id: str) -> None:
    """Record the consent, then go on with what the member asked for, exactly once."""
    deps, owner = interaction.client.app.deps, owner_of(interaction)
    request = await deps.requests.get(owner, request_id)
    if request is None:
        raise Refused("request_gone", GONE)
    await interaction.response.defer()
    message, engine = interaction.message, await deps.engine_now()
    if message is not None and not any(
        still_says(card, engine, deps.judge) for card in message.embeds
    ):
        # The bot was set up anew since the card was shown: nobody agrees to what they have not read
        place = await check_place(interaction)
        card = card_for(interaction, place, request, engine)
        await interaction.edit_original_response(embed=card)
        return
    version, local_card = agreed_as(await deps.consents.get(owner), engine)
    await deps.consents.agree(owner, version, deps.judge_host, local_card=local_card)
    request = await deps.requests.take(owner, request_id)
    if request is None:
        return
    if request.interview_id is not None:
        interview = request.interview_id
        await interaction.client.dispatcher.hand_on(interaction, Action.INTERVIEW_SHOW, interview)
        return
    place = await check_place(interaction)  # again: the request may have waited for long
    question, shared = request.question or "", request.shared
    if request.clips:
        await submit(
            interaction,
            place,
            source=request.clips[0],
            question=question,
            shared=shared,
            language=request.language,
            parent_id=request.parent_id,
        )
    else:
        await open_studio(
            interaction, place, question=question, shared=shared, parent_id=request.parent_id
        )


async def not_now(interaction: Interaction, request_id: str) -> None:
    """Forget the request; the clip has not been touched."""
    await interaction.response.defer()
    request = await interaction.client.app.deps.requests.take(owner_of(interaction), request_id)
    if request is not None and request.interview_id is not None:
        interview = request.interview_id
        dispatcher = interaction.client.dispatcher
        await dispatcher.hand_on(interaction, Action.INTERVIEW_NOT_NOW, interview)
        return
    await interaction.edit_original_response(
        embed=note_embed(
            "All right. Nothing was fetched or kept. Run `/analyze` whenever you like."
        ),
        view=None,
    )


async def explain(interaction: Interaction, _request_id: str) -> None:
    """Say what is scored, below the card, which stays as it is."""
    deps = interaction.client.app.deps
    embed = scoring_card(await deps.engine_shown(), deps.judge)
    await interaction.response.send_message(embed=embed, ephemeral=True)


HANDLERS = Handlers(
    buttons={
        Action.CONSENT_AGREE: agree,
        Action.CONSENT_NOT_NOW: not_now,
        Action.CONSENT_MORE: explain,
    },
)


async def setup(bot: GreenroomBot) -> None:
    """Make the buttons answer."""
    bot.dispatcher.register(HANDLERS)


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
