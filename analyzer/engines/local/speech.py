"""Listens to a clip: words with times, fillers, stretches of speech, pitch. Runs in the child only.

Speech recognition is faster-whisper; voice activity its Silero network.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from analyzer.engines.local.pitch import pitch_variation
from analyzer.engines.local.sound import RATE, Sound, SpeechError, read_sound
from analyzer.scoring.delivery import is_filler

_THREADS = 2
_VOICE_THRESHOLD = 0.25  # at the default 0.5 a short opening such as "Hello!" is lost
_WORD_CHARACTERS = 60
_PIECE_SECONDS = 300.0

_FILLED_SPEECH = (
    "Umm, so, uh, let me think, um, like, hmm... Okay, uh, here's what I'm, um, thinking."
)
"""Whisper writes clean text and drops fillers, unless what came before has some.

It goes in as `hotwords`, since `initial_prompt` reaches only the first 30 s of a clip.
"""

Span = tuple[float, float]  # start and end in seconds
WordFields = dict[str, Any]  # a word, with the fields of models.Word


def hear(clip: Path, model_folder: Path, *, max_seconds: float, passes: int) -> dict[str, Any]:
    """Listen to a clip and return what the parent's `Heard` describes.

    Args:
        clip: A file that may be hostile.
        model_folder: A faster-whisper model.
        max_seconds: More sound than this is an error: the file's own duration was a lie.
        passes: 2 to look for fillers in a second pass, 1 for the words alone.

    Raises:
        SpeechError: `unreadable`, `sound_unreadable`, `too_long` or `model_unusable`.
    """
    clock = _Stopwatch()
    sound = read_sound(clip, max_seconds=max_seconds)
    clock.lap("decode")
    model = load(model_folder)
    clock.lap("load")
    speech = _speech(sound)
    clock.lap("speech")
    words = list(_words(model, sound, speech))
    clock.lap("words")
    fillers = None
    if passes > 1:
        filled = _words(model, sound, speech, hotwords=_FILLED_SPEECH)
        fillers = [word for word in filled if is_filler(word["text"])]
    clock.lap("fillers")
    semitones = pitch_variation(sound, RATE, speech)
    clock.lap("pitch")
    return {
        "words": words,
        "fillers": fillers,
        "speech": speech,
        "pitch_semitones": None if semitones is None else round(semitones, 2),
        "sound_seconds": round(len(sound) / RATE, 3),
        "stage_seconds": clock.laps,
    }


def load(model_folder: Path) -> WhisperModel:
    """Load a model.

    Raises:
        SpeechError: `model_unusable`.
    """
    try:
        return WhisperModel(
            str(model_folder), device="cpu", compute_type="int8", cpu_threads=_THREADS
        )
    except (RuntimeError, ValueError, OSError):
        raise SpeechError("model_unusable") from None


def pieces(length: float, speech: Sequence[Span]) -> Iterator[Span]:
    """Divide a clip of `length` seconds where nobody speaks, or else after five minutes.

    Recognition needs about 1 MB for each second it is given at once.
    """
    start = 0.0
    while length - start > _PIECE_SECONDS:
        silences = [
            (two[0] - one[1], (one[1] + two[0]) / 2)
            for one, two in pairwise(speech)
            if start + _PIECE_SECONDS / 2 < (one[1] + two[0]) / 2 < start + _PIECE_SECONDS
        ]
        end = max(silences)[1] if silences else start + _PIECE_SECONDS
        yield start, end
        start = end
    yield start, length


def _words(
    model: WhisperModel, sound: Sound, speech: Sequence[Span], *, hotwords: str | None = None
) -> Iterator[WordFields]:
    """Recognise words, one piece of the clip after the other."""
    for start, end in pieces(len(sound) / RATE, speech):
        piece = sound[int(start * RATE) : int(end * RATE)]
        for word in _words_of_piece(model, piece, hotwords):
            yield word | {
                "start": round(word["start"] + start, 2),
                "end": round(word["end"] + start, 2),
            }


def _words_of_piece(
    model: WhisperModel, sound: Sound, hotwords: str | None
) -> Iterator[WordFields]:
    """Recognise words. Without voice detection Whisper invents text for silence and tones."""
    segments, _ = model.transcribe(
        sound,
        language="en",
        beam_size=1,
        temperature=0,
        word_timestamps=True,
        condition_on_previous_text=False,
        hotwords=hotwords,
        vad_filter=True,
        vad_parameters=VadOptions(
            threshold=_VOICE_THRESHOLD, min_silence_duration_ms=2000, speech_pad_ms=400
        ),
    )
    for segment in segments:
        word: WordFields | None = None
        for piece in segment.words or ():
            if word is not None and not piece.word.startswith(" "):
                word = _joined(word, piece)  # "4" and "%" come apart
                continue
            if word is not None:
                yield word
            word = _as_heard(piece)
        if word is not None:
            yield word


def _as_heard(piece: Any) -> WordFields:
    start = max(0.0, float(piece.start))
    return {
        "text": piece.word.strip()[:_WORD_CHARACTERS],
        "start": round(start, 2),
        "end": round(max(start, float(piece.end)), 2),
        "probability": round(min(1.0, max(0.0, float(piece.probability))), 3),
    }


def _joined(word: WordFields, piece: Any) -> WordFields:
    tail = _as_heard(piece)
    return word | {
        "text": (word["text"] + tail["text"])[:_WORD_CHARACTERS],
        "end": max(word["end"], tail["end"]),
        "probability": min(word["probability"], tail["probability"]),
    }


def _speech(sound: Sound) -> list[Span]:
    """Find when somebody speaks, with breaks of a quarter of a second and more left out."""
    spans = get_speech_timestamps(
        sound,
        VadOptions(threshold=_VOICE_THRESHOLD, min_silence_duration_ms=250, speech_pad_ms=30),
    )
    return [(round(span["start"] / RATE, 3), round(span["end"] / RATE, 3)) for span in spans]


class _Stopwatch:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now
