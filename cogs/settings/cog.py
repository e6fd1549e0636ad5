"""`/settings` for a server's managers; `/metrics` and `/language` for every member's own choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Unpack

from discord import app_commands
from discord.ext import commands

from cogs.client import GreenroomBot, Interaction
from cogs.settings import cards
from cogs.shared.autocomplete import (
    LANGUAGE_MAX,
    Choice,
    language_meant,
    suggest_languages,
)
from cogs.shared.contexts import everywhere
from cogs.shared.interactions import defer, owner_of
from cogs.ui.dispatcher import Handlers, PanelHandler
from cogs.ui.error_replies import answer_privately, answering
from cogs.ui.modals import FormAnswer
from cogs.ui.text import counted
from core.assessment import Metric
from core.errors import Refused
from core.models import ServerSettings
from storage.repositories.server_settings import ServerSettingsChanges

ServerChange = Callable[[Interaction, int, list[str]], Awaitable[None]]
"""Answers a manager's press: the interaction, the server, and what was chosen."""


class Settings(commands.Cog):
    """Shows the panels."""

    def __init__(self, bot: GreenroomBot) -> None:
        self.bot = bot

    @app_commands.command(description="See and change how Greenroom works in this server.")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction) -> None:
        """Show a server's settings to a manager."""
        await defer(interaction)
        async with answering(interaction):
            app, guild_id = interaction.client.app, _managed_guild(interaction)
            settings = await app.deps.server_settings.get(guild_id)
            await answer_privately(
                interaction,
                cards.settings_embed(settings, app.deps.policy),
                cards.settings_view(settings),
            )

    @app_commands.command(description="Choose which metrics are left out of your results here.")
    @everywhere
    async def metrics(self, interaction: Interaction) -> None:
        """Show a member what is switched off for them."""
        await defer(interaction)
        async with answering(interaction):
            app, owner = interaction.client.app, owner_of(interaction)
            mine = await app.deps.member_settings.get(owner)
            server = await app.deps.server_settings.get(owner.guild_id)
            await answer_privately(
                interaction, cards.metrics_embed(mine, server), cards.metrics_view(mine)
            )

    @app_commands.command(description="Say which language you speak in your answers.")
    @app_commands.describe(
        language="Pick one. If left out, I show what is set.",
        detect="Forget what is set, and find the language out for each clip.",
    )
    @everywhere
    async def language(
        self,
        interaction: Interaction,
        language: app_commands.Range[str, 1, LANGUAGE_MAX] | None = None,
        detect: bool = False,
    ) -> None:
        """Set, forget or show a member's language."""
        await defer(interaction)
        async with answering(interaction):
            members, owner = interaction.client.app.deps.member_settings, owner_of(interaction)
            if detect:
                mine = await members.change(owner, language=None)
            elif language is not None:
                mine = await members.change(owner, language=language_meant(language).code)
            else:
                mine = await members.get(owner)
            await answer_privately(interaction, cards.language_embed(mine.language))

    @language.autocomplete("language")
    async def _suggest_language(self, _: Interaction, typed: str) -> list[Choice]:
        return suggest_languages(typed)


def managed(change: ServerChange) -> PanelHandler:
    """Let only those who may manage this server change it, asked anew at every press."""

    async def press(interaction: Interaction, chosen: list[str]) -> None:
        await change(interaction, _managed_guild(interaction), chosen)

    return press


