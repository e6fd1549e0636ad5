"""Makes pictures and clips of faces out of one portrait, and knows how each head is turned.

The portrait is NASA's of Eileen Collins, in the public domain; she has nothing to do with any of
this. `turned` moves its pixels as the points of the face would move if the head turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from analyzer.engines.local.picture.detector import FaceDetector
from analyzer.engines.local.picture.face import FaceMeasure

Image = npt.NDArray[np.uint8]

_FILE = Path(__file__).with_name("portrait.jpg")


@cache
def portrait() -> Image:
    """480 x 360, the face toward the camera."""
    with av.open(str(_FILE)) as file:
        return np.asarray(next(file.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)


@cache
def turned(*, right: float = 0, down: float = 0) -> Image:
    """The portrait with its head turned to the picture's right, or tilted down, in degrees."""
    image = portrait()
    points = FaceMeasure()._points(image, FaceDetector()(image)[0])
    assert points is not None
    middle = points.mean(0)
    x, y, depth = (points - middle).T
    a, b = np.radians(right), np.radians(down)
    moved = np.stack([x * np.cos(a) - depth * np.sin(a), y * np.cos(b) - depth * np.sin(b)], axis=1)
    moved += middle[:2]
    height, width = image.shape[:2]
    size = float(np.ptp(points[:, 0]))
    grid = np.stack(np.meshgrid(np.arange(0, width, 3), np.arange(0, height, 3)), -1)
    apart = ((grid[:, :, None] - moved.astype(np.float32)) ** 2).sum(-1)
    near = np.exp(-apart / (2 * (0.03 * size) ** 2))
    fade = np.exp(-apart.min(-1) / (2 * (0.35 * size) ** 2))
    off = near @ (points[:, :2] - moved) / (near.sum(-1, keepdims=True) + 1e-9) * fade[..., None]
    off = off.repeat(3, 0).repeat(3, 1)[:height, :width]
    rows, columns = np.mgrid[0:height, 0:width]
    made: Image = image[
        np.clip(np.rint(rows + off[..., 1]), 0, height - 1).astype(int),
        np.clip(np.rint(columns + off[..., 0]), 0, width - 1).astype(int),
    ]
    return made


def scaled(image: Image, width: int, height: int) -> Image:
    """An image in another size."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    small = frame.reformat(width=width, height=height, interpolation="AREA")
    return np.asarray(small.to_ndarray(), np.uint8)


def on_grey(image: Image, at: tuple[int, int], size: tuple[int, int] = (480, 360)) -> Image:
    """An image put on a grey one, its left upper corner at (x, y)."""
    ground = np.full((size[1], size[0], 3), 120, np.uint8)
    x, y = at
    piece = image[: size[1] - y, : size[0] - x]
    ground[y : y + piece.shape[0], x : x + piece.shape[1]] = piece
    return ground


def drawing() -> Image:
    """A face as a child draws it: circles and a line."""
    image = np.full((360, 480, 3), 255, np.uint8)
    y, x = np.mgrid[0:360, 0:480]
    for middle_x, middle_y, radius, colour in (
        (240, 180, 120, (255, 220, 60)),
        (200, 150, 14, (20, 20, 20)),
        (280, 150, 14, (20, 20, 20)),
    ):
        image[(x - middle_x) ** 2 + (y - middle_y) ** 2 < radius**2] = colour
    mouth = np.hypot(x - 240, y - 190)
    image[(abs(mouth - 60) < 5) & (y > 215)] = (160, 30, 30)
    return image


def write_clip(
    path: Path,
    images: Sequence[Image],
    *,
    seconds: float = 12,
    fps: int = 2,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    alive: bool = True,
    gop: int = 12,
    options: dict[str, str] | None = None,
    at: Sequence[float] | None = None,
    pixel_shape: Fraction = Fraction(1),
) -> Path:
    """Write a clip that shows the images one after the other, each for the same time.

    `alive` shifts and shades each picture a little, as a camera and a person do. `at` gives each
    picture its second, instead of `seconds` and `fps`. `pixel_shape` is a pixel's width by height.
    """
    times = at or [index / fps for index in range(int(seconds * fps))]
    noise = np.random.default_rng(1)
    height, width = images[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.gop_size = gop
        stream.codec_context.sample_aspect_ratio = pixel_shape
        for index, second in enumerate(times):
            image = images[index * len(images) // len(times)]
            if alive:
                moved = np.roll(image, (index % 3, index % 2), (0, 1)).astype(np.int16)
                image = np.clip(moved + noise.integers(-6, 7, (height, width, 1)), 0, 255)
            picture = np.ascontiguousarray(image, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = round(second * 1000), Fraction(1, 1000)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path
