"""The networks on known heads, and on clips that show no one person, or not for long."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analyzer.engines.local.picture import findings, frames, networks
from analyzer.engines.local.picture.detector import FaceDetector
from analyzer.engines.local.picture.face import FaceMeasure
from analyzer.engines.local.picture.findings import HeadDirection, head_direction
from analyzer.engines.local.picture.looking import Looking, look_at
from analyzer.engines.local.picture.networks import SHA256, Network, NetworkError
from analyzer.engines.local.picture.seen import Seen
from analyzer.media.clip_limits import MAX_PIXELS
from analyzer.media.probe import Unreadable
from analyzer.media.sandbox import run_child
from demo import SAMPLE_CLIP
from tests.analyzer.engines.local.picture.portraits import (
    Image,
    drawing,
    on_grey,
    portrait,
    scaled,
    turned,
    write_clip,
)
from tests.analyzer.media.bad_clips import make_clip, tone, turn_quarter

GREY = np.full((180, 240, 3), 120, np.uint8)
BLACK = np.zeros((180, 240, 3), np.uint8)


@pytest.fixture(scope="module")
def looking() -> Looking:
    return Looking()


def measured(looking: Looking, image: Image) -> dict[str, Any]:
    found: dict[str, Any] | None = looking.look(0, image)["face"]
    assert found is not None
    return found


def seen(clip: Path) -> Seen:
    return Seen(**look_at(clip, max_pixels=MAX_PIXELS, max_seconds=60), peak_bytes=None)


def looked(clip: Path) -> HeadDirection:
    return head_direction(seen(clip))


def test_the_portrait_is_toward_the_camera_and_its_mirror_is_too(looking: Looking) -> None:
    face = measured(looking, portrait())
    mirrored = measured(looking, portrait()[:, ::-1])
    assert abs(face["yaw"]) < 4
    assert mirrored["yaw"] == pytest.approx(-face["yaw"], abs=3)
    assert mirrored["iris"] == pytest.approx(-face["iris"], abs=0.05)
    assert mirrored["side_light"] == pytest.approx(-face["side_light"], abs=6)
    assert face["left"] == pytest.approx(1 - mirrored["right"], abs=0.03)


@pytest.mark.parametrize("degrees", [-38, 38])
def test_a_head_that_turns_is_measured_to_its_side(looking: Looking, degrees: int) -> None:
    yaw = measured(looking, turned(right=degrees))["yaw"]
    assert 15 < yaw * np.sign(degrees) < 30


@pytest.mark.parametrize("degrees", [-30, 30])
def test_a_head_that_tilts_is_measured_up_or_down(looking: Looking, degrees: int) -> None:
    tilt = measured(looking, turned(down=degrees))["pitch"] - measured(looking, portrait())["pitch"]
    assert 15 < tilt * np.sign(degrees) < 40


@pytest.mark.parametrize(
    "edited",
    [
        lambda image: (image * 0.3).astype(np.uint8),
        lambda image: np.minimum(image * 1.5, 255).astype(np.uint8),
        lambda image: image.mean(-1, keepdims=True).repeat(3, -1).astype(np.uint8),
        lambda image: scaled(scaled(image, 240, 180), 480, 360),
        lambda image: on_grey(scaled(image, 160, 120), (160, 60)),
        lambda image: on_grey(scaled(image, 120, 90), (300, 60)),  # for the second detector
        lambda image: scaled(image, 64, 48),
        lambda image: np.clip(
            image + np.random.default_rng(1).normal(0, 12, image.shape), 0, 255
        ).astype(np.uint8),
    ],
    ids=["dark", "bright", "grey", "soft", "small", "smaller", "tiny picture", "noise"],
)
def test_light_and_size_do_not_turn_a_head(looking: Looking, edited: Any) -> None:
    face = measured(looking, edited(portrait()))
    assert abs(face["yaw"]) < 8
    assert face["pitch"] == pytest.approx(12, abs=7)


def test_the_moments_away_come_back_with_their_seconds(tmp_path: Path) -> None:
    front, down, left = portrait(), turned(down=30), turned(right=-38)
    clip = write_clip(tmp_path / "a.mp4", [front, front, down, front, left, front], seconds=24)
    found = looked(clip)
    assert found.picture is not None
    assert found.picture.pictures == 48
    assert found.picture.toward_share == pytest.approx(2 / 3, abs=0.05)
    first, second = found.picture.away
    seconds = [first.start, first.end, second.start, second.end]
    assert seconds == pytest.approx([8, 12, 16, 20], abs=0.6)
    assert abs(first.value) < 8
    assert second.value < -15
    assert found.score.value == 7


def test_a_nose_that_points_to_the_pictures_right_is_to_the_right_of_the_face(
    looking: Looking,
) -> None:
    image = turned(right=38)
    detector, mesh = FaceDetector(), FaceMeasure()
    points = mesh._points(image, detector(image)[0])
    assert points is not None
    left_ear, nose, right_ear = points[[234, 1, 454], 0]
    assert (nose - left_ear) / (right_ear - left_ear) > 0.7
    assert measured(looking, image)["yaw"] > 15


def test_the_demos_clip_turns_to_the_pictures_left_and_then_to_its_right() -> None:
    found = looked(SAMPLE_CLIP).picture
    assert found is not None
    left, right = found.away
    seconds = [left.start, left.end, right.start, right.end]
    assert seconds == pytest.approx([11.2, 13.0, 22.6, 24.4], abs=0.5)
    assert left.value < -15
    assert right.value > 15


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (GREY, findings.NO_FACE),
        (BLACK, findings.NO_FACE),
        (np.concatenate([scaled(portrait(), 240, 180)] * 2, 1), findings.SEVERAL_FACES),
        (
            np.tile(scaled(portrait(), 240, 180), (2, 5, 1)),  # ten, as on a poster
            findings.SEVERAL_FACES,
        ),
        (np.ascontiguousarray(np.rot90(portrait())), findings.ON_ITS_SIDE),
    ],
    ids=["no face", "black", "two faces", "ten faces", "on its side"],
)
def test_where_no_one_person_is_seen_nothing_is_scored(
    tmp_path: Path, image: Image, reason: str
) -> None:
    found = looked(write_clip(tmp_path / "a.mp4", [image]))
    assert found.score.reason == reason
    assert found.picture is not None
    assert found.picture.several_faces is (reason == findings.SEVERAL_FACES)
    assert found.picture.advice


def test_a_drawing_is_no_speaker(tmp_path: Path) -> None:
    assert looked(write_clip(tmp_path / "a.mp4", [drawing()])).score.value is None


@pytest.mark.parametrize(
    ("codec", "name"), [("libx264", "a.mp4"), ("libvpx", "a.webm"), ("mpeg4", "b.mp4")]
)
def test_one_still_picture_is_not_a_person_in_front_of_a_camera(
    tmp_path: Path, codec: str, name: str
) -> None:
    clip = write_clip(tmp_path / name, [portrait()], codec=codec, alive=False)
    found = looked(clip)
    assert found.score.reason == findings.STANDS_STILL


def test_a_second_of_video_and_a_single_picture_are_too_few(tmp_path: Path) -> None:
    for at in ([0.0, 0.5], [0.0]):
        found = looked(write_clip(tmp_path / "a.mp4", [portrait()], at=at))
        assert found.score.reason == findings.FEW_PICTURES


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv422p", "gray", "yuv420p10le"])
def test_every_kind_of_pixels_is_read(tmp_path: Path, pixels: str) -> None:
    found = seen(write_clip(tmp_path / "a.mp4", [portrait()], seconds=2, pixels=pixels))
    (first, *_) = found.pictures
    assert first.face is not None
    assert abs(first.face.yaw) < 6


def test_a_picture_that_the_file_turns_is_looked_at_upright(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(np.rot90(portrait()))
    clip = turn_quarter(write_clip(tmp_path / "a.mp4", [lying], seconds=2))
    (first, *_) = seen(clip).pictures
    assert first.face is not None
    assert abs(first.face.roll) < 10
    assert first.face.bottom < 0.7


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    squeezed = scaled(portrait(), 240, 360)
    clip = write_clip(tmp_path / "a.mp4", [squeezed], seconds=1, pixel_shape=Fraction(2))
    pictures = frames.pictures(clip, max_pixels=MAX_PIXELS, max_seconds=9)
    assert next(pictures)[1].shape == (360, 480, 3)


def test_two_pictures_a_second_are_taken_whatever_the_rate(tmp_path: Path) -> None:
    uneven = [0.0, 0.07, 0.31, 0.52, 0.9, 1.02, 1.05, 3.4, 3.41, 3.9, 4.0]
    for at, expected in (
        ([index / 25 for index in range(100)], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]),
        (uneven, [0, 0.52, 1.02, 3.4, 3.9, 4.0]),
    ):
        clip = write_clip(tmp_path / "a.mkv", [GREY], at=at, options={"bf": "0"})
        found = [time for time, _ in frames.pictures(clip, max_pixels=MAX_PIXELS, max_seconds=9)]
        assert found == pytest.approx(expected, abs=0.045)


def test_seconds_are_those_of_the_clip_and_not_of_its_time_stamps(tmp_path: Path) -> None:
    late = [100 + index / 2 for index in range(8)]
    clip = write_clip(tmp_path / "a.webm", [GREY], at=late, codec="libvpx")
    times = [time for time, _ in frames.pictures(clip, max_pixels=MAX_PIXELS, max_seconds=9)]
    assert times == pytest.approx([index / 2 for index in range(8)], abs=0.01)


def test_pictures_after_the_end_that_the_file_admits_are_left_out(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [GREY], seconds=10)
    times = [time for time, _ in frames.pictures(clip, max_pixels=MAX_PIXELS, max_seconds=3)]
    assert max(times) <= 3


def test_damaged_pictures_and_a_lost_first_one_are_left_out(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.webm", [portrait()], seconds=16, codec="libvpx", gop=8)
    broken = tmp_path / "b.webm"
    with av.open(str(whole)) as source, av.open(str(broken), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for index, packet in enumerate(source.demux(video=0)):
            if packet.dts is None or index == 0:
                continue
            if index == 10:
                damaged = av.Packet(b"\xff" * 50)
                damaged.pts, damaged.dts, damaged.time_base = (
                    packet.pts,
                    packet.dts,
                    packet.time_base,
                )
                packet = damaged
            packet.stream = stream
            target.mux(packet)
    found = seen(broken).pictures
    assert 16 <= len(found) <= 28
    assert all(picture.face is not None for picture in found[-8:])


def test_a_heavy_clip_is_seen_by_its_key_pictures_where_there_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_MANY_PIXELS", 160 * 120 * 20)
    taken = []
    for gop in (25, 250):
        clip = write_clip(
            tmp_path / f"{gop}.mp4", [scaled(portrait(), 160, 120)], seconds=26, fps=25, gop=gop
        )
        times = [at for at, _ in frames.pictures(clip, max_pixels=MAX_PIXELS, max_seconds=60)]
        taken.append(len(times))
        assert max(times) > 24
    assert taken[0] == pytest.approx(26, abs=2)  # one a second
    assert taken[1] == pytest.approx(52, abs=2)


@pytest.mark.parametrize(
    ("seconds", "enough"),
    [
        ([float(index) for index in range(30)], True),
        ([float(index) for index in range(20)], False),
        ([index * 2.0 for index in range(30)], False),
        ([], False),
    ],
)
def test_key_pictures_are_enough_when_there_are_many_and_no_gap(
    seconds: list[float], enough: bool
) -> None:
    assert frames.enough_keys(seconds) is enough


async def test_4k_at_60_pictures_a_second_stays_within_the_childs_limits(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    image = av.VideoFrame.from_ndarray(portrait(), format="rgb24")
    large = image.reformat(width=3840, height=2160, format="yuv420p")
    with av.open(str(clip), "w") as container:
        stream: Any = container.add_stream("libx264", rate=60, options={"preset": "ultrafast"})
        stream.width, stream.height = 3840, 2160
        for index in range(60):
            large.pts, large.time_base = index, Fraction(1, 60)
            container.mux(stream.encode(large))
        container.mux(stream.encode(None))
    output = await run_child(
        "analyzer.engines.local.picture.child",
        ["look", str(clip), str(MAX_PIXELS), "3"],
        memory_bytes=1_500_000_000,
        cpu_seconds=60,
        wall_seconds=120,
        reads=[clip],
    )
    found = Seen.model_validate(json.loads(output)["seen"])
    assert [picture.at for picture in found.pictures] == pytest.approx([0, 0.5], abs=0.02)
    assert found.pictures[0].face is not None
    assert found.peak_bytes is None or found.peak_bytes < 600_000_000


def test_a_file_of_sound_alone_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        seen(make_clip(tmp_path / "a.mp4", size=None, sound=tone(2)))


@pytest.mark.parametrize("name", SHA256)
def test_a_network_that_is_changed_or_missing_is_not_loaded(tmp_path: Path, name: str) -> None:
    with pytest.raises(NetworkError, match="model_missing"):
        Network(name, tmp_path)
    copy = shutil.copy(networks.FOLDER / f"{name}.onnx", tmp_path)
    Network(name, tmp_path)
    with Path(copy).open("ab") as file:
        file.write(b" ")
    with pytest.raises(NetworkError, match="model_changed"):
        Network(name, tmp_path)


def test_the_networks_origin_and_licence_lie_beside_them() -> None:
    words = (networks.FOLDER / "README.md").read_text()
    for name, checksum in SHA256.items():
        assert f"| `{name}.onnx` |" in words
        assert checksum in words
    assert "Apache License" in (networks.FOLDER / "LICENSE").read_text()
