"""Moves the head of one portrait: turns, nods, blinks and speaks, as far as a photograph can.

The portrait is NASA's of Eileen Collins, in the public domain, as scikit-image ships it
(`skimage/data/astronaut.png`, 512x512); she and NASA have nothing to do with Greenroom. The figures
below are read off that picture. The face is taken as a relief in front of an axis through the
ears: a turn moves each point by its height before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SIZE = 480, 360

_SIDE = 512  # of the portrait, in pixels; what follows is in pixels of it
_FACE_X, _FACE_Y = 224.0, 122.0
_HALF_WIDTH, _HALF_HEIGHT = 52.0, 66.0  # of the face
_HEIGHT, _NOSE_HEIGHT = 46.0, 15.0  # of cheeks and nose before the ears
_NOSE = 223.6, 129.0
_EYES = ((203.5, 97.0, 103.6), (247.0, 99.8, 105.8))  # middle, upper and lower lid
_LIPS = 224.0, 143.5, 149.5  # middle, edge of the upper lip, edge of the lower lip
_CHIN = 176.0
_VIEW_X, _VIEW_Y, _VIEW_WIDTH = 222.0, 128.0, 330.0  # what is seen
_BEHIND_X, _BEHIND_Y, _BEHIND_ZOOM = 405.0, 130.0, 1.7  # the model of a shuttle beside her


@dataclass(frozen=True, slots=True)
class Pose:
    """How the head is held in one picture: degrees, and shares from 0 to 1."""

    yaw: float = 0.0  # positive: nose toward the right of the picture
    pitch: float = 0.0  # positive: down
    roll: float = 0.0
    mouth: float = 0.0
    lids: float = 0.0  # 1: shut
    shift: tuple[float, float] = (0.0, 0.0)  # pixels of the portrait
    zoom: float = 1.0


class Portrait:
    """The picture, ready to be shown in any pose."""

    def __init__(self, file: Path) -> None:
        """Read the portrait.

        Raises:
            ValueError: it is another picture.
        """
        with av.open(str(file)) as container:
            frame = next(container.decode(video=0))
            self._picture = frame.to_ndarray(format="rgb24").astype(np.float64)
        if self._picture.shape != (_SIDE, _SIDE, 3):
            raise ValueError(f"{file.name} is not scikit-image's astronaut.png")
        self._height = _relief()

    def shown(self, pose: Pose) -> Picture:
        """The portrait in a pose, 480x360."""
        x, y = _view(pose)
        rows = self._down(pose)
        y = _looked_up(rows, x, y)
        columns = self._across(pose)
        x = _looked_up(columns, x, y)
        return np.clip(_sampled(self._picture, x, y) + 0.5, 0, 255).astype(np.uint8)

    def behind(self, pose: Pose) -> Picture:
        """What stands behind her, and nobody: the same movement of the camera, another place."""
        x, y = _view(replace(pose, roll=0.0, zoom=_BEHIND_ZOOM))
        x, y = x + _BEHIND_X - _VIEW_X, y + _BEHIND_Y - _VIEW_Y
        return np.clip(_sampled(self._picture, x, y) + 0.5, 0, 255).astype(np.uint8)

    def _across(self, pose: Pose) -> Array:
        """For each place of the turned picture, the column of the portrait that is seen there."""
        turn = np.radians(pose.yaw)
        grid = np.arange(_SIDE, dtype=float)
        inside = _around_head(1.0, 1.6)
        moved = grid + inside * (
            (grid - _FACE_X) * (np.cos(turn) - 1) + self._height * np.sin(turn)
        )
        moved = np.maximum.accumulate(moved, axis=1)
        return np.stack([np.interp(grid, row, grid) for row in moved])

    def _down(self, pose: Pose) -> Array:
        """The same for rows: nodding, the jaw, and the lids."""
        nod = np.radians(pose.pitch)
        grid = np.arange(_SIDE, dtype=float)[:, None]
        across = np.arange(_SIDE, dtype=float)[None]
        moved = grid + _around_head(1.0, 1.6) * self._height * np.sin(nod)
        middle, upper, lower = _LIPS
        jaw = np.interp(grid, [upper, lower, _CHIN, _CHIN + 22], [0, 1, 1, 0])
        moved = moved + 5.0 * pose.mouth * jaw * np.exp(-(((across - middle) / 24) ** 4))
        for middle, upper, lower in _EYES:
            lid = np.interp(grid, [upper - 7, upper, lower, lower + 3], [0, 1, 0, 0])
            drop = 0.93 * (lower - upper) * pose.lids
            moved = moved + drop * lid * np.exp(-(((across - middle) / 13) ** 4))
        moved = np.maximum.accumulate(moved, axis=0)
        return np.stack([np.interp(grid[:, 0], row, grid[:, 0]) for row in moved.T]).T


def _relief() -> Array:
    """How far each point of the face lies before the axis, in pixels; 0 around it."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(float)
    away = ((x - _FACE_X) / _HALF_WIDTH) ** 2 + ((y - _FACE_Y) / _HALF_HEIGHT) ** 2
    cheeks = _HEIGHT * np.exp(-(away**1.2) * 0.9)
    nose = _NOSE_HEIGHT * np.exp(-(((x - _NOSE[0]) / 9) ** 2) - ((y - _NOSE[1]) / 14) ** 2)
    height: Array = cheeks + nose
    return height


def _around_head(whole: float, nothing: float) -> Array:
    """1 within the head and its hair, falling to 0 outside of it."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(float)
    away = np.sqrt(((x - 227) / 80) ** 2 + ((y - 105) / 95) ** 2)
    share: Array = np.clip((nothing - away) / (nothing - whole), 0, 1)
    smooth: Array = share * share * (3 - 2 * share)
    return smooth


def _view(pose: Pose) -> tuple[Array, Array]:
    """Where in the portrait each pixel of the picture looks, before the head moves."""
    width, height = SIZE
    scale = _VIEW_WIDTH / width / pose.zoom
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = (x + 0.5 - width / 2) * scale, (y + 0.5 - height / 2) * scale
    roll = np.radians(pose.roll)
    turned_x = x * np.cos(roll) + y * np.sin(roll)
    turned_y = y * np.cos(roll) - x * np.sin(roll)
    return turned_x + _VIEW_X - pose.shift[0], turned_y + _VIEW_Y - pose.shift[1]


def _looked_up(table: Array, x: Array, y: Array) -> Array:
    result: Array = _sampled(table[..., None], x, y)[..., 0]
    return result


def _sampled(picture: Array, x: Array, y: Array) -> Array:
    """Bilinear; what lies outside is the edge."""
    x, y = np.clip(x, 0, _SIDE - 1.001), np.clip(y, 0, _SIDE - 1.001)
    left, top = x.astype(int), y.astype(int)
    right_share, low_share = (x - left)[..., None], (y - top)[..., None]
    upper = picture[top, left] * (1 - right_share) + picture[top, left + 1] * right_share
    lower = picture[top + 1, left] * (1 - right_share) + picture[top + 1, left + 1] * right_share
    result: Array = upper * (1 - low_share) + lower * low_share
    return result
