"""Finds faces: MediaPipe's detectors, the one for near faces first, then the one for small ones.

Method: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019).
Boxes of one face are blended by their score instead of keeping the best one, as described there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzer.engines.local.picture.networks import Network
from analyzer.engines.local.picture.sampling import Array, Image, fitted

_POINTS = 6  # eyes, nose, mouth, ears
_SAME_FACE = 0.3  # from this overlap on, as a share of both boxes together
_MOST_FACES = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A face in pixels of the picture."""

    score: float  # 0 to 1
    left: float
    top: float
    right: float
    bottom: float
    points: Array  # of the eyes first, as (x, y); the one at the picture's left is the first

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point lies in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


class FaceDetector:
    """Both detectors. The one for small faces is loaded where the other finds none."""

    def __init__(self) -> None:
        """Load the first.

        Raises:
            NetworkError: it cannot be used.
        """
        self._near = _Detector("face_short", 128, ((8, 2), (16, 6)), sure=0.5)
        self._small: _Detector | None = None

    def __call__(self, image: Image) -> list[Box]:
        """The faces in an image, the surest first, at most ten."""
        if found := self._near(image):
            return found
        return self.small(image)

    def small(self, image: Image) -> list[Box]:
        """The faces that the second detector finds."""
        if self._small is None:
            self._small = _Detector("face_full", 192, ((4, 1),), sure=0.6)
        return self._small(image)


class _Detector:
    def __init__(
        self,
        name: str,
        size: int,
        grids: Sequence[tuple[int, int]],
        *,
        sure: float,
    ) -> None:
        """Load a detector.

        Args:
            name: of its file.
            size: of the square it looks at, in pixels.
            grids: how many pixels lie between its anchors, and how many anchors are in one place.
            sure: the lowest score of a face.
        """
        self._network = Network(name)
        self._size, self._sure = size, sure
        self._anchors = np.concatenate([_anchors(size // step, times) for step, times in grids])

    def __call__(self, image: Image) -> list[Box]:
        square, scale, free = fitted(image, self._size)
        outputs = self._network(square / 127.5 - 1)
        values = next(output[0] for output in outputs if output.shape[-1] > 1)
        scores = _sigmoid(next(output[0, :, 0] for output in outputs if output.shape[-1] == 1))
        sure = scores > self._sure
        anchors = self._anchors[sure]
        values, scores = values[sure] / self._size, scores[sure]
        middles, halves = anchors + values[:, :2], values[:, 2:4] / 2
        points = values[:, 4 : 4 + 2 * _POINTS].reshape(-1, _POINTS, 2) + anchors[:, None]
        shapes = np.concatenate(
            [(middles - halves)[:, None], (middles + halves)[:, None], points], axis=1
        )
        pixels = (shapes * self._size - np.array(free)) / scale
        return [_box(score, shape) for score, shape in _blended(pixels, scores)]


def _box(score: float, shape: Array) -> Box:
    left, top, right, bottom = (float(place) for place in shape[:2].ravel())
    return Box(score, left, top, right, bottom, points=shape[2:])


def _anchors(places: int, times: int) -> Array:
    """The middles of a grid of squares, 0 to 1, each as often as it has anchors."""
    middles = (np.arange(places, dtype=np.float32) + 0.5) / places
    grid = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    return np.repeat(grid, times, axis=0)


def _blended(shapes: Array, scores: Array) -> Iterator[tuple[float, Array]]:
    """Put shapes that overlap together, weighted by their score; a shape begins with its box."""
    order: npt.NDArray[np.intp] = np.argsort(-scores)
    for _ in range(_MOST_FACES):
        if not len(order):
            return
        same = _overlap(shapes[order[0]], shapes[order]) > _SAME_FACE
        same[0] = True  # an empty box does not even overlap with itself
        weights = scores[order[same]]
        blend = (shapes[order[same]] * weights[:, None, None]).sum(0) / weights.sum()
        yield float(weights.max()), blend
        order = order[~same]


def _overlap(one: Array, others: Array) -> Array:
    """What the box of a shape shares with those of others, of what they cover together."""
    low = np.maximum(one[0], others[:, 0])
    high = np.minimum(one[1], others[:, 1])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(one[1] - one[0]) + np.prod(others[:, 1] - others[:, 0], axis=1) - shared
    share: Array = shared / np.maximum(area, 1e-9)
    return share


def _sigmoid(x: npt.NDArray[Any]) -> Array:
    result: Array = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return result
