"""Prints what the local engine costs: seconds and memory by clip length.

Run as `python -m benchmarks.local_engine`. Each line is one real child process with its limits; the
longer clips are the demo clip's packets repeated. "x" is how much faster than the clip it ran.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import av

from analyzer.engines.local.engine import ask_child
from analyzer.engines.local.report import Heard
from analyzer.engines.local.speech_models import ModelChoice
from analyzer.media.preflight import probe_clip
from benchmarks.table import Table

DEMO_CLIP = Path(__file__).resolve().parents[1] / "demo" / "sample-answer.mp4"
CHOICE = ModelChoice(device="cpu")
REPEATS = (1, 4, 22)
STAGES = ("decode", "speech", "load", "pitch", "words", "fillers")


async def main() -> None:
    """Measure and print the table."""
    table = Table("clip s", "wall s", "x", *STAGES, "peak MB", "MB/s")
    with tempfile.TemporaryDirectory() as folder:
        await ask_child(["check"], choice=CHOICE, seconds=0)  # reads the model into the disk cache
        for repeats in REPEATS:
            clip = repeated(DEMO_CLIP, Path(folder) / f"{repeats}.mp4", repeats)
            seconds = (await probe_clip(clip)).duration_seconds
            begun = time.perf_counter()
            heard = await hear(clip, seconds)
            table.row(*figures(seconds, time.perf_counter() - begun, heard))


async def hear(clip: Path, seconds: float) -> Heard:
    """Listen as the engine does."""
    asked = ["hear", str(clip), str(seconds + 5), ""]
    answer = await ask_child(asked, choice=CHOICE, seconds=seconds, reads=[clip])
    assert answer.heard is not None, answer.error
    return answer.heard


def figures(seconds: float, wall: float, heard: Heard) -> tuple[str, ...]:
    """One line of the table; the last figure is the peak memory per second of clip."""
    peak = (heard.peak_bytes or 0) / 1e6
    return (
        f"{seconds:.1f}",
        f"{wall:.2f}",
        f"{seconds / wall:.1f}",
        *(f"{heard.stage_seconds[sim]:.2f}" for sim in STAGES),
        f"{peak:.0f}",
        f"{peak / seconds:.2f}",
    )


def repeated(source: Path, target: Path, times: int) -> Path:
    """Write a clip's packets several times in a row, without encoding anything again."""
    with av.open(str(target), "w") as out, av.open(str(source)) as first:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in first.streams}
        length = (first.duration or 0) / av.time_base + 0.1  # its streams end at different times
        for turn in range(times):
            with av.open(str(source)) as container:
                for packet in container.demux():
                    if packet.dts is None or packet.time_base is None:
                        continue
                    shift = round(turn * length / packet.time_base)
                    packet.dts += shift
                    packet.pts = None if packet.pts is None else packet.pts + shift
                    packet.stream = streams[packet.stream.index]
                    out.mux(packet)
    return target


if __name__ == "__main__":
    asyncio.run(main())
