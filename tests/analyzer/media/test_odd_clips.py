"""Clips as recorders leave them: trimmed, broken off, without first pictures, sound alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analyzer.engines.local.sound import read_sound
from analyzer.media.boxes import stated_seconds
from analyzer.media.placeholder import behind_picture
from analyzer.media.preflight import SOUND_UNREADABLE, probe_clip
from analyzer.media.probe import FORMATS, Unreadable, open_clip, packets, probe, video_stream
from analyzer.media.remux import remux
from core.errors import ClipRefused, EngineRefused
from core.models import ClipFacts
from tests.analyzer.media.bad_clips import make_clip, silence, tone
from tests.analyzer.media.odd_clips import Part, Track, rename_codec, trim, without_pictures, write
from tests.analyzer.media.test_remux import fly

MAX_PIXELS = 5184 * 2160
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
VOICE = Track([Part(tone(6)[None])])
SOUND_FILES = {
    "m4a": "aac",
    "mp3": "libmp3lame",
    "ogg": "libopus",
    "oga": "libvorbis",
    "wav": "pcm_s16le",
    "flac": "flac",
    "webm": "libopus",
    "mka": "libopus",
    "mp4": "aac",
}


def facts_of(clip: Path) -> ClipFacts:
    return ClipFacts.model_validate(probe(clip, MAX_PIXELS))


def sound_file(folder: Path, ending: str, codec: str) -> Path:
    kind = {"oga": "ogg", "m4a": "mp4", "mka": "mkv"}.get(ending, ending)
    made = write(folder / f"a.{kind}", [Track([Part(tone(6)[None])], codec)])
    return made.rename(folder / f"a.{ending}")


def pictures(clip: Path) -> list[float]:
    """When each picture is shown that can be decoded."""
    times: list[float] = []
    with open_clip(clip) as container:
        for packet in packets(container, [video_stream(container)]):
            try:
                frames: Any = packet.decode()
                times += [frame.time for frame in frames]
            except av.error.InvalidDataError:
                continue
    return times


def cut(clip: Path, at: int, name: str) -> Path:
    target = clip.with_name(name)
    target.write_bytes(clip.read_bytes()[:at])
    return target


def share_of(clip: Path, share: float) -> int:
    return int(clip.stat().st_size * share)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 of six seconds whose index says so."""
    return write(tmp_path_factory.mktemp("whole") / "a.mp4", [VOICE], seconds=6)


@pytest.fixture(scope="module")
def fragmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(
        tmp_path_factory.mktemp("fragmented") / "a.mp4", [VOICE], seconds=6, options=FRAGMENTS
    )


async def test_a_trimmed_clip_is_left_as_it_is(whole: Path, tmp_path: Path) -> None:
    clip = trim(Path(shutil.copy(whole, tmp_path / "a.mp4")), start=1.3, end=5.6)
    before = clip.read_bytes()
    facts = await fly(clip, tmp_path / "target.clip")
    assert facts.duration_seconds == pytest.approx(4.3, abs=0.1)
    assert facts.has_duration
    assert (tmp_path / "target.clip").read_bytes() == before


def test_mending_brings_nothing_back_that_was_cut_off(whole: Path, tmp_path: Path) -> None:
    for start, end in ((1.3, 6.0), (0.0, 4.4), (1.3, 4.4)):
        clip = trim(Path(shutil.copy(whole, tmp_path / "a.mp4")), start=start, end=end)
        remux(clip, tmp_path / "mended.mp4")
        found = facts_of(tmp_path / "mended.mp4")
        # up to three pictures that others are decoded from stay behind the end, but no sound does
        assert found.duration_seconds == pytest.approx(end - start, abs=0.65)
        heard = read_sound(tmp_path / "mended.mp4", max_seconds=10)
        assert len(heard) / 16_000 == pytest.approx(end - start, abs=0.1)
        shown = pictures(tmp_path / "mended.mp4")
        assert min(shown) == pytest.approx(0, abs=0.25)
        assert len(shown) == pytest.approx((end - start) * 5, abs=4)


