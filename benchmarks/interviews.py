"""Prints which questions are drawn for ten descriptions of jobs, and how long ranking takes.

Run as `python -m benchmarks.interviews`. `job_descriptions.json` has the descriptions, written by
the authors of this project. A full bank is 500 questions beside the starters.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from analyzer.engines.local.content.finder import LocalFinder
from analyzer.engines.nearest import Compared
from analyzer.interviews.about import clean_about, rank
from analyzer.interviews.draw import Wanted, draw
from analyzer.questions.bank import BANK_MAX, STARTERS
from benchmarks.table import Table
from core.questions import Question

JOBS = Path(__file__).with_name("job_descriptions.json")
QUESTIONS = 4


class ByWords(LocalFinder):
    """As where the model is not installed."""

    async def compare(self, texts: Sequence[str], to: Sequence[str]) -> Compared | None:  # noqa: ARG002
        """Nothing is compared by meaning."""
        return None


async def main() -> None:
    """Draw an interview for each description, by meaning and by words, then time a full bank."""
    jobs = json.loads(JOBS.read_text("utf-8"))
    table = Table("job", "ranked by", "seconds", label_width=20)
    for finder in (LocalFinder(), ByWords()):
        for job in jobs:
            about = clean_about(job["text"])
            began = time.perf_counter()
            ranking = await rank(about, STARTERS, finder)
            took = time.perf_counter() - began
            wanted = Wanted(
                count=QUESTIONS,
                ranking=ranking,
                leaning=about.level,
                for_software=about.is_software,
            )
            table.row(job["name"], ranking.by, f"{took:.2f}")
            chance = Random(1)  # noqa: S311 - the same table each time
            for one in draw(STARTERS, wanted, chance).questions:
                print(f"    {one.text}")
    await time_full_bank(jobs[0]["text"])


async def time_full_bank(text: str) -> None:
    """Rank a bank as large as may be, first and again."""
    bank = [_made_up(number) for number in range(BANK_MAX)]
    finder, about = LocalFinder(), clean_about(text)
    table = Table("a full bank", "ranked by", "seconds", label_width=20)
    for name in ("first", "again"):
        began = time.perf_counter()
        ranking = await rank(about, [*bank, *STARTERS], finder)
        table.row(name, ranking.by, f"{time.perf_counter() - began:.2f}")


def _made_up(number: int) -> Question:
    """A question as long as most, that no other one is the same as."""
    model = STARTERS[number % len(STARTERS)]
    text = f"In year {1900 + number}: {model.text}"
    return model.model_copy(update={"id": f"{number:016x}", "text": text})


if __name__ == "__main__":
    asyncio.run(main())
