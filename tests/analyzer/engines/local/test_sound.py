"""The sound of odd clips: heard to its end, from where somebody speaks."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from analyzer.engines.local.sound import RATE, Sound, SpeechError, read_sound, speech_seconds
from tests.analyzer.media.bad_clips import DEMO_CLIP, make_clip, sound_of, tone
from tests.analyzer.media.odd_clips import (
    Channels,
    Part,
    Track,
    at_rate,
    rename_codec,
    trim,
    write,
)

SECONDS = 6
FULL = 48_000


@pytest.fixture(scope="module")
def voice() -> Sound:
    return sound_of(DEMO_CLIP)[: SECONDS * FULL]


def quiet(seconds: float = SECONDS) -> Sound:
    return np.zeros(int(seconds * FULL), np.float32)


def hum() -> Sound:
    """Low noise, as an unplugged microphone has it."""
    chance = np.random.default_rng(1)
    return chance.normal(0, 0.003, SECONDS * FULL).astype(np.float32)


def beeps(at: tuple[float, ...], seconds: float) -> Sound:
    sound = quiet(seconds)
    for second in at:
        start = int(second * FULL)
        sound[start : start + FULL // 2] = tone(0.5)
    return sound


def heard_at(sound: Sound) -> list[float]:
    """The seconds at which beeps begin."""
    loud = np.flatnonzero(np.abs(sound) > 0.05)
    begins = loud[np.flatnonzero(np.diff(loud, prepend=-RATE) > RATE // 2)]
    return [round(int(at) / RATE, 1) for at in begins]


def level(sound: Sound) -> float:
    """Decibels below full scale."""
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-12))


def thirds(voice: Sound, *rates: int) -> list[Part]:
    """A voice whose rate and channels change twice."""
    third = len(voice) // 3
    pieces = [voice[:third], voice[third : 2 * third], voice[2 * third :]]
    sounds = [at_rate(piece, rate) for piece, rate in zip(pieces, rates, strict=True)]
    return [
        Part(sounds[0], rates[0]),
        Part(sounds[1].repeat(2, axis=0), rates[1], "stereo"),
        Part(sounds[2], rates[2]),
    ]


@pytest.mark.parametrize("rates", [(44_100, 48_000, 32_000), (48_000, 44_100, 48_000)])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "libmp3lame"), ("a.mp4", "libmp3lame"), ("a.mkv", "ac3")]
)
def test_sound_that_changes_rate_and_channels_is_heard_to_its_end(
    tmp_path: Path, voice: Sound, name: str, codec: str, rates: tuple[int, int, int]
) -> None:
    clip = write(tmp_path / name, [Track(thirds(voice, *rates), codec)], seconds=SECONDS)
    sound = read_sound(clip, max_seconds=SECONDS + 1)
    assert len(sound) / RATE == pytest.approx(SECONDS, abs=0.15)
    assert all(level(part) > -30 for part in np.array_split(sound, 4))


def test_a_change_of_rate_moves_nothing(tmp_path: Path) -> None:
    sound = beeps((1, 2, 3, 5), 6)
    parts = [Part(at_rate(sound[: 4 * FULL], 44_100), 44_100), Part(sound[None, 4 * FULL :])]
    clip = write(tmp_path / "a.mkv", [Track(parts, "ac3")], seconds=SECONDS)
    assert heard_at(read_sound(clip, max_seconds=9)) == [1, 2, 3, 5]


def test_the_voice_is_found_in_whichever_track_it_is(tmp_path: Path, voice: Sound) -> None:
    tracks = {"quiet": quiet(), "hum": hum(), "voice": voice}
    for number, order in enumerate(
        (("voice", "hum"), ("quiet", "voice"), ("quiet", "hum", "voice"))
    ):
        clip = write(
            tmp_path / f"{number}.mkv",
            [Track([Part(tracks[name][None])], default=not i) for i, name in enumerate(order)],
        )
        sound = read_sound(clip, max_seconds=9)
        assert level(sound) == pytest.approx(level(voice), abs=1), order
        assert speech_seconds(sound) > SECONDS / 2


def test_of_two_voices_the_track_that_players_play_is_taken(tmp_path: Path, voice: Sound) -> None:
    tracks = [
        Track([Part(0.1 * voice[None])], default=False),
        Track([Part(voice[None])], default=True),
    ]
    clip = write(tmp_path / "a.mkv", tracks, seconds=SECONDS)
    assert level(read_sound(clip, max_seconds=9)) == pytest.approx(level(voice), abs=1)


def side_by_side(voice: Sound) -> dict[str, tuple[Channels, str]]:
    """The voice in channels that say the same, nothing, or the opposite."""
    no = np.zeros_like(voice)
    halfway = np.where(np.arange(len(voice)) < len(voice) / 2, voice, -voice)
    return {
        "left only": (np.stack([voice, no]), "stereo"),
        "right only": (np.stack([no, voice]), "stereo"),
        "inverted": (np.stack([voice, -voice]), "stereo"),
        "inverted, the right one quieter": (np.stack([voice, -0.5 * voice]), "stereo"),
        "inverted, the left one quieter": (np.stack([-0.7 * voice, voice]), "stereo"),
        "inverted from the middle on": (np.stack([voice, halfway]), "stereo"),
        "centre of 5.1": (np.stack([no, no, voice, no, no, no]), "5.1"),
        "everywhere in 5.1": (np.stack([voice] * 6), "5.1"),
    }


def test_a_voice_is_as_loud_as_in_its_own_channel(tmp_path: Path, voice: Sound) -> None:
    levels: dict[str, float] = {}
    for name, (channels, layout) in side_by_side(voice).items():
        track = Track([Part(channels, layout=layout)], "pcm_s16le")
        clip = write(tmp_path / "a.mov", [track])
        levels[name] = level(read_sound(clip, max_seconds=9)) - level(voice)
    assert levels == pytest.approx(dict.fromkeys(levels, 0), abs=1.5)


def test_a_voice_that_changes_sides_is_heard_on_both(tmp_path: Path, voice: Sound) -> None:
    first = np.arange(len(voice)) < len(voice) / 2
    channels = np.stack([np.where(first, voice, 0), np.where(first, 0, voice)]).astype(np.float32)
    clip = write(tmp_path / "a.mp4", [Track([Part(channels, layout="stereo")])], seconds=SECONDS)
    halves = np.array_split(read_sound(clip, max_seconds=9), 2)
    assert all(level(half) > level(voice) - 9 for half in halves)


def test_channels_without_a_place_are_averaged(tmp_path: Path, voice: Sound) -> None:
    channels = np.stack([np.zeros_like(voice), voice, np.zeros_like(voice), np.zeros_like(voice)])
    clip = write(
        tmp_path / "a.mov", [Track([Part(channels, layout="4.0")], "pcm_s16be")], seconds=SECONDS
    )
    data = bytearray(clip.read_bytes())
    at = data.index(b"chan") + 4 + 4  # QuickTime: the layout's tag follows version and flags
    data[at : at + 4] = (0x93_0004).to_bytes(4, "big")  # "discrete in order", of four
    clip.write_bytes(data)
    assert level(read_sound(clip, max_seconds=9)) == pytest.approx(level(voice), abs=1)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_samples_of_any_width_are_as_loud(tmp_path: Path, voice: Sound, codec: str) -> None:
    track = Track([Part(np.stack([voice, -voice]), layout="stereo")], codec)
    clip = write(tmp_path / "a.mov", [track])
    assert level(read_sound(clip, max_seconds=9)) == pytest.approx(level(voice), abs=1)


def test_samples_that_are_no_numbers_stop_nothing(tmp_path: Path, voice: Sound) -> None:
    channels = np.stack([voice, voice])
    channels[:, 1000:2000], channels[0, 5000] = np.nan, np.float32(1e38)
    clip = write(tmp_path / "a.wav", [Track([Part(channels, layout="stereo")], "pcm_f32le")])
    sound = read_sound(clip, max_seconds=9)
    assert np.isfinite(sound).all()
    assert speech_seconds(sound) > SECONDS / 2


def test_tracks_in_unknown_formats_are_skipped(tmp_path: Path, voice: Sound) -> None:
    tracks = [Track([Part(hum()[None])], "pcm_s16le"), Track([Part(voice[None])], default=False)]
    clip = rename_codec(write(tmp_path / "a.mov", tracks, seconds=SECONDS), b"sowt", b"xyzw")
    assert level(read_sound(clip, max_seconds=9)) == pytest.approx(level(voice), abs=1)


def test_without_any_known_format_it_says_so(tmp_path: Path, voice: Sound) -> None:
    clip = write(tmp_path / "a.mov", [Track([Part(voice[None])], "pcm_s16le")], seconds=SECONDS)
    rename_codec(clip, b"sowt", b"xyzw")
    with pytest.raises(SpeechError, match="sound_unreadable"):
        read_sound(clip, max_seconds=9)


def test_what_was_cut_off_is_not_heard(tmp_path: Path) -> None:
    clip = write(tmp_path / "a.mp4", [Track([Part(beeps((2, 5, 8, 11), 12)[None])])], seconds=12)
    expected: dict[tuple[float, float], list[float]] = {
        (3.3, 12): [1.7, 4.7, 7.7],
        (0, 9): [2, 5, 8],
        (3.3, 9): [1.7, 4.7],
    }
    for (start, end), beginnings in expected.items():
        trimmed = trim(Path(shutil.copy(clip, tmp_path / "b.mp4")), start=start, end=end)
        sound = read_sound(trimmed, max_seconds=13)
        assert heard_at(sound) == pytest.approx(beginnings, abs=0.11)
        assert len(sound) / RATE == pytest.approx(end - start, abs=0.1)


def test_the_sound_lies_where_the_clip_shows_it(tmp_path: Path) -> None:
    late = make_clip(
        tmp_path / "a.webm", sound=tone(5), codecs=("libvpx", "libopus"), begins_at=100
    )
    assert len(read_sound(late, max_seconds=6)) / RATE == pytest.approx(5, abs=0.1)


def test_a_gap_in_the_sound_becomes_silence(tmp_path: Path) -> None:
    parts = [Part(tone(2)[None]), Part(tone(2)[None])]
    clip = write(tmp_path / "a.mkv", [Track(parts, "ac3")], seconds=8, gap=3)
    sound = read_sound(clip, max_seconds=9)
    assert heard_at(sound) == [0, 5]
    assert len(sound) / RATE == pytest.approx(7, abs=0.1)
    with pytest.raises(SpeechError, match="too_long"):
        read_sound(clip, max_seconds=4)


def test_damaged_packets_are_left_out(tmp_path: Path, voice: Sound) -> None:
    clip = write(tmp_path / "a.mkv", [Track([Part(voice[None])], "libmp3lame")])
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(range(250)) * 8
    clip.write_bytes(data)
    sound = read_sound(clip, max_seconds=9)
    assert len(sound) / RATE == pytest.approx(SECONDS, abs=0.7)
    assert speech_seconds(sound) > SECONDS / 2
