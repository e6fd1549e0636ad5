"""What a clip may be: its size by what is declared, the rest by what was found in it."""

from __future__ import annotations

import math

from core.errors import ClipRefused
from core.models import ClipFacts, ClipSource

MIN_SECONDS = 4
MIN_SIDE_PIXELS = 360
MAX_ASPECT = 2.4
MAX_PIXELS = 5184 * 2160
"""What TwelveLabs takes; its documentation asked for 4 s until mid-2026, later for 1 s."""


def check_declared_size(source: ClipSource, *, max_bytes: int) -> None:
    """Refuse a clip that Discord itself says is too large, before anything is fetched.

    Raises:
        ClipRefused: `clip_too_large`.
    """
    if source.size_bytes > max_bytes:
        raise too_large(megabytes(source.size_bytes), max_bytes)


def check_declared_length(seconds: float) -> None:
    """Refuse a recording that is said to be too short, before it is sent. 0: it is not known.

    Raises:
        ClipRefused: `clip_too_short`.
    """
    if 0 < seconds < MIN_SECONDS:
        raise _too_short(seconds)


def check_facts(facts: ClipFacts, *, max_seconds: int) -> None:
    """Refuse what an engine would refuse.

    Limits: 4 s to `max_seconds`; of a picture, at least 360 pixels on both sides, the longer side
    at most 2.4 times the shorter one, at most 5184x2160 pixels in all.

    Raises:
        ClipRefused: the sentence names the limit and the clip's own figure.
    """
    seconds = facts.duration_seconds
    if seconds < MIN_SECONDS:
        raise _too_short(seconds)
    if seconds > max_seconds:
        raise ClipRefused(
            "clip_too_long",
            f"Your clip is {_minutes(seconds)} long; I take up to {_minutes(max_seconds)}."
            " Trim it and try again.",
        )
    if facts.has_picture:
        _check_picture(facts)


def _check_picture(facts: ClipFacts) -> None:
    short, long = sorted((facts.width, facts.height))
    found = f"Your clip is {facts.width}x{facts.height} pixels"
    if short < MIN_SIDE_PIXELS:
        raise ClipRefused(
            "clip_too_small",
            f"{found}; both sides need at least {MIN_SIDE_PIXELS}. Export it larger and try again.",
        )
    if long > short * MAX_ASPECT:
        raise ClipRefused(
            "clip_too_narrow",
            f"{found}; the longer side may be at most {MAX_ASPECT} times the shorter one."
            " Crop it and try again.",
        )
    if facts.width * facts.height > MAX_PIXELS:
        raise ClipRefused(
            "clip_too_many_pixels",
            f"{found}; I take up to 4K (3840x2160). Export it smaller and try again.",
        )


def too_large(found: str, max_bytes: int) -> ClipRefused:
    """Refuse a clip whose size was `found`, such as "210 MB"."""
    return ClipRefused(
        "clip_too_large",
        f"Your clip is {found}; I take up to {megabytes(max_bytes)}."
        " Trim it or export it smaller and try again.",
    )


def _too_short(seconds: float) -> ClipRefused:
    return ClipRefused(
        "clip_too_short",
        f"Your clip is {_floored(seconds)} seconds long; I need at least {MIN_SECONDS} seconds."
        " Record a longer answer and try again.",
    )


def megabytes(size: int) -> str:
    """Name a size, rounded up: a clip just over the limit must not seem to be at it."""
    return f"{math.ceil(size / 100_000) / 10:g} MB"


def _minutes(seconds: float) -> str:
    """Name a duration as m:ss, rounded up."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _floored(seconds: float) -> str:
    return f"{math.floor(seconds * 10) / 10:g}"
