"""Keeps many attempts under way from doing together what one may do often."""

from __future__ import annotations

import asyncio
import math


class Throttle:
    """Counts who is under way in this process: `with throttle:`."""

    def __init__(self) -> None:
        self._inside = 0
        self._last_turns: dict[str, float] = {}

    def __enter__(self) -> None:
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1

    def pause(self, seconds: float, a_second: float, longest: float = math.inf) -> float:
        """How long each waits until it does something again, in seconds.

        As long as it wants to, unless all together would then do it more than `a_second` times a
        second: then for longer, but for no more than `longest`.
        """
        return max(seconds, min(self._inside / a_second, longest))

    def turn(self, a_second: float, what: str = "look") -> float:
        """How long until the turn of who may have come with all others at once, in seconds.

        One after another, `a_second` times a second for each `what`; 0.0 for who comes alone.
        """
        now, last = asyncio.get_running_loop().time(), self._last_turns.get(what, -math.inf)
        self._last_turns[what] = max(now, last + 1 / a_second)
        return self._last_turns[what] - now
