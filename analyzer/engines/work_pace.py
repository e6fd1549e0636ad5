"""How long measuring takes on this machine: learned from clips before, said before it begins."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import median

META_KEY = "local_work_pace"
"""Under which name the metadata keeps what was learned, for the next start."""

_PRIOR = 0.3  # seconds of work for a second of clip, on two processors; until a clip was measured
_KEPT = 20
_MOST = 100.0  # a figure beyond it is no pace


class WorkPace:
    """Seconds of work for each second of clip: the median of the latest twenty clips."""

    def __init__(self, learned: str | None = None) -> None:
        """Begin with what `text` gave earlier; what cannot be read of it is left out."""
        self._ratios: deque[float] = deque(maxlen=_KEPT)
        self._waiting: list[float] = []
        self._saved = True
        for part in (learned or "").split(","):
            with suppress(ValueError):
                self._take(float(part))

    def expected(self, clip_seconds: float) -> float:
        """How many seconds it will take until a clip is measured that comes in now."""
        return sum((*self._waiting, clip_seconds)) * (median(self._ratios or [_PRIOR]))

    @contextmanager
    def under_way(self, clip_seconds: float) -> Iterator[None]:
        """Count a clip that waits or is worked on, for those that come after it."""
        self._waiting.append(clip_seconds)
        try:
            yield
        finally:
            self._waiting.remove(clip_seconds)

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
