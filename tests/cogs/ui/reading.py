"""Reads an embed as a member does."""

from __future__ import annotations

import discord

from cogs.ui.text import unmarked


def read(embed: discord.Embed) -> str:
    """All a reader sees of an embed but its footer."""
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return unmarked("\n".join([embed.title or "", embed.description or "", *fields]))
