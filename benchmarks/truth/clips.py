"""The fixed list of clips, and the folder that keeps what was made of it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.truth import texts, utterances
from benchmarks.truth.conditions import CLEAN, CONDITIONS
from benchmarks.truth.sound import Sound, write_clip
from benchmarks.truth.utterances import Truth
from benchmarks.truth.voices import ENGLISH, Voice, available

OTHER_LANGUAGES = "other languages"
GROUPS = (CLEAN, *CONDITIONS, OTHER_LANGUAGES)
"""What `--only` takes."""

SPEEDS = (0.8, 1.0, 1.25)
"""Times a voice's own: together with the voices from about 90 to 230 words per minute."""

_SEED = "greenroom-1"
_CLEAN_ROUNDS = 4  # clips of each voice, half of them with fillers
_CHANGED_CLIPS = 8  # of each condition, a voice each
_FOREIGN_NOISE = (CLEAN, CLEAN, "noise at 20 dB")  # a clip of each language


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip of the list. The same plan always makes the same sound."""

    group: str
    number: int
    voice: Voice | None  # None: a voice of another language
    speed: float = 1.0
    fillers: bool = False
    numbers: bool = False
    language: str = "en"
    noise: str = CLEAN

    @property
    def chance(self) -> random.Random:
        """Chance that depends on the voice and the number alone: conditions share their clips."""
        return random.Random(f"{_SEED} {self.voice} {self.number} {self.language}")  # noqa: S311

    @property
    def name(self) -> str:
        """A file's name, which changes when anything does that makes the sound."""
        return hashlib.sha256(f"{_makers()} {self}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was made: its file, the same without the condition, and what is known of it."""

    plan: ClipPlan
    file: Path
    clean_file: Path
    truth: Truth
    seconds: float


def plans(groups: Sequence[str], *, quick: bool) -> list[ClipPlan]:
    """The list for some groups, of the voices that are installed.

    A quick list has two clips a group, with one of Debian's voices.
    """
    voices = available()[: 1 if quick else None]
    listed = [plan for plan in _all_plans() if plan.group in groups]
    if not quick:
        return [plan for plan in listed if plan.voice is None or plan.voice in voices]
    few: dict[str, list[ClipPlan]] = {}
    for plan in listed:
        if plan.voice in (None, *voices):
            few.setdefault(plan.group, []).append(plan)
    return [plan for some in few.values() for plan in some[:2]]


def _all_plans() -> Iterator[ClipPlan]:
    for number in range(_CLEAN_ROUNDS):
        for place, voice in enumerate(ENGLISH):
            yield ClipPlan(
                CLEAN,
                number,
                voice,
                speed=SPEEDS[(number + place) % 3],
                fillers=number % 2 == 1,
                numbers=number == 2,
            )
    for group in CONDITIONS:
        for number in range(_CHANGED_CLIPS):
            voice = ENGLISH[(number * 7) % len(ENGLISH)]
            yield ClipPlan(
                group, 100 + number, voice, SPEEDS[number % 3], fillers=number % 2 == 1, noise=group
            )
    for number, noise in enumerate(_FOREIGN_NOISE):
        for language in texts.FOREIGN:
            yield ClipPlan(OTHER_LANGUAGES, number, None, language=language, noise=noise)


def make(plan: ClipPlan, folder: Path) -> Clip:
    """Make a clip, or find what was made before."""
    file, clean, known = (folder / f"{plan.name}{end}" for end in (".mkv", "-clean.mkv", ".json"))
    if not known.exists():
        sound, truth = _clean(plan)
        write_clip(clean, sound)
        seconds = len(sound) / 16_000
        changed = (
            CONDITIONS[plan.noise](sound, plan.chance, _other()) if plan.noise != CLEAN else sound
        )
        write_clip(file, changed)
        part = known.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(asdict(truth) | {"seconds": seconds}))
        part.replace(known)
    facts = json.loads(known.read_text())
    seconds = facts.pop("seconds")
    return Clip(plan, file, clean, _as_truth(facts), seconds)


def _clean(plan: ClipPlan) -> tuple[Sound, Truth]:
    if plan.voice is None:
        return utterances.foreign(plan.language, plan.chance)
    return utterances.english(
        plan.voice, plan.speed, plan.chance, fillers=plan.fillers, numbers=plan.numbers
    )


def _as_truth(facts: dict[str, Any]) -> Truth:
    """What `asdict` made of a truth, after JSON has made lists of its tuples."""
    spans = {name: tuple((a, b) for a, b in facts[name]) for name in ("pauses", "fillers")}
    first, last = facts["words_at"]
    return Truth(text=facts["text"], words_at=(first, last), language=facts["language"], **spans)


@cache
def _other() -> Sound:
    """Somebody else, for babble and for the second voice."""
    voice = available()[:6][-1]
    chance = random.Random(_SEED)  # noqa: S311
    return utterances.english(voice, 1.0, chance, fillers=False, numbers=False)[0]


@cache
def _makers() -> str:
    """A digest of the code that makes sound, so that a change of it makes the clips anew."""
    digest = hashlib.sha256()
    for name in ("conditions", "fillers", "sound", "texts", "utterances", "voices"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Where made clips are kept between runs: this user's own folder among temporary files.

    Raises:
        PermissionError: the folder is there and belongs to somebody else.
    """
    folder = Path(tempfile.gettempdir()) / f"greenroom-truth-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder
