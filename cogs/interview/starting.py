"""Begins an interview: the questions are drawn once there is room for the answers."""

from __future__ import annotations

from analyzer.interviews.about import clean_about
from analyzer.interviews.planner import Wish, plan
from cogs.client import Interaction
from cogs.interview.cards import goes_on_card, shorter_card
from cogs.interview.showing import show
from cogs.interview.wish import Options
from cogs.shared.consent import has_agreed
from cogs.shared.interactions import defer, owner_of
from cogs.shared.place import AllowedPlace, check_place
from cogs.shared.studio_link import offer_practice
from cogs.ui.buttons import NOTHING
from cogs.ui.embeds import Card
from cogs.ui.modals import ABOUT_FIELD, FormAnswer, about_form
from core.interviews import Interview

ABOUT_FORM = "interviewabout"
"""The form's name; it is in the ids of forms already open: keep it."""


async def start(interaction: Interaction, options: Options, about: str | None) -> None:
    """Begin an interview for a deferred interaction's member, or offer a shorter one.

    What it is `about` chooses the questions, and is neither kept nor logged.

    Raises:
        UserFacingError: not here, nothing could be submitted, or `about` says nothing.
    """
    app, place = interaction.client.app, await check_place(interaction)
    wanted = None if about is None else clean_about(about)
    current = await app.interviews.current(place.owner)
    if current is not None:
        await _answer(interaction, goes_on_card(current.interview))
        return
    left = await app.attempts.allowance_left(place.owner, place.settings)
    fitting = options.within(left)
    if fitting is None:
        await offer_practice(
            interaction,
            "You have 1 answer of your allowance left now, and an interview takes 2 at least. Use "
            "`/practice` for a single question.",
        )
        return
    wish = Wish(count=fitting.questions, level=fitting.level, about=wanted)
    interview, notes = await _begin(interaction, place, fitting, wish)
    if fitting != options:
        await _answer(interaction, shorter_card(interview, left=left))
    else:
        await show(interaction, interview.id, notes=notes)


async def _begin(
    interaction: Interaction, place: AllowedPlace, options: Options, wish: Wish
) -> tuple[Interview, tuple[str, ...]]:
    """Draw the questions and keep them; also what could not be as wished."""
    app = interaction.client.app
    planned = await plan(
        app.deps,
        place.owner.guild_id,
        wish,
        avoid=await app.interviews.last_questions(place.owner),
        may_judge=await has_agreed(interaction),
    )
    interview = await app.interviews.begin(
        owner=place.owner,
        channel_id=place.channel_id,
        questions=planned.questions,
        follow_ups=options.follow_ups,
        reply=None,  # `show` says where
    )
    return interview, planned.notes


async def ask_about(interaction: Interaction, options: Options, about: str | None) -> None:
    """Ask for a job description; the form has to be the first answer to a command.

    Raises:
        Refused: not here.
    """
    await check_place(interaction)
    form = about_form(ABOUT_FORM, NOTHING, options.index, about or "")
    await interaction.response.send_modal(form)


async def take_about(interaction: Interaction, form: FormAnswer) -> None:
    """Begin an interview about what was pasted."""
    await defer(interaction)
    await start(interaction, Options.from_index(form.index), form.texts.get(ABOUT_FIELD, ""))


async def begin_new(interaction: Interaction, interview_id: str) -> None:
    """Begin another interview like this one; like the usual one where it is no longer there."""
    await defer(interaction)
    found = await interaction.client.app.deps.interviews.get(owner_of(interaction), interview_id)
    options = Options() if found is None else Options.like(found.interview)
    await start(interaction, options, None)


async def _answer(interaction: Interaction, card: Card) -> None:
    await interaction.edit_original_response(embed=card.embed, view=card.view)
