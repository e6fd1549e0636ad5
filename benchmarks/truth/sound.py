"""Arithmetic on sound: level, trimming, filters, changes of speed and pitch, and files."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
"""Samples per second of all sound here."""

Sound = npt.NDArray[np.float32]

_AUDIBLE = 0.02  # of the loudest 10 ms: quieter is silence at the edges of a synthesiser's output


def silence(seconds: float) -> Sound:
    """Digital silence."""
    return np.zeros(round(seconds * RATE), np.float32)


def trimmed(sound: Sound, keep_seconds: float = 0.01) -> Sound:
    """Cut the silence from both ends."""
    if len(sound) < RATE // 20:
        return sound
    envelope = np.sqrt(np.convolve(sound.astype(np.float64) ** 2, np.ones(160) / 160, "same"))
    audible = np.flatnonzero(envelope > _AUDIBLE * envelope.max())
    keep = int(keep_seconds * RATE)
    return sound[max(0, audible[0] - keep) : audible[-1] + keep]


def level(sound: Sound) -> float:
    """The root mean square of the louder parts: the 75th percentile over 25 ms."""
    frames = sound[: len(sound) // 400 * 400].reshape(-1, 400)
    return float(np.percentile(np.sqrt(np.mean(frames**2, axis=1)), 75)) if len(frames) else 0.1


def filtered(sound: Sound, graph: str, rate: int = RATE) -> Sound:
    """Run FFmpeg's audio filters over sound and return it at our rate."""
    audio_graph = av.filter.Graph()
    source = audio_graph.add_abuffer(sample_rate=rate, format="flt", layout="mono")
    last = source
    for part in filter(None, graph.split(",")):
        name, _, arguments = part.partition("=")
        following = audio_graph.add(name, arguments or None)
        last.link_to(following)
        last = following
    last.link_to(audio_graph.add("abuffersink"))
    audio_graph.configure()
    resampler = av.AudioResampler("flt", "mono", RATE)
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(sound, np.float32)[None], format="flt", layout="mono"
    )
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    blocks: list[Sound] = []
    while True:
        try:
            made: Any = audio_graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            break
        blocks += [block.to_ndarray()[0] for block in resampler.resample(made)]
    blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    return np.concatenate(blocks)


def at_pitch(sound: Sound, cents: int) -> Sound:
    """Make a voice higher or lower without a change of speed; its resonances move along."""
    if not cents:
        return sound
    ratio = 2 ** (cents / 1200)
    return filtered(sound, f"asetrate={round(RATE * ratio)},atempo={1 / ratio:.6f}")


def lasting(sound: Sound, seconds: float) -> Sound:
    """Stretch or press sound toward a length, at most to half or twice as fast."""
    tempo = float(np.clip(len(sound) / RATE / seconds, 0.5, 2.0))
    return sound if abs(tempo - 1) < 0.05 else filtered(sound, f"atempo={tempo:.4f}")


def convolved(sound: Sound, response: Sound) -> Sound:
    """Convolve, and keep the length."""
    size = 1 << (len(sound) + len(response)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    result: Sound = np.fft.irfft(spectrum, size)[: len(sound)].astype(np.float32)
    return result


def read_wave(path: Path) -> Sound:
    """Read a WAV file as mono at our rate."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    mono: Sound = (samples.reshape(-1, channels).mean(axis=1) / 32768).astype(np.float32)
    return mono if rate == RATE else filtered(mono, "", rate)


def write_clip(path: Path, sound: Sound) -> None:
    """Write sound without loss into a Matroska file."""
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="matroska") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=RATE)
        stream.layout = "mono"
        for start in range(0, len(samples), RATE):
            frame = av.AudioFrame.from_ndarray(
                samples[None, start : start + RATE], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
