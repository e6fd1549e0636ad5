"""The probe and the limits: each unusable file gets its sentence; no crash, no hang."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from analyzer.media import fetcher
from analyzer.media import preflight as clip
from analyzer.media.clip_limits import check_facts
from analyzer.media.preflight import UNREADABLE, preflight, probe_clip
from analyzer.media.sandbox import ChildFailed
from core.errors import ClipRefused, UserFacingError
from core.models import ClipFacts, ClipSource
from core.settings import ROOT
from tests.analyzer.media import bad_clips as badclips
from tests.analyzer.media.bad_clips import DEMO_CLIP, make_clip, silence, tone

CLIPS: dict[str, Callable[[Path], Path]] = {
    "mp4": lambda folder: make_clip(folder / "a.mp4", sound=tone(5)),
    "m4v": lambda folder: make_clip(folder / "a.mp4", sound=tone(5)).rename(folder / "a.m4v"),
    "mov": lambda folder: make_clip(folder / "a.mov", sound=tone(5)),
    "mkv": lambda folder: make_clip(folder / "a.mkv", sound=tone(5)),
    "webm": lambda folder: make_clip(
        folder / "a.webm", sound=tone(5), codecs=("libvpx", "libopus")
    ),
    "webm from a browser: no duration, no index": lambda folder: make_clip(
        folder / "b.webm", sound=tone(5), codecs=("libvpx", "libopus"), options={"live": "1"}
    ),
    "fragmented mp4": lambda folder: make_clip(
        folder / "f.mp4", sound=tone(5), options={"movflags": "frag_keyframe+empty_moov"}
    ),
    "times that begin late": lambda folder: make_clip(
        folder / "l.webm", sound=tone(5), codecs=("libvpx", "libopus"), begins_at=100
    ),
    "a name without ending": lambda folder: make_clip(folder / "a.mp4", sound=silence(5)).rename(
        folder / "clip"
    ),
}

BROKEN_OFF = {"cut in half", "cut before its index", "second half zeroed"}

REFUSED = [
    (
        {"seconds": 2},
        "clip_too_short",
        "Your clip is 2 seconds long; I need at least 4 seconds."
        " Record a longer answer and try again.",
    ),
    (
        {"seconds": 11},
        "clip_too_long",
        "Your clip is 0:11 long; I take up to 0:10. Trim it and try again.",
    ),
    (
        {"size": (320, 240)},
        "clip_too_small",
        "Your clip is 320x240 pixels; both sides need at least 360."
        " Export it larger and try again.",
    ),
    (
        {"size": (900, 360)},
        "clip_too_narrow",
        "Your clip is 900x360 pixels; the longer side may be at most 2.4 times the shorter one."
        " Crop it and try again.",
    ),
    (
        {"size": (6000, 3000), "seconds": 4, "fps": 1},
        "clip_too_many_pixels",
        "Your clip is 6000x3000 pixels; I take up to 4K (3840x2160)."
        " Export it smaller and try again.",
    ),
]


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return badclips.unreadable_files(tmp_path_factory.mktemp("unreadable"))


def from_disk(file: Path) -> fetcher.Fetcher:
    """A fetcher that serves one file."""

    @contextlib.asynccontextmanager
    async def fetch(url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            yield await asyncio.to_thread(file.read_bytes)

        yield chunks()

    return fetch


async def fly(file: Path, target: Path, *, max_seconds: int = 10) -> ClipFacts:
    source = ClipSource(url="https://cdn.discordapp.com/x", name=file.name, size_bytes=1)
    return await preflight(
        from_disk(file), source, target, max_bytes=200_000_000, max_seconds=max_seconds
    )


def facts(**changes: Any) -> ClipFacts:
    known: dict[str, Any] = {
        "size_bytes": 1,
        "duration_seconds": 30,
        "width": 1280,
        "height": 720,
        "has_audio": True,
        "container": "mov",
        "video_codec": "h264",
    }
    return ClipFacts(**known | changes)


@pytest.mark.parametrize("make", CLIPS.values(), ids=CLIPS)
async def test_a_usable_clip_passes_with_its_facts(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    found = await fly(make(tmp_path), tmp_path / "target.clip")
    assert found.duration_seconds == pytest.approx(5, abs=0.5)
    assert (found.width, found.height, found.has_audio) == (640, 360, True)
    assert found.size_bytes == (tmp_path / "target.clip").stat().st_size


async def test_a_clip_without_sound_goes_on(tmp_path: Path) -> None:
    found = await fly(make_clip(tmp_path / "a.mp4"), tmp_path / "target.clip")
    assert not found.has_audio


async def test_a_turned_clip_is_measured_as_it_is_shown(tmp_path: Path) -> None:
    found = await probe_clip(badclips.turn_quarter(make_clip(tmp_path / "a.mp4")))
    assert (found.width, found.height) == (360, 640)


@pytest.mark.parametrize("claim", [1, 5, 3600])
async def test_the_duration_is_counted_whatever_the_headers_claim(
    tmp_path: Path, claim: int
) -> None:
    lying = badclips.claim_duration(make_clip(tmp_path / "a.mp4", seconds=12), claim)
    assert (await probe_clip(lying)).duration_seconds == pytest.approx(12, abs=0.3)
    with pytest.raises(ClipRefused) as caught:
        await fly(lying, tmp_path / "target.clip")
    assert caught.value.code == "clip_too_long"


async def test_what_is_no_video_is_refused_in_one_sentence(
    unreadable: dict[str, Path], tmp_path: Path
) -> None:
    answers: dict[str, tuple[str, str]] = {}
    for name, file in unreadable.items():
        with pytest.raises(ClipRefused) as caught:
            await fly(file, tmp_path / "target.clip")
        answers[name] = (caught.value.code, caught.value.sentence)
        assert not (tmp_path / "target.clip").exists()
    whole = unreadable.keys() - BROKEN_OFF
    assert {answers[name] for name in whole} == {("clip_unreadable", UNREADABLE)}
    assert {answers[name] for name in BROKEN_OFF} == {
        (
            "clip_unreadable",
            "Your file breaks off: its end is missing. Upload it again, or export it anew and try"
            " again.",
        )
    }


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's peak memory")
async def test_looking_at_what_is_no_video_takes_little_memory(
    unreadable: dict[str, Path], tmp_path: Path
) -> None:
    large = make_clip(tmp_path / "8k.mp4", size=(6000, 3000), seconds=1, fps=1)
    code = """if True:
        import json, pathlib, sys
        from analyzer.media import probe, sandbox
        for name in sys.argv[1:]:
            try:
                probe.probe(pathlib.Path(name), 5184 * 2160)
            except Exception:
                pass
        print(json.dumps(sandbox.peak_bytes()))
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, str(large), *map(str, unreadable.values())),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    assert json.loads(output) < 100_000_000


