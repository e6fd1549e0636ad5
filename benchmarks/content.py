"""Prints how often what is heard in an answer is right, on answers whose parts somebody has named.

Run as `python -m benchmarks.content`, or with `--spoken` to have each answer spoken by espeak-ng
and heard by the local engine first. `answers.json` has the answers: the cues were chosen on those
`tuned`, and on those `kept` they were only measured. All of them were written, and their parts
named, by the authors of this project. The interval is Wilson's, at 95 %.
"""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np

from analyzer.engines import Job
from analyzer.engines.local.content.asked import Asks, named, question_parts
from analyzer.engines.local.content.content import MAY_STRAY, with_content
from analyzer.engines.local.engine import LocalEngine
from analyzer.media.preflight import probe_clip
from analyzer.questions.bank import starter_like
from analyzer.scoring.delivery import measure
from benchmarks.table import Table
from core.assessment import (
    Assessment,
    EngineName,
    Metric,
    Score,
    Sentence,
    Word,
)
from core.models import ClipFacts, VendorRefs
from core.questions import AnswerKind

ANSWERS = Path(__file__).with_name("answers.json")
RATE = 22_050
SPEED = "150"  # words per minute
FACTS = ClipFacts(
    size_bytes=1,
    duration_seconds=1,
    width=64,
    height=64,
    has_audio=True,
    container="mov",
    video_codec="h264",
)

Judged = Iterator[tuple[str, bool]]
"""What was told, and whether that was right."""


async def main(*, spoken: bool) -> None:
    """Read every answer and print the table."""
    counts: dict[str, dict[str, list[int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for one in json.loads(ANSWERS.read_text("utf-8")):
            found = await (heard(one, Path(folder)) if spoken else written(one))
            for what, right in judged(one, found):
                of_set = counts.setdefault(what, {}).setdefault(one["set"], [0, 0])
                of_set[0] += right
                of_set[1] += 1
    table = Table("what", "tuned", "95 %", "kept", "95 %", label_width=36)
    for what, sets in sorted(counts.items()):
        table.row(
            what,
            *(cell for name in ("tuned", "kept") for cell in cells(*sets.get(name, [0, 0]))),
        )


def judged(one: Mapping[str, Any], found: Assessment) -> Judged:
    """Compare what was found in an answer with what is known of it."""
    for part in found.parts:
        was_said = part.name.value in one["parts"]
        yield f"{one['kind']}: {part.name}", (part.at_seconds is not None) == was_said
    asked = question_parts(one["question"])
    for piece, answered in zip(asked, one["question_parts"], strict=True):
        if one["kind"] == "opener" and piece.asks is Asks.TOPIC:
            continue  # never said to be missing
        said = f"an answer to “{named(piece)}”"
        if one["kind"] == "behavioural" and piece.asks is Asks.DID:
            said = "what you did yourself"
        missing = any(said in line for line in found.not_heard)
        yield "part of the question", missing != bool(answered)
    if found.structure is not None:
        yield "opening", found.structure.opening == one["opening"]
        yield "closing", found.structure.closing == one["closing"]
        yield "two or more signposts", (found.structure.signposts >= 2) == one["signposts"]
    flagged = MAY_STRAY in found.notes
    if one.get("off_topic"):
        yield "off-topic answer flagged", flagged
    else:
        yield "answer to its question not flagged", not flagged


def cells(right: int, count: int) -> tuple[str, str]:
    """A count and its interval."""
    if not count:
        return "-", "-"
    low, high = wilson(right, count)
    return f"{right}/{count}", f"{low:.2f}-{high:.2f}"


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, share = 1.96, right / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return (middle - spread) / scale, (middle + spread) / scale


def job(one: Mapping[str, Any], clip: Path, facts: ClipFacts) -> Job:
    """The job of this answer, as the pipeline would make it."""
    question = starter_like(one["question"])
    return Job(
        attempt_id="0" * 16,
        question=one["question"],
        clip=clip,
        facts=facts,
        refs=VendorRefs(),
        kind=AnswerKind(one["kind"]),
        looks_for=question.looks_for if question else "",
    )


async def written(one: Mapping[str, Any]) -> Assessment:
    """Read an answer as it is written down."""
    transcript, words, at = [], [], 0.0
    for text in one["sentences"]:
        start = at
        for word in text.split():
            words.append(Word(text=word, start=at, end=at + 0.3))
            at += 0.4
        transcript.append(Sentence(text=text, start=start, end=at))
    assessment = Assessment(
        engine=EngineName.LOCAL,
        engine_version="",
        rubric_version=1,
        scores={metric: Score(reason="not assessed") for metric in Metric},
        strength="",
        next_step="",
        delivery=measure(words),
        transcript=tuple(transcript),
    )
    return await with_content(assessment, job(one, Path(), FACTS))


async def heard(one: Mapping[str, Any], folder: Path) -> Assessment:
    """Have an answer spoken and heard."""
    clip = speak(one["sentences"], folder / f"{one['id']}.mp4")
    facts = await probe_clip(clip)

    async def nothing(refs: VendorRefs) -> None:
        assert not refs

    return await LocalEngine().poll(job(one, clip, facts), nothing)


def speak(sentences: Sequence[str], target: Path) -> Path:
    """Write a clip with a grey picture in which espeak-ng says these sentences."""
    said = subprocess.run(  # noqa: S603 - sentences of ours
        ["espeak-ng", "-v", "en-us", "-s", SPEED, "--stdout", " ".join(sentences)],  # noqa: S607
        capture_output=True,
        check=True,
    )
    samples = np.frombuffer(said.stdout[44:], np.int16)
    with av.open(str(target), "w") as out:
        picture = out.add_stream("libx264", rate=2)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        sound = out.add_stream("aac", rate=RATE)
        sound.layout = "mono"
        grey = np.full((64, 64, 3), 128, np.uint8)
        for _ in range(int(len(samples) / RATE * 2) + 1):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(grey)))
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        out.mux(sound.encode(frame))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))
    return target


if __name__ == "__main__":
    asyncio.run(main(spoken="--spoken" in sys.argv))
