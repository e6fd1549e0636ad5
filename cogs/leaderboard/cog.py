"""`/leaderboard`: a server's opt-in practice board, and the buttons that turn its pages."""

from __future__ import annotations

import re
import unicodedata

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.questions.bank import starters_with
from analyzer.scoring.rubric import RUBRIC_VERSION
from cogs.analyze.cards import refusal_embed
from cogs.client import GreenroomBot, Interaction
from cogs.leaderboard.cards import (
    ALIAS_LIMIT,
    RANKING_TITLES,
    WINDOW_TITLES,
    board_embed,
    joined_embed,
    left_embed,
)
from cogs.shared.submission import check_place, defer, owner_of
from cogs.ui.error_replies import answering, sentence_of
from cogs.ui.pagination import PAGES, add_page_buttons
from cogs.ui.text import CHOICE_NAME_LIMIT, raw
from core.errors import Refused
from core.models import QUESTION_MAX, EngineName
from storage.leaderboard.pages import LeaderboardQuery
from storage.leaderboard.standings import Ranking, Window, question_digest

LIST = "board"
"""The list's name; it is in the ids of buttons already sent: keep it."""

ALIAS_MIN, ALIAS_MAX = 2, 32
_ALIAS_SIGNS = " .'’-_"

CHOICES = 25  # Discord shows at most as many

_ARGUMENT = re.compile(
    rf"(?P<ranking>{'|'.join(Ranking)})\.(?P<window>{'|'.join(Window)})"
    r"\.(?P<question>(?:[0-9a-f]{16})?)"
)

_RANKINGS = [app_commands.Choice(name=title, value=key) for key, title in RANKING_TITLES.items()]
_WINDOWS = [app_commands.Choice(name=title, value=key) for key, title in WINDOW_TITLES.items()]


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Leaderboard(
    commands.GroupCog,
    group_name="leaderboard",
    group_description="This server's practice board. Only who joins is on it.",
):
    """Shows the board, and lets members on and off it."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot
        super().__init__()

    @app_commands.command(description="This server's practice board, and your own place on it.")
    @app_commands.describe(
        ranking="What it is ranked by. Best overall if you leave this out.",
        window="Which attempts count. All time if you leave this out.",
        question="Only attempts at this question. All questions if you leave this out.",
    )
    @app_commands.choices(ranking=_RANKINGS, window=_WINDOWS)
    async def show(
        self,
        interaction: Interaction,
        ranking: str | None = None,
        window: str = Window.ALL,
        question: app_commands.Range[str, 1, QUESTION_MAX] | None = None,
    ) -> None:
        """Show the first page, privately."""
        await defer(interaction)
        async with answering(interaction):
            await _check_open(interaction)
            digest = question_digest(question or "")
            sight = _sight(self.bot.app.deps.engine, ranking, Window(window), digest)
            embed, view = await _page(interaction, sight, 1)
            await interaction.edit_original_response(embed=embed, view=view)

    @show.autocomplete("question")
    async def _suggest(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """The member's own questions first, then the starters; never what others have asked."""
        own = await self.bot.app.deps.attempts.questions(owner_of(interaction), typed, CHOICES)
        texts = dict.fromkeys([*own, *(question.text for question in starters_with(typed))])
        # A choice's value is cut off at 100 characters, which would name another question
        fitting = [text for text in texts if raw(text, CHOICE_NAME_LIMIT) == text]
        return [app_commands.Choice(name=text, value=text) for text in fitting[:CHOICES]]

    @app_commands.command(
        description="Appear on this server's practice board. Nobody is on it unasked."
    )
    @app_commands.describe(
        alias="Appear under this name instead of your own: 2 to 32 characters.",
        count_private="Count your private results too? If you leave this out, only shared ones.",
    )
    async def join(
        self,
        interaction: Interaction,
        alias: app_commands.Range[str, ALIAS_MIN, ALIAS_MAX] | None = None,
        count_private: bool | None = None,
    ) -> None:
        """Put the member on the board, or change what they chose before."""
        await defer(interaction)
        async with answering(interaction):
            await _check_open(interaction)
            membership = await self.bot.app.deps.board.join(
                owner_of(interaction),
                alias=None if alias is None else checked_alias(alias),
                counts_private=count_private,
            )
            if membership is None:
                raise Refused(
                    "alias_taken",
                    "Another member has an alias that looks like this one. Choose a different one.",
                )
            await interaction.edit_original_response(embed=joined_embed(membership))

    @app_commands.command(description="Leave this server's practice board; it forgets you at once.")
    async def leave(self, interaction: Interaction) -> None:
        """Take the member off the board, also while it is switched off."""
        await defer(interaction)
        async with answering(interaction):
            _check_server(interaction)
            was_member = await self.bot.app.deps.board.leave(owner_of(interaction))
            await interaction.edit_original_response(embed=left_embed(was_member=was_member))


