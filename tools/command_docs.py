"""Writes docs/commands.md from the command tree, so that it always says what is true."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Group

from app.gateway import create_bot
from core.settings import ROOT, Settings

TARGET = ROOT / "docs" / "commands.md"

_HEADER = """\
# Commands

This page is written from the bot's own command tree by `make docs`; a test fails when it is out of
date. A command answers only the member who used it, unless they chose to share.

Where a description begins with "Manage Server", only members with that permission may use it, and
only in a server that the bot is in. A server's managers can change in Discord's own settings
(*Integrations*) who is offered which command.
"""


async def render() -> str:
    """The page as it should be."""
    bot = create_bot(Settings())
    await bot.load_features()
    commands = sorted(bot.tree.walk_commands(), key=lambda command: command.qualified_name)
    menus = [item for item in bot.tree.get_commands() if isinstance(item, app_commands.ContextMenu)]
    parts = [_HEADER]
    parts += ["\n".join(_group(c) if isinstance(c, Group) else _command(c)) for c in commands]
    parts += ["\n".join(_menu(one)) for one in menus]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _group(group: Group) -> Iterator[str]:
    yield f"## /{group.qualified_name}"
    yield f"\n{group.description} The commands below belong to it."
    yield f"\n{_where(group)}"


def _command(command: app_commands.Command[Any, ..., Any]) -> Iterator[str]:
    yield f"{'##' if command.parent is None else '###'} /{command.qualified_name}"
    yield f"\n{command.description}"
    if command.parameters:
        yield "\n| option | needed | what it is |\n|---|---|---|"
        for option in command.parameters:
            yield f"| `{option.display_name}` | {_yes(option.required)} | {option.description} |"
    if command.parent is None:
        yield f"\n{_where(command)}"


def _menu(menu: app_commands.ContextMenu) -> Iterator[str]:
    yield f"## {menu.name} (message menu)"
    yield (
        "\nOn your own message with a video, a voice message or a sound file: open the message's "
        "menu, then Apps. It asks which question the clip answers; with several clips it asks "
        "which one first."
    )
    yield f"\n{_where(menu)}"


def _where(root: app_commands.Command[Any, ..., Any] | Group | app_commands.ContextMenu) -> str:
    """Where Discord offers it, and to whom; what is in a group has that from the group."""
    contexts, installs = root.allowed_contexts, root.allowed_installs
    everywhere = contexts is None and not root.guild_only
    places = ["servers"] if contexts is None or contexts.guild else []
    if everywhere or (contexts and (contexts.dm_channel or contexts.private_channel)):
        places.append("direct messages")
    by_user = installs is not None and installs.user
    return f"Offered in {' and '.join(places)}{_who(root.default_permissions)}" + (
        ", also when a member has installed the app for themselves." if by_user else "."
    )


def _who(permissions: discord.Permissions | None) -> str:
    """Whom Discord shows it to, unless a server's managers choose otherwise."""
    if permissions is None:
        return ""
    names = [
        name.replace("guild", "server").replace("_", " ").title() for name, on in permissions if on
    ]
    return f" to members with {' and '.join(names)}"


def _yes(needed: bool) -> str:
    return "yes" if needed else "no"


if __name__ == "__main__":
    TARGET.write_text(asyncio.run(render()))
