"""Asks the local engine about a clip, and writes down what a member would be told."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.engines.local.hearing import hear as listen
from analyzer.engines.local.report import Heard, write_report
from analyzer.engines.local.sound import read_sound
from analyzer.engines.local.speech_models import ModelChoice, find_model
from benchmarks.truth.clips import Clip, ClipPlan, make
from benchmarks.truth.sound import RATE
from core.assessment import Metric

Span = tuple[float, float]

_PROCESSES = 2
_QUIET_THREADS = {
    # numpy needs no threads of its own beside two processes, and nobody shall wait by spinning
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine said about a clip, and what Praat says about its sound without the noise."""

    clip: Clip
    words_per_minute: float | None
    words_per_minute_error: float | None  # as the engine quotes it
    pauses: tuple[Span, ...]
    fillers: tuple[float, ...]
    fillers_counted: bool
    semitones: float | None
    praat_semitones: float | None
    text: str
    language: str | None
    scores: dict[str, int]
    reasons: dict[str, str]
    notes: tuple[str, ...]
    seconds_taken: float


def measured(listed: Sequence[ClipPlan], folder: Path) -> list[Outcome]:
    """Make and measure each clip, two at a time."""
    os.environ |= _QUIET_THREADS
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
        outcomes = []
        for outcome in pool.map(_one, listed, [folder] * len(listed)):
            outcomes.append(outcome)
            if sys.stderr.isatty():
                print(f"\r{len(outcomes)} of {len(listed)}", end="", file=sys.stderr, flush=True)
        return outcomes


def _one(plan: ClipPlan, folder: Path) -> Outcome:
    return hear(make(plan, folder))


def hear(clip: Clip) -> Outcome:
    """Let the engine listen, in this process, and its report be written.

    The decoder, the recogniser and the report are those of a real attempt; only the child process
    with its limits is left out.
    """
    heard = listen(clip.file, find_model(ModelChoice()), max_seconds=clip.seconds + 5)
    told = write_report(
        Heard.model_validate(heard | {"peak_bytes": None}), engine_version="benchmark"
    )
    delivery = told.delivery
    given = [metric for metric in Metric if told.scores[metric].value is not None]
    return Outcome(
        clip=clip,
        words_per_minute=delivery.words_per_minute if delivery else None,
        words_per_minute_error=delivery.words_per_minute_error if delivery else None,
        pauses=tuple((pause.start, pause.seconds) for pause in delivery.pauses) if delivery else (),
        fillers=tuple(found.at_seconds for found in delivery.fillers) if delivery else (),
        fillers_counted=delivery is not None and delivery.fillers_counted,
        semitones=delivery.pitch_variation_semitones if delivery else None,
        praat_semitones=praat_semitones(clip) if clip.truth.text else None,
        text=" ".join(sentence.text for sentence in told.transcript),
        language=told.language,
        scores={metric.value: told.scores[metric].value or 0 for metric in given},
        reasons={
            metric.value: told.scores[metric].reason or ""
            for metric in (Metric.SPEECH_RATE, Metric.VOICE_TONE)
        },
        notes=told.notes,
        seconds_taken=sum(heard["stage_seconds"].values()),
    )


def praat_semitones(clip: Clip) -> float | None:
    """Praat's value of the pitch variation, of the sound as it was before noise and rooms.

    `None` without praat-parselmouth. Two passes, the second in the speaker's own range, as the
    engine has them (De Looze & Hirst 2008); Praat's own tracker and its standard settings.
    """
    if importlib.util.find_spec("parselmouth") is None:
        return None
    parselmouth = importlib.import_module("parselmouth")
    samples = read_sound(clip.clean_file, max_seconds=clip.seconds + 5)
    sound = parselmouth.Sound(samples.astype(np.float64), sampling_frequency=RATE)

    def voiced(floor: float, ceiling: float) -> Any:
        pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=floor, pitch_ceiling=ceiling)
        hertz = pitch.selected_array["frequency"]
        return hertz[hertz > 0]

    lower, upper = np.percentile(voiced(75, 600), [25, 75])
    own = voiced(max(75.0, 0.75 * float(lower)), min(600.0, 1.5 * float(upper)))
    return float(np.std(12 * np.log2(own)))