@managed
async def share(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Show new results to everyone unless a member chooses otherwise."""
    said = "New results are shown to everyone now, unless a member chooses otherwise."
    await _change(interaction, guild_id, said, share_by_default=True)


@managed
async def private(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Keep new results private unless a member shares them."""
    said = "New results are private now, unless a member shares them."
    await _change(interaction, guild_id, said, share_by_default=False)


@managed
async def board_on(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Let members see and join the board."""
    await _change(interaction, guild_id, "The practice board is on now.", board=True)


@managed
async def board_off(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Close the board; whoever has joined stays joined."""
    await _change(interaction, guild_id, "The practice board is off now.", board=False)


@managed
async def channels(interaction: Interaction, guild_id: int, chosen: list[str]) -> None:
    """Set where members practise."""
    known = {channel.id for channel in interaction.guild.channels} if interaction.guild else set()
    ids = _known(chosen, known)
    where = f"in {cards.mentions(ids, '#')}" if ids else "in every channel"
    await _change(interaction, guild_id, f"Members practise {where} now.", channels=ids)


@managed
async def roles(interaction: Interaction, guild_id: int, chosen: list[str]) -> None:
    """Set who practises."""
    known = {role.id for role in interaction.guild.roles} if interaction.guild else set()
    ids = _known(chosen, known)
    who = f"Members with {cards.mentions(ids, '@&')}" if ids else "All members"
    await _change(interaction, guild_id, f"{who} can practise now.", roles=ids)


@managed
async def metrics(interaction: Interaction, guild_id: int, chosen: list[str]) -> None:
    """Switch metrics off for everyone."""
    off = _metrics(chosen)
    if off == frozenset(Metric):
        raise Refused("all_off", "At least one metric has to stay on. Leave one out.")
    said = f"Switched off for everyone now: {cards.titles(off) or 'nothing'}."
    await _change(interaction, guild_id, said, metrics_off=off)


@managed
async def limits(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Ask for the limits."""
    app = interaction.client.app
    settings = await app.deps.server_settings.get(guild_id)
    form = cards.limits_form(settings, app.deps.policy, f"{guild_id:016x}")
    await interaction.response.send_modal(form)


@managed
async def show_all(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Show everything that is set."""
    await interaction.response.defer()
    app = interaction.client.app
    settings = await app.deps.server_settings.get(guild_id)
    await interaction.edit_original_response(
        embed=cards.settings_embed(settings, app.deps.policy, details=True),
        view=cards.settings_view(settings),
    )


@managed
async def reset(interaction: Interaction, _: int, __: list[str]) -> None:
    """Ask before everything goes back to the defaults."""
    await interaction.response.edit_message(view=cards.reset_view())


@managed
async def reset_yes(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Go back to the defaults."""
    await interaction.response.defer()
    await interaction.client.app.deps.server_settings.set(guild_id, ServerSettings())
    await _show(interaction, ServerSettings(), "Every setting is back to its default now.")


@managed
async def reset_no(interaction: Interaction, guild_id: int, _: list[str]) -> None:
    """Back to the panel."""
    await interaction.response.defer()
    settings = await interaction.client.app.deps.server_settings.get(guild_id)
    await _show(interaction, settings, "Nothing was changed.")


async def mine(interaction: Interaction, chosen: list[str]) -> None:
    """Switch metrics off for whoever pressed, in this server."""
    off = _metrics(chosen)
    await interaction.response.defer()
    app, owner = interaction.client.app, owner_of(interaction)
    after = await app.deps.member_settings.change(owner, metrics_off=off)
    server = await app.deps.server_settings.get(owner.guild_id)
    said = f"Switched off for you now: {cards.titles(off) or 'nothing'}."
    if off | server.metrics_off == frozenset(Metric):
        said = "Every metric is off now, so no clip can be assessed. Leave at least one on."
    await interaction.edit_original_response(
        embed=cards.metrics_embed(after, server, changed=said), view=cards.metrics_view(after)
    )


async def set_limits(interaction: Interaction, form: FormAnswer) -> None:
    """Set the two numbers that a manager has written."""
    guild_id = _managed_guild(interaction)
    if int(form.subject, 16) != guild_id:
        raise Refused("other_server", "That form belongs to another server. Run `/settings` here.")
    policy = interaction.client.app.deps.policy
    attempts = _number(form.texts.get(cards.ATTEMPTS_FIELD, ""), policy.most_daily_attempts)
    days = _number(form.texts.get(cards.DAYS_FIELD, ""), policy.longest_retention.days)
    said = (
        f"Each member has {counted(attempts or policy.most_daily_attempts, 'attempt')} a day now, "
        f"kept for {counted(days or policy.longest_retention.days, 'day')}."
    )
    await _change(interaction, guild_id, said, daily_attempts=attempts, retention_days=days)


async def _change(
    interaction: Interaction, guild_id: int, said: str, **changes: Unpack[ServerSettingsChanges]
) -> None:
    await interaction.response.defer()
    settings = await interaction.client.app.deps.server_settings.change(guild_id, **changes)
    await _show(interaction, settings, said)


async def _show(interaction: Interaction, settings: ServerSettings, said: str) -> None:
    policy = interaction.client.app.deps.policy
    await interaction.edit_original_response(
        embed=cards.settings_embed(settings, policy, changed=said),
        view=cards.settings_view(settings),
    )


def _managed_guild(interaction: Interaction) -> int:
    """The server that whoever pressed may manage: Discord says so with every interaction."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise Refused(
            "not_manager", "Only members with Manage Server can see and change these settings."
        )
    return interaction.guild_id


def _known(chosen: list[str], known: set[int]) -> frozenset[int]:
    """The chosen ids, all of this server: dropping one could mean `everywhere` in the end."""
    ids = frozenset(int(value) for value in chosen if value.isascii() and value.isdecimal())
    if len(ids) < len(set(chosen)) or not ids <= known:
        raise Refused("unknown_choice", "I can't see all you chose. Choose from this server.")
    return ids


def _metrics(chosen: list[str]) -> frozenset[Metric]:
    return frozenset(metric for metric in Metric if metric.value in chosen)


def _number(text: str, most: int) -> int | None:
    """The number in a field; `None` when it is empty."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        raise Refused(
            "limit",
            f"Write a whole number from 1 to {most}, or leave the field empty: {most} is the most "
            "that this bot's operator allows.",
        )
    return int(text)


HANDLERS = Handlers(
    panels={
        cards.SHARE: share,
        cards.PRIVATE: private,
        cards.BOARD_ON: board_on,
        cards.BOARD_OFF: board_off,
        cards.CHANNELS: channels,
        cards.ROLES: roles,
        cards.METRICS: metrics,
        cards.LIMITS: limits,
        cards.ALL: show_all,
        cards.RESET: reset,
        cards.RESET_YES: reset_yes,
        cards.RESET_NO: reset_no,
        cards.MINE: mine,
    },
    forms={cards.LIMITS: set_limits},
)


async def setup(bot: GreenroomBot) -> None:
    """Load the cog, and make its panels and its form answer."""
    bot.dispatcher.register(HANDLERS)
    await bot.add_cog(Settings(bot))


async def teardown(bot: GreenroomBot) -> None:
    """Let them answer no more."""
    bot.dispatcher.unregister(HANDLERS)
