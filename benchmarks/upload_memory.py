"""Prints the memory that uploading the largest clip to TwelveLabs adds: streamed, and as bytes.

Run as `python -m benchmarks.upload_memory`. The stand-in for TwelveLabs is a process of its own,
and so is each upload; its resident memory is sampled from just before the upload to its end. The
clip is 200 MB, all holes on disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped] # psutil carries no types

from analyzer.engines import Job
from analyzer.engines.twelvelabs.client import Vendor
from analyzer.engines.twelvelabs.deadlines import Deadlines
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from benchmarks.table import Table
from core.models import ClipFacts, VendorRefs
from core.settings import ROOT
from tests.fakes.twelvelabs import TwelveLabsStandIn

CLIP_BYTES = 200_000_000
SAMPLE_SECONDS = 0.002


async def main() -> None:
    """Measure each way in a process of its own, and print the table."""
    vendor = await start("serve")
    assert vendor.stdout is not None
    try:
        url, key = json.loads(await vendor.stdout.readline())
        table = Table("upload of 200 MB", "before MB", "added MB", "seconds", label_width=28)
        with tempfile.TemporaryDirectory() as folder:
            clip = Path(folder) / "clip.mp4"
            with clip.open("wb") as file:
                file.truncate(CLIP_BYTES)
            for way in WAYS:
                process = await start("upload", way, url, key, str(clip))
                before, peak, seconds = json.loads((await process.communicate())[0])
                figures = (before / 1e6, (peak - before) / 1e6, seconds)
                table.row(way, *(f"{figure:.1f}" for figure in figures))
    finally:
        vendor.kill()
        await vendor.wait()


async def start(*arguments: str) -> asyncio.subprocess.Process:
    """Start this file as another process."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.upload_memory", *arguments),
        cwd=ROOT,
        env={"PATH": os.defpath},
        stdout=PIPE,
    )


async def serve() -> None:
    """Be the vendor, until killed; prints where and with which key."""
    async with TwelveLabsStandIn(instant=True, asset_limit_bytes=CLIP_BYTES) as vendor:
        print(json.dumps([vendor.url, vendor.key]), flush=True)
        await asyncio.Event().wait()


async def upload(way: str, url: str, key: str, clip: str) -> None:
    """Upload once and print bytes before, bytes at the most, and seconds."""
    engine = TwelveLabsEngine(
        api_key=key, model="pegasus1.5", installation="00000000", base_url=url
    )
    vendor = Vendor(api_key=key, base_url=url, deadlines=Deadlines())
    try:
        await engine.check()  # imports what the SDK imports late, whatever is uploaded afterwards
        await vendor.sdk.assets.list(page_limit=1)
        memory, begun = Memory(), time.perf_counter()
        with memory:
            await WAYS[way](engine, vendor, Path(clip))
        seconds = time.perf_counter() - begun
        print(json.dumps([memory.before, memory.peak, seconds]))
    finally:
        await engine.aclose()
        await vendor.aclose()


async def streamed(engine: TwelveLabsEngine, _: Vendor, clip: Path) -> None:
    """Upload as Greenroom does."""
    facts = ClipFacts(
        size_bytes=CLIP_BYTES,
        duration_seconds=600,
        width=1280,
        height=720,
        has_audio=True,
        container="mp4",
        video_codec="h264",
    )
    job = Job(attempt_id="0" * 16, question="-", clip=clip, facts=facts, refs=VendorRefs())

    async def save_refs(_: VendorRefs) -> None:
        pass

    refs = await engine.prepare(job, save_refs)
    assert refs.asset_id is not None


async def as_bytes(_: TwelveLabsEngine, vendor: Vendor, clip: Path) -> None:
    """Upload the way the SDK's examples do: read the file, hand its bytes over."""
    data = await asyncio.to_thread(clip.read_bytes)
    await vendor.sdk.assets.create(
        method="direct",
        file=("clip.mp4", data, "video/mp4"),
        enable_hls=False,
        enable_thumbnail=False,
    )


Way = Callable[[TwelveLabsEngine, Vendor, Path], Awaitable[None]]
WAYS: Mapping[str, Way] = {"streamed (as Greenroom does)": streamed, "as bytes": as_bytes}


class Memory:
    """Samples this process's resident memory in a thread while the block runs, in bytes."""

    def __enter__(self) -> None:
        self._process = psutil.Process()
        self.before = self.peak = self._process.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, self._process.memory_info().rss)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["upload", way, url, key, clip]:
            asyncio.run(upload(way, url, key, clip))
        case _:
            asyncio.run(main())
