"""Listens to a clip: words with times, fillers, stretches of speech, pitch. Runs in the child only.

Speech recognition is faster-whisper; voice activity its Silero network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel

from analyzer.engines.local.fillers import find_fillers
from analyzer.engines.local.language import FEW_WORDS, choose, doubt
from analyzer.engines.local.pitch import (
    FIRST_SECONDS,
    HIGHEST_HZ,
    LOWEST_HZ,
    contour,
    pitch_variation,
    track,
)
from analyzer.engines.local.recognition import as_spoken, find_speech, find_words, load
from analyzer.engines.local.sound import RATE, Sound, read_sound
from analyzer.engines.local.steady_sounds import steadiness
from analyzer.engines.local.unheard import hear_again, unheard
from analyzer.scoring.languages import ENGLISH


def hear(
    clip: Path,
    model_folder: Path,
    *,
    max_seconds: float,
    language: str | None = None,
    languages_folder: Path | None = None,
    device: str = "cpu",
    compute: str = "auto",
) -> dict[str, Any]:
    """Listen to a clip and return what the parent's `Heard` describes.

    Args:
        clip: A file that may be hostile.
        model_folder: A faster-whisper model.
        max_seconds: More sound than this is an error: the file's own duration was a lie.
        language: What the member speaks, as ISO 639-1 has it; `None`: it is found out.
        languages_folder: A multilingual model for what `model_folder` does not understand.
        device: See `recognition.load`.
        compute: See `recognition.load`.

    Raises:
        SpeechError: `unreadable`, `too_long`, or what `recognition.load` raises.
    """
    clock = Stopwatch()
    sound = read_sound(clip, max_seconds=max_seconds)
    clock.lap("decode")
    load_model = partial(load, model_folder, device=device, compute=compute)
    load_languages = None
    if languages_folder is not None:
        load_languages = partial(load, languages_folder, device=device, compute=compute)
    return hear_sound(
        sound, load_model, language=language, load_languages=load_languages, clock=clock
    )


def hear_sound(
    sound: Sound,
    load_model: Callable[[], WhisperModel],
    *,
    language: str | None = None,
    load_languages: Callable[[], WhisperModel] | None = None,
    clock: Stopwatch | None = None,
) -> dict[str, Any]:
    """Listen to mono sound at 16 kHz and return what the parent's `Heard` describes.

    Args:
        sound: What to listen to.
        load_model: Loads the model for English, or the one model there is; called at most once.
        language: What is spoken, as ISO 639-1 has it; `None`: it is found out.
        load_languages: Loads a multilingual model, where there is one beside; called only when it
            is needed, and at most once.
        clock: Measures the stages.
    """
    clock = clock or Stopwatch()
    speech = find_speech(sound)
    clock.lap("speech")
    result: dict[str, Any] = {
        "words": [],
        "fillers": None,
        "speech": speech,
        "pitch_semitones": None,
        "sound_seconds": round(len(sound) / RATE, 3),
        "stage_seconds": clock.laps,
        "language": language,
        "language_was_set": language is not None,
        "doubt": None,
        "unheard": [],
    }
    if not speech:
        return result
    ear = choose(sound, speech, load_model, language, load_languages)
    clock.lap("load")
    result |= {
        "by_languages_model": ear.by_languages_model,
        "language": ear.language,
        "language_was_found": ear.was_found,
    }
    if ear.model is None or ear.language is None:
        return result | {"doubt": ear.doubt}
    hertz = track(sound, RATE, LOWEST_HZ, HIGHEST_HZ)
    semitones = pitch_variation(sound, RATE, speech, hertz)
    clock.lap("pitch")
    words = find_words(ear.model, sound, speech, ear.language)
    doubted = doubt(words, speech)
    missing = unheard(words, speech, hertz, FIRST_SECONDS)
    if missing and doubted in (None, FEW_WORDS):
        words = hear_again(ear.model, sound, words, missing, ear.language)
        missing = unheard(words, speech, hertz, FIRST_SECONDS)
        doubted = doubt(words, speech)
    clock.lap("words")
    if doubted is None and ear.language == ENGLISH:
        steady = steadiness(sound, RATE, hertz, FIRST_SECONDS)
        counted = find_fillers(ear.model, sound, words, steady)
        words, result["fillers"] = counted.words, counted.fillers
        doubted = doubt(words, speech, counted.log_probability)
    clock.lap("fillers")
    return result | {
        "words": words,
        "speech": as_spoken(speech, [*words, *(result["fillers"] or ())]),
        "pitch_semitones": None if semitones is None else round(semitones, 2),
        "pitch": contour(hertz, LOWEST_HZ),
        "doubt": doubted,
        "unheard": missing,
    }


def try_models(
    model_folder: Path, languages_folder: Path | None, device: str, compute: str
) -> dict[str, Any]:
    """Load the models for real and return what is used.

    Raises:
        SpeechError: what `recognition.load` raises.
    """
    folders = [folder for folder in (model_folder, languages_folder) if folder is not None]
    return [_try_model(folder, device, compute) for folder in folders][-1]


def _try_model(folder: Path, device: str, compute: str) -> dict[str, Any]:
    model = load(folder, device=device, compute=compute)
    mels = model.feature_extractor.mel_filters.shape[0]
    model.encode(np.zeros((mels, 3000), np.float32))  # a card's libraries are loaded here
    return {
        "device": model.model.device,
        "compute": model.model.compute_type,
        "multilingual": bool(model.model.is_multilingual),
    }


class Stopwatch:
    """Seconds that each stage of the work took."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Note how long it took since the last lap."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now
