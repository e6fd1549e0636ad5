"""`python bot.py worker`: works on attempts from the queue and delivers them, without a gateway."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import discord

from analyzer.media.sandbox import sandbox
from app.container import open_app
from app.discord_api import discord_told, make_requester, point_requests_at
from app.gateway import check_engine, required_token
from app.shutdown import install_signal_handlers
from core.errors import SettingsProblem
from core.settings import Settings
from core.version import version

log = logging.getLogger(__name__)


async def work(settings: Settings) -> int:
    """Work until told to stop; returns the exit code.

    Raises:
        SettingsProblem: there is no queue to work from, or Discord refuses the token.
    """
    check_engine(settings)
    token = required_token(settings)
    if not settings.on_postgres:
        raise SettingsProblem(
            "a worker shares its queue with the bot, and a SQLite file is for one process. Set "
            "DATABASE_URL to a Postgres database (postgresql+psycopg://…), the same for both."
        )
    log.info("Greenroom worker %s, engine %s", await version(), settings.engine_name)
    log.info("%s", (await sandbox())[1])
    stop = install_signal_handlers()
    point_requests_at(settings.discord_api_url)
    async with (
        make_requester() as client,
        contextlib.AsyncExitStack() as stack,  # closed first: what ends in time is still told
    ):
        opening = asyncio.create_task(_open(settings, token, client, stack))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            with discord_told():
                await opening
            log.info("working on up to %d attempts at a time", settings.max_in_flight)
            await stopping
        log.info("stopping: what is under way goes back into the queue")
        opening.cancel()  # a login that hangs
        await asyncio.wait({opening})
    return 0


async def _open(
    settings: Settings, token: str, client: discord.Client, stack: contextlib.AsyncExitStack
) -> None:
    await client.login(token)
    app = await open_app(settings, client, stack)
    await app.start()
