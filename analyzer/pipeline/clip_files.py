"""The copies of an attempt's clip, ours and the vendor's: where they are, and that they go."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from analyzer.dependencies import Dependencies
from analyzer.engines import Engine
from analyzer.media.clip_limits import check_declared_size
from analyzer.media.fetcher import Fetcher
from analyzer.media.preflight import examine_clip, no_room_for_clip, preflight
from core.assessment import EngineName
from core.errors import (
    EngineBusy,
    EngineUnavailable,
    Postponed,
    Superseded,
    UserFacingError,
    error_location,
)
from core.models import Attempt, ClipFacts, ClipKind, Owner
from storage.repositories.pending_deletions import PendingDeletion

log = logging.getLogger(__name__)

ROOM_WAITS = (5.0, 10.0, 15.0) + 19 * (30.0,)
"""How long an attempt waits, in seconds and in all ten minutes, before each new look for room."""


_SOON_SECONDS = 600.0
"""A member's next attempt waits until the last one's copies are gone, but for no longer."""


def engine_of(deps: Dependencies, name: EngineName) -> Engine:
    """The engine with this name, such as the one an attempt was queued for.

    Raises:
        EngineUnavailable: the operator has switched it off since.
    """
    engine = deps.engines.get(name)
    if engine is None:
        raise EngineUnavailable(
            "engine_switched_off",
            "The bot's set-up changed while your clip was being assessed. Please send it again.",
        )
    return engine


def clip_path(deps: Dependencies, attempt_id: str) -> Path:
    """Where an attempt's clip lies while it is worked on."""
    return deps.clips_dir / f"{attempt_id}.clip"


def fetcher_of(deps: Dependencies, attempt: Attempt) -> Fetcher:
    """What fetches an attempt's clip: a recording by its own id, a file in Discord by its URL."""
    if attempt.source.kind is ClipKind.STUDIO:
        return deps.clip_store.fetcher(attempt.id)
    return deps.fetcher


async def fetch(deps: Dependencies, attempt: Attempt) -> ClipFacts:
    """Fetch an attempt's clip to where it is worked on, and check it, once there is room for it.

    That is room for the clip and for one mended copy. A recording that waits in a folder on the
    same disk is here already.

    Raises:
        UserFacingError: see `preflight`; or `no_room`, after ten minutes.
    """
    size, limits, target = attempt.source.size_bytes, deps.limits, clip_path(deps, attempt.id)
    is_here = attempt.source.kind is ClipKind.STUDIO and await deps.clip_store.link(
        attempt.id, target
    )
    for wait in (*ROOM_WAITS, None):
        async with deps.room.held(attempt.id, size if is_here else 2 * size) as fits:
            if fits and is_here:
                check_declared_size(attempt.source, max_bytes=limits.clip_bytes)
                return await examine_clip(target, max_seconds=limits.clip_seconds, room=deps.room)
            if fits:
                return await preflight(
                    fetcher_of(deps, attempt),
                    attempt.source,
                    target,
                    max_bytes=limits.clip_bytes,
                    max_seconds=limits.clip_seconds,
                    room=deps.room,
                )
        if wait is None:
            break
        if wait == ROOM_WAITS[0]:
            log.warning("the disk with DATA_DIR is too full for a clip; it waits for room")
        await deps.sleep(wait)
    raise no_room_for_clip()


async def discard(deps: Dependencies, attempt: Attempt, *, in_line: bool = False) -> str | None:
    """Delete the vendor's copies and ours, and record when.

    Returns `None` when all are gone, else a short code of why not, which is logged too: the
    cleanup tries again. Nothing is raised, not even for a bug in an engine: neither an attempt nor
    its deletion may hang on that. But with `in_line`, `Postponed` is, where the vendor's limits
    let it be done a little later: the cleanup comes once an hour only.
    """
    try:
        await delete_clip(deps, attempt)
        if attempt.refs:
            await engine_of(deps, attempt.engine).discard(attempt.refs)
        await deps.attempts.change(attempt, cleaned_at=deps.clock())
    except Superseded:
        return "superseded"  # the row has changed or is gone: then its ids are pending deletions
    except UserFacingError as error:
        if in_line and isinstance(error, EngineBusy) and error.retry_after <= _SOON_SECONDS:
            raise Postponed(error.retry_after) from None
        log.warning("copies not deleted yet: %s; tried again later", error.code)
        return error.code
    except Exception as error:  # noqa: BLE001 - see above
        log.error("copies not deleted yet: %s; tried again later", error_location(error))  # noqa: TRY400 - a trace may hold secrets
        return "internal"
    return None


async def discard_pending(deps: Dependencies, pending: PendingDeletion) -> None:
    """Delete the vendor's copies of an attempt whose row is gone, and forget about them.

    Raises:
        EngineError: something could not be deleted now, or the engine is not set up any more.
    """
    if pending.refs:
        await engine_of(deps, pending.engine).discard(pending.refs)
    await deps.pending_deletions.done(pending.id)


async def delete_clip(deps: Dependencies, attempt: Attempt) -> None:
    """Delete our copies of an attempt's clip.

    Raises:
        UserFacingError: `store_unreachable`; the recording may still be in its store.
    """
    await asyncio.to_thread(clip_path(deps, attempt.id).unlink, missing_ok=True)
    if attempt.source.kind is ClipKind.STUDIO:
        await deps.clip_store.delete(attempt.id)


async def forget_uploads(deps: Dependencies, owner: Owner) -> None:
    """End the owner's studio links, and delete what they were sending in."""
    ids = await deps.studio_links.ids_of(owner)
    await deps.studio_links.erase(owner)
    for link_id in ids:
        await deps.uploads.drop(link_id)  # what is still coming ends with its next block
