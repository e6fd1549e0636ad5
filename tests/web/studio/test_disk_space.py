"""Room for recordings: what is promised fits, and what is refused or stands still holds nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analyzer.dependencies import Limits
from analyzer.media import preflight as clip
from analyzer.media.disk_space import FREE_BYTES
from analyzer.media.fetcher import Fetcher
from analyzer.pipeline.clip_files import forget_uploads
from core.errors import StorageUnavailable
from core.models import ClipSource, Owner
from storage.repositories.studio_links import StudioLink
from tests.analyzer.harness import ANN, BEN
from tests.analyzer.scripted import BYTES
from tests.web.studio.client import Answer, Bench, open_bench

LIMITS = Limits(
    daily_attempts=5,
    open_attempts=2,
    clip_bytes=5_000_000,
    clip_seconds=600,
    retention=timedelta(days=90),
)

SIZE = 1_000_000
DATA = bytes(SIZE)
PROMISED = 2 * SIZE
"""For one upload: itself, and the copy that is made of it."""

SLACK = 300_000
"""For the database, which writes too."""

FIVE = [Owner(guild_id=7, user_id=number) for number in range(1, 6)]


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch, limits=LIMITS) as bench:
        yield bench


def room_for(bench: Bench, uploads: float) -> None:
    """Let the disk have room for so many uploads, beside the bytes that are there already."""
    disk = bench.harness.disk
    disk.size = None
    here = sum(f.stat().st_size for f in bench.harness.folder.rglob("*") if f.is_file())
    disk.size = here + FREE_BYTES + SLACK + int(uploads * PROMISED)


def codes(answers: list[Answer]) -> list[int | str]:
    """What was answered: the status of what worked, the code of what did not."""
    return [answer.status if answer.status < 300 else answer.code for answer in answers]


async def received(bench: Bench, token: str) -> int | None:
    found: int | None = (await bench.call("GET", "session", token)).json["received_bytes"]
    return found


async def test_what_five_members_were_promised_fits(bench: Bench) -> None:
    room_for(bench, 3.5)
    tokens = [await bench.link(owner) for owner in FIVE]
    begun = [await bench.begin(token, SIZE) for token in tokens]
    assert codes(begun) == [201, 201, 201, "no_room", "no_room"]
    assert begun[-1].status == 507
    assert len(bench.files()) == 3
    for token in tokens[:3]:
        assert (await bench.piece(token, 0, DATA)).status == 200
        assert bench.harness.disk.free(bench.harness.folder) > FREE_BYTES + SLACK
    # what has come counts as it lies there, and no longer as what is to come
    assert codes([await bench.begin(tokens[3], SIZE)]) == ["no_room"]


async def test_two_at_the_same_moment_do_not_both_get_the_last_room(bench: Bench) -> None:
    room_for(bench, 1.5)
    tokens = [await bench.link(owner) for owner in FIVE]
    begun = await asyncio.gather(*(bench.begin(token, SIZE) for token in tokens))
    assert sorted(map(str, codes(list(begun)))) == ["201", *4 * ["no_room"]]


async def test_what_was_refused_holds_no_place_and_a_small_one_fits(bench: Bench) -> None:
    room_for(bench, 0.5)
    for _ in range(5):
        assert codes([await bench.begin(await bench.link(), SIZE)]) == ["no_room"]
    small = await bench.link()
    await bench.send(small)
    assert (await bench.submit(small)).status == 202


async def test_what_could_not_be_noted_holds_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_for(bench, 1.5)
    mine, theirs = await bench.link(ANN), await bench.link(BEN)

    async def locked(*_: object) -> bool:
        raise StorageUnavailable("SQLITE_BUSY")

    async def erased(link: StudioLink, _: int) -> bool:
        await bench.harness.studio_links.erase(link.owner)
        return False

    for broken, code in ((locked, "storage_unavailable"), (erased, "link_unknown")):
        with monkeypatch.context() as patch:
            patch.setattr(bench.harness.studio_links, "begin_upload", broken)
            assert codes([await bench.begin(mine, SIZE)]) == [code]
        assert bench.files() == []
    assert codes([await bench.begin(theirs, SIZE)]) == [201]


async def test_a_refused_begin_leaves_the_upload_that_was_there(bench: Bench) -> None:
    room_for(bench, 1.1)
    token = await bench.link()
    await bench.begin(token, SIZE)
    await bench.piece(token, 0, DATA[:1000])
    room_for(bench, 0.1)
    assert codes([await bench.begin(token, SIZE)]) == ["no_room"]
    assert await received(bench, token) == 1000
    room_for(bench, 1.1)
    assert (await bench.piece(token, 1000, DATA[1000:])).json == {"received_bytes": SIZE}


async def test_beginning_anew_needs_no_room_beside_what_it_takes_the_place_of(
    bench: Bench,
) -> None:
    token = await bench.link()
    room_for(bench, 1.1)
    for _ in range(3):
        await bench.begin(token, SIZE)
        assert (await bench.piece(token, 0, DATA)).status == 200


async def test_what_stands_still_lets_go_of_its_room_and_its_place(bench: Bench) -> None:
    room_for(bench, 1.5)
    mine, theirs = await bench.link(ANN), await bench.link(BEN)
    await bench.begin(mine, SIZE)
    await bench.piece(mine, 0, DATA[:1000])
    bench.harness.clock.forward(seconds=110)
    assert (await bench.piece(mine, 1000, DATA[:1000])).status == 200  # it moves
    bench.harness.clock.forward(seconds=110)
    assert codes([await bench.begin(theirs, SIZE)]) == ["no_room"]
    bench.harness.clock.forward(seconds=10)
    assert codes([await bench.begin(theirs, SIZE)]) == [201]
    refused = await bench.piece(mine, 2000, DATA[2000:])
    assert (refused.status, refused.code) == (507, "no_room")
    assert await received(bench, mine) == 2000  # and it stays
    assert (await bench.piece(theirs, 0, DATA)).status == 200
    bench.harness.clock.forward(minutes=2)
    room_for(bench, 1.5)
    assert (await bench.piece(mine, 2000, DATA[2000:])).json == {"received_bytes": SIZE}


async def test_a_piece_without_a_byte_is_no_progress(bench: Bench) -> None:
    room_for(bench, 1.5)
    mine, theirs = await bench.link(ANN), await bench.link(BEN)
    await bench.begin(mine, SIZE)
    for _ in range(3):
        bench.harness.clock.forward(seconds=50)
        assert (await bench.piece(mine, 0, b"")).json == {"received_bytes": 0}
    assert codes([await bench.begin(theirs, SIZE)]) == [201]


async def test_a_piece_that_breaks_before_its_first_byte_is_no_progress(bench: Bench) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in ():
            yield b""
        raise ConnectionError

    room_for(bench, 1.5)
    mine, theirs = await bench.link(ANN), await bench.link(BEN)
    await bench.begin(mine, SIZE)
    for _ in range(3):
        bench.harness.clock.forward(seconds=50)
        link, _attempt = await bench.studio.find(mine)
        with pytest.raises(ConnectionError):
            await bench.studio.append(link, 0, broken())
    assert codes([await bench.begin(theirs, SIZE)]) == [201]


async def test_what_comes_slowly_counts_as_it_comes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.media.upload_store._BLOCK_SECONDS", 0.0)
    token = await bench.link()
    await bench.begin(token, len(BYTES))

    async def slowly() -> AsyncIterator[bytes]:
        yield BYTES[:3]
        async with asyncio.timeout(5):
            while await received(bench, token) != 3:
                pass
        yield BYTES[3:]

    assert (await bench.piece(token, 0, slowly())).json == {"received_bytes": len(BYTES)}


async def test_who_comes_back_after_minutes_goes_on_where_it_was(bench: Bench) -> None:
    room_for(bench, 1.5)
    token = await bench.link()
    await bench.begin(token, len(BYTES))
    await bench.piece(token, 0, BYTES[:3])
    bench.harness.clock.forward(minutes=20)
    assert await received(bench, token) == 3
    assert (await bench.piece(token, 3, BYTES[3:])).json == {"received_bytes": len(BYTES)}
    bench.harness.clock.forward(minutes=20)
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()
    assert bench.files() == []


async def test_what_stood_still_makes_way_where_the_room_is_needed(bench: Bench) -> None:
    room_for(bench, 1.6)
    oldest, old, other = [await bench.link(owner) for owner in FIVE[:3]]
    for token in (oldest, old):
        await bench.begin(token, SIZE)
        await bench.piece(token, 0, DATA[: SIZE * 3 // 4])
        bench.harness.clock.forward(minutes=2)
    await asyncio.to_thread(_make_older, bench, oldest)
    room_for(bench, 0.8)
    assert codes([await bench.begin(other, SIZE)]) == [201]
    assert await received(bench, oldest) is None
    assert await received(bench, old) == SIZE * 3 // 4
    assert codes([await bench.piece(oldest, SIZE * 3 // 4, b"x")]) == ["no_upload"]
    # where even all of it would not do, nothing goes
    bench.harness.clock.forward(minutes=2)
    room_for(bench, 0.01)
    assert codes([await bench.begin(oldest, SIZE)]) == ["no_room"]
    assert await received(bench, old) == SIZE * 3 // 4


def _make_older(bench: Bench, token: str) -> None:
    link_id = bench.studio.pages.links.read(token)
    os.utime(bench.process.deps.uploads.path(link_id), (0, 0))


async def test_uploads_that_stand_still_do_not_keep_their_member_from_another(
    bench: Bench,
) -> None:
    tokens = [await bench.link() for _ in range(4)]
    begun = [await bench.begin(token) for token in tokens]
    assert codes(begun) == [201, 201, 201, "busy"]
    bench.harness.clock.forward(minutes=2)
    assert codes([await bench.begin(tokens[3])]) == [201]
    pieces = [await bench.piece(token, 0, BYTES) for token in tokens[:3]]
    assert codes(pieces) == [200, 200, "busy"]
    bench.harness.clock.forward(minutes=2)
    assert codes([await bench.piece(tokens[2], 0, BYTES)]) == [200]


async def test_at_the_same_moment_no_more_begin_than_may(bench: Bench) -> None:
    tokens = [await bench.link() for _ in range(6)]
    begun = await asyncio.gather(*(bench.begin(token) for token in tokens))
    assert sorted(map(str, codes(list(begun)))) == [*3 * ["201"], *3 * ["busy"]]


async def test_one_member_holds_a_part_of_the_whole_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analyzer.services import studio

    assert studio.UPLOAD_BYTES_AT_ONCE >= 20 * studio.UPLOAD_BYTES_OF_ONE
    monkeypatch.setattr("analyzer.services.studio.UPLOAD_BYTES_OF_ONE", SIZE + 1000)
    first, second, theirs = await bench.link(), await bench.link(), await bench.link(BEN)
    assert codes([await bench.begin(first, SIZE), await bench.begin(second, 1001)]) == [201, "busy"]
    assert codes([await bench.begin(second, 1000), await bench.begin(theirs, SIZE)]) == [201, 201]


async def test_a_disk_that_others_fill_meanwhile_keeps_what_must_stay_free(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.media.upload_store._BLOCK_BYTES", 1000)
    room_for(bench, 1.5)
    token = await bench.link()
    await bench.begin(token, SIZE)

    async def until_it_is_full() -> AsyncIterator[bytes]:
        yield DATA[:200_000]
        while await received(bench, token) != 200_000:
            pass
        room_for(bench, -0.5)
        yield DATA[200_000:]

    full = await bench.piece(token, 0, until_it_is_full())
    assert (full.status, full.code) == (507, "no_room")
    kept = await received(bench, token)
    assert kept == 200_000
    room_for(bench, 1.5)
    assert (await bench.piece(token, kept, DATA[kept:])).json == {"received_bytes": SIZE}


async def test_what_is_dropped_while_it_comes_ends_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.media.upload_store._BLOCK_BYTES", 1)
    room_for(bench, 1.5)
    token, theirs = await bench.link(ANN), await bench.link(BEN)
    link, _ = await bench.studio.find(token)
    await bench.begin(token, SIZE)

    async def until_it_is_dropped() -> AsyncIterator[bytes]:
        yield b"x"
        async with asyncio.timeout(5):
            while await bench.process.deps.uploads.received(link.id) != 1:
                pass
        await forget_uploads(bench.process.deps, ANN)
        yield b"x"

    assert codes([await bench.piece(token, 0, until_it_is_dropped())]) == ["no_upload"]
    assert codes([await bench.begin(theirs, SIZE)]) == [201]


async def test_a_restart_remembers_what_was_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_bench(tmp_path, monkeypatch, limits=LIMITS) as before:
        mine, theirs = await before.link(ANN), await before.link(BEN)
        await before.begin(mine, SIZE)
        await before.piece(mine, 0, DATA[:1000])
    shutil.rmtree(tmp_path / "static")
    async with open_bench(tmp_path, monkeypatch, limits=LIMITS) as after:
        room_for(after, 1.5)
        assert codes([await after.begin(theirs, SIZE)]) == ["no_room"]
        assert (await after.piece(mine, 1000, DATA[1000:2000])).status == 200
        after.harness.clock.forward(minutes=2)
        assert codes([await after.begin(theirs, SIZE)]) == [201]


async def test_a_clip_that_is_being_fetched_counts_too(bench: Bench) -> None:
    room_for(bench, 1.5)
    token = await bench.link()
    async with bench.process.deps.room.held("a clip", PROMISED) as fits:
        assert fits
        assert codes([await bench.begin(token, SIZE)]) == ["no_room"]
        bench.harness.clock.forward(minutes=5)
        assert codes([await bench.begin(token, SIZE)]) == ["no_room"]
    assert codes([await bench.begin(token, SIZE)]) == [201]


@pytest.mark.parametrize("one_disk", [True, False])
async def test_a_recording_is_copied_only_where_it_waits_on_another_disk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, one_disk: bool
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    fetched: list[Path] = []
    fetch = clip.fetch_clip

    async def watched(fetcher: Fetcher, source: ClipSource, target: Path, **others: Any) -> int:
        fetched.append(target)
        return await fetch(fetcher, source, target, **others)

    monkeypatch.setattr("analyzer.media.preflight.fetch_clip", watched)
    if not one_disk:
        monkeypatch.setattr("analyzer.media.clip_store.os.link", other_disk)
    token = await bench.link()
    await bench.send(token)
    assert (await bench.submit(token)).status == 202
    await bench.process.rest()
    assert (await bench.call("GET", "attempt", token)).json["state"] == "delivered"
    assert len(fetched) == (0 if one_disk else 1)
    assert bench.files() == []


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[Path]:
    """A file system of its own, on which three uploads and the database find room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = FREE_BYTES + 3 * PROMISED + 1_500_000
    if await _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)):
        pytest.skip("no file system can be mounted here, which takes Linux and root")
    yield disk
    assert await _run("umount", str(disk)) == 0


