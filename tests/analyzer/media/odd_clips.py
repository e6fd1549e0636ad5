"""Makes clips whose sound is odd: several tracks, changes in the middle, unknown formats, trims."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Channels = npt.NDArray[np.float32]  # one row a channel

_FRAME_SAMPLES = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """Sound of one rate and layout. A track may have several, one after the other."""

    channels: Channels
    rate: int = 48_000
    layout: str = "mono"


@dataclass(frozen=True, slots=True)
class Track:
    """One track of sound."""

    parts: Sequence[Part]
    codec: str = "aac"
    default: bool = True


def write(
    path: Path,
    tracks: Sequence[Track],
    *,
    seconds: float = 0,
    picture: str = "libx264",
    size: tuple[int, int] = (640, 360),
    fps: int = 5,
    options: dict[str, str] | None = None,
    begins_at: float = 0,
    gap: int = 0,
) -> Path:
    """Write a clip with these tracks, and with a picture for `seconds` unless that is 0.

    Between the parts of a track lie `gap` seconds of nothing.
    """
    encoders: list[list[Any]] = []
    with av.open(str(path), "w", options=options or {}) as container:
        video: Any = None
        if seconds:
            video = container.add_stream(picture, rate=fps)
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            video.gop_size = fps * 2
        streams: list[Any] = [container.add_stream(t.codec, rate=t.parts[0].rate) for t in tracks]
        for stream, track in zip(streams, tracks, strict=True):
            stream.codec_context.layout = track.parts[0].layout
            stream.disposition = av.stream.Disposition.default.value if track.default else 0
            more = [_encoder(track.codec, part) for part in track.parts[1:]]
            encoders.append([stream.codec_context, *more])
        packets: list[tuple[Fraction, Any, Any]] = []
        if video is not None:
            packets += [(_at(p), video, p) for p in _pictures(video, seconds, fps, size, begins_at)]
        for stream, track, contexts in zip(streams, tracks, encoders, strict=True):
            begin = Fraction(begins_at)
            for part, context in zip(track.parts, contexts, strict=True):
                packets += [(_at(p), stream, p) for p in _encoded(context, part, begin)]
                begin += Fraction(part.channels.shape[1], part.rate) + gap
        for _, stream, packet in sorted(packets, key=lambda entry: entry[0]):
            packet.stream = stream
            container.mux(packet)
    return path


def at_rate(sound: npt.NDArray[np.float32], rate: int, *, of: int = 48_000) -> Channels:
    """Mono samples at another rate, as one row."""
    places = np.arange(int(len(sound) * rate / of)) * of / rate
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)[None]


def rename_codec(path: Path, known: bytes, unknown: bytes) -> Path:
    """Write another name of a format into a file's headers: nobody knows how to decode it then."""
    data = path.read_bytes()
    assert known in data
    path.write_bytes(data.replace(known, unknown.ljust(len(known))))
    return path


def trim(path: Path, *, start: float = 0, end: float | None = None) -> Path:
    """Trim an MP4 as phones do, by its edit lists: from `start` to `end` seconds."""
    data = bytearray(path.read_bytes())
    movie = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    whole = struct.unpack_from(">I", data, data.index(b"mvhd") + 20)[0] / movie
    length = int(((whole if end is None else end) - start) * movie)
    struct.pack_into(">I", data, data.index(b"mvhd") + 20, length)
    at = 0
    while (at := data.find(b"trak", at)) >= 0:
        struct.pack_into(">I", data, data.index(b"tkhd", at) + 24, length)
        scale = struct.unpack_from(">I", data, data.index(b"mdhd", at) + 16)[0]
        edits = data.index(b"elst", at) + 4
        assert struct.unpack_from(">II", data, edits) == (0, 1)  # version 0, one edit
        media = struct.unpack_from(">i", data, edits + 12)[0]
        struct.pack_into(">Ii", data, edits + 8, length, media + int(start * scale))
        at += 4
    path.write_bytes(data)
    return path


def without_pictures(source: Path, target: Path, lost: int, *, options: dict[str, str]) -> Path:
    """Copy a clip without its first pictures."""
    with av.open(str(source)) as read, av.open(str(target), "w", options=options) as written:
        copies = {s.index: written.add_stream_from_template(s) for s in read.streams}
        for packet in read.demux():
            if not packet.size:
                continue
            if packet.stream.type == "video" and lost:
                lost -= 1
                continue
            packet.stream = copies[packet.stream.index]
            written.mux(packet)
    return target


def _encoder(codec: str, part: Part) -> Any:
    context: Any = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout = part.rate, part.layout
    context.format = context.codec.audio_formats[0]
    context.time_base = Fraction(1, part.rate)
    return context


def _encoded(context: Any, part: Part, begin: Fraction) -> list[Any]:
    packets: list[Any] = []
    fifo = av.AudioFifo()
    resampler = av.AudioResampler(context.format, part.layout, part.rate)
    count = part.channels.shape[1]
    first = int(begin * part.rate)
    for start in range(0, count, _FRAME_SAMPLES):
        samples = np.ascontiguousarray(part.channels[:, start : start + _FRAME_SAMPLES])
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=part.layout)
        frame.sample_rate, frame.time_base = part.rate, Fraction(1, part.rate)
        frame.pts = start
        for each in resampler.resample(frame):
            each.pts = None
            fifo.write(each)
    size, written = context.frame_size or _FRAME_SAMPLES, first
    while (block := fifo.read(size) or fifo.read(0, partial=True)) is not None:
        block.pts, block.time_base = written, Fraction(1, part.rate)
        written += block.samples
        packets += context.encode(block)
    packets += context.encode(None)
    return packets


def _pictures(
    stream: Any, seconds: float, fps: int, size: tuple[int, int], begins_at: float
) -> list[Any]:
    packets: list[Any] = []
    for index in range(int(begins_at * fps), int((begins_at + seconds) * fps)):
        shade = np.full((size[1], size[0], 3), 40 + index % 160, np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, fps)
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))


def _at(packet: Any) -> Fraction:
    return Fraction(packet.dts * packet.time_base)
