"""Our own copies of an attempt's clip: where it comes from, where it lies, and that it goes."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from analyzer.dependencies import Dependencies
from analyzer.media.fetcher import Fetcher
from analyzer.media.preflight import needed_bytes, no_room_for_clip, preflight
from core.models import Attempt, ClipFacts, ClipKind, Owner

log = logging.getLogger(__name__)

ROOM_WAITS = (5.0, 10.0, 15.0) + 19 * (30.0,)
"""How long an attempt waits, in seconds and in all ten minutes, before each new look for room."""


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

    Raises:
        Told: see `preflight`; or `no_room`, after ten minutes.
    """
    need = needed_bytes(attempt.source.size_bytes)
    for wait in (*ROOM_WAITS, None):
        async with deps.room.held(attempt.id, need) as fits:
            if fits:
                return await preflight(
                    fetcher_of(deps, attempt),
                    attempt.source,
                    clip_path(deps, attempt.id),
                    max_bytes=deps.limits.clip_bytes,
                    max_seconds=deps.limits.clip_seconds,
                    room=deps.room,
                )
        if wait is None:
            break
        if wait == ROOM_WAITS[0]:
            log.warning("the disk with DATA_DIR is too full for a clip; it waits for room")
        await deps.sleep(wait)
    raise no_room_for_clip()


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
        await deps.uploads.drop(link_id)  # what is still coming goes into a file without a name
