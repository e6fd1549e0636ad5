"""`python bot.py purge-all`: deletes everything, for an operator who shuts the bot down."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field

from discord import app_commands

from analyzer.dependencies import Dependencies
from analyzer.pipeline.clip_files import discard_pending
from analyzer.services.app import App
from analyzer.services.deletion import NO_LIMITS, AttemptDeletion, each
from app.container import open_app
from app.discord_api import discord_told, make_requester, point_requests_at
from core.errors import SettingsProblem, StorageUnavailable, UserFacingError
from core.models import Attempt, Owner
from core.settings import Settings
from storage.engine.database import Database
from storage.engine.file_lock import exclusive_lock
from storage.maintenance.other_database import forget_postgres, other_files, other_postgres
from storage.maintenance.purge import delete_kept, others_connected, reaching_out
from storage.maintenance.purge import purge_all as delete_rows

_LINKS = 20


@dataclass(slots=True)
class Left:
    """What could not be deleted, and why."""

    copies: Counter[str] = field(default_factory=Counter)  # how often, by the code of why
    messages: list[str] = field(default_factory=list)  # links

    def lines(self) -> Iterator[str]:
        """What is left, for the operator."""
        for code, times in self.copies.items():
            yield f"Not deleted: copies of clips, {times} times for the reason {code}."
        if self.messages:
            yield (
                f"Not deleted: {len(self.messages)} messages that everybody in a channel can see. "
                "Delete them in Discord, if you can:"
            )
            yield from (f"  {link}" for link in self.messages[:_LINKS])
            if len(self.messages) > _LINKS:
                yield f"  and {len(self.messages) - _LINKS} more"


async def purge_all(settings: Settings, token: str, *, sure: bool, leave_messages: bool) -> int:
    """Delete all there is, here, at TwelveLabs and in public, and print what could not be.

    Rows stay until all else is gone, since they say where it is: so it can be repeated. With
    `leave_messages` public messages that cannot be deleted hold nothing up. Unless `sure`, the
    bot's name must be typed. Returns the exit code: 1 when something is left.

    Raises:
        SettingsProblem: a bot runs on this data, Discord refuses the token, or nobody confirmed.
    """
    point_requests_at(settings.discord_api_url)
    async with (
        exclusive_lock(settings.sqlalchemy_url),
        make_requester() as client,
        contextlib.AsyncExitStack() as stack,
    ):
        await _check_nobody_else(settings)
        with discord_told():
            await client.login(token)
        if not sure:
            await _confirm(str(client.user and client.user.name))
        app = await open_app(settings, client, stack, takes_attempts=False)
        left = await _delete_outside(app)
        for line in left.lines():
            print(line)
        if left.copies or (left.messages and not leave_messages):
            print("What is left is still on record: run `purge-all` again to go on.")
            return 1
        with discord_told():
            await app_commands.CommandTree(client).sync()  # an empty tree: no commands any more
        postgres = await asyncio.to_thread(
            other_postgres, settings.sqlalchemy_url, settings.data_dir
        )
        gone = await delete_rows(app.deps.database)
    print(f"Deleted: {sum(gone.values())} rows of this database, and all that they led to.")
    return 1 if await asyncio.to_thread(_delete_beside, settings, postgres) else 0


def _delete_beside(settings: Settings, postgres: str | None) -> bool:
    """Delete the database from before a move, and name what is left; whether anything of ours is.

    What nobody told us of can only be named.
    """
    url, left = settings.sqlalchemy_url, False
    for file in other_files(url, settings.default_file):
        try:
            file.unlink()
            print(f"Deleted: {file}, from before the move to Postgres.")
        except OSError as error:
            left = True
            print(f"Not deleted: {file} ({error.strerror}). Delete it by hand.")
    if postgres is not None:
        left = True
        print(
            f"Not deleted: the Postgres database {postgres}, which was in use as well. Set "
            "DATABASE_URL to it and run `purge-all` again, or drop it there."
        )
    else:
        forget_postgres(settings.data_dir)
    print(
        "Not known to me, so still there: backups that you have made, logs that you keep, what "
        "Postgres archives, and recordings in a CLIP_STORE that is no longer set."
    )
    return left


async def _check_nobody_else(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url)
    try:
        if await others_connected(database):
            raise SettingsProblem(
                "something else is connected to this database. Stop every bot and worker first."
            )
    finally:
        await database.close()


async def _confirm(name: str) -> None:
    """Have the bot's name typed."""
    print(f"This deletes for good whatever {name} has stored, of every server and member.")
    print(f"To go on, type the bot's name, {name}: ", end="", flush=True)
    typed = await asyncio.to_thread(sys.stdin.readline)
    if not typed:
        print()  # nobody was there to end the line
    if typed.strip() != name:
        raise SettingsProblem("that is not the bot's name.")


async def _delete_outside(app: App) -> Left:
    """Delete what is not in the database: copies of clips, public messages, files.

    Of each attempt of which nothing is left outside, the row goes too.
    """
    left, deps = Left(), app.deps
    await delete_kept(deps.database)
    deletion = AttemptDeletion(deps, app.attempts, NO_LIMITS)

    async def delete_one(found: tuple[Owner, str]) -> None:
        if (deleted := await deletion.delete(*found, keep_if_left=True)) is not None:
            left.copies.update(deleted.why_left)
            left.messages.extend(map(_link, deleted.out_of_reach))

    await each(await reaching_out(app.deps.database), delete_one, None, seconds=None)
    for pending in await deps.pending_deletions.all():
        await _noting(left, discard_pending(deps, pending))
    for engine in deps.engines.values():
        await _noting(left, engine.sweep(_none_is_open))
    await _noting(left, _delete_recordings(deps))
    await asyncio.to_thread(shutil.rmtree, deps.clips_dir, ignore_errors=True)
    return left


async def _delete_recordings(deps: Dependencies) -> None:
    """Delete what was being sent in, and what no attempt leads to."""
    for link_id in await deps.uploads.ids():
        await deps.uploads.drop(link_id)
    for clip_id in await deps.clip_store.ids():
        await deps.clip_store.delete(clip_id)


async def _noting(left: Left, deleting: Awaitable[object]) -> None:
    """Delete something; why that is not possible is noted."""
    try:
        await deleting
    except StorageUnavailable:
        raise
    except UserFacingError as error:
        left.copies[error.code] += 1


async def _none_is_open() -> frozenset[str]:
    return frozenset()


def _link(attempt: Attempt) -> str:
    channel = attempt.shared_channel_id or attempt.channel_id
    message = attempt.shared_message_id or (attempt.reply and attempt.reply.message_id)
    return f"https://discord.com/channels/{attempt.owner.guild_id or '@me'}/{channel}/{message}"
