"""What the child saw, as it tells the parent: a line for each picture it looked at."""

from __future__ import annotations

from pydantic import ConfigDict

from core.assessment import Model, Seconds


class _FromChild(Model):
    """Whoever took the child over may print anything."""

    model_config = ConfigDict(allow_inf_nan=False)


class SeenFace(_FromChild):
    """The main face in a picture. Left and right are those of the picture, as it is looked at."""

    yaw: float  # degrees; positive: the nose points to the picture's right
    pitch: float  # degrees; positive: down
    roll: float  # degrees; positive: clockwise
    iris: float | None  # from the middle of the eye to the picture's right, in widths of an eye
    eyes_open: float | None  # how far the lids are apart, in widths of an eye
    left: float  # its box, as shares of the picture
    top: float
    right: float
    bottom: float
    light: float  # mean brightness, 0 to 255
    side_light: float  # how much brighter its left half in the picture is


class SeenPicture(_FromChild):
    """One picture."""

    at: Seconds
    faces: int  # at most two are told apart from more
    light: float  # mean brightness, 0 to 255
    still: bool  # the same as the one before
    face: SeenFace | None


class Seen(_FromChild):
    """All pictures that could be decoded."""

    pictures: tuple[SeenPicture, ...]
    stage_seconds: dict[str, float]
    peak_bytes: int | None
