"""The buttons under a result: try again, share, take back, transcript, delete; and cancelling."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import discord

from cogs.analyze.cards import cancelled_embed, failure_embed, progress_embed
from cogs.analyze.result_card import public_result_embed, result_embed, transcript_text
from cogs.client import GreenroomBot, Interaction
from cogs.shared.interactions import defer, owner_of, receive, reply_of, source_of, upload_limit_of
from cogs.shared.place import check_place
from cogs.shared.studio_link import answer_in_studio, check_recorded, recorded_attempt
from cogs.shared.submission import take
from cogs.ui.buttons import OPEN_STUDIO, Action, buttons, progress_buttons, result_buttons, view_of
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import note_embed
from cogs.ui.error_replies import answer_privately
from cogs.ui.modals import FormAnswer, upload_form
from core.errors import Refused, Superseded
from core.models import Attempt, AttemptState

log = logging.getLogger(__name__)

AGAIN, FOLLOW_UP = "again", "followup"
"""The forms' names; they are in the ids of forms already open: keep them."""

NOT_YOURS = (
    "Only the person who made this attempt can use these buttons, and only while it is kept. "
    "Use `/practice` to practise yourself."
)

_UNDER_WAY = "This one isn't finished yet. Press `Get result` again in a minute."

OwnedHandler = Callable[[Interaction, Attempt], Awaitable[None]]


def owned(handler: OwnedHandler) -> Callable[[Interaction, str], Awaitable[None]]:
    """Let a handler see the attempt only when it belongs to whoever pressed, in this server."""

    async def press(interaction: Interaction, attempt_id: str) -> None:
        attempt = await interaction.client.app.deps.attempts.get(owner_of(interaction), attempt_id)
        if attempt is None:
            raise Refused("not_owner", NOT_YOURS)
        await handler(interaction, attempt)

    return press


@owned
async def try_again(interaction: Interaction, attempt: Attempt) -> None:
    """Lead to the same question in the studio; without one, ask for another clip."""
    if interaction.client.app.studio is not None:
        await defer(interaction)
        await answer_in_studio(interaction, attempt.question)
        return
    limit = upload_limit_of(interaction)
    form = upload_form(AGAIN, attempt.id, attempt.question, limit=limit)
    await interaction.response.send_modal(form)


@owned
async def ask_follow_up(interaction: Interaction, attempt: Attempt) -> None:
    """Lead to the question about what was missing, in the studio or by a form."""
    app = interaction.client.app
    if app.studio is not None:
        await defer(interaction)
        _, question = await app.interviews.follow_up(attempt.owner, attempt.id)
        await answer_in_studio(interaction, question, parent_id=attempt.id)
        return
    _, question = await app.interviews.follow_up(attempt.owner, attempt.id)
    limit = upload_limit_of(interaction)
    form = upload_form(FOLLOW_UP, attempt.id, question, limit=limit, title="Follow-up")
    await interaction.response.send_modal(form)


async def take_follow_up(interaction: Interaction, form: FormAnswer) -> None:
    """Submit a clip that answers the follow-up question to an earlier attempt."""
    await receive(interaction)
    _, question = await interaction.client.app.interviews.follow_up(
        owner_of(interaction), form.subject
    )
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    source = source_of(form.attachments[0])
    await take(interaction, source=source, question=question, shared=False, parent_id=form.subject)


@owned
async def open_page(interaction: Interaction, attempt: Attempt) -> None:
    """Give a result's page in the studio to its owner, privately: the message is for everybody."""
    studio = interaction.client.app.studio
    if studio is None:
        raise Refused("no_studio", "The studio is not set up here any more.")
    if attempt.assessment is None:
        raise Refused("nothing_to_show", _UNDER_WAY)
    url = await studio.pages.of_result(attempt)
    await interaction.response.send_message(
        embed=note_embed(
            "Your result in the studio, with your recording if this browser has it still. The "
            "link is only for you and works for a day."
        ),
        view=view_of(discord.ui.Button(label=OPEN_STUDIO, url=url)),
        ephemeral=True,
    )


async def take_again(interaction: Interaction, form: FormAnswer) -> None:
    """Submit another clip that answers the question of an earlier attempt."""
    await receive(interaction)
    earlier = await interaction.client.app.deps.attempts.get(owner_of(interaction), form.subject)
    if earlier is None:
        raise Refused(
            "attempt_gone", "That attempt has been deleted. Use `/analyze` with your new clip."
        )
    if len(form.attachments) != 1:
        raise Refused("no_clip", "Attach one clip.")
    source = source_of(form.attachments[0])
    await take(interaction, source=source, question=earlier.question, shared=False)


