"""Makes clips for tests: good ones with PyAV, and a folder of files that are no usable clip."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from core.settings import ROOT

DEMO_CLIP = ROOT / "tests" / "clips" / "sample-answer.mp4"
"""A clip like the demo's: a still portrait that is panned, and a flat voice by espeak-ng."""

Sound = npt.NDArray[np.float32]

RATE = 48_000
_QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)


def make_clip(
    path: Path,
    *,
    seconds: float = 5,
    size: tuple[int, int] | None = (640, 360),
    fps: int = 5,
    sound: Sound | None = None,
    codecs: tuple[str, str] = ("libx264", "aac"),
    options: dict[str, str] | None = None,
    begins_at: float = 0,
) -> Path:
    """Write a clip with a slowly brightening picture and, if given, 48 kHz mono sound.

    `size=None` leaves the picture out; `begins_at` shifts all time stamps, in seconds.
    """
    with av.open(str(path), "w", options=options or {}) as container:
        video: Any = None
        audio: Any = None
        if size is not None:
            video = container.add_stream(codecs[0], rate=fps)
            video.width, video.height = size
            video.pix_fmt = {"png": "rgb24", "mjpeg": "yuvj420p"}.get(codecs[0], "yuv420p")
            video.gop_size = fps
        if sound is not None:
            audio = container.add_stream(codecs[1], rate=RATE)
            audio.layout = "mono"
        if video is not None and size is not None:
            pictures = range(int(begins_at * fps), int((begins_at + seconds) * fps))
            _write_pictures(container, video, size, fps, pictures)
        if audio is not None and sound is not None:
            _write_sound(container, audio, sound[: int(seconds * RATE)], int(begins_at * RATE))
    return path


def tone(seconds: float, hertz: float = 220) -> Sound:
    """A sine wave."""
    return (0.2 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype("f4")


def silence(seconds: float) -> Sound:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), np.float32)


def sound_of(path: Path) -> Sound:
    """A clip's sound, as `make_clip` takes it."""
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(str(path)) as container:
        parts = [
            part.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    return np.concatenate(parts)


def turn_quarter(path: Path) -> Path:
    """Set the rotation of an MP4's first track to 90 degrees, as phones do for portrait clips."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # ISO 14496-12: the matrix of a version 0 track header
    data[at : at + 36] = _QUARTER_TURN
    path.write_bytes(data)
    return path


def claim_duration(path: Path, seconds: float) -> Path:
    """Write another duration into all headers of an MP4 (ISO 14496-12, version 0 boxes)."""
    data = bytearray(path.read_bytes())
    movie_scale = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    for box, scale_at, duration_at in ((b"mvhd", 16, 20), (b"tkhd", None, 24), (b"mdhd", 16, 20)):
        at = data.find(box)
        while at >= 0:
            scale = (
                movie_scale
                if scale_at is None
                else struct.unpack_from(">I", data, at + scale_at)[0]
            )
            struct.pack_into(">I", data, at + duration_at, int(seconds * scale))
            at = data.find(box, at + 4)
    path.write_bytes(data)
    return path


def flipped(data: bytes, seed: int, flips: int = 40) -> bytes:
    """Change random bytes, half of them in the headers at either end."""
    chance = random.Random(seed)  # noqa: S311 - repeatable damage, no secret
    damaged = bytearray(data)
    for index in range(flips):
        edge = chance.choice((range(2000), range(len(data) - 20_000, len(data))))
        at = chance.choice(edge) if index % 2 else chance.randrange(len(data))
        damaged[at] ^= 1 << chance.randrange(8)
    return bytes(damaged)


async def threads_settled() -> None:
    """Let everything that was given to a thread so far come back, and go on after it."""
    for _ in range(50):
        await asyncio.to_thread(int)


def unreadable_files(folder: Path) -> dict[str, Path]:
    """Write files that are no video, whatever they are called, and return them by what they are."""
    good = make_clip(
        folder / "good.mp4", sound=tone(5), options={"movflags": "faststart"}
    ).read_bytes()
    plain = make_clip(folder / "plain.mp4").read_bytes()
    png = make_clip(folder / "one.mov", seconds=1, fps=1, codecs=("png", "aac")).read_bytes()
    picture = png[png.index(b"\x89PNG") :]
    contents: dict[str, bytes] = {
        "empty": b"",
        "random": random.Random(1).randbytes(200_000),  # noqa: S311 - repeatable noise
        "zeros": bytes(200_000),
        "html": b"<!doctype html><title>404</title><p>This content is no longer available." * 9,
        "text": b"Tell me about yourself.\n" * 400,
        "picture": picture,
        "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
        "ffconcat": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "sdp": b"v=0\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "cut in half": good[: len(good) // 2],
        "cut before its index": plain[: len(plain) // 2],
        "second half zeroed": good[: len(good) // 2] + bytes(len(good) - len(good) // 2),
        "only a header": good[:64],
        "picture bomb": _with_picture_size(png, 60_000, 60_000),
    }
    files: dict[str, Path] = {}
    for name, content in contents.items():
        files[name] = folder / f"{name.replace(' ', '-')}.mp4"
        files[name].write_bytes(content)
    return files


def _with_picture_size(png_in_mov: bytes, width: int, height: int) -> bytes:
    """Let every PNG picture inside claim another size than its container does."""
    data = bytearray(png_in_mov)
    at = data.find(b"IHDR")
    while at >= 0:
        struct.pack_into(">II", data, at + 4, width, height)
        at = data.find(b"IHDR", at + 4)
    return bytes(data)


def _write_pictures(
    container: Any, stream: Any, size: tuple[int, int], fps: int, pictures: range
) -> None:
    for index in pictures:
        shade = 40 + index % 160
        picture = np.full((size[1], size[0], 3), shade, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, fps)
        _mux(container, stream.encode, frame)
    _mux(container, stream.encode, None)


def _write_sound(container: Any, stream: Any, sound: Sound, first: int) -> None:
    for start in range(0, len(sound), 960):
        samples = np.ascontiguousarray(sound[start : start + 960][None])
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, first + start
        frame.time_base = Fraction(1, RATE)
        _mux(container, stream.encode, frame)
    _mux(container, stream.encode, None)


def _mux(container: Any, encode: Callable[[Any], Any], frame: Any) -> None:
    for packet in encode(frame):
        container.mux(packet)
