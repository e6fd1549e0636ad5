"""How long steps at TwelveLabs may take; waiting for our own turn does not count."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each step may take, in seconds, retries included."""

    upload: float = 900
    ready: float = 900  # an uploaded clip becoming usable
    start: float = 900
    poll: float = 900  # one look at an analysis; an outage of ten minutes must fit in
    transcription: float = 6
    discard: float = 90
    check: float = 20
    each: float = 30  # one try of any call but an upload
    stall: float = 90  # an upload during which nothing moves


class Deadline:
    """When something has to be done, in the loop's time; it may be put off."""

    def __init__(self, seconds: float) -> None:
        self.at = asyncio.get_running_loop().time() + seconds
        self.put_off_by = 0.0
        """Seconds in all."""

    def allows(self, seconds: float) -> bool:
        """Whether so many seconds from now are still before it."""
        return asyncio.get_running_loop().time() + seconds < self.at

    def put_off(self, seconds: float) -> None:
        """Make it later."""
        self.at += seconds
        self.put_off_by += seconds


def within(seconds: float) -> Deadline:
    """The deadline that is so many seconds from now."""
    return Deadline(seconds)