async def show(interaction: Interaction, attempt_id: str) -> None:
    """Show an attempt privately, however it ended; or say that it is still to be recorded."""
    attempt = await recorded_attempt(interaction, attempt_id)
    if attempt is None:
        attempts = interaction.client.app.deps.attempts
        attempt = await attempts.get(owner_of(interaction), attempt_id)
    if attempt is None:
        await check_recorded(interaction, attempt_id)
        raise Refused("not_owner", NOT_YOURS)
    if attempt.assessment is not None:
        embed = await _result(interaction, attempt)
        view = await _buttons(interaction, attempt, anew=True)
    elif attempt.state is AttemptState.FAILED:
        embed, view = failure_embed(attempt), result_buttons(attempt)
    elif attempt.state is AttemptState.CANCELLED:
        embed, view = cancelled_embed(attempt), result_buttons(attempt)
    else:
        embed = progress_embed(attempt, now=interaction.client.app.deps.clock())
        view = progress_buttons(attempt)
    await interaction.response.send_message(embed=embed, view=view, ephemeral=True)
    if not attempt.state.ended and attempt.assessment is None:
        await _go_on_here(interaction, attempt)


async def _go_on_here(interaction: Interaction, attempt: Attempt) -> None:
    """Let the result appear under this press, where the attempt's own reply is lost.

    Discord may forget a reply long before its time, and a crash may have come before it was known.
    """
    deps = interaction.client.app.deps
    if attempt.shared or await deps.announcer.progress(attempt):
        return
    with contextlib.suppress(Superseded):  # it has moved on: the button brings the result
        await deps.attempts.change(attempt, reply=reply_of(interaction))


@owned
async def transcript(interaction: Interaction, attempt: Attempt) -> None:
    """Send the transcript as a file, privately."""
    if attempt.assessment is None or not attempt.assessment.transcript:
        raise Refused("no_transcript", "There is no transcript: no speech was recognised.")
    file = discord.File(
        io.BytesIO(transcript_text(attempt).encode()),
        filename="transcript.txt",
        description="The words that were heard, with their times. It may contain mistakes.",
    )
    await interaction.response.send_message(file=file, ephemeral=True)


@owned
async def share(interaction: Interaction, attempt: Attempt) -> None:
    """Post a public copy of a private result in this channel."""
    if attempt.assessment is None:
        raise Refused("nothing_to_share", _UNDER_WAY)
    if attempt.shared:
        raise Refused("shared_already", "It is shared already. `Unshare` takes it back.")
    await check_place(interaction)  # the rules may be younger than the attempt
    app = interaction.client.app
    attempt = await app.deps.attempts.change(attempt, shared=True)
    view = await _buttons(interaction, attempt)
    await interaction.response.edit_message(view=view)
    message = await interaction.followup.send(
        embed=public_result_embed(attempt), view=view, wait=True
    )
    await app.deps.attempts.change(
        attempt, shared_message_id=message.id, shared_channel_id=interaction.channel_id
    )


@owned
async def unshare(interaction: Interaction, attempt: Attempt) -> None:
    """Take the public copy away; the owner keeps the result privately."""
    if not attempt.shared:
        raise Refused("not_shared", "It isn't shared any more.")
    await interaction.response.defer()
    public = _is_public_copy(interaction, attempt)
    if not await _delete_public_copy(interaction, attempt):
        return  # everybody still sees it: it stays marked as shared, and can be pressed again
    attempt = await interaction.client.app.deps.attempts.change(
        attempt, shared=False, shared_message_id=None, shared_channel_id=None
    )
    if public:
        await interaction.followup.send(
            embed=await _result(interaction, attempt),
            view=await _buttons(interaction, attempt, anew=True),
            ephemeral=True,
        )
    else:
        await interaction.edit_original_response(view=await _buttons(interaction, attempt))


@owned
async def ask_delete(interaction: Interaction, attempt: Attempt) -> None:
    """Ask before deleting: it cannot be undone."""
    await interaction.response.edit_message(
        view=buttons(attempt.id, Action.ATTEMPT_DELETE_YES, Action.ATTEMPT_KEEP)
    )


@owned
async def keep(interaction: Interaction, attempt: Attempt) -> None:
    """Back to the buttons of the result."""
    await interaction.response.edit_message(view=await _buttons(interaction, attempt))