async def test_damaged_clips_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    data, two_at_once = DEMO_CLIP.read_bytes(), asyncio.Semaphore(2)

    async def ending(seed: int) -> str:
        file = tmp_path / f"{seed}.mp4"
        file.write_bytes(badclips.flipped(data, seed))
        try:
            async with two_at_once, asyncio.timeout(20):
                await probe_clip(file)
        except ClipRefused as refused:
            return refused.code
        return "read"

    endings = await asyncio.gather(*(ending(seed) for seed in range(20)))
    assert set(endings) == {"read", "clip_unreadable"}


@pytest.mark.parametrize(("shape", "code", "sentence"), REFUSED, ids=[row[1] for row in REFUSED])
async def test_a_clip_beyond_a_limit_is_told_the_limit_and_its_own_figure(
    tmp_path: Path, shape: dict[str, Any], code: str, sentence: str
) -> None:
    with pytest.raises(ClipRefused) as caught:
        await fly(make_clip(tmp_path / "a.mp4", **shape), tmp_path / "target.clip")
    assert (caught.value.code, caught.value.sentence) == (code, sentence)
    assert not (tmp_path / "target.clip").exists()


@pytest.mark.parametrize(
    "shape",
    [
        {"duration_seconds": 4},
        {"duration_seconds": 600},
        {"width": 360, "height": 864},
        {"width": 1080, "height": 2340},
        {"width": 2160, "height": 3840},
        {"width": 5184, "height": 2160},
    ],
)
def test_a_clip_at_a_limit_passes(shape: dict[str, float]) -> None:
    check_facts(facts(**shape), max_seconds=600)


@pytest.mark.parametrize(
    ("shape", "figure"),
    [
        ({"duration_seconds": 3.99}, "3.9 seconds"),
        ({"duration_seconds": 600.01}, "10:01 long; I take up to 10:00"),
        ({"width": 359}, "359x720"),
        ({"width": 1729}, "1729x720"),
    ],
)
def test_a_figure_just_beyond_a_limit_is_not_rounded_to_it(
    shape: dict[str, float], figure: str
) -> None:
    with pytest.raises(ClipRefused) as caught:
        check_facts(facts(**shape), max_seconds=600)
    assert figure in caught.value.sentence


@pytest.mark.parametrize(
    ("ending", "error", "code"),
    [
        (ChildFailed("timeout"), ClipRefused, "clip_unreadable"),
        (ChildFailed("exit", -24), ClipRefused, "clip_unreadable"),  # SIGXCPU
        (
            ChildFailed("exit", 1),
            UserFacingError,
            "probe_failed",
        ),  # an import error, say: not the clip's fault
    ],
)
async def test_how_the_probe_ended_decides_who_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, ending: ChildFailed, error: type[UserFacingError], code: str
) -> None:
    async def fail(*_: object, **__: object) -> bytes:
        raise ending

    monkeypatch.setattr(clip, "run_child", fail)
    with pytest.raises(error) as caught:
        await probe_clip(DEMO_CLIP)
    assert caught.value.code == code


async def test_many_clips_at_once_do_not_start_as_many_probes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[None] = []
    release = asyncio.Event()

    async def run(*_: object, **__: object) -> bytes:
        running.append(None)
        await release.wait()
        return facts().model_dump_json().encode()

    monkeypatch.setattr(clip, "run_child", run)
    async with asyncio.TaskGroup() as probes:
        for _ in range(12):
            probes.create_task(probe_clip(DEMO_CLIP))
        await badclips.threads_settled()
        assert len(running) == 4
        release.set()
    assert len(running) == 12
