"""`python bot.py purge-all`: deletes everything from the outside in, for who shuts the bot down."""

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
from analyzer.pipeline.attempt_pipeline import engine_of
from analyzer.pipeline.clip_files import delete_clip
from analyzer.services.app import App
from app.container import open_app
from app.discord_api import discord_told, make_requester, point_requests_at
from core.errors import EngineUnavailable, SettingsProblem, StorageUnavailable, UserFacingError
from core.models import Attempt, AttemptState, Owner
from core.settings import Settings
from storage.engine.database import Database
from storage.engine.file_lock import exclusive_lock
from storage.maintenance.purge import delete_kept, others_connected, reaching_out
from storage.maintenance.purge import purge_all as delete_rows
from storage.repositories.pending_deletions import PendingDeletion

_AT_ONCE = 5
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
        gone = await delete_rows(app.deps.database)
    print(f"Everything is deleted: {sum(gone.values())} rows, and what they led to.")
    return 0


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
    """Delete what is not in the database: copies of clips, public messages, files."""
    left, slots = Left(), asyncio.Semaphore(_AT_ONCE)
    await delete_kept(app.deps.database)

    async def one(owner: Owner, attempt_id: str) -> None:
        async with slots:
            attempt = await app.deps.attempts.get(owner, attempt_id)
            if attempt is not None:
                await _delete_attempt(app.deps, attempt, left)

    async with asyncio.TaskGroup() as group:
        for owner, attempt_id in await reaching_out(app.deps.database):
            group.create_task(one(owner, attempt_id))
    for pending in await app.deps.pending_deletions.all():
        await _noting(left, _delete_pending(app.deps, pending))
    for engine in app.deps.engines.values():
        await _noting(left, engine.sweep(_none_is_open))
    await _noting(left, _delete_recordings(app.deps))
    await asyncio.to_thread(shutil.rmtree, app.deps.clips_dir, ignore_errors=True)
    return left


async def _delete_attempt(deps: Dependencies, attempt: Attempt, left: Left) -> None:
    """Delete what an attempt leads to, then the attempt; it stays when something else does."""
    taken_back = not attempt.shared or await deps.announcer.take_back(attempt)
    if not taken_back:
        left.messages.append(_link(attempt))
    if not attempt.state.ended:
        reply = attempt.reply
        attempt = await deps.attempts.move(attempt, AttemptState.CANCELLED, reply=None)
        if not attempt.shared:  # what everybody could see is gone already
            await deps.announcer.deliver(attempt.model_copy(update={"reply": reply}), None)
    if await _noting(left, _delete_copies(deps, attempt)) and taken_back:
        await deps.attempts.delete(attempt.owner, attempt.id, scrub=False)


async def _delete_copies(deps: Dependencies, attempt: Attempt) -> None:
    if attempt.cleaned_at is None:
        await delete_clip(deps, attempt)
        if attempt.refs:
            await engine_of(deps, attempt).discard(attempt.refs)
        await deps.attempts.change(attempt, cleaned_at=deps.clock())


async def _delete_recordings(deps: Dependencies) -> None:
    """Delete what was being sent in, and what no attempt leads to."""
    for link_id in await deps.uploads.ids():
        await deps.uploads.drop(link_id)
    for clip_id in await deps.clip_store.ids():
        await deps.clip_store.delete(clip_id)


async def _delete_pending(deps: Dependencies, pending: PendingDeletion) -> None:
    if pending.refs:
        engine = deps.engines.get(pending.engine)
        if engine is None:
            raise EngineUnavailable("engine_switched_off", "Set the engine up again.")
        await engine.discard(pending.refs)
    await deps.pending_deletions.done(pending.id)


async def _noting(left: Left, deleting: Awaitable[object]) -> bool:
    """Whether it was deleted; why not is noted."""
    try:
        await deleting
    except StorageUnavailable:
        raise
    except UserFacingError as error:
        left.copies[error.code] += 1
        return False
    return True


async def _none_is_open() -> frozenset[str]:
    return frozenset()


def _link(attempt: Attempt) -> str:
    channel = attempt.shared_channel_id or attempt.channel_id
    message = attempt.shared_message_id or (attempt.reply and attempt.reply.message_id)
    return f"https://discord.com/channels/{attempt.owner.guild_id or '@me'}/{channel}/{message}"
