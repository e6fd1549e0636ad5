"""Runs `bot.py` under a wall clock that jumps an hour on a signal; the monotonic clock goes on.

`python -P clockwork.py COMMAND …`: SIGUSR1 sets the clock forward, SIGUSR2 back. Replaced are the
ways in which the bot and its libraries ask for the time: `discord.utils.utcnow`, which is the bot's
own clock, and `time.time`.
"""

from __future__ import annotations

import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import discord

JUMP = timedelta(hours=1)
PROGRAM = ("-P", __file__)
"""What an operator's `program` is. -P: beside this file is an operator.py as in Python itself."""

_real_time, _real_utcnow = time.time, discord.utils.utcnow


class _Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def jump(self, number: int, _: FrameType | None) -> None:
        """Answer a signal."""
        self.ahead += JUMP if number == signal.SIGUSR1 else -JUMP
        print(f"clock: {self.ahead.total_seconds():+.0f} s", flush=True)  # noqa: T201 - the test waits for it

    def time(self) -> float:
        """Stand in for `time.time`."""
        return _real_time() + self.ahead.total_seconds()

    def utcnow(self) -> datetime:
        """Stand in for `discord.utils.utcnow`."""
        return _real_utcnow() + self.ahead


def main() -> int:
    """Replace the clock, and leave the rest to the bot."""
    clock = _Clock()
    signal.signal(signal.SIGUSR1, clock.jump)
    signal.signal(signal.SIGUSR2, clock.jump)
    time.time, discord.utils.utcnow = clock.time, clock.utcnow
    import bot  # only now: it takes the clock as a default

    return bot.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
