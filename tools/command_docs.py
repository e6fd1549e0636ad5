"""Writes docs/commands.md from the command tree, so that it always says what is true."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from discord import app_commands

from bot import create_bot
from settings import ROOT, Settings

TARGET = ROOT / "docs" / "commands.md"

_HEADER = """\
# Commands

This page is written from the bot's own command tree by `make docs`; a test fails when it is out of
date. A command answers only the member who used it, unless they chose to share.
"""


async def render() -> str:
    """The page as it should be."""
    bot = create_bot(Settings())
    await bot.load_features()
    commands = sorted(bot.tree.walk_commands(), key=lambda command: command.qualified_name)
    menus = [item for item in bot.tree.get_commands() if isinstance(item, app_commands.ContextMenu)]
    parts = [_HEADER]
    parts += ["\n".join(_command(one)) for one in commands if isinstance(one, app_commands.Command)]
    parts += ["\n".join(_menu(one)) for one in menus]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _command(command: app_commands.Command[Any, ..., Any]) -> Iterator[str]:
    yield f"## /{command.qualified_name}"
    yield f"\n{command.description}"
    if command.parameters:
        yield "\n| option | needed | what it is |\n|---|---|---|"
        for option in command.parameters:
            yield f"| `{option.display_name}` | {_yes(option.required)} | {option.description} |"
    yield f"\n{_where(command)}"


def _menu(menu: app_commands.ContextMenu) -> Iterator[str]:
    yield f"## {menu.name} (message menu)"
    yield (
        "\nOn your own message with a video: open the message's menu, then Apps. It asks which "
        "question the clip answers; with several clips it asks which one first."
    )
    yield f"\n{_where(menu)}"


def _where(command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu) -> str:
    contexts, installs = command.allowed_contexts, command.allowed_installs
    places = ["servers"] if contexts is None or contexts.guild else []
    if contexts is not None and (contexts.dm_channel or contexts.private_channel):
        places.append("direct messages")
    by_user = installs is not None and installs.user
    return f"Works in {' and '.join(places)}" + (
        ", also when a member has installed the app for themselves." if by_user else "."
    )


def _yes(needed: bool) -> str:
    return "yes" if needed else "no"


if __name__ == "__main__":
    TARGET.write_text(asyncio.run(render()))
