"""From what was seen to the score for head direction and advice on framing and light.

Nothing is ever said about gaze, hands, posture, emotion or looks: none of it can be stood for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median

from analyzer.engines.local.picture.seen import Seen, SeenFace, SeenPicture
from analyzer.scoring import bands
from analyzer.scoring.rubric import NO_PICTURE
from analyzer.scoring.wording import percent
from core.assessment import Picture, Score, Stretch

NOT_LOOKED_AT = "not assessed: the picture could not be looked at"
FEW_PICTURES = f"not assessed: fewer than {bands.MIN_PICTURES} pictures, or 10 seconds, to look at"
STANDS_STILL = "not assessed: the picture stands still"
NO_FACE = "not assessed: no face was found"
ON_ITS_SIDE = "not assessed: the picture lies on its side"
SEVERAL_FACES = "not assessed: more than one face in the picture"

HEAD_ONLY = (
    "Head direction can't tell where you looked: a second screen and a camera at the side look the"
    " same."
)
"""What a result with this score has to say about it."""

_TURNED_DEGREES = 15.0  # a turned head reads as about two thirds of its true angle
_TILTED_DEGREES = 12.0
_LYING_DEGREES = 45.0
_IRIS_WIDTHS = 0.12
_EYES_OPEN = 0.15  # a blink moves the iris too
_PICTURE_SECONDS = 0.5
_GAP_SECONDS = 1.7  # between pictures that still follow each other
_MOST_STRETCHES = 20
_SECOND_FACE_SHARE = 0.1  # a detector is wrong now and then
_STILL_SHARE = 0.5

_NEAREST_HEIGHT, _FARTHEST_HEIGHT = 0.6, 0.2  # of the face, as a share of the picture's
_LEFT_EDGE, _RIGHT_EDGE, _UPPER_EDGE, _LOWER_EDGE = 0.3, 0.7, 0.22, 0.68
_BLACK, _DARK, _GLARING = 16.0, 40.0, 235.0  # brightness, 0 to 255
_BACKLIGHT, _BRIGHT_BEHIND = 0.5, 110.0
_UNEVEN = 0.6


@dataclass(frozen=True, slots=True)
class HeadDirection:
    """What the pictures say: the score, the measurement, and when the head stayed longest."""

    score: Score
    picture: Picture | None
    steadiest_at: float | None = None


def head_direction(seen: Seen) -> HeadDirection:
    """Measure how much of the time the head was toward the camera, if that can be stood for.

    A head is toward the camera when it is turned by less than 15 degrees as measured, and neither
    its tilt nor the iris is off the clip's own median; so neither the height of the camera nor
    glasses shift it. Pictures that repeat the one before count for the face's share alone.
    """
    moving = [picture for picture in seen.pictures if not picture.still]
    if not moving:
        return HeadDirection(Score(reason=NO_PICTURE), None)
    faces = [(one.at, one.face) for one in moving if one.face is not None]
    several = _share(moving, lambda one: one.faces > 1) > _SECOND_FACE_SHARE
    # also of those that repeat: a camera that is covered, or off, makes the same picture again
    share = _share(seen.pictures, lambda one: one.face is not None)
    picture = Picture(
        pictures=len(moving),
        face_share=round(share, 3),
        several_faces=several,
        advice=tuple(_advice(moving, several=several)),
    )
    if reason := _why_not(seen, moving, share, several=several):
        return HeadDirection(Score(reason=reason), picture)
    toward = _toward([face for _, face in faces])
    runs = list(_runs([at for at, _ in faces], [face for _, face in faces], toward))
    away = sorted((run for held, run in runs if not held), key=_length, reverse=True)
    long = [run for run in away if _length(run) > _PICTURE_SECONDS] or away
    toward_share = sum(toward) / len(toward)
    return HeadDirection(
        Score(
            value=bands.rounded(bands.head_score(toward_share)),
            evidence=_evidence(toward_share, share),
            at_seconds=long[0].start if long else None,
        ),
        picture.model_copy(
            update={
                "toward_share": round(toward_share, 3),
                "away": tuple(sorted(long[:_MOST_STRETCHES], key=lambda run: run.start)),
            }
        ),
        steadiest_at=max((run for held, run in runs if held), key=_length).start
        if any(toward)
        else None,
    )


def _why_not(
    seen: Seen, moving: Sequence[SeenPicture], face_share: float, *, several: bool
) -> str | None:
    if face_share == 0:
        return NO_FACE
    if several:
        return SEVERAL_FACES
    if _share(seen.pictures, lambda one: one.still) > _STILL_SHARE:
        return STANDS_STILL
    if _lies([one.face for one in moving if one.face is not None]):
        return ON_ITS_SIDE
    if len(moving) < bands.MIN_PICTURES:
        return FEW_PICTURES
    if face_share < bands.MIN_FACE_SHARE:
        return f"not assessed: a face in only {percent(face_share)} of the pictures"
    return None


def _lies(faces: Sequence[SeenFace]) -> bool:
    """A detector finds such a face too, but its points are wrong."""
    return abs(_median(face.roll for face in faces)) > _LYING_DEGREES


def _toward(faces: Sequence[SeenFace]) -> list[bool]:
    pitch = median(face.pitch for face in faces)
    known = [iris for face in faces if (iris := _iris(face)) is not None]
    middle = median(known) if known else 0.0

    def toward(face: SeenFace) -> bool:
        iris = _iris(face)
        return (
            abs(face.yaw) < _TURNED_DEGREES
            and abs(face.pitch - pitch) <= _TILTED_DEGREES
            and (iris is None or abs(iris - middle) <= _IRIS_WIDTHS)
        )

    return [toward(face) for face in faces]


def _iris(face: SeenFace) -> float | None:
    return face.iris if face.eyes_open is not None and face.eyes_open >= _EYES_OPEN else None


def _runs(
    times: Sequence[float], faces: Sequence[SeenFace], toward: Sequence[bool]
) -> Iterator[tuple[bool, Stretch]]:
    """Pictures in a row with the head toward the camera, or away from it; the value is the yaw.

    Degrees, negative toward the picture's left. From one side to the other is two runs.
    """
    part = side = 0
    run_of = []
    for index, (at, face) in enumerate(zip(times, faces, strict=True)):
        turned = (face.yaw >= _TURNED_DEGREES) - (face.yaw <= -_TURNED_DEGREES)
        part += bool(index and at - times[index - 1] > _GAP_SECONDS) + (turned * side < 0)
        side = turned or side
        run_of.append((part, toward[index]))
    for (_, held), group in groupby(range(len(times)), key=lambda index: run_of[index]):
        run = list(group)
        yield (
            held,
            Stretch(
                start=times[run[0]],
                end=round(times[run[-1]] + _PICTURE_SECONDS, 3),
                value=round(fmean(faces[index].yaw for index in run), 1),
            ),
        )


def _length(run: Stretch) -> float:
    return run.end - run.start


def _evidence(toward_share: float, face_share: float) -> str:
    of = "the pictures" if face_share == 1 else "the pictures that show your face"
    return f"Your head was toward the camera in {percent(toward_share)} of {of}."


def _advice(moving: Sequence[SeenPicture], *, several: bool) -> Iterator[str]:
    """What to change about framing and light: technique, never the person."""
    faces = [picture.face for picture in moving if picture.face is not None]
    behind = _median(picture.light for picture in moving)
    if behind < _BLACK:
        yield "The picture is nearly black: uncover the camera, or switch on a light."
        return
    if several:
        yield "Record alone, and without posters or screens with faces behind you."
        return
    if _lies(faces):
        yield "The picture lies on its side: turn the phone or the camera upright."
        return
    if not faces:
        yield "No face was found: sit so that your whole face is in the picture, in good light."
    elif len(faces) / len(moving) < bands.MIN_FACE_SHARE:
        yield "Your face was not found in every picture: sit so that all of it stays in the frame."
    if faces:
        yield from _framing(faces)
        yield from _lighting(faces, behind)


def _framing(faces: Sequence[SeenFace]) -> Iterator[str]:
    height = _median(face.bottom - face.top for face in faces)
    x = _median((face.left + face.right) / 2 for face in faces)
    y = _median((face.top + face.bottom) / 2 for face in faces)
    if height < _FARTHEST_HEIGHT:
        yield f"Your face fills {percent(height)} of the picture's height: come nearer."
    elif height > _NEAREST_HEIGHT:
        yield f"Your face fills {percent(height)} of the picture's height: move back a little."
    if not _LEFT_EDGE <= x <= _RIGHT_EDGE:
        side = "left" if x < _LEFT_EDGE else "right"
        yield f"Your face is near the picture's {side} edge: move toward the middle."
    if y < _UPPER_EDGE:
        yield "Your face is near the picture's upper edge: tilt the camera up a little."
    elif y > _LOWER_EDGE:
        yield "Your face is near the picture's lower edge: tilt the camera down a little."


def _lighting(faces: Sequence[SeenFace], behind: float) -> Iterator[str]:
    """Compared with the rest of the picture, so that a darker skin is no darker light."""
    light = _median(face.light for face in faces)
    uneven = _median(face.side_light for face in faces)
    if behind < _DARK and light < _DARK:
        yield "The picture is dark: put a light in front of you."
    elif behind > _BRIGHT_BEHIND and light < _BACKLIGHT * behind:
        yield (
            "What is behind you is much brighter than your face: turn so that a window or a lamp is"
            " in front of you."
        )
    elif light > _GLARING:
        yield "The light on your face is so strong that the picture is white there: move it away."
    if abs(uneven) > _UNEVEN * max(light, 1.0):
        yield "Nearly all light comes from one side: turn toward it, or put one on the other side."


def _median(values: Iterable[float]) -> float:
    return median(list(values) or [0.0])


def _share(pictures: Sequence[SeenPicture], holds: Callable[[SeenPicture], bool]) -> float:
    return sum(map(holds, pictures)) / len(pictures)
