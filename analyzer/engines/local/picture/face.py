"""Measures one face: 468 points, where the head points, where the iris is in its eye.

Method: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs"
(2019), and Ablavatski et al., "Real-time Pupil Tracking from Monocular Video" (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analyzer.engines.local.picture.detector import Box
from analyzer.engines.local.picture.networks import Network
from analyzer.engines.local.picture.sampling import Array, Image, cut

_MESH_SIZE, _IRIS_SIZE = 192, 64
_AROUND_FACE, _AROUND_EYE = 1.5, 2.3  # what the networks were made for, in sizes of face and eye
_IS_FACE = 0.0  # before the sigmoid: more likely than not
# numbers of points in MediaPipe's mesh; left and right are those of the picture
_LEFT_SIDE, _RIGHT_SIDE = [33, 133, 234], [263, 362, 454]
_FOREHEAD, _CHIN = [10, 151, 9], [152, 175, 199]
_EYES = (((33, 133), False), ((263, 362), True))  # corners, and whether it is looked at mirrored
_LIDS = 16  # the first points of an eye's outline
_MIN_EYE_PIXELS = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A face, in degrees and in widths of an eye."""

    yaw: float  # positive: the nose points to the picture's right
    pitch: float  # positive: down
    roll: float  # positive: clockwise
    iris: float | None  # from the middle of the eye to the picture's right, both eyes' mean
    eyes_open: float | None  # how far the lids are apart


class FaceMeasure:
    """Both networks."""

    def __init__(self) -> None:
        """Load them.

        Raises:
            NetworkError: one cannot be used.
        """
        self._mesh, self._iris = Network("face_mesh"), Network("iris")

    def is_face(self, image: Image, box: Box) -> bool:
        """Whether there is a face in the box, by a second opinion."""
        return self._points(image, box) is not None

    def measure(self, image: Image, box: Box) -> Measured | None:
        """Measure the face in the box; `None` when there is none."""
        points = self._points(image, box)
        if points is None:
            return None
        eyes = [self._eye(image, points[list(corners), :2], flip) for corners, flip in _EYES]
        seen = [eye for eye in eyes if eye is not None]
        iris, lids = (float(value) for value in np.mean(seen, axis=0)) if seen else (None, None)
        return Measured(*head_pose(points), iris=iris, eyes_open=lids)

    def _points(self, image: Image, box: Box) -> Array | None:
        (x0, y0), (x1, y1) = box.points[0], box.points[1]
        side = max(box.right - box.left, box.bottom - box.top) * _AROUND_FACE
        if side < 1:
            return None
        angle = math.atan2(y1 - y0, x1 - x0)
        piece, to_image = cut(image, box.centre, side, angle, _MESH_SIZE)
        outputs = self._mesh(piece / 255)
        sure = float(next(output for output in outputs if output.size == 1).ravel()[0])
        if sure <= _IS_FACE:
            return None
        mesh = next(output for output in outputs if output.size > 1).reshape(-1, 3)
        places = to_image(mesh[:, :2] / _MESH_SIZE)
        return np.concatenate([places, mesh[:, 2:] / _MESH_SIZE * side], axis=1)

    def _eye(self, image: Image, corners: Array, flip: bool) -> tuple[float, float] | None:
        """Where the iris is along the eye, and how far the lids are apart, in widths of the eye."""
        left, right = sorted(corners, key=lambda corner: float(corner[0]))
        axis = right - left
        width = float(np.hypot(*axis))
        if width < _MIN_EYE_PIXELS:
            return None
        middle = (left + right) / 2
        angle = math.atan2(axis[1], axis[0])
        piece, to_image = cut(
            image, (float(middle[0]), float(middle[1])), width * _AROUND_EYE, angle, _IRIS_SIZE
        )
        outputs = self._iris((piece[:, ::-1] if flip else piece) / 255)
        iris = min(outputs, key=lambda output: output.size).reshape(-1, 3)[0, :2] / _IRIS_SIZE
        outline = max(outputs, key=lambda output: output.size).reshape(-1, 3)[:_LIDS, 1]
        if flip:
            iris = np.array([1 - iris[0], iris[1]])
        off = (to_image(iris) - middle) @ axis / width**2
        return float(off), float(np.ptp(outline)) / _IRIS_SIZE * _AROUND_EYE


def head_pose(points: Array) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, from the points of a mesh; signs as in `Measured`.

    The depth of a point falls toward the camera: with the nose to the picture's right the left side
    comes nearer.
    """
    across = points[_RIGHT_SIDE].mean(0) - points[_LEFT_SIDE].mean(0)
    down = points[_CHIN].mean(0) - points[_FOREHEAD].mean(0)
    across = across / np.linalg.norm(across)
    down = down - across * (across @ down)
    down = down / np.linalg.norm(down)
    yaw = math.atan2(across[2], math.hypot(across[0], across[1]))
    pitch = math.atan2(down[2], math.hypot(down[0], down[1]))
    roll = math.atan2(across[1], across[0])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)
