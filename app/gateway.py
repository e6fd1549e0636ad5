"""The bot with its gateway connection: how it is made, run, and its commands registered."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging

from analyzer.media.sandbox import sandbox
from analyzer.services.app import App
from app.container import Overrides, open_app
from app.discord_api import discord_told, point_discord_at
from app.shutdown import install_signal_handlers
from cogs.client import GreenroomBot, Shards
from core.assessment import EngineName
from core.errors import SettingsProblem
from core.settings import Settings
from core.version import version
from storage.engine.file_lock import exclusive_lock
from storage.maintenance.other_database import check_choice, note_postgres

log = logging.getLogger(__name__)


def create_bot(
    settings: Settings, overrides: Overrides | None = None, *, takes_attempts: bool = True
) -> GreenroomBot:
    """Make the bot. Nothing is opened before it logs in; closing it closes everything.

    Without `takes_attempts` it leaves them to workers.
    """

    async def build(bot: GreenroomBot, stack: contextlib.AsyncExitStack) -> App:
        return await open_app(settings, bot, stack, overrides, takes_attempts=takes_attempts)

    return GreenroomBot(build, shards=_shards(settings))


async def run(
    settings: Settings, *, takes_attempts: bool = True, any_database: bool = False
) -> int:
    """Run the bot until it is told to stop; returns the exit code.

    Without `takes_attempts` it only answers commands, and workers do the rest. With `any_database`
    it also takes a database that hardly is the one that was meant: see `check_choice`.

    Raises:
        SettingsProblem: something that it needs is not set, or cannot be used.
    """
    token = required_token(settings)
    check_engine(settings)
    if not (takes_attempts or settings.on_postgres):
        raise SettingsProblem(
            "with --no-worker somebody else must do the work, and a SQLite file is for one "
            "process. Set DATABASE_URL to a Postgres database (postgresql+psycopg://…)."
        )
    if not any_database:
        await check_choice(settings.sqlalchemy_url, settings.data_dir, settings.default_file)
    log.info("Greenroom %s, engine %s", await version(), settings.engine_name)
    log.info("%s", (await sandbox())[1])
    gc.freeze()  # what is imported stays: full collections need not go through it
    stop = install_signal_handlers()
    async with (
        exclusive_lock(settings.sqlalchemy_url),
        create_bot(settings, takes_attempts=takes_attempts) as bot,
    ):
        await note_postgres(settings.sqlalchemy_url, settings.data_dir)
        await point_discord_at(settings.discord_api_url, bot)
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            log.info("stopping: what is under way goes on at the next start")
            running.cancel()  # also a login that hangs; leaving the block closes everything
            await asyncio.wait({running})
        else:
            with discord_told():
                await running
    return 0


async def sync(settings: Settings) -> int:
    """Register the commands now, changed or not; returns the exit code."""
    token = required_token(settings)
    async with create_bot(settings) as bot:
        await point_discord_at(settings.discord_api_url, bot)
        bot.works = False
        with discord_told():
            await bot.login(token)
            registered = await bot.sync_commands(force=True)
        print(f"{registered} commands registered with Discord.")
    return 0


def required_token(settings: Settings) -> str:
    """The bot's token.

    Raises:
        SettingsProblem: it is not set.
    """
    if settings.discord_token is None:
        raise SettingsProblem(
            "DISCORD_TOKEN is not set. Put it into .env; the README says where to get it."
        )
    return settings.discord_token.get_secret_value()


def check_engine(settings: Settings) -> None:
    """Check that the engine that was chosen can work.

    Raises:
        SettingsProblem: its key is not set.
    """
    if settings.engine_name is EngineName.TWELVELABS and settings.twelvelabs_api_key is None:
        raise SettingsProblem("ENGINE is twelvelabs, but TWELVELABS_API_KEY is not set.")


def _shards(settings: Settings) -> Shards | None:
    if settings.shard_count is None:
        return None
    return Shards(settings.shard_numbers, settings.shard_count)
