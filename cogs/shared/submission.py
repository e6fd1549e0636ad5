"""How a clip and a question become an attempt, whichever way a member gave them."""

from __future__ import annotations

from analyzer.services.attempts import AskedIn
from cogs.client import Interaction
from cogs.shared.consent import ask_consent, has_agreed
from cogs.shared.interactions import reply_of
from cogs.shared.place import AllowedPlace, check_place
from core.models import ClipSource, ReplyAddress, Request, new_id


async def take(
    interaction: Interaction,
    *,
    source: ClipSource,
    question: str,
    shared: bool | None,
    language: str | None = None,
    parent_id: str | None = None,
) -> None:
    """Submit a deferred request, or show the consent card first and keep the request.

    Nothing is fetched before the member has agreed.

    Args:
        interaction: deferred already.
        source: the clip.
        question: what it answers.
        shared: whether everybody sees the result; `None` leaves it to the server's default.
        language: what the clip is spoken in; `None` leaves it to the member's setting.
        parent_id: the attempt whose follow-up question it answers.

    Raises:
        UserFacingError: the request is refused; the caller's error handler answers it.
    """
    app, place = interaction.client.app, await check_place(interaction)
    if shared is None:
        shared = place.settings.share_by_default
    if await has_agreed(interaction):
        await submit(
            interaction,
            place,
            source=source,
            question=question,
            shared=shared,
            language=language,
            parent_id=parent_id,
        )
        return
    request = Request(
        id=new_id(),
        owner=place.owner,
        channel_id=place.channel_id,
        question=app.attempts.check(question, source),
        clips=(source,),
        shared=shared,
        language=language,
        parent_id=parent_id,
        created_at=app.deps.clock(),
    )
    await ask_consent(interaction, place, request)


async def submit(
    interaction: Interaction,
    place: AllowedPlace,
    *,
    source: ClipSource,
    question: str,
    shared: bool,
    language: str | None = None,
    parent_id: str | None = None,
) -> None:
    """Submit for this interaction's member; progress and result appear on its reply.

    A shared attempt gets a public message of its own, once it has been taken.

    Raises:
        UserFacingError: the request is refused.
    """
    app, reply = interaction.client.app, reply_of(interaction)

    async def open_public() -> ReplyAddress | None:
        return await app.deps.announcer.open_public(reply)

    await app.attempts.submit(
        owner=place.owner,
        channel_id=place.channel_id,
        question=question,
        source=source,
        shared=shared,
        reply=None if shared else reply,
        open_reply=open_public if shared else None,
        settings=place.settings,
        language=language,
        asked_in=AskedIn(parent_id=parent_id),
    )
