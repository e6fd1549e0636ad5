"""A member's way into the studio: the link, its card, and what is said while nothing was sent."""

from __future__ import annotations

from datetime import timedelta

import discord

from analyzer.services.studio_takes import OPEN_LIFE, ends_at
from cogs.client import Interaction
from cogs.shared.consent import ask_consent, has_agreed
from cogs.shared.interactions import owner_of, reply_of
from cogs.shared.place import AllowedPlace, check_place
from cogs.ui.buttons import NOTHING, OPEN_STUDIO, Action, PracticeButton, view_of
from cogs.ui.embeds import Card, practice_question, refusal_embed
from core.errors import Refused
from core.models import Attempt, Request, new_id
from storage.repositories.studio_links import StudioLink

_MINUTES = OPEN_LIFE // timedelta(minutes=1)
_MUST = 20


async def open_studio(
    interaction: Interaction,
    place: AllowedPlace,
    *,
    question: str,
    shared: bool,
    parent_id: str | None = None,
) -> None:
    """Give a deferred interaction's member a link of their own; `shared` as the server has set it.

    `parent_id` is the attempt whose follow-up question it is for.

    Raises:
        Refused: the studio is no longer set up, or they have made many links.
    """
    studio = interaction.client.app.studio
    if studio is None:
        raise Refused("no_studio", "The studio is not set up here any more. Use `/analyze`.")
    link, url = await studio.open(
        owner=place.owner,
        channel_id=place.channel_id,
        question=question,
        shared=shared,
        reply=reply_of(interaction),
        parent_id=parent_id,
    )
    card = studio_card(link, url)
    await interaction.edit_original_response(embed=card.embed, view=card.view)


async def answer_in_studio(
    interaction: Interaction, question: str, *, parent_id: str | None = None
) -> None:
    """Lead a deferred interaction's member to a question in the studio, once they have agreed.

    `parent_id` is the attempt whose follow-up question it is.

    Raises:
        Refused: not here, or nothing could be submitted afterwards.
    """
    app, place = interaction.client.app, await check_place(interaction)
    await app.attempts.check_allowance(place.owner, place.settings)
    shared = place.settings.share_by_default
    if await has_agreed(interaction):
        await open_studio(interaction, place, question=question, shared=shared, parent_id=parent_id)
        return
    request = Request(
        id=new_id(),
        owner=place.owner,
        channel_id=place.channel_id,
        question=question,
        shared=shared,
        parent_id=parent_id,
        created_at=app.deps.clock(),
    )
    await ask_consent(interaction, place, request)


async def offer_practice(
    interaction: Interaction, sentence: str, *, again: str | None = None
) -> None:
    """Say to a deferred interaction's member what is missing, with the button that changes it.

    `again` is the attempt of theirs whose question is to be answered again.
    """
    button = (
        PracticeButton(Action.PRACTICE_BEGIN, NOTHING)
        if again is None
        else PracticeButton(Action.ATTEMPT_AGAIN, again)
    )
    await interaction.edit_original_response(embed=refusal_embed(sentence), view=view_of(button))


async def recorded_attempt(interaction: Interaction, link_id: str) -> Attempt | None:
    """What was sent in last with a link of this member's, if it is one and anything was."""
    app, owner = interaction.client.app, owner_of(interaction)
    link = await app.studio.waiting(owner, link_id) if app.studio else None
    if link is None or link.attempt_id == link.id:
        return None
    return await app.deps.attempts.get(owner, link.attempt_id)


async def check_recorded(interaction: Interaction, link_id: str) -> None:
    """See whether an id is of a link of this member's with which nothing was sent in yet.

    Raises:
        Refused: it is; the sentence says what to do.
    """
    app = interaction.client.app
    link = await app.studio.waiting(owner_of(interaction), link_id) if app.studio else None
    if link is None or link.submitted_at is not None:
        return
    if app.deps.clock() >= ends_at(link, submitted=False):
        raise Refused(
            "link_expired",
            f"Nothing was sent in with that studio link, and its {_MINUTES} minutes are over. Use "
            "`/practice` for a new one.",
        )
    raise Refused(
        "not_recorded",
        "You haven't sent in an answer yet. Press `Open the studio`, record it and send it; then "
        "come back here.",
    )


def studio_card(link: StudioLink, url: str) -> Card:
    """A question to answer in the studio. The address is a key: only its member may see it."""
    ends = int(ends_at(link, submitted=False).timestamp())
    card = practice_question(link.question, weight=_MUST).say(
        "Press `Open the studio`: your browser shows the question, gives you time to prepare and "
        "records your answer. Nothing is sent before you say so.",
        weight=_MUST,
    )
    card.say(
        f"The link is only for you. It ends <t:{ends}:R> and is good until you have a result, "
        "which comes here and to the studio; `Get result` brings it when this message no longer "
        "changes.",
        weight=_MUST,
    )
    view = view_of(
        discord.ui.Button(label=OPEN_STUDIO, url=url),
        PracticeButton(Action.ATTEMPT_SHOW, link.id),
        PracticeButton(Action.LINK_UPLOAD, link.id),
    )
    return Card(card.build(), view)
