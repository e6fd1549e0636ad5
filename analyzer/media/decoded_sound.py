"""Decodes the sound of a clip to one channel, at its place in time. Runs in children only.

Recordings may change their rate or their channels in the middle, have tracks in unknown formats,
channels that nobody uses, or channels that cancel each other when they are mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from analyzer.media.probe import in_order, open_clip

Sound = npt.NDArray[np.float32]

_GAP_SECONDS = 0.2  # a jump in the sound's time stamps beyond this is filled with silence
_BLOCK_SECONDS = 0.5  # what is resampled, and judged for cancelling, at once
_SILENT_POWER = 1e-7  # -70 dB below full scale: an unused track or channel, with its dither
_UNUSED_SHARE = 1e-4  # a channel 40 dB below the loudest one says nothing
_CANCELLED = 0.5  # of the power that the mix of unrelated channels would have
_CANCELLED_SHARE = 0.1  # of the sound, by power, from which on one channel is taken instead
_CHANNELS_TRIED = 4


class SoundError(Exception):
    """Why there is no sound: `unreadable`, `sound_unreadable` or `too_long`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def power(sound: Sound) -> float:
    """The mean square of a sound; 1 is full scale."""
    return float(np.mean(np.square(sound))) if len(sound) else 0.0


def tracks_of(
    clip: Path, *, rate: int, max_seconds: float, better: Callable[[Sound], float] = power
) -> list[Sound]:
    """Decode each track of a clip to mono, those with anything to be heard, as players choose them.

    Tracks in an unknown format are skipped, and silent ones unless all are. Channels are averaged,
    without the unused ones; where they cancel each other, the one is taken for which `better` gives
    the most. Damaged packets are left out, and gaps are silence, so that times are the clip's.

    Raises:
        SoundError: `unreadable` when the file cannot be opened, `sound_unreadable` when none of its
            sound can be decoded, `too_long` beyond `max_seconds`.
    """
    most = int(max_seconds * rate)
    try:
        with open_clip(clip) as container:
            indexes = [stream.index for stream in in_order(container.streams.audio)]
        decoded = [_Decoder(clip, index, rate, most).track(better) for index in indexes]
    except (av.error.FFmpegError, ValueError):
        raise SoundError("unreadable") from None
    tracks = [sound for sound in decoded if len(sound)]
    if not tracks:
        raise SoundError("sound_unreadable")
    return [sound for sound in tracks if power(sound) > _SILENT_POWER] or tracks[:1]


@dataclass(frozen=True, slots=True)
class _Decoder:
    """Decodes one track."""

    clip: Path
    index: int
    rate: int
    most: int  # samples

    def track(self, better: Callable[[Sound], float]) -> Sound:
        """The track as one channel; empty when nothing of it can be decoded."""
        mixer = _Mixer()
        sound = self._decode(mixer)
        cancelling = mixer.learn()
        if cancelling is not None:
            ways = [mixer.only(cancelling, channel) for channel in mixer.loudest(cancelling)]
            sound = max((self._decode(way) for way in ways), key=better)
        elif mixer.weights:
            sound = self._decode(mixer)
        return sound

    def _decode(self, mixer: _Mixer) -> Sound:
        with open_clip(self.clip) as container:
            begin = max(0, container.start_time or 0)  # an encoder's delay lies before 0
            line = _Timeline(begin / av.time_base, self.rate, self.most)
            for frame in _frames(container, container.streams[self.index]):
                at = frame.time if frame.pts is not None else None
                line.add(mixer.mix(frame), frame.sample_rate, at)
            return line.finish()


