"""Looks at the pictures of a clip. Runs in the child only."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.engines.local.picture.detector import Box, FaceDetector
from analyzer.engines.local.picture.face import FaceMeasure
from analyzer.engines.local.picture.frames import pictures
from analyzer.engines.local.picture.sampling import Array, Image

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709
_BLOCK = 16  # pixels along each side: in their mean neither noise nor coding counts
_STILL = 1.25
"""Where no block of two pictures differs by more, 0 to 255, nothing has moved. Codecs make up to
1.2 of it out of a photo; a blink makes more. Greenroom's own limit."""


class Looking:
    """Measures pictures one after the other."""

    def __init__(self) -> None:
        """Load the networks.

        Raises:
            NetworkError: one cannot be used.
        """
        self._detect, self._measure = FaceDetector(), FaceMeasure()
        self._before: Array | None = None
        self._found: dict[str, Any] = {}

    def look(self, at: float, image: Image) -> dict[str, Any]:
        """Measure one picture: the fields of `SeenPicture`."""
        if self._is_still(image):
            return self._found | {"at": round(at, 3), "still": True}
        self._found = self._measured(image) | {"at": round(at, 3), "still": False}
        return self._found

    def _measured(self, image: Image) -> dict[str, Any]:
        boxes = sorted(self._detect(image), key=lambda box: -box.score * (box.right - box.left))
        face = self._face(image, boxes[0]) if boxes else None
        others = (box for box in boxes[1:] if not boxes[0].holds(box.centre))
        second = face is not None and any(self._measure.is_face(image, box) for box in others)
        return {
            "faces": (face is not None) + second,
            "light": round(_light(image), 1),
            "face": face,
        }

    def _face(self, image: Image, box: Box) -> dict[str, float | None] | None:
        found = self._measure.measure(image, box)
        if found is None:
            return None
        height, width = image.shape[:2]
        left, right = (int(np.clip(x, 0, width)) for x in (box.left, box.right))
        top, bottom = (int(np.clip(y, 0, height)) for y in (box.top, box.bottom))
        middle = (left + right) // 2
        halves = image[top:bottom, left:middle], image[top:bottom, middle:right]
        if not all(half.size for half in halves):
            return None
        light = [_light(half) for half in halves]
        return {
            "yaw": round(found.yaw, 1),
            "pitch": round(found.pitch, 1),
            "roll": round(found.roll, 1),
            "iris": None if found.iris is None else round(found.iris, 3),
            "eyes_open": None if found.eyes_open is None else round(found.eyes_open, 3),
            "left": round(box.left / width, 3),
            "top": round(box.top / height, 3),
            "right": round(box.right / width, 3),
            "bottom": round(box.bottom / height, 3),
            "light": round(sum(light) / 2, 1),
            "side_light": round(light[0] - light[1], 1),
        }

    def _is_still(self, image: Image) -> bool:
        before, now = self._before, _blocks(image)
        self._before = now
        if before is None or before.shape != now.shape:
            return False
        return float(np.abs(now - before).max()) < _STILL


def look_at(clip: Path, *, max_pixels: int, max_seconds: float) -> dict[str, Any]:
    """Look at a clip and return what the parent's `Seen` describes, but for the memory.

    Raises:
        NetworkError: a network cannot be used.
        Unreadable, av.error.FFmpegError, ValueError: there is nothing to see in the file.
    """
    begun = time.perf_counter()
    looking = Looking()
    loaded = time.perf_counter()
    spent = 0.0
    found = []
    for at, image in pictures(clip, max_pixels=max_pixels, max_seconds=max_seconds):
        since = time.perf_counter()
        found.append(looking.look(at, image))
        spent += time.perf_counter() - since
    rest = time.perf_counter() - loaded - spent
    return {
        "pictures": found,
        "stage_seconds": {
            "load": round(loaded - begun, 3),
            "decode": round(rest, 3),
            "look": round(spent, 3),
        },
    }


def _blocks(image: Image) -> Array:
    """The mean brightness of each block; one that is cut off at the edge is left out."""
    rows, columns = (max(1, side // _BLOCK) for side in image.shape[:2])
    whole = image[: rows * _BLOCK, : columns * _BLOCK]
    if whole.shape[:2] != (rows * _BLOCK, columns * _BLOCK):  # smaller than a block
        return np.asarray(whole, np.float32)
    mean: Array = whole.reshape(rows, _BLOCK, columns, _BLOCK * 3).mean((1, 3), np.float32)
    return mean


def _light(image: Image) -> float:
    return float((image[::2, ::2] @ _LUMA).mean())
