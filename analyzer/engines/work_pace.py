"""How long measuring takes on this machine: learned from clips before, said before it begins."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import median
from typing import NamedTuple

META_KEY = "local_work_pace"
"""Under which name the metadata keeps what was learned, for the next start."""

_PRIOR = 0.3  # seconds of work for a second of clip, on two processors; until a clip was measured
_KEPT = 20
_MOST = 100.0  # a figure beyond it is no pace


class Turn(NamedTuple):
    """When it is the turn of a clip that waits: its place in line, and in how many seconds."""

    place: int  # the next one is the first
    seconds: float


class WorkPace:
    """Seconds of work for each second of clip: the median of the latest twenty clips."""

    def __init__(self, learned: str | None = None, *, at_once: int = 1) -> None:
        """Begin with what `text` gave earlier; what cannot be read of it is left out.

        `at_once` is how many clips are measured at the same time.
        """
        self._ratios: deque[float] = deque(maxlen=_KEPT)
        self.at_once = at_once
        self._clips: dict[str, float] = {}  # seconds of each, in the order in which they came
        self._begun: set[str] = set()
        self._saved = True
        for part in (learned or "").split(","):
            with suppress(ValueError):
                self._take(float(part))

    def expected(self, clip_seconds: float) -> float:
        """How many seconds it will take until a clip is measured that comes in now."""
        before = sum(self._clips.values()) / self.at_once
        return (before + clip_seconds) * self._ratio

    @contextmanager
    def under_way(self, attempt_id: str, clip_seconds: float) -> Iterator[None]:
        """Count a clip that waits or is worked on, for those that come after it."""
        self._clips[attempt_id] = clip_seconds
        try:
            yield
        finally:
            self._clips.pop(attempt_id, None)
            self._begun.discard(attempt_id)

    def begin(self, attempt_id: str) -> None:
        """Note that a clip waits no longer."""
        self._begun.add(attempt_id)

    def turn(self, attempt_id: str) -> Turn | None:
        """When it is the turn of a clip; `None` where it has begun, or is not here.

        It counts the clips of this process: another worker has a line of its own.
        """
        if attempt_id not in self._clips or attempt_id in self._begun:
            return None
        clips = list(self._clips)
        before = clips[: clips.index(attempt_id)]
        seconds = sum(self._clips[one] for one in before) / self.at_once * self._ratio
        return Turn(1 + sum(one not in self._begun for one in before), seconds)

    @property
    def _ratio(self) -> float:
        return median(self._ratios or [_PRIOR])

    def learn(self, clip_seconds: float, work_seconds: float) -> None:
        """Take into account how long a clip took, from its turn to its end."""
        if clip_seconds > 0:
            self._take(work_seconds / clip_seconds)
            self._saved = False

    def unsaved(self) -> str | None:
        """What was learned, if it has grown since this was last asked; for `__init__`."""
        if self._saved:
            return None
        self._saved = True
        return ",".join(f"{ratio:.4g}" for ratio in self._ratios)

    def _take(self, ratio: float) -> None:
        if math.isfinite(ratio) and 0 < ratio < _MOST:
            self._ratios.append(ratio)