def _frames(container: av.container.InputContainer, stream: Any) -> Iterator[av.AudioFrame]:
    """Everything that can be decoded, up to where the file breaks off."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            return
        if packet is None:
            return
        try:
            yield from stream.decode(packet)
        except av.error.FFmpegError:
            continue


@dataclass(slots=True)
class _Channels:
    """What was heard in all frames with the same number of channels."""

    power: npt.NDArray[np.float64]  # the sum of squares in each channel
    block: npt.NDArray[np.float64]  # the same for the present block
    block_mix: float = 0.0  # the sum of squares of its mix
    block_samples: int = 0
    cancelled: float = 0.0  # power in blocks whose channels cancel each other

    def end_block(self) -> None:
        expected = float(self.block.sum()) / len(self.block) ** 2
        if self.block_mix < _CANCELLED * expected:
            self.cancelled += float(self.block.sum())
        self.power += self.block
        self.block[:] = 0
        self.block_mix, self.block_samples = 0.0, 0


@dataclass(slots=True)
class _Mixer:
    """Mixes frames to one channel, and learns which of their channels are worth mixing."""

    weights: dict[int, Sound] = field(default_factory=dict)  # by the number of channels
    _heard: dict[int, _Channels] = field(default_factory=dict)

    def mix(self, frame: av.AudioFrame) -> Sound:
        channels = _samples(frame)
        count = len(channels)
        if count == 1:
            first: Sound = channels[0]
            return first
        weights = self.weights.get(count)
        if weights is not None:
            return np.asarray(weights @ channels, np.float32)
        mixed: Sound = channels.mean(axis=0, dtype=np.float32)
        heard = self._heard.get(count)
        if heard is None:
            heard = self._heard[count] = _Channels(np.zeros(count), np.zeros(count))
        heard.block += np.einsum("cs,cs->c", channels, channels, dtype=np.float64)
        heard.block_mix += float(np.dot(mixed, mixed))
        heard.block_samples += mixed.size
        if heard.block_samples >= _BLOCK_SECONDS * frame.sample_rate:
            heard.end_block()
        return mixed

    def learn(self) -> int | None:
        """Set `weights` that leave out unused channels.

        Returns the number of channels of frames whose channels cancel each other, if there are any.
        """
        for heard in self._heard.values():
            heard.end_block()
        for count, heard in self._heard.items():
            used = heard.power > heard.power.max() * _UNUSED_SHARE
            if 0 < used.sum() < count:
                self.weights[count] = (used / used.sum()).astype(np.float32)
        share = {n: one.cancelled / (float(one.power.sum()) or 1) for n, one in self._heard.items()}
        worst = max(share, key=lambda count: share[count], default=0)
        return worst if share.get(worst, 0) > _CANCELLED_SHARE else None

    def loudest(self, count: int) -> list[int]:
        """The loudest of so many channels, the loudest first."""
        power = self._heard[count].power
        order = np.argsort(-power, kind="stable")[:_CHANNELS_TRIED]
        return [int(i) for i in order if power[i] > power.max() * _UNUSED_SHARE]

    def only(self, count: int, channel: int) -> _Mixer:
        """A mixer that takes one of so many channels."""
        return _Mixer(self.weights | {count: np.eye(count, dtype=np.float32)[channel]})


def _samples(frame: av.AudioFrame) -> Sound:
    """A frame's samples within about -1 to 1, one row a channel, whatever their format."""
    samples: Any = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype.kind == "f":
        loud = np.nan_to_num(samples.astype(np.float32), nan=0, posinf=0, neginf=0)
        bounded: Sound = np.clip(loud, -8, 8)  # squares of what hostile files hold would overflow
        return bounded
    if samples.dtype == np.uint8:
        return np.asarray((samples.astype(np.float32) - 128) / 128, np.float32)
    return np.asarray(samples / float(-np.iinfo(samples.dtype).min), np.float32)


class _Timeline:
    """Resamples mixed sound and puts it at its place: gaps are filled with silence."""

    def __init__(self, first: float, rate: int, most: int) -> None:
        """Begin at `first` seconds; at most `most` samples of the new `rate` are taken."""
        self._first, self._target, self._most = first, rate, most
        self._blocks: list[Sound] = []
        self._length = 0
        self._waiting: list[Sound] = []
        self._waiting_samples = 0
        self._rate = 0
        self._resampler: av.AudioResampler | None = None

    def add(self, mono: Sound, rate: int, at: float | None) -> None:
        """Add samples that begin `at` seconds; without a time, after the last ones."""
        if rate != self._rate:
            self._end_rate()
            self._rate = rate
        if at is not None:
            reached = self._length / self._target + self._waiting_samples / rate
            if at - self._first - reached > _GAP_SECONDS:
                self._end_rate()
                self._rate = rate
                self._append(np.zeros(self._missing(at - self._first), np.float32))
        self._waiting.append(mono)
        self._waiting_samples += mono.size
        if self._waiting_samples >= _BLOCK_SECONDS * rate:
            self._resample()

    def finish(self) -> Sound:
        """Return everything."""
        self._end_rate()
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.float32)

    def _missing(self, at: float) -> int:
        if at * self._target > self._most:
            raise SoundError("too_long")
        return max(0, int(at * self._target) - self._length)

    def _resample(self) -> None:
        if not self._waiting:
            return
        frame = av.AudioFrame.from_ndarray(
            np.concatenate(self._waiting)[None], format="flt", layout="mono"
        )
        frame.sample_rate = self._rate
        self._waiting, self._waiting_samples = [], 0
        if self._resampler is None:
            self._resampler = av.AudioResampler("flt", "mono", self._target)
        for part in self._resampler.resample(frame):
            self._append(part.to_ndarray()[0])

    def _end_rate(self) -> None:
        """Take what the resampler still holds: it works at one rate only."""
        self._resample()
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._append(part.to_ndarray()[0])
        self._resampler = None

    def _append(self, block: Sound) -> None:
        self._length += block.size
        if self._length > self._most:
            raise SoundError("too_long")
        self._blocks.append(block)
