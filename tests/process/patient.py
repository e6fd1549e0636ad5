"""Runs `bot.py` with another patience: `python -P patient.py FIRST LONGEST COMMAND …`, in seconds.

That is how long an attempt waits before it looks at the vendor again, if nothing wakes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot
from analyzer.dependencies import Timings
from app import container
from core.settings import Settings


def patience(first: float, longest: float) -> tuple[str, ...]:
    """What an operator's `program` is, for this patience in seconds."""
    # -P: not beside this file, where there is an operator.py as in the standard library
    return ("-P", __file__, str(first), str(longest))


def main() -> int:
    """Take the two numbers off the command line, and leave the rest to the bot."""
    first, longest = float(sys.argv[1]), float(sys.argv[2])

    def timings(_: Settings) -> Timings:
        return Timings(poll_first=first, poll_longest=longest, poll_growth=1.5, look_cost=0)

    container.__dict__["_timings"] = timings
    return bot.main(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
