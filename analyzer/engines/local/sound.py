"""Reads a clip's sound: one channel at 16 kHz, of the track and channels in which somebody speaks.

Runs in the child only. Recordings may change their rate or their channels in the middle, have
several tracks of which one is silent, or channels that cancel each other when they are mixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from faster_whisper.vad import VadOptions, get_speech_timestamps

from analyzer.media.probe import in_order, open_clip

RATE = 16_000
"""Samples per second that Whisper and Silero expect."""

VOICE_THRESHOLD = 0.25
"""From which probability on Silero's answer counts: at its own 0.5 a short "Hello!" is lost."""

Sound = npt.NDArray[np.float32]

_GAP_SECONDS = 0.2  # a jump in the sound's time stamps beyond this is filled with silence
_BLOCK_SECONDS = 0.5  # what is resampled, and judged for cancelling, at once
_SILENT_POWER = 1e-7  # -70 dB below full scale: an unused track or channel, with its dither
_UNUSED_SHARE = 1e-4  # a channel 40 dB below the loudest one says nothing
_CANCELLED = 0.5  # of the power that the mix of unrelated channels would have
_CANCELLED_SHARE = 0.1  # of the sound, by power, from which on one channel is taken instead
_CHANNELS_TRIED = 4
_ENOUGH_SPEECH = 0.5  # of the most that any track has: then the track that players play is taken


class SpeechError(Exception):
    """What stops the child. `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_sound(clip: Path, *, max_seconds: float) -> Sound:
    """Decode a clip's sound to mono at 16 kHz, at its place in time.

    Tracks in an unknown format are skipped. Of several tracks the one that players would play is
    taken, unless it is silent or another one has more than twice as much speech. Channels are
    averaged, without the unused ones; where they cancel each other, one channel is taken. Damaged
    packets are left out, and gaps are silence, so that times are those of the clip.

    Raises:
        SpeechError: `unreadable` when the file cannot be opened, `sound_unreadable` when none of
            its sound can be decoded, `too_long` beyond `max_seconds`.
    """
    most = int(max_seconds * RATE)
    try:
        with open_clip(clip) as container:
            indexes = [stream.index for stream in in_order(container.streams.audio)]
        tracks = [sound for index in indexes if len(sound := _track(clip, index, most))]
    except (av.error.FFmpegError, ValueError):
        raise SpeechError("unreadable") from None
    if not tracks:
        raise SpeechError("sound_unreadable")
    return tracks[_chosen(tracks)]


def speech_seconds(sound: Sound) -> float:
    """How long somebody speaks, by voice activity detection."""
    options = VadOptions(threshold=VOICE_THRESHOLD, min_silence_duration_ms=250)
    spans = get_speech_timestamps(sound, options)
    return sum(float(span["end"] - span["start"]) for span in spans) / RATE


def _chosen(tracks: list[Sound]) -> int:
    """Which of the tracks has the voice."""
    audible = [i for i, sound in enumerate(tracks) if np.mean(np.square(sound)) > _SILENT_POWER]
    if len(audible) < 2:
        return audible[0] if audible else 0
    spoken = [speech_seconds(tracks[i]) for i in audible]
    enough = max(spoken) * _ENOUGH_SPEECH
    return next(i for i, seconds in zip(audible, spoken, strict=True) if seconds >= enough)


def _track(clip: Path, index: int, most: int) -> Sound:
    """One track as one channel; empty when nothing of it can be decoded."""
    mixer = _Mixer()
    sound = _decoded(clip, index, most, mixer)
    cancelling = mixer.learn()
    if cancelling is not None:
        ways = [mixer.only(cancelling, channel) for channel in mixer.loudest(cancelling)]
        sounds = (_decoded(clip, index, most, way) for way in ways)
        sound = max(sounds, key=speech_seconds)
    elif mixer.weights:
        sound = _decoded(clip, index, most, mixer)
    return sound


def _decoded(clip: Path, index: int, most: int, mixer: _Mixer) -> Sound:
    with open_clip(clip) as container:
        stream = container.streams[index]
        begin = max(0, container.start_time or 0)  # an encoder's delay lies before 0
        line = _Timeline(begin / av.time_base, most)
        for frame in _frames(container, stream):
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

    def __init__(self, first: float, most: int) -> None:
        """Begin at `first` seconds; `most` samples are taken."""
        self._first, self._most = first, most
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
            reached = self._length / RATE + self._waiting_samples / rate
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
        if at * RATE > self._most:
            raise SpeechError("too_long")
        return max(0, int(at * RATE) - self._length)

    def _resample(self) -> None:
        if not self._waiting:
            return
        frame = av.AudioFrame.from_ndarray(
            np.concatenate(self._waiting)[None], format="flt", layout="mono"
        )
        frame.sample_rate = self._rate
        self._waiting, self._waiting_samples = [], 0
        if self._resampler is None:
            self._resampler = av.AudioResampler("flt", "mono", RATE)
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
            raise SpeechError("too_long")
        self._blocks.append(block)
