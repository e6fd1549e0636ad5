"""The clip store: a folder or an address, one recording for each id, and nothing else in reach."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from analyzer.media.clip_store import ClipStore
from analyzer.media.preflight import fetch_clip
from core.errors import ClipRefused, SettingsProblem, UserFacingError
from core.models import ClipKind, ClipSource

ID, OTHER = "0123456789abcdef", "fedcba9876543210"
DATA = b"a recording" * 100_000
SOURCE = ClipSource(kind=ClipKind.STUDIO, url="", name="x", size_bytes=len(DATA))


@pytest.fixture(params=["folder", "file://", "memory://"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    addresses = {"folder": str(tmp_path / "store"), "file://": f"file://{tmp_path}/store"}
    yield addresses.get(request.param, "memory://bucket/prefix")
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "a.part"
    file.write_bytes(DATA)
    return file


async def fetched(store: ClipStore, clip_id: str, folder: Path) -> bytes:
    target = folder / "fetched.clip"
    await fetch_clip(store.fetcher(clip_id), SOURCE, target, max_bytes=10**8)
    return await asyncio.to_thread(target.read_bytes)


async def test_a_recording_is_put_read_listed_and_deleted(
    url: str, recording: Path, tmp_path: Path
) -> None:
    store = ClipStore(url, "here")
    assert await store.ids() == frozenset()
    await store.put(ID, recording)
    await store.put(ID, recording)  # again, as after a crash
    await asyncio.to_thread(recording.unlink)
    assert await ClipStore(url, "here").ids() == {ID}  # another process
    assert await fetched(ClipStore(url, "here"), ID, tmp_path) == DATA
    for _ in range(2):
        await store.delete(ID)
    assert await store.ids() == frozenset()
    with pytest.raises(ClipRefused, match="clip_gone"):
        await fetched(store, ID, tmp_path)


async def test_another_installation_in_the_same_place_is_left_alone(
    url: str, recording: Path, tmp_path: Path
) -> None:
    ours, theirs = ClipStore(url, "ours"), ClipStore(url, "theirs")
    await theirs.put(ID, recording)
    assert await ours.ids() == frozenset()
    await ours.delete(ID)
    assert await fetched(theirs, ID, tmp_path) == DATA


async def test_an_address_in_the_source_leads_nowhere(url: str, recording: Path) -> None:
    store = ClipStore(url, "here")
    await store.put(ID, recording)
    async with store.fetcher(ID)(f"file://{recording}") as chunks:
        assert b"".join([chunk async for chunk in chunks]) == DATA
    with pytest.raises(ClipRefused):
        async with store.fetcher(OTHER)(f"../here/{ID}.clip"):
            pass


async def test_what_the_reader_meets_is_not_taken_for_the_stores(url: str, recording: Path) -> None:
    store = ClipStore(url, "here")
    await store.put(ID, recording)

    async def read() -> None:
        async with store.fetcher(ID)("") as chunks:
            async for _ in chunks:
                raise FileNotFoundError("the reader's own")

    with pytest.raises(FileNotFoundError, match="the reader's own"):
        await read()


async def test_a_folder_gives_a_second_name_and_an_address_does_not(
    url: str, recording: Path, tmp_path: Path
) -> None:
    store, target = ClipStore(url, "here"), tmp_path / "clips" / "a.clip"
    await store.put(ID, recording)
    is_folder = not url.startswith("memory")
    for _ in range(2):
        assert await store.link(ID, target) is is_folder
    assert not await store.link(OTHER, target.with_name("b.clip"))
    if is_folder:
        assert target.samefile(recording)
        await store.delete(ID)
        assert target.read_bytes() == DATA
    assert not target.with_name("b.clip").exists()


async def test_a_store_that_breaks_is_named_to_the_operator_and_to_nobody_else(
    url: str, recording: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = ClipStore(url, "here")

    def broken(*_: object) -> None:
        raise RuntimeError("secret text")

    for method in ("_link", "_upload", "_open"):
        monkeypatch.setattr(store, method, broken)
    with pytest.raises(UserFacingError, match="store_unreachable"):
        await store.put(ID, recording)
    with pytest.raises(UserFacingError, match="clip_unreachable"):
        async with store.fetcher(ID)(""):
            pass
    assert caplog.text.count("the clip store fails: RuntimeError in broken") == 2
    assert "secret text" not in caplog.text


async def test_a_full_folder_is_told_without_its_path(tmp_path: Path, recording: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(UserFacingError, match="store_unreachable") as caught:
        await ClipStore(str(tmp_path / "store"), "here").put(ID, recording)
    assert str(tmp_path) not in caught.value.sentence


@pytest.mark.parametrize(("url", "named"), [("nope://x", "neither"), ("s3://bucket", "s3://")])
def test_a_store_that_cannot_be_used_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)  # as where it is not installed
    with pytest.raises(SettingsProblem, match=named):
        ClipStore(url, "here")
