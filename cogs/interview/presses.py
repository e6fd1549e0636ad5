"""The buttons of an interview: skip, finish, stop, go on, delete, and what takes them back."""

from __future__ import annotations

from cogs.client import Interaction
from cogs.interview.cards import ask_finish, delete_card
from cogs.interview.showing import show
from cogs.shared.interactions import defer, owner_of
from cogs.ui.embeds import Card, note_embed


async def refresh(interaction: Interaction, interview_id: str) -> None:
    """Show in place how far an interview is, or its report."""
    await _hold(interaction)
    await show(interaction, interview_id)


async def open_one(interaction: Interaction, interview_id: str) -> None:
    """Show an interview in a message of its own, privately."""
    await defer(interaction)
    await show(interaction, interview_id)


async def skip(interaction: Interaction, interview_id: str, position: int) -> None:
    """Leave a question out. Where that ends the interview, its member is asked before."""
    await _hold(interaction)
    interviews, owner = interaction.client.app.interviews, owner_of(interaction)
    course = await interviews.of(owner, interview_id)
    open_ones = [one for one in course.interview.questions if not course.standing(one).settled]
    if [one.position for one in open_ones] == [position]:
        await _edit(interaction, ask_finish(course))
        return
    await interviews.leave_out(owner, interview_id, position)
    await show(interaction, interview_id)


async def bring_back(interaction: Interaction, interview_id: str, position: int) -> None:
    """Ask a question after all that was left out."""
    await _hold(interaction)
    owner = owner_of(interaction)
    await interaction.client.app.interviews.leave_out(owner, interview_id, position, left_out=False)
    await show(interaction, interview_id)


async def finish(interaction: Interaction, interview_id: str) -> None:
    """End an interview; where questions are open, its member is asked before."""
    await _hold(interaction)
    course = await interaction.client.app.interviews.of(owner_of(interaction), interview_id)
    if course.next is not None:
        await _edit(interaction, ask_finish(course))
        return
    await finish_now(interaction, interview_id)


async def finish_now(interaction: Interaction, interview_id: str) -> None:
    """End an interview with what was answered."""
    await _hold(interaction)
    await interaction.client.app.interviews.finish(owner_of(interaction), interview_id)
    await show(interaction, interview_id)


async def stop(interaction: Interaction, interview_id: str) -> None:
    """End an interview without a report."""
    await _hold(interaction)
    await interaction.client.app.interviews.stop(owner_of(interaction), interview_id)
    await show(interaction, interview_id)


async def go_on(interaction: Interaction, interview_id: str) -> None:
    """Go on with an interview that was stopped."""
    await _hold(interaction)
    await interaction.client.app.interviews.go_on(owner_of(interaction), interview_id)
    await show(interaction, interview_id)


async def not_now(interaction: Interaction, interview_id: str) -> None:
    """Forget an interview that was drawn and has not begun; one that has only stops."""
    await _hold(interaction)
    interviews, owner = interaction.client.app.interviews, owner_of(interaction)
    course = await interviews.of(owner, interview_id)
    if course.attempts:
        await stop(interaction, interview_id)
        return
    await interviews.delete(owner, interview_id)
    await interaction.edit_original_response(
        embed=note_embed(
            "All right, nothing has begun. Use `/interview start` or `/practice` whenever you like."
        ),
        view=None,
    )


async def ask_delete(interaction: Interaction, interview_id: str) -> None:
    """Ask before deleting: it cannot be undone."""
    await _hold(interaction)
    course = await interaction.client.app.interviews.of(owner_of(interaction), interview_id)
    await _edit(interaction, delete_card(course))


async def delete(interaction: Interaction, interview_id: str) -> None:
    """Delete an interview with every answer to it."""
    await _hold(interaction)
    deleted = await interaction.client.app.interviews.delete(owner_of(interaction), interview_id)
    done = (
        "Deleted: the interview and its answers are gone, with their scores and transcripts."
        if not deleted.copies_left
        else "Deleted here. The analysis service could not be reached to delete its copies of your "
        "clips; Greenroom keeps trying every hour until they are gone."
    )
    await interaction.edit_original_response(embed=note_embed(done), view=None, attachments=[])


async def _hold(interaction: Interaction) -> None:
    """Answer a press within three seconds; another feature may have done so."""
    if not interaction.response.is_done():
        await interaction.response.defer()


async def _edit(interaction: Interaction, card: Card) -> None:
    await interaction.edit_original_response(embed=card.embed, view=card.view, attachments=[])
