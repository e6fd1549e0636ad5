"""Prints how fast `/analyze` is acknowledged while the local engine measures clips, and while idle.

Run as `python -m benchmarks.ack_beside_measuring`. The bot is a process of its own on the stand-in
for Discord. First it is asked ten times a second with nothing else to do, then while it measures as
many clips at once as `LOCAL_ENGINES` says, one after the other without a break. The network and
Discord itself come on top.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.load_data import fill, members
from benchmarks.table import Table
from demo import SAMPLE_CLIP
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import Member
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.members import is_result
from tests.process.operator import QUESTION, Operator, eventually

COUNTED, A_SECOND = 150, 10
AT_ONCE = max(2, (os.cpu_count() or 2) // 2)
"""More than two cores would be given by themselves: the harder case."""

CLIPS = 4 * AT_ONCE
UNSEEN = ("answer.mp4", b"never fetched: nobody agrees")


async def main() -> None:
    """Measure once and print the table."""
    table = Table("meanwhile", "answers", "p50 ms", "p99 ms", "max ms", label_width=26)
    async with DiscordStandIn() as discord, TwelveLabsStandIn() as vendor:
        with tempfile.TemporaryDirectory() as name:
            operator, speakers = Operator(Path(name), discord, vendor), members(CLIPS)
            await fill(operator.data_dir, discord, vendor, waiting=(), agreed=speakers)
            try:
                await operator.run(ENGINE="local", LOCAL_ENGINES=str(AT_ONCE), LOG_LEVEL="INFO")
                table.row("nothing", *await _acknowledged(discord))
                clip = (SAMPLE_CLIP.name, await asyncio.to_thread(SAMPLE_CLIP.read_bytes))
                asked = [
                    await discord.slash(
                        "analyze", {"question": QUESTION}, attachment=clip, member=speaker
                    )
                    for speaker in speakers
                ]
                table.row(f"{AT_ONCE} clips are measured", *await _acknowledged(discord))
                busy = sum(not (one.original and is_result(one.original)) for one in asked)
                await eventually(
                    lambda: all(one.original and is_result(one.original) for one in asked),
                    "results",
                    600,
                )
            finally:
                await operator.aclose()
    print(f"{busy} of {CLIPS} clips had no result yet when the last was acknowledged")


async def _acknowledged(discord: DiscordStandIn) -> tuple[str, ...]:
    sent = []
    for _ in range(COUNTED):
        sent.append(
            await discord.slash(
                "analyze", {"question": QUESTION}, attachment=UNSEEN, member=Member("member")
            )
        )
        await asyncio.sleep(1 / A_SECOND)
    taken = [1000 * await one.acknowledged() for one in sent]
    cuts = statistics.quantiles(taken, n=100)
    return (str(len(taken)), *(f"{figure:.2f}" for figure in (cuts[49], cuts[98], max(taken))))


if __name__ == "__main__":
    asyncio.run(main())
