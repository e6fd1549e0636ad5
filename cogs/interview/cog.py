"""`/interview`: several questions in a row, with a follow-up and one report."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.interview import answering, presses, starting
from cogs.interview.cards import nothing_yet
from cogs.interview.list_card import list_card
from cogs.interview.showing import show
from cogs.interview.wish import Options
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.ui.buttons import Action, PracticeButton, view_of
from cogs.ui.dispatcher import Handlers
from cogs.ui.error_replies import answering as refusals_answered
from cogs.ui.pagination import page_buttons
from core.interviews import (
    ABOUT_MAX,
    FEWEST_QUESTIONS,
    MOST_QUESTIONS,
    USUAL_QUESTIONS,
    FollowUps,
)
from core.questions import QuestionLevel
from storage.paging import nearest_page

SHOWN = 5
"""Interviews on a page: one row of buttons under it."""

PAGE = "interviews"
"""The list's name; it is in the ids of buttons already sent: keep it."""

_LEVELS = [app_commands.Choice(name=level.value, value=level.value) for level in QuestionLevel]
_FOLLOW_UPS = [
    app_commands.Choice(name="at the end", value=FollowUps.END.value),
    app_commands.Choice(name="after each answer", value=FollowUps.EACH.value),
    app_commands.Choice(name="none", value=FollowUps.NONE.value),
]


@everywhere
class MockInterview(
    commands.GroupCog,
    group_name="interview",
    group_description="Practise a whole interview: several questions, a follow-up, one report.",
):
    """Leads members through interviews."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="Begin an interview of several questions.")
    @app_commands.describe(
        about="The role or the job description: questions near to it. It is used once, never kept.",
        questions="How many questions, 3 if you leave this out.",
        level="The experience the questions take for granted. Left out: mixed.",
        follow_up="When you are asked about what was missing. Left out: at the end.",
        paste="True: a form opens in which you paste a long job description.",
    )
    @app_commands.choices(level=_LEVELS, follow_up=_FOLLOW_UPS)
    async def start(
        self,
        interaction: Interaction,
        about: app_commands.Range[str, 1, ABOUT_MAX] | None = None,
        questions: app_commands.Range[int, FEWEST_QUESTIONS, MOST_QUESTIONS] = USUAL_QUESTIONS,
        level: str | None = None,
        follow_up: str | None = None,
        paste: bool = False,
    ) -> None:
        """Draw the questions and show the first one, privately."""
        options = Options(
            questions,
            None if level is None else QuestionLevel(level),
            FollowUps.END if follow_up is None else FollowUps(follow_up),
        )
        if paste:
            async with refusals_answered(interaction):
                await starting.ask_about(interaction, options, about)
            return
        await defer(interaction)
        async with refusals_answered(interaction):
            await starting.start(interaction, options, about)

    @app_commands.command(name="show", description="Your latest interview: go on, or its report.")
    async def show_(self, interaction: Interaction) -> None:
        """Show the one that goes on, else the last one, privately."""
        await defer(interaction)
        async with refusals_answered(interaction):
            interviews, owner = self.bot.app.interviews, owner_of(interaction)
            course = await interviews.current(owner) or await interviews.last(owner)
            if course is None:
                await _nothing(interaction, "You have no interview here yet.")
                return
            await show(interaction, course.interview.id)

    @app_commands.command(name="list", description="All of your interviews in this server.")
    async def list_(self, interaction: Interaction) -> None:
        """List them, the latest first, privately."""
        await defer(interaction)
        async with refusals_answered(interaction):
            await show_page(interaction, 1)

    @app_commands.command(description="Stop the interview that goes on; you can take that back.")
    async def stop(self, interaction: Interaction) -> None:
        """End it without a report, privately."""
        await defer(interaction)
        async with refusals_answered(interaction):
            course = await self.bot.app.interviews.current(owner_of(interaction))
            if course is None:
                await _nothing(interaction, "No interview of yours goes on here.")
                return
            await presses.stop(interaction, course.interview.id)


async def turn_page(interaction: Interaction, page: int, _argument: str) -> None:
    """Show another page of the interviews of whoever pressed."""
    await interaction.response.defer()
    await show_page(interaction, page)


async def show_page(interaction: Interaction, number: int) -> None:
    """Show a page of the member's interviews; past the end that is the last one."""
    app, owner = interaction.client.app, owner_of(interaction)
    found, total = await app.interviews.page(owner, size=SHOWN, number=number)
    number, pages = nearest_page(number, total, SHOWN)
    if not found:
        await _nothing(interaction, "You have no interview here yet.")
        return
    view = view_of(
        *(
            PracticeButton(Action.INTERVIEW_OPEN, interview.id, label=f"Show {place}")
            for place, interview in enumerate(found, start=1)
        ),
        *page_buttons(PAGE, page=number, pages=pages),
    )
    embed = list_card(found, number, pages, now=app.deps.clock())
    await interaction.edit_original_response(embed=embed, view=view)


async def _nothing(interaction: Interaction, sentence: str) -> None:
    card = nothing_yet(f"{sentence} Press `New interview`, or use `/interview start`.")
    await interaction.edit_original_response(embed=card.embed, view=card.view)


HANDLERS = Handlers(
    buttons={
        Action.INTERVIEW_SHOW: presses.refresh,
        Action.INTERVIEW_OPEN: presses.open_one,
        Action.INTERVIEW_NEW: starting.begin_new,
        Action.INTERVIEW_FINISH: presses.finish,
        Action.INTERVIEW_FINISH_YES: presses.finish_now,
        Action.INTERVIEW_STOP: presses.stop,
        Action.INTERVIEW_GO_ON: presses.go_on,
        Action.INTERVIEW_NOT_NOW: presses.not_now,
        Action.INTERVIEW_DELETE: presses.ask_delete,
        Action.INTERVIEW_DELETE_YES: presses.delete,
    },
    positions={
        Action.INTERVIEW_ANSWER: answering.open_form,
        Action.INTERVIEW_AGAIN: answering.open_form_again,
        Action.INTERVIEW_SKIP: presses.skip,
        Action.INTERVIEW_BRING_BACK: presses.bring_back,
    },
    pages={PAGE: turn_page},
    forms={
        starting.ABOUT_FORM: starting.take_about,
        answering.FORM: answering.take_answer,
        answering.AGAIN_FORM: answering.take_answer_again,
    },
)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its buttons and forms answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(MockInterview(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
