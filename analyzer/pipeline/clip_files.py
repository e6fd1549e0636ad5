"""Our own copies of an attempt's clip: where it comes from, where it lies, and that it goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from analyzer.dependencies import Parts
from analyzer.media.fetcher import Fetcher
from core.models import Attempt, ClipKind, Owner


def clip_path(parts: Parts, attempt_id: str) -> Path:
    """Where an attempt's clip lies while it is worked on."""
    return parts.clips_dir / f"{attempt_id}.clip"


def fetcher_of(parts: Parts, attempt: Attempt) -> Fetcher:
    """What fetches an attempt's clip: a recording by its own id, a file in Discord by its URL."""
    if attempt.source.kind is ClipKind.STUDIO:
        return parts.clip_store.fetcher(attempt.id)
    return parts.fetcher


async def delete_clip(parts: Parts, attempt: Attempt) -> None:
    """Delete our copies of an attempt's clip.

    Raises:
        Told: `store_unreachable`; the recording may still be in its store.
    """
    await asyncio.to_thread(clip_path(parts, attempt.id).unlink, missing_ok=True)
    if attempt.source.kind is ClipKind.STUDIO:
        await parts.clip_store.delete(attempt.id)


async def forget_uploads(parts: Parts, owner: Owner) -> None:
    """End the owner's studio links, and delete what they were sending in."""
    ids = await parts.studio_links.ids_of(owner)
    await parts.studio_links.erase(owner)
    for link_id in ids:
        await parts.uploads.drop(link_id)  # what is still coming goes into a file without a name