def test_sound_that_a_packet_says_is_not_to_be_heard_is_not_counted(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mkv", [Track([Part(tone(8)[None])], "libopus")])
    shortened = tmp_path / "b.mkv"
    with av.open(str(clip)) as source:
        noted = [p for p in source.demux() if p.size and p.has_sidedata("skip_samples")]
        note = noted[-1].get_sidedata("skip_samples")
    note.update((0).to_bytes(4, "little") + (960).to_bytes(4, "little") + bytes(2))
    with av.open(str(clip)) as source, av.open(str(shortened), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux():
            if packet.size:
                if float((packet.pts or 0) * packet.time_base) >= 5:
                    packet.set_sidedata(note)
                packet.stream = stream
                target.mux(packet)
    facts = facts_of(shortened)
    assert facts.duration_seconds == pytest.approx(5, abs=0.1)
    assert not facts.cut_short
    assert len(read_sound(shortened, max_seconds=9)) / 16_000 == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("share", [0.95, 0.7, 0.5])
def test_fragments_are_taken_as_far_as_they_go(
    fragmented: Path, tmp_path: Path, share: float
) -> None:
    length = fragmented.stat().st_size
    clip = tmp_path / "cut.mp4"
    clip.write_bytes(fragmented.read_bytes()[: int(length * share)])
    before = facts_of(clip)
    assert before.cut_short
    assert not before.has_duration
    assert before.duration_seconds <= 6.5
    target = tmp_path / "mended.mp4"
    remux(clip, target)
    after = facts_of(target)
    assert after.has_duration
    assert after.duration_seconds == pytest.approx(before.duration_seconds, abs=0.3)
    assert len(read_sound(target, max_seconds=9)) > 16_000


async def test_that_a_mended_clip_was_cut_short_is_kept(fragmented: Path, tmp_path: Path) -> None:
    clip = cut(fragmented, share_of(fragmented, 0.93), "cut-93.mp4")
    facts = await fly(clip, tmp_path / "target.clip")
    assert facts.cut_short
    assert facts.has_duration


@pytest.mark.parametrize("behind", [0, 3, 30, 100])
def test_a_file_that_ends_in_the_header_of_a_fragment_is_read_up_to_there(
    fragmented: Path, behind: int
) -> None:
    data = fragmented.read_bytes()
    header = data.rindex(b"moof") - 4
    facts = facts_of(cut(fragmented, header + behind, f"header-{behind}.mp4"))
    assert facts.cut_short == (behind > 0)
    assert 3 < facts.duration_seconds < 6.5


def test_a_whole_file_is_not_said_to_be_cut_short(whole: Path, fragmented: Path) -> None:
    assert not facts_of(whole).cut_short
    assert not facts_of(fragmented).cut_short


def test_fragments_that_state_their_length_are_left_alone(fragmented: Path) -> None:
    data = bytearray(fragmented.read_bytes())
    header = data.index(b"mvhd") + 4
    scale = int.from_bytes(data[header + 12 : header + 16], "big")
    data[header + 16 : header + 20] = (6 * scale).to_bytes(4, "big")
    stating = fragmented.with_name("stating.mp4")
    stating.write_bytes(data)
    assert stated_seconds(fragmented) is None
    assert stated_seconds(stating) == 6
    assert facts_of(stating).has_duration
    assert facts_of(cut(stating, len(data) // 2, "stating-cut.mp4")).cut_short


def test_other_files_that_end_early_are_said_to(tmp_path: Path) -> None:
    clips: dict[str, Callable[[Path], Path]] = {
        "a.mkv": lambda path: write(path, [VOICE], seconds=6),
        "a.wav": lambda path: write(path, [Track([Part(tone(6)[None])], "pcm_s16le")]),
    }
    for name, make in clips.items():
        clip = make(tmp_path / name)
        early = facts_of(cut(clip, int(clip.stat().st_size * 0.6), f"early-{name}"))
        assert early.cut_short, name
        assert 1 < early.duration_seconds < 5, name
        assert not facts_of(clip).cut_short, name


@pytest.mark.parametrize("lost", [1, 7, 12])
@pytest.mark.parametrize(("codec", "options"), [("libvpx", {"live": "1"}), ("libvpx-vp9", {})])
def test_lost_pictures_are_passed_over_up_to_the_next_key_frame(
    tmp_path: Path, codec: str, options: dict[str, str], lost: int
) -> None:
    sound = Track([Part(tone(6)[None])], "libopus")
    clip = write(tmp_path / "a.webm", [sound], seconds=6, picture=codec, options=options)
    broken = without_pictures(clip, tmp_path / "b.webm", lost, options=options)
    facts = facts_of(broken)
    assert (facts.width, facts.height, facts.has_audio) == (640, 360, True)
    assert facts.duration_seconds == pytest.approx(6, abs=0.3)
    remux(broken, tmp_path / "c.webm")
    with open_clip(tmp_path / "c.webm") as container:
        first = next(packets(container, [video_stream(container)]))
        assert first.is_keyframe
        assert first.decode()


@pytest.mark.parametrize(("ending", "codec"), SOUND_FILES.items())
async def test_sound_alone_is_what_it_is(tmp_path: Path, ending: str, codec: str) -> None:
    facts = await fly(sound_file(tmp_path, ending, codec), tmp_path / "target.clip")
    assert not facts.has_picture
    assert (facts.width, facts.height, facts.video_codec) == (0, 0, "")
    assert facts.has_audio
    assert facts.duration_seconds == pytest.approx(6, abs=0.2)


def cover() -> bytes:
    """A picture as JPEG."""
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 640, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    black = av.VideoFrame.from_ndarray(np.zeros((640, 640, 3), np.uint8), format="rgb24")
    packets = encoder.encode(black.reformat(format="yuvj420p")) + encoder.encode(None)
    return b"".join(map(bytes, packets))


def test_the_cover_of_a_song_is_no_picture(tmp_path: Path) -> None:
    song = sound_file(tmp_path, "mp3", "libmp3lame")
    content = b"\0image/jpeg\0\x03\0" + cover()  # ID3v2.3, section 4.15: a front cover
    frame = b"APIC" + len(content).to_bytes(4, "big") + b"\0\0" + content
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    song.write_bytes(b"ID3\x03\0\0" + size + frame + song.read_bytes())
    with open_clip(song) as container:
        assert len(container.streams.video) == 1
    facts = facts_of(song)
    assert not facts.has_picture
    assert facts.has_audio


async def test_sound_in_an_unknown_format_is_called_that(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mov", [Track([Part(tone(6)[None])], "pcm_s16le")], seconds=6)
    rename_codec(clip, b"sowt", b"xyzw")
    with pytest.raises(ClipRefused) as caught:
        await probe_clip(clip)
    assert (caught.value.code, caught.value.sentence) == ("sound_unreadable", SOUND_UNREADABLE)
    assert "its sound is in a format I can't decode" in SOUND_UNREADABLE


def test_one_known_track_of_sound_is_enough(tmp_path: Path) -> None:
    tracks = [Track([Part(tone(6)[None])], "pcm_s16le"), Track([Part(tone(6)[None])])]
    clip = rename_codec(write(tmp_path / "a.mov", tracks, seconds=6), b"sowt", b"xyzw")
    assert facts_of(clip).has_audio


def test_noise_is_no_sound_recording(tmp_path: Path) -> None:
    for seed in range(6):
        noise = tmp_path / f"{seed}.mp3"
        head = b"" if seed % 2 else b"ID3\x03\x00\x00\x00\x00\x00\x00"
        noise.write_bytes(head + np.random.default_rng(seed).bytes(120_000))
        with pytest.raises((Unreadable, av.error.FFmpegError)):
            probe(noise, MAX_PIXELS)


def test_no_other_demuxer_can_be_reached() -> None:
    names = set(FORMATS.split(","))
    reached = {
        name
        for name in av.formats_available
        if names & set(name.split(",")) and av.format.ContainerFormat(name).is_input
    }
    expected = {"matroska,webm", "mp3", "ogg", "wav", "flac"} | {"mov,mp4,m4a,3gp,3g2,mj2"}
    assert reached - {"mov", "matroska"} == expected  # those two are the muxers' names


async def test_a_placeholder_gives_sound_a_picture_and_goes_again(tmp_path: Path) -> None:
    sound = silence(6)
    sound[3 * 48_000 :] = tone(3)
    clip = write(tmp_path / "a.ogg", [Track([Part(sound[None])], "libopus")])
    async with behind_picture(clip, await probe_clip(clip)) as video:
        found = await probe_clip(video)
        assert (found.width, found.height, found.video_codec) == (640, 360, "h264")
        assert found.has_duration
        assert found.duration_seconds == pytest.approx(6, abs=0.3)
        heard = np.flatnonzero(np.abs(read_sound(video, max_seconds=9)) > 0.05)
        assert heard[0] / 16_000 == pytest.approx(3, abs=0.1)
        assert len(pictures(video)) == 30
    assert names_in(tmp_path) == [clip.name]


async def test_a_placeholder_for_what_has_no_sound_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=4)
    with pytest.raises(EngineRefused) as caught:
        async with behind_picture(clip, await probe_clip(clip)):
            raise AssertionError
    assert caught.value.code == "sound_unreadable"
    assert names_in(tmp_path) == [clip.name]
