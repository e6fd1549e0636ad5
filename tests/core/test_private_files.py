"""Folders and files of ours are for the user who runs the bot alone, old ones too."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import private_files as private
from core.private_files import Repair, make_file, make_folder, make_private
from core.settings import ROOT, Settings


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    """As a shell has it: whoever gives no mode leaves all open to others."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def left_open(folder: Path) -> set[str]:
    """What others can read or list, below a folder and of itself."""
    every = [folder, *folder.rglob("*")]
    return {
        str(path.relative_to(folder.parent))
        for path in every
        if not path.is_symlink() and mode(path) & 0o077
    }


def open_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("what she said")
    return path


def test_every_missing_folder_on_the_way_is_made_private(tmp_path: Path) -> None:
    make_folder(tmp_path / "one" / "two" / "three")
    make_folder(tmp_path / "one" / "two")
    assert left_open(tmp_path / "one") == set()


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    make_folder(tmp_path / "shared" / "ours")
    assert mode(tmp_path / "shared") == 0o755
    with pytest.raises(FileExistsError):
        make_folder(open_file(tmp_path / "file"))


def test_a_file_becomes_private_and_keeps_what_it_holds(tmp_path: Path) -> None:
    file = open_file(tmp_path / "folder" / "file")
    make_file(file)
    make_file(tmp_path / "new" / "file")
    assert (mode(file), file.read_text()) == (0o600, "what she said")
    assert left_open(tmp_path / "new") == set()


def test_all_that_is_ours_is_closed_and_counted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    database = open_file(data / "greenroom.sqlite3")
    open_file(data / "clips" / "deep" / "one.clip")
    (data / "clips" / "deep" / "program").touch(mode=0o755)
    theirs = open_file(data / "notes.txt")
    repair = make_private(data, trees=[data / "clips", data / "missing"], files=[database])
    assert left_open(data) == {"data/notes.txt"}
    assert repair == Repair(made_private=6)
    assert theirs.read_text() == database.read_text() == "what she said"
    assert make_private(data, trees=[data / "clips"], files=[database]) == Repair()


def test_where_nothing_is_there_is_nothing_to_say(tmp_path: Path) -> None:
    file = open_file(tmp_path / "file")  # where the data folder should be
    for data in (tmp_path / "missing", file):
        assert make_private(data, trees=[data / "clips"], files=[data / "one"]) == Repair()


def test_links_and_pipes_lead_nowhere(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", open_file(tmp_path / "outside" / "file")
    (data / "clips").mkdir(parents=True)
    (data / "clips" / "link").symlink_to(outside)
    (data / "clips" / "folder").symlink_to(outside.parent)
    (data / "uploads").symlink_to(outside.parent)
    os.mkfifo(data / "clips" / "pipe", 0o644)
    make_private(data, trees=[data / "clips", data / "uploads"], files=[data / "clips" / "link"])
    assert left_open(tmp_path / "outside") == {"outside", "outside/file"}
    assert mode(data / "clips") == 0o700


def test_a_data_folder_that_is_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    assert make_private(tmp_path / "data").made_private == 1
    assert mode(tmp_path / "disk") == 0o700


@pytest.mark.parametrize("shared", ["working folder", "home", "everybody's"])
def test_a_folder_shared_with_other_things_is_left_and_named(
    shared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = open_file(tmp_path / "data" / "clips" / "one.clip")
    inside = tmp_path / "data" / "inside"
    inside.mkdir()
    if shared == "working folder":
        monkeypatch.chdir(inside)
    elif shared == "home":
        monkeypatch.setattr(Path, "home", lambda: inside)
    else:
        (tmp_path / "data").chmod(0o1777)
    before = mode(tmp_path / "data")
    repair = make_private(tmp_path / "data", trees=[tmp_path / "data" / "clips"])
    assert repair == Repair(made_private=2, left=[tmp_path / "data"])
    assert mode(tmp_path / "data") == before
    assert mode(ours) == 0o600


def test_the_folder_of_the_program_is_never_taken_for_a_data_folder() -> None:
    before = mode(ROOT)
    assert make_private(ROOT).made_private == 0
    assert make_private(ROOT.parent).made_private == 0
    assert mode(ROOT) == before


def test_what_belongs_to_somebody_else_is_left_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_file(tmp_path / "data" / "clips" / "one.clip")
    somebody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    data = tmp_path / "data"
    repair = make_private(data, trees=[data / "clips"], files=[file])
    assert repair == Repair(left=[data, file, data / "clips"])
    assert mode(file) == 0o644


def test_a_folder_with_very_many_files_is_closed_itself_and_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_MOST", 10)
    for number in range(50):
        open_file(tmp_path / "data" / "clips" / f"{number}.clip")
    repair = make_private(tmp_path / "data", trees=[tmp_path / "data" / "clips"])
    assert mode(tmp_path / "data" / "clips") == 0o700
    assert repair.made_private <= 11


def test_the_store_in_the_data_folder_is_ours_and_one_that_was_named_only_below(
    tmp_path: Path,
) -> None:
    assert Settings(data_dir=tmp_path).clip_store_folders() == [tmp_path / "recordings"]
    (tmp_path / "store" / "0123abcd").mkdir(parents=True)
    (tmp_path / "store" / "somebody's").mkdir()
    for named in (f"{tmp_path}/store", f"file://{tmp_path}/store"):
        found = Settings(clip_store=named).clip_store_folders()
        assert found == [tmp_path / "store" / "0123abcd"]
    assert Settings(clip_store="s3://bucket/greenroom").clip_store_folders() == []
