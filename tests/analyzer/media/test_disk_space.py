"""Room on the disk for everything that writes clips: fetching, mending, and the clip store."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from analyzer.media.clip_store import ClipStore
from analyzer.media.disk_space import FREE_BYTES, Room, free_bytes
from analyzer.media.preflight import fetch_clip, mend_clip, probe_clip
from analyzer.pipeline.clip_files import ROOM_WAITS
from app import check as checks
from core.errors import UserFacingError
from core.models import AttemptState, ClipSource
from core.settings import Settings
from tests.analyzer.harness import ANN, CLIP, NO_WAIT, Clock, Harness, run_attempt
from tests.analyzer.media.bad_clips import make_clip, tone
from tests.analyzer.scripted import BYTES

ID = "0123456789abcdef"


def room_with(folder: Path, size: int) -> Room:
    """Room for so many bytes and no more."""
    return Room(folder, Clock(), free=lambda _: FREE_BYTES + size)


class Waiting:
    """Waits for nothing but the next look at the progress, which never comes."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.waited: list[float] = []
        self._then = then

    async def sleep(self, seconds: float) -> None:
        if seconds == NO_WAIT.edit_every:
            await asyncio.Event().wait()
        self.waited.append(seconds)
        self._then()


async def test_an_attempt_waits_until_there_is_room_for_its_clip(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    def third() -> None:
        if len(clock.waited) == 3:
            harness.disk.size = None

    clock = Waiting(third)
    harness.disk.size = FREE_BYTES
    attempt = await run_attempt(harness, sleep=clock.sleep)
    assert attempt.state is AttemptState.DELIVERED
    assert clock.waited[:3] == list(ROOM_WAITS[:3])
    assert harness.fetched == [CLIP.url]
    assert caplog.text.count("it waits for room") == 1
    assert not harness.deps.room.holds(attempt.id)


async def test_an_attempt_without_room_for_long_says_so_and_does_not_count(
    harness: Harness,
) -> None:
    clock = Waiting()
    harness.disk.size = FREE_BYTES
    attempt = await run_attempt(harness, sleep=clock.sleep)
    assert attempt.failure is not None
    assert attempt.failure.code == "no_room"
    assert "There is no room for your clip" in attempt.failure.sentence
    assert sum(clock.waited) == 600
    assert harness.fetched == []
    assert await harness.uses(ANN) == 0
    await harness.assert_nothing_is_left()


async def test_two_clips_do_not_get_the_same_room(tmp_path: Path) -> None:
    room = room_with(tmp_path, 10_000_000)
    async with room.held("one", 6_000_000) as first, room.held("other", 6_000_000) as second:
        assert (first, second) == (True, False)
    async with room.held("other", 6_000_000) as later:
        assert later


async def test_two_promises_at_the_same_moment_do_not_get_the_same_room(tmp_path: Path) -> None:
    room = room_with(tmp_path, 10_000_000)
    lacking = await asyncio.gather(room.take("one", 6_000_000), room.take("other", 6_000_000))
    assert sorted(lacking) == [0, 2_000_000]


async def test_a_held_promise_takes_over_what_its_key_was_promised(tmp_path: Path) -> None:
    room = room_with(tmp_path, 10_000_000)
    assert await room.take(ID, 6_000_000) == 0
    assert await room.take("other", 6_000_000) > 0
    async with room.held(ID, 6_000_000) as fits:
        assert fits
        room.release(ID)  # whoever has sent it in is done with it; the block is not
        assert await room.take("other", 6_000_000) > 0
    assert await room.take("other", 6_000_000) == 0


async def test_a_clip_for_which_the_disk_is_too_full_leaves_nothing(tmp_path: Path) -> None:
    @asynccontextmanager
    async def fetcher(url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield bytes(1_000_000)

        yield chunks()

    target, free = tmp_path / "target", iter([FREE_BYTES + 2_000_000, FREE_BYTES])
    room = Room(tmp_path, Clock(), free=lambda _: next(free))
    source = ClipSource(url="", name="x", size_bytes=3_000_000)
    with pytest.raises(UserFacingError, match="no_room"):
        await fetch_clip(fetcher, source, target, max_bytes=10**7, room=room)
    assert not target.exists()
    assert next(free, None) is None


async def test_without_room_a_recording_is_not_mended(tmp_path: Path) -> None:
    recording = make_clip(
        tmp_path / "a.webm", sound=tone(5), codecs=("libvpx", "libopus"), options={"live": "1"}
    )
    facts = await probe_clip(recording)
    before = recording.read_bytes()
    for size in (0, facts.size_bytes // 2):
        small = room_with(tmp_path, size)
        assert await mend_clip(recording, facts, room=small) == facts
        assert recording.read_bytes() == before
    enough = room_with(tmp_path, facts.size_bytes + 100_000)
    assert (await mend_clip(recording, facts, room=enough)).has_duration


async def test_a_copy_into_the_clip_store_needs_room_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr("analyzer.media.clip_store.os.link", other_disk)
    recording = tmp_path / "a.part"
    recording.write_bytes(bytes(3_000_000))
    full, folder = room_with(tmp_path, 1_000_000), tmp_path / "store"
    with pytest.raises(UserFacingError, match="store_unreachable"):
        await ClipStore(str(folder), "here", room=full).put(ID, recording)
    assert [file for file in folder.rglob("*") if file.is_file()] == []
    store = ClipStore(str(folder), "here", room=room_with(tmp_path, 4_000_000))
    await store.put(ID, recording)
    assert await store.ids() == {ID}


async def test_a_copy_that_breaks_off_leaves_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: Path, target: Path) -> None:
        target.write_bytes(BYTES[:3])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("analyzer.media.clip_store.os.link", half)
    monkeypatch.setattr("analyzer.media.clip_store.shutil.copyfile", half)
    recording, store = tmp_path / "a.part", ClipStore(str(tmp_path / "store"), "here")
    recording.write_bytes(BYTES)
    with pytest.raises(UserFacingError, match="store_unreachable"):
        await store.put(ID, recording)
    assert await store.ids() == frozenset()


async def test_blocks_that_are_written_at_the_same_time_count_together(tmp_path: Path) -> None:
    room, writing, done = room_with(tmp_path, 1_500_000), threading.Event(), threading.Event()

    def write() -> None:
        with room.writing(tmp_path, 1_000_000):
            writing.set()
            assert done.wait(5)

    first = asyncio.create_task(asyncio.to_thread(write))
    assert await asyncio.to_thread(writing.wait, 5)
    with pytest.raises(OSError, match="No space left"), room.writing(tmp_path, 1_000_000):
        pass
    done.set()
    await first
    with room.writing(tmp_path, 1_000_000):
        pass


def test_the_disk_of_a_folder_that_is_not_there_yet_is_known(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0


def test_the_check_warns_where_the_largest_clip_would_have_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    monkeypatch.setattr(checks, "free_bytes", lambda _: 899_000_000)
    assert checks._check_room(settings) == (
        "the disk with DATA_DIR has 899 MB free, and a clip of 200 MB needs 900: with less it "
        "waits. Make room, or set MAX_CLIP_MB lower."
    )
    monkeypatch.setattr(checks, "free_bytes", lambda _: 900_000_000)
    assert checks._check_room(settings) is None
