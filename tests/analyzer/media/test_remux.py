"""Recordings as browsers make them, without a duration or in fragments, and how they are mended."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from analyzer.engines.local.sound import read_sound
from analyzer.media.preflight import mend_clip, preflight, probe_clip
from core.models import ClipFacts, ClipSource
from tests.analyzer.media.bad_clips import make_clip, silence, tone, turn_quarter
from tests.analyzer.media.test_preflight import from_disk

WEBM = ("libvpx", "libopus")
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

RECORDINGS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "chromium, vp8": (
        lambda f: make_clip(f / "a.webm", sound=tone(5), codecs=WEBM, options={"live": "1"}),
        "webm",
    ),
    "chromium, vp9": (
        lambda f: make_clip(
            f / "a.webm",
            sound=tone(5),
            codecs=("libvpx-vp9", "libopus"),
            options={"live": "1"},
        ),
        "webm",
    ),
    "chromium, h264 in matroska": (
        lambda f: make_clip(
            f / "a.mkv", sound=tone(5), codecs=("libx264", "libopus"), options={"live": "1"}
        ),
        "mov",
    ),
    "firefox, times that begin late": (
        lambda f: make_clip(
            f / "a.webm", sound=tone(5), codecs=WEBM, options={"live": "1"}, begins_at=3
        ),
        "webm",
    ),
    "safari": (lambda f: make_clip(f / "a.mp4", sound=tone(5), options=FRAGMENTS), "mov"),
    "without sound": (
        lambda f: make_clip(f / "a.webm", codecs=WEBM, options={"live": "1"}),
        "webm",
    ),
}


def header(path: Path) -> tuple[float, float]:
    """The duration a file says it has, and when it begins, in seconds."""
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / av.time_base, (container.start_time or 0) / av.time_base


def mended_left(folder: Path) -> list[Path]:
    return list(folder.glob("*.mended"))


async def fly(file: Path, target: Path) -> ClipFacts:
    source = ClipSource(url="https://cdn.discordapp.com/x", name=file.name, size_bytes=1)
    return await preflight(from_disk(file), source, target, max_bytes=10_000_000, max_seconds=60)


@pytest.mark.parametrize(("make", "container"), RECORDINGS.values(), ids=RECORDINGS)
async def test_a_recording_gets_the_duration_its_header_lacks(
    make: Callable[[Path], Path], container: str, tmp_path: Path
) -> None:
    recording = make(tmp_path)
    before = await probe_clip(recording)
    assert not before.has_duration
    found = await fly(recording, tmp_path / "target.clip")
    assert found.has_duration
    assert found.container == container
    assert (found.video_codec, found.has_audio) == (before.video_codec, before.has_audio)
    assert found.duration_seconds == pytest.approx(before.duration_seconds, abs=0.3)
    seconds, begins = header(tmp_path / "target.clip")
    assert seconds == pytest.approx(found.duration_seconds, abs=0.3)  # the last picture has none
    assert begins == pytest.approx(0, abs=0.05)
    assert found.size_bytes == (tmp_path / "target.clip").stat().st_size
    assert mended_left(tmp_path) == []


async def test_a_mended_recording_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        await fly(RECORDINGS["chromium, vp8"][0](tmp_path), tmp_path / "clips" / "target.clip")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "clips" / "target.clip").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "clips").stat().st_mode) == 0o700


async def test_a_turned_recording_stays_turned(tmp_path: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov"}
    recording = turn_quarter(make_clip(tmp_path / "a.mp4", sound=tone(5), options=options))
    found = await fly(recording, tmp_path / "target.clip")
    assert found.has_duration
    assert (found.width, found.height) == (360, 640)


async def test_what_is_heard_stays_at_its_moment(tmp_path: Path) -> None:
    sound = silence(6)
    sound[3 * 48_000 :] = tone(3)
    recording = make_clip(
        tmp_path / "a.webm", seconds=6, sound=sound, codecs=WEBM, options={"live": "1"}
    )
    await fly(recording, tmp_path / "target.clip")
    heard = read_sound(tmp_path / "target.clip", max_seconds=10)
    loud = [index for index, value in enumerate(heard) if abs(value) > 0.05]
    assert loud[0] / 16_000 == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
async def test_a_clip_with_a_duration_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    codecs = WEBM if name.endswith("webm") else ("libx264", "aac")
    clip = make_clip(tmp_path / name, sound=tone(5), codecs=codecs)
    found = await fly(clip, tmp_path / "target.clip")
    assert found.has_duration
    assert (tmp_path / "target.clip").read_bytes() == clip.read_bytes()


async def test_what_cannot_be_mended_stays_as_it_is(tmp_path: Path) -> None:
    recording = RECORDINGS["chromium, vp8"][0](tmp_path)
    facts = await probe_clip(recording)
    noise = tmp_path / "noise.clip"
    shutil.copyfile(recording, noise)
    noise.write_bytes(b"no video at all" * 1000)
    assert await mend_clip(noise, facts) == facts
    assert noise.read_bytes() == b"no video at all" * 1000
    assert mended_left(tmp_path) == []
