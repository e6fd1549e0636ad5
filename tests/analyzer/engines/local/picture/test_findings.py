"""From what was seen to score, moments and advice; what cannot be stood for is not scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from analyzer.engines.local.picture import findings
from analyzer.engines.local.picture.findings import head_direction
from analyzer.engines.local.picture.seen import Seen, SeenFace, SeenPicture
from analyzer.model_output.guardrails import forbidden
from analyzer.scoring.rubric import NO_PICTURE

FACE = SeenFace(
    yaw=-3.0,
    pitch=11.0,
    roll=2.0,
    iris=0.02,
    eyes_open=0.35,
    left=0.4,
    top=0.25,
    right=0.6,
    bottom=0.6,
    light=120.0,
    side_light=5.0,
)


def face(**changes: Any) -> SeenFace:
    return FACE.model_copy(update=changes)


def seen(
    faces: Sequence[SeenFace | None],
    *,
    count: int = 1,
    light: float = 110.0,
    still: Callable[[int], bool] = lambda _: False,
    every: float = 0.5,
) -> Seen:
    pictures = tuple(
        SeenPicture(
            at=index * every,
            faces=count if one else 0,
            light=light,
            still=still(index),
            face=one,
        )
        for index, one in enumerate(faces)
    )
    return Seen(pictures=pictures, stage_seconds={}, peak_bytes=None)


def test_a_head_toward_the_camera_all_the_time_is_a_ten_without_a_moment() -> None:
    found = head_direction(seen([FACE] * 40))
    assert found.score.value == 10
    assert found.score.evidence == "Your head was toward the camera in 100% of the pictures."
    assert found.score.at_seconds is None
    assert found.steadiest_at == 0
    assert found.picture is not None
    assert (found.picture.toward_share, found.picture.away, found.picture.advice) == (1, (), ())


@pytest.mark.parametrize(
    "off",
    [
        {"yaw": 15.1},
        {"yaw": -20.0},
        {"pitch": 24.0},
        {"pitch": -2.0},
        {"iris": 0.15},
    ],
    ids=str,
)
def test_each_way_to_be_off_is_away_and_listed_with_its_seconds(off: dict[str, float]) -> None:
    found = head_direction(seen([*[FACE] * 20, *[face(**off)] * 8, *[FACE] * 12]))
    assert found.score.value == 8
    assert found.score.evidence.startswith("Your head was toward the camera in 80% of")
    assert found.score.at_seconds == 10
    assert found.picture is not None
    (away,) = found.picture.away
    assert (away.start, away.end) == (10, 14)
    assert away.value == off.get("yaw", FACE.yaw)


def test_a_camera_that_stands_low_and_glasses_that_shift_the_iris_change_nothing() -> None:
    low = [face(pitch=30.0, iris=-0.2)] * 40
    assert head_direction(seen(low)).score.value == 10


def test_a_blink_is_no_look_away() -> None:
    blinking = [*[FACE] * 35, *[face(iris=0.5, eyes_open=0.05)] * 5]
    assert head_direction(seen(blinking)).score.value == 10


def test_a_camera_at_the_side_is_away_all_the_time() -> None:
    found = head_direction(seen([face(yaw=22.0)] * 40))
    assert found.score.value == 1
    assert found.score.evidence.startswith("Your head was toward the camera in 0%")
    assert found.steadiest_at is None


def test_the_longest_moment_away_is_the_scores_and_single_pictures_are_not_listed() -> None:
    away = face(yaw=30.0)
    found = head_direction(
        seen([*[FACE] * 4, away, *[FACE] * 10, *[away] * 3, *[FACE] * 10, *[away] * 6, *[FACE] * 6])
    )
    assert found.picture is not None
    assert [run.start for run in found.picture.away] == [7.5, 14]
    assert found.score.at_seconds == 14


def test_to_one_side_and_then_to_the_other_are_two_moments() -> None:
    found = head_direction(
        seen([*[FACE] * 20, *[face(yaw=30.0)] * 6, *[face(yaw=-30.0)] * 6, *[FACE] * 8])
    )
    assert found.picture is not None
    assert [(run.start, run.end, run.value) for run in found.picture.away] == [
        (10, 13, 30),
        (13, 16, -30),
    ]


def test_hundred_percent_means_all_and_a_missing_face_is_said() -> None:
    most = [*[FACE] * 299, face(yaw=40.0)]
    assert "in 99% of" in head_direction(seen(most)).score.evidence
    gaps = head_direction(seen([*[FACE] * 36, *[None] * 4]))
    assert gaps.score.evidence.endswith("100% of the pictures that show your face.")
    assert gaps.picture is not None
    assert gaps.picture.face_share == 0.9


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (seen([]), NO_PICTURE),
        (seen([FACE] * 40, count=2), findings.SEVERAL_FACES),
        (seen([None] * 40), findings.NO_FACE),
        (seen([FACE] * 19), findings.FEW_PICTURES),
        (seen([face(roll=85.0)] * 40), findings.ON_ITS_SIDE),
        (seen([FACE] * 40, still=lambda index: index > 15), findings.STANDS_STILL),
        (
            seen([*[FACE] * 31, *[None] * 9]),
            "not assessed: a face in only 77% of the pictures",
        ),
    ],
)
def test_what_cannot_be_stood_for_has_a_reason_and_no_score(made: Seen, reason: str) -> None:
    found = head_direction(made)
    assert (found.score.value, found.score.reason) == (None, reason)
    assert found.picture is None or (found.picture.toward_share, found.picture.away) == (None, ())


def test_two_faces_are_said_and_a_detector_that_errs_once_is_forgiven() -> None:
    pictures = list(seen([FACE] * 40).pictures)
    pictures[7] = pictures[7].model_copy(update={"faces": 2})
    once = head_direction(Seen(pictures=tuple(pictures), stage_seconds={}, peak_bytes=None))
    assert once.score.value == 10
    both = head_direction(seen([FACE] * 40, count=2))
    assert both.picture is not None
    assert both.picture.several_faces
    assert both.picture.advice == (
        "Record alone, and without posters or screens with faces behind you.",
    )


def test_pictures_that_repeat_the_one_before_are_not_counted() -> None:
    found = head_direction(seen([FACE] * 60, still=lambda index: index % 3 == 1))
    assert found.picture is not None
    assert found.picture.pictures == 40


@pytest.mark.parametrize(
    ("changes", "light", "advice"),
    [
        ({"top": 0.4, "bottom": 0.5}, 110, "Your face fills 10% of the picture's height: come"),
        ({"top": 0.1, "bottom": 0.8}, 110, "Your face fills 70% of the picture's height: move"),
        ({"left": 0.0, "right": 0.2}, 110, "Your face is near the picture's left edge"),
        ({"left": 0.8, "right": 1.0}, 110, "Your face is near the picture's right edge"),
        ({"top": 0.0, "bottom": 0.3}, 110, "Your face is near the picture's upper edge"),
        ({"top": 0.7, "bottom": 1.0}, 110, "Your face is near the picture's lower edge"),
        ({"light": 30.0}, 30, "The picture is dark: put a light in front of you."),
        ({"light": 60.0}, 150, "What is behind you is much brighter than your face"),
        ({"light": 245.0}, 150, "The light on your face is so strong"),
        ({"light": 80.0, "side_light": 60.0}, 100, "Nearly all light comes from one side"),
        ({"roll": -88.0}, 100, "The picture lies on its side"),
        ({}, 8, "The picture is nearly black"),
    ],
)
def test_framing_and_light_are_advice(changes: dict[str, float], light: float, advice: str) -> None:
    found = head_direction(seen([face(**changes)] * 40, light=light))
    assert found.picture is not None
    (said,) = found.picture.advice
    assert said.startswith(advice)
    assert said.endswith(".")
    assert not forbidden(said)


@pytest.mark.parametrize("light", [60.0, 90.0])
def test_a_face_that_is_darker_than_the_room_is_no_fault_by_itself(light: float) -> None:
    found = head_direction(seen([face(light=light)] * 40, light=105))
    assert found.picture is not None
    assert found.picture.advice == ()


def test_a_camera_covered_for_a_third_of_the_time_is_no_face_all_the_time() -> None:
    """A black picture repeats itself, so that only its first counts as one that moves."""
    found = head_direction(seen([FACE] * 40 + [None] * 20, still=lambda index: index > 40))
    assert found.score.value is None
    assert found.score.reason == "not assessed: a face in only 66% of the pictures"
    assert found.picture is not None
    assert found.picture.face_share == 0.667
