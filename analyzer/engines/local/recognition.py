"""Recognises words with faster-whisper, each with its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from analyzer.engines.local.sound import RATE, VOICE_THRESHOLD, Sound, Span, SpeechError

WordFields = dict[str, Any]  # a word, with the fields of models.Word

_THREADS = 2
_WORD_CHARACTERS = 60
_PIECE_SECONDS = 300.0
_AFTER_END_SECONDS = 0.5  # of silence, so that voice activity lets go of a last word too
# measured by `python -m benchmarks.truth` on 72 clean clips: voice activity starts .02 s early and
# ends .10 s late (90 % of the ends: .06 to .14 s)
_LATE_SECONDS = 0.1


def load(model_folder: Path, *, device: str = "cpu", compute: str = "auto") -> WhisperModel:
    """Load a model.

    Args:
        model_folder: A faster-whisper model.
        device: `cpu`, `cuda`, or `auto`: an NVIDIA card where there is one that works.
        compute: The type numbers are computed in, as ctranslate2 names it; `auto` is `int8` on the
            processor and `float16` on a card.

    Raises:
        SpeechError: `model_unusable`, `no_card` or `compute_unsupported`.
    """
    places = ["cpu"]
    if device != "cpu":
        found = _cards() > 0
        if device == "cuda" and not found:
            raise SpeechError("no_card")
        places = ["cuda"] if device == "cuda" else [*(["cuda"] if found else []), "cpu"]
    for place in places:
        kind = {"cpu": "int8", "cuda": "float16"}[place] if compute == "auto" else compute
        if kind not in ctranslate2.get_supported_compute_types(place):
            raise SpeechError("compute_unsupported")
        try:
            return WhisperModel(
                str(model_folder),
                device=place,
                compute_type=kind,
                cpu_threads=_THREADS,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError):
            continue
    raise SpeechError("no_card" if places == ["cuda"] else "model_unusable")


def _cards() -> int:
    """How many NVIDIA graphics cards can be used."""
    try:
        return int(ctranslate2.get_cuda_device_count())
    except (RuntimeError, ValueError):  # a driver that is not whole
        return 0


def find_speech(sound: Sound) -> list[Span]:
    """Find when somebody speaks, with breaks of a quarter of a second and more left out.

    Stretches end when voice activity lets go: see `as_spoken`.
    """
    spans = get_speech_timestamps(
        np.pad(sound, (0, int(_AFTER_END_SECONDS * RATE))),
        VadOptions(threshold=VOICE_THRESHOLD, min_silence_duration_ms=250, speech_pad_ms=30),
    )
    length = len(sound)
    return [
        (round(span["start"] / RATE, 3), round(min(span["end"], length) / RATE, 3))
        for span in spans
        if span["start"] < length
    ]


def as_spoken(speech: Sequence[Span], words: Sequence[WordFields]) -> list[Span]:
    """End each stretch of speech when the voice ended, a little before voice activity let go.

    A stretch keeps half of itself, and its last word the time that its letters need.
    """
    result = []
    for start, end in speech:
        inside = [word for word in words if start <= word["start"] < end]
        last = max(inside, key=lambda word: word["start"], default=None)
        needed = start if last is None else last["start"] + least_seconds(last)
        least = min(end, max((start + end) / 2, needed))
        result.append((start, round(max(least, end - _LATE_SECONDS), 3)))
    return result


def least_seconds(word: WordFields) -> float:
    """The time that the letters of a word need when it is said fast, at most what it got."""
    letters = sum(letter.isalnum() or letter == "'" for letter in word["text"])
    return float(min(0.06 + 0.055 * letters, word["end"] - word["start"]))


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


def find_words(
    model: WhisperModel, sound: Sound, speech: Sequence[Span], language: str = "en"
) -> list[WordFields]:
    """Recognise words, one piece of the clip after the other."""
    return [
        moved(word, start)
        for start, end in pieces(len(sound) / RATE, speech)
        for word in words_of(model, sound[int(start * RATE) : int(end * RATE)], language)
    ]


def words_of(
    model: WhisperModel,
    sound: Sound,
    language: str = "en",
    *,
    beam_size: int = 1,
    skip_silence: bool = True,
) -> Iterator[WordFields]:
    """Recognise words. Without voice detection Whisper invents text for silence and tones."""
    segments, _ = model.transcribe(
        sound,
        language=language,
        beam_size=beam_size,
        temperature=0,
        word_timestamps=True,
        condition_on_previous_text=False,
        vad_filter=skip_silence,
        vad_parameters=VadOptions(
            threshold=VOICE_THRESHOLD, min_silence_duration_ms=2000, speech_pad_ms=400
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


def moved(word: WordFields, seconds: float) -> WordFields:
    """The word, that much later in the clip."""
    return word | {
        "start": round(word["start"] + seconds, 2),
        "end": round(word["end"] + seconds, 2),
    }


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