def checked_alias(alias: str) -> str:
    """An alias on one line, with single spaces.

    Only letters, digits and a few signs, so that it can be told from our own markup and from a
    mention.

    Raises:
        Refused: it is too short, too long, or has other characters.
    """
    alias = " ".join(alias.split())
    kinds = [unicodedata.category(char)[0] for char in alias]
    allowed = all(
        kind in "LMN" or char in _ALIAS_SIGNS for char, kind in zip(alias, kinds, strict=True)
    )
    seen = raw(alias, ALIAS_LIMIT) == alias  # some letters show nothing
    named = "L" in kinds or "N" in kinds
    if not (allowed and seen and named and ALIAS_MIN <= len(alias) <= ALIAS_MAX):
        raise Refused(
            "bad_alias",
            f"An alias needs {ALIAS_MIN} to {ALIAS_MAX} characters: letters and digits, with "
            "spaces, dots, dashes, underscores or apostrophes between them.",
        )
    return alias


async def turn_page(interaction: Interaction, number: int, argument: str) -> None:
    """Show another page in place of this one; where that is refused, why takes its place."""
    await interaction.response.defer()
    view: discord.ui.View | None
    try:
        await _check_open(interaction)
        embed, view = await _page(interaction, _read(interaction, argument), number)
    except Refused as refused:
        embed, view = refusal_embed(sentence_of(refused)), None
    await interaction.edit_original_response(embed=embed, view=view)


async def _page(
    interaction: Interaction, sight: LeaderboardQuery, number: int
) -> tuple[discord.Embed, discord.ui.View]:
    asker = owner_of(interaction)
    page = await interaction.client.app.deps.board.page(asker, sight, number)
    view = discord.ui.View(timeout=None)
    argument = f"{sight.ranking}.{sight.window}.{sight.question}"
    add_page_buttons(view, LIST, page=page.number, pages=page.pages, argument=argument)
    view.stop()
    return board_embed(page, sight, asker.user_id), view


def _read(interaction: Interaction, argument: str) -> LeaderboardQuery:
    """The board a button's id names."""
    match = _ARGUMENT.fullmatch(argument)
    if match is None:
        raise Refused("old_button", "That button is out of date. Use `/leaderboard show` again.")
    engine = interaction.client.app.deps.engine
    return _sight(engine, match["ranking"], Window(match["window"]), match["question"])


def _sight(
    engine: EngineName, ranking: str | None, window: Window, question: str
) -> LeaderboardQuery:
    """The board that is meant, ranked by what the engine in use gives."""
    scored = engine is not EngineName.LOCAL
    chosen = Ranking(ranking or (Ranking.BEST if scored else Ranking.ATTEMPTS))
    if chosen is not Ranking.ATTEMPTS and not scored:
        raise Refused(
            "no_overall",
            "The engine in use here gives no overall score, so only the attempts made are ranked. "
            "Choose that ranking.",
        )
    return LeaderboardQuery(engine, RUBRIC_VERSION, chosen, window, question)


def _check_server(interaction: Interaction) -> None:
    if interaction.guild_id is None:
        raise Refused("no_server", "A board belongs to a server. Use `/leaderboard` in one.")


async def _check_open(interaction: Interaction) -> None:
    _check_server(interaction)
    if not (await check_place(interaction)).board:
        raise Refused(
            "board_off",
            "The managers of this server have switched the board off. `/progress` shows your own "
            "way; `/leaderboard leave` still deletes what the board keeps about you.",
        )


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and let its pages be turned."""
    await bot.add_cog(Leaderboard(bot))
    PAGES[LIST] = turn_page
