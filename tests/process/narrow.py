"""Runs `bot.py` with few files: `python -P narrow.py SOFT HARD COMMAND …`, its limits of open ones.

The bot raises the soft limit as far as the hard one lets it.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot


def few_files(soft: int, hard: int) -> tuple[str, ...]:
    """What an operator's `program` is, for these limits."""
    # -P: not beside this file, where there is an operator.py as in the standard library
    return ("-P", __file__, str(soft), str(hard))


def main() -> int:
    """Take the two numbers off the command line, and leave the rest to the bot."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
    return bot.main(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
