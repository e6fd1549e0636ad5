"""Prints how wrong the local engine's figures are, on made speech of which everything is known.

Run as `python -m benchmarks.truth`, offline. It needs espeak-ng; flite, festival and what
`requirements/truth.txt` names are used where they are installed. The list of clips and the seed
are fixed; what was made is kept in this user's folder among temporary files. `--quick` takes two
clips of each group and one voice, `--only NAME` one group, `--write FILE` puts the tables into a
document, between its two marks.
"""

from __future__ import annotations

import argparse
import os
import pickle
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.truth.clips import GROUPS, cache_folder, plans
from benchmarks.truth.hearing import Outcome, measured
from benchmarks.truth.tables import everything
from benchmarks.truth.voices import available

BEGIN, END = "<!-- figures: made by `python -m benchmarks.truth` -->", "<!-- end of figures -->"


def main(arguments: Sequence[str]) -> int:
    """Make, measure and print. Returns the exit code."""
    asked = _asked(arguments)
    if not available():
        print("espeak-ng is not installed: apt install espeak-ng")
        return 1
    listed = plans([asked.only] if asked.only else GROUPS, quick=asked.quick)
    begun = time.monotonic()
    outcomes = measured(listed, cache_folder())
    lines = [*_head(outcomes, time.monotonic() - begun), *everything(outcomes)]
    print("\n".join(lines))
    if asked.keep:
        asked.keep.write_bytes(pickle.dumps(outcomes))
    if asked.write:
        put_into(asked.write, lines)
    return 0


def put_into(document: Path, lines: Sequence[str]) -> None:
    """Replace what stands between the two marks of a document.

    Raises:
        ValueError: the document has no such marks.
    """
    text = document.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    document.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines).strip() + f"\n\n{END}{after}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few clips, one voice")
    parser.add_argument("--only", choices=GROUPS, metavar="NAME", help=", ".join(GROUPS))
    parser.add_argument("--write", type=Path, metavar="FILE", help="a document with the marks")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="what was heard, as a pickle")
    return parser.parse_args(arguments)


def _head(outcomes: Sequence[Outcome], seconds: float) -> Iterator[str]:
    families = Counter(one.clip.plan.voice.family for one in outcomes if one.clip.plan.voice)
    voices = ", ".join(f"{family} ({count})" for family, count in families.items())
    minutes = sum(one.clip.seconds for one in outcomes) / 60
    yield (
        f"{len(outcomes)} clips, {minutes:.0f} minutes of sound, heard in {seconds / 60:.0f}"
        f" minutes on {os.cpu_count()} processors, Python {platform.python_version()}. Clips of"
        f" each English synthesiser: {voices or 'none'}. In brackets: the 95 % interval."
    )
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
