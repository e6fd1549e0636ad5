"""Reads a clip's sound for the local engine: mono at 16 kHz, where somebody speaks.

Runs in the child only.
"""

from __future__ import annotations

from pathlib import Path

from faster_whisper.vad import VadOptions, get_speech_timestamps

from analyzer.media.decoded_sound import Sound, SoundError, tracks_of

__all__ = ["RATE", "VOICE_THRESHOLD", "Sound", "Span", "SpeechError", "read_sound"]

RATE = 16_000
"""Samples per second that Whisper and Silero expect."""

Span = tuple[float, float]  # start and end in seconds

VOICE_THRESHOLD = 0.25
"""From which probability on Silero's answer counts: at its own 0.5 a short "Hello!" is lost."""

_ENOUGH_SPEECH = 0.5  # of the most that any track has: then the track that players play is taken


class SpeechError(Exception):
    """What stops the child. `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_sound(clip: Path, *, max_seconds: float) -> Sound:
    """Decode a clip's sound to mono at 16 kHz, at its place in time.

    Of several tracks the one that players would play is taken, unless it is silent or another one
    has more than twice as much speech. `tracks_of` says how channels become one.

    Raises:
        SpeechError: `unreadable` when the file cannot be opened, `sound_unreadable` when none of
            its sound can be decoded, `too_long` beyond `max_seconds`.
    """
    try:
        tracks = tracks_of(clip, rate=RATE, max_seconds=max_seconds, better=speech_seconds)
    except SoundError as error:
        raise SpeechError(error.code) from None
    if len(tracks) == 1:
        return tracks[0]
    spoken = [speech_seconds(track) for track in tracks]
    enough = max(spoken) * _ENOUGH_SPEECH
    return next(track for track, had in zip(tracks, spoken, strict=True) if had >= enough)


def speech_seconds(sound: Sound) -> float:
    """How long somebody speaks, by voice activity detection."""
    options = VadOptions(threshold=VOICE_THRESHOLD, min_silence_duration_ms=250)
    spans = get_speech_timestamps(sound, options)
    return sum(float(span["end"] - span["start"]) for span in spans) / RATE
