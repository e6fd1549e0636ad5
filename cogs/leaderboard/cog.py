"""`/leaderboard`: a server's opt-in practice board, and the buttons that turn its pages."""

from __future__ import annotations

import re
import unicodedata

import discord
from discord import app_commands
from discord.ext import commands

from analyzer.dependencies import Dependencies
from analyzer.scoring.rubric import RUBRIC_VERSION
from cogs.client import GreenroomBot, Interaction
from cogs.leaderboard.cards import (
    ALIAS_LIMIT,
    RANKING_TITLES,
    WINDOW_TITLES,
    board_embed,
    joined_embed,
    left_embed,
)
from cogs.shared.autocomplete import Choice, suggest_own_and_starters
from cogs.shared.interactions import defer, owner_of
from cogs.shared.place import check_place
from cogs.ui.buttons import view_of
from cogs.ui.dispatcher import Handlers
from cogs.ui.embeds import refusal_embed
from cogs.ui.error_replies import answering, sentence_of
from cogs.ui.pagination import page_buttons
from cogs.ui.text import raw
from core.assessment import EngineName
from core.errors import Refused
from core.models import QUESTION_MAX
from storage.leaderboard.pages import LeaderboardQuery
from storage.leaderboard.standings import Ranking, Window, question_digest

LIST = "board"
"""The list's name; it is in the ids of buttons already sent: keep it."""

ALIAS_MIN, ALIAS_MAX = 2, 32
_ALIAS_SIGNS = " .'’-_"

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
            query = _query(self.bot.app.deps, ranking, Window(window), digest)
            embed, view = await _page(interaction, query, 1)
            await interaction.edit_original_response(embed=embed, view=view)

    @show.autocomplete("question")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[Choice]:
        return await suggest_own_and_starters(interaction, typed)

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
    interaction: Interaction, query: LeaderboardQuery, number: int
) -> tuple[discord.Embed, discord.ui.View]:
    asker = owner_of(interaction)
    page = await interaction.client.app.deps.board.page(asker, query, number)
    argument = f"{query.ranking}.{query.window}.{query.question}"
    turns = page_buttons(LIST, page=page.number, pages=page.pages, argument=argument)
    return board_embed(page, query, asker.user_id), view_of(*turns)


def _read(interaction: Interaction, argument: str) -> LeaderboardQuery:
    """The board a button's id names."""
    match = _ARGUMENT.fullmatch(argument)
    if match is None:
        raise Refused("old_button", "That button is out of date. Use `/leaderboard show` again.")
    deps = interaction.client.app.deps
    return _query(deps, match["ranking"], Window(match["window"]), match["question"])


def _query(
    deps: Dependencies, ranking: str | None, window: Window, question: str
) -> LeaderboardQuery:
    """The board that is meant, ranked by what the engine in use gives, with its judge."""
    is_local = deps.engine is EngineName.LOCAL
    judge = deps.judge.model if is_local and deps.judge is not None else None
    scored = not is_local or judge is not None
    chosen = Ranking(ranking or (Ranking.BEST if scored else Ranking.ATTEMPTS))
    if chosen is not Ranking.ATTEMPTS and not scored:
        raise Refused(
            "no_overall",
            "The engine in use here gives no overall score, so only the attempts made are ranked. "
            "Choose that ranking.",
        )
    return LeaderboardQuery(deps.engine, RUBRIC_VERSION, chosen, window, question, judge)


def _check_server(interaction: Interaction) -> None:
    if interaction.guild_id is None:
        raise Refused("no_server", "A board belongs to a server. Use `/leaderboard` in one.")


async def _check_open(interaction: Interaction) -> None:
    _check_server(interaction)
    if not (await check_place(interaction)).settings.board:
        raise Refused(
            "board_off",
            "The managers of this server have switched the board off. `/progress` shows your own "
            "way; `/leaderboard leave` still deletes what the board keeps about you.",
        )


HANDLERS = Handlers(pages={LIST: turn_page})


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its pages turn."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(Leaderboard(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