@owned
async def erase(interaction: Interaction, attempt: Attempt) -> None:
    """Delete an attempt here and at the vendor, and its public copy."""
    await interaction.response.defer()
    app = interaction.client.app
    public = _is_public_copy(interaction, attempt)

    async def take_back(shown: Attempt) -> bool:
        """Delete the message that was pressed with the press's own token: that needs no rights."""
        announcer, pressed = app.deps.announcer, reply_of(interaction)
        return await announcer.take_back(shown, pressed=pressed) or await announcer.take_back(shown)

    deleted = await app.deletion.delete(
        attempt.owner, attempt.id, take_back=take_back if public else None
    )
    if deleted is not None and deleted.out_of_reach:
        await _say_out_of_reach(interaction)
    done = note_embed(
        "Deleted: the scores, the transcript and the key points are gone, and no copy of your "
        "clip is left with the analysis service."
        if deleted is None or not deleted.copies_left  # None: another press has deleted it already
        else "Deleted here. The analysis service could not be reached to delete its copy of your "
        "clip; Greenroom keeps trying every hour until it is gone."
    )
    if public:
        await interaction.followup.send(embed=done, ephemeral=True)
    else:
        await interaction.edit_original_response(embed=done, view=None)


@owned
async def cancel(interaction: Interaction, attempt: Attempt) -> None:
    """Stop an attempt under way and delete its copies."""
    await interaction.response.defer()
    now = await interaction.client.app.attempts.cancel(owner_of(interaction), attempt.id)
    if now is not None and now.state is AttemptState.CANCELLED:
        view = result_buttons(now)
        await interaction.edit_original_response(embed=cancelled_embed(now), view=view)


async def _result(interaction: Interaction, attempt: Attempt) -> discord.Embed:
    app = interaction.client.app
    kept_until: datetime = attempt.created_at + await app.deps.policy.retention(
        attempt.owner.guild_id
    )
    return result_embed(attempt, await app.deps.attempts.previous(attempt), kept_until=kept_until)


async def _buttons(
    interaction: Interaction, attempt: Attempt, *, anew: bool = False
) -> discord.ui.View:
    """A result's buttons: with the studio's address only where nobody else sees the message.

    That is a private message that is sent `anew`, else the one whose button was pressed.
    """
    studio, pressed = interaction.client.app.studio, interaction.message
    if studio is None or attempt.assessment is None:
        return result_buttons(attempt)
    private = anew or (pressed is not None and pressed.flags.ephemeral)
    if attempt.shared or not private:
        return result_buttons(attempt, has_studio=True)
    return result_buttons(attempt, page=await studio.pages.of_result(attempt))


def _is_public_copy(interaction: Interaction, attempt: Attempt) -> bool:
    """Whether the button pressed is under the attempt's public message."""
    return interaction.message is not None and interaction.message.id == attempt.shared_message_id


async def _delete_public_copy(interaction: Interaction, attempt: Attempt) -> bool:
    """Delete the public message, or say that this is not possible; returns whether it is gone."""
    pressed = reply_of(interaction) if _is_public_copy(interaction, attempt) else None
    gone = await interaction.client.app.deps.announcer.take_back(attempt, pressed=pressed)
    if not gone:
        log.info("attempt %s: the public copy is out of reach", attempt.id)
        await _say_out_of_reach(interaction)
    return gone


async def _say_out_of_reach(interaction: Interaction) -> None:
    await answer_privately(
        interaction,
        note_embed("I can't delete the public copy here: please use that message's own menu."),
    )


HANDLERS = Handlers(
    buttons={
        Action.ATTEMPT_AGAIN: try_again,
        Action.ATTEMPT_SHOW: show,
        Action.ATTEMPT_TRANSCRIPT: transcript,
        Action.ATTEMPT_SHARE: share,
        Action.ATTEMPT_UNSHARE: unshare,
        Action.ATTEMPT_DELETE: ask_delete,
        Action.ATTEMPT_KEEP: keep,
        Action.ATTEMPT_DELETE_YES: erase,
        Action.ATTEMPT_CANCEL: cancel,
        Action.ATTEMPT_STUDIO: open_page,
        Action.ATTEMPT_FOLLOW_UP: ask_follow_up,
    },
    forms={AGAIN: take_again, FOLLOW_UP: take_follow_up},
)


async def setup(bot: GreenroomBot) -> None:
    """Make the buttons and the form answer."""
    bot.dispatcher.register(HANDLERS)


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