async def _run(*command: str) -> int:
    try:
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    except FileNotFoundError:
        return -1
    return await process.wait()


async def test_on_a_real_small_disk_what_must_stay_free_stays_free(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def free() -> int:
        return shutil.disk_usage(small_disk).free

    async with open_bench(small_disk, monkeypatch, limits=LIMITS) as bench:
        tokens = [await bench.link(owner) for owner in FIVE]
        begun = [await bench.begin(token, SIZE) for token in tokens]
        assert codes(begun) == [201, 201, 201, "no_room", "no_room"]
        for token in tokens[:3]:
            assert (await bench.piece(token, 0, DATA)).status == 200
        await bench.send(tokens[4])
        assert (await bench.submit(tokens[4])).status == 202
        await bench.process.rest()
        assert free() > FREE_BYTES
        await bench.begin(tokens[4], SIZE)
        filler = small_disk / "filler"
        with await asyncio.to_thread(filler.open, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free() - FREE_BYTES - SLACK)
        last = await bench.link(FIVE[4])
        assert codes([await bench.begin(last, 1000)]) == ["no_room"]
        bench.harness.clock.forward(minutes=2)
        assert codes([await bench.piece(tokens[0], SIZE, b"")]) == [200]
        assert codes([await bench.begin(last, 1000)]) == [201]  # those that stood still make way
        assert free() > FREE_BYTES
