"""Reads the known-answer set: six short clips, and what a fair assessment of each must say.

`tools/known_answers.py` makes them: a public-domain portrait moved by us, and a synthetic voice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from core.assessment import Metric, Model

CLIPS = Path(__file__).parent / "clips"


class KnownAnswer(Model):
    """One clip, and what a fair assessment says of it."""

    name: str  # such as "good" or "off-topic"
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    about: str  # one line for who runs the calibration
    text: str  # the words as spoken; empty without sound
    seconds: float = Field(gt=0)
    words_per_minute: float | None  # from the first sound to the last
    pauses: tuple[tuple[float, float], ...]  # start and length in seconds, of those over a second
    fillers: tuple[float, ...]  # where they begin, in seconds
    beats: Mapping[Metric, tuple[str, ...]] = {}  # must score higher than the clips of these names
    at_most: Mapping[Metric, str] = {}  # must not score more than a point above this clip
    not_observable: tuple[Metric, ...] = ()  # metrics that must have no score

    @property
    def path(self) -> Path:
        """Where the clip lies."""
        return CLIPS / self.file


class KnownAnswers(Model):
    """The set: one question, and clips that answer it well, badly or not at all."""

    question: str
    provenance: str
    clips: tuple[KnownAnswer, ...]


def known_answers() -> KnownAnswers:
    """Read the set that ships with the project.

    Raises:
        OSError: the files are not there.
        pydantic.ValidationError: the list is not what it should be.
    """
    return KnownAnswers.model_validate_json((CLIPS / "clips.json").read_bytes())
