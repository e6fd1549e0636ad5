"""Our own copies of an attempt's clip: where it comes from, where it lies, and that it goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from analyzer.dependencies import Dependencies
from analyzer.media.fetcher import Fetcher
from core.models import Attempt, ClipKind, Owner


def clip_path(deps: Dependencies, attempt_id: str) -> Path:
    """Where an attempt's clip lies while it is worked on."""
    return deps.clips_dir / f"{attempt_id}.clip"


def fetcher_of(deps: Dependencies, attempt: Attempt) -> Fetcher:
    """What fetches an attempt's clip: a recording by its own id, a file in Discord by its URL."""
    if attempt.source.kind is ClipKind.STUDIO:
        return deps.clip_store.fetcher(attempt.id)
    return deps.fetcher


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
