"""Cuts and scales pieces of a picture: bilinear, with an average first where they get smaller."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Image = npt.NDArray[np.uint8]  # height, width, red-green-blue
ToImage = Callable[[Array], Array]
"""Takes points of a piece, 0 to 1 along its sides, to pixels of the picture they were cut from."""


def fitted(image: Image, size: int) -> tuple[Array, float, tuple[int, int]]:
    """Scale an image into the middle of a black square.

    Returns the square, by what the image was scaled, and the pixels left free at its left and top.
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    by = max(1, int(1 / scale))
    ys = (np.arange(rows, dtype=np.float32) + 0.5) * (height / rows) - 0.5
    xs = (np.arange(columns, dtype=np.float32) + 0.5) * (width / columns) - 0.5
    left, top = (size - columns) // 2, (size - rows) // 2
    square = np.zeros((size, size, 3), np.float32)
    square[top : top + rows, left : left + columns] = _sampled(
        image, *np.meshgrid(xs, ys), shrunk_by=by
    )
    return square, scale, (left, top)


def cut(
    image: Image, centre: tuple[float, float], side: float, angle: float, size: int
) -> tuple[Array, ToImage]:
    """Cut a square of `side` pixels that is turned by `angle` radians, and scale it to `size`."""
    along = np.array([math.cos(angle), math.sin(angle)], np.float32) * np.float32(side)
    across = np.array([-along[1], along[0]])
    middle = np.array(centre, np.float32)

    def to_image(points: Array) -> Array:
        off = np.asarray(points) - 0.5
        placed: Array = middle + off[..., :1] * along + off[..., 1:2] * across
        return placed

    steps = (np.arange(size, dtype=np.float32) + 0.5) / size
    where = to_image(np.stack(np.meshgrid(steps, steps), -1))
    by = max(1, int(side / size / 1.5))
    return _sampled(image, where[..., 0] - 0.5, where[..., 1] - 0.5, shrunk_by=by), to_image


def _sampled(image: Image, x: Array, y: Array, *, shrunk_by: int) -> Array:
    """Read an image between its pixels; beyond its edge it is black."""
    source: npt.NDArray[Any] = image
    if shrunk_by > 1:
        rows, columns = image.shape[0] // shrunk_by, image.shape[1] // shrunk_by
        whole = image[: rows * shrunk_by, : columns * shrunk_by]
        source = whole.reshape(rows, shrunk_by, columns, shrunk_by, 3).mean((1, 3), np.float32)
        x, y = (x + 0.5) / shrunk_by - 0.5, (y + 0.5) / shrunk_by - 0.5
    height, width = source.shape[:2]
    inside = (x > -1) & (x < width) & (y > -1) & (y < height)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    x0 = np.minimum(x.astype(np.intp), max(0, width - 2))
    y0 = np.minimum(y.astype(np.intp), max(0, height - 2))
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    a = (x - x0)[..., None].astype(np.float32)
    b = (y - y0)[..., None].astype(np.float32)
    upper = source[y0, x0] * (1 - a) + source[y0, x1] * a
    lower = source[y1, x0] * (1 - a) + source[y1, x1] * a
    read: Array = (upper * (1 - b) + lower * b) * inside[..., None]
    return read
