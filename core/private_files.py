"""Folders and files for the user who runs the bot alone: how they are made, and old ones mended."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

UMASK = 0o077
"""What a process of ours takes from the mode of whatever it makes, and its children do too."""

FOLDER_MODE, FILE_MODE = 0o700, 0o600

_OF_OTHERS = 0o077
_PROGRAM = Path(__file__).resolve().parents[1]
_MOST = 50_000
"""Entries looked at in one start: more would hold it up, and their folder is private by then."""


@dataclass(slots=True)
class Repair:
    """What was made private, and what could not be."""

    made_private: int = 0
    left: list[Path] = field(default_factory=list)  # others may still read these


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for us alone.

    `Path.mkdir` gives the mode to the last one only.

    Raises:
        OSError: it cannot be made, or something else is in its place.
    """
    try:
        path.mkdir(mode=FOLDER_MODE)
    except FileNotFoundError:
        make_folder(path.parent)
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    except FileExistsError:
        if not path.is_dir():
            raise


def make_file(path: Path) -> None:
    """Make a file and its folder for us alone; one that is there keeps what it holds.

    Raises:
        OSError: it cannot be made.
    """
    make_folder(path.parent)
    path.touch(mode=FILE_MODE)
    path.chmod(FILE_MODE)


def new_file(path: Path) -> IO[bytes]:
    """Open a new file for us alone, in place of what was there, and make its folder.

    Raises:
        OSError: it cannot be made.
    """
    make_folder(path.parent)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb")


def make_private(folder: Path, *, trees: Iterable[Path] = (), files: Iterable[Path] = ()) -> Repair:
    """Take from others what they may do with folders and files that are there already.

    That is: `folder` itself, each of `trees` with all that lies in it, and `files`. What belongs to
    another user is left, and so is a `folder` that is evidently shared with other things: one that
    the program, its working folder or a home lies in, or in which everybody may write. Links are
    not followed, except where `folder` is one. Blocks; whatever cannot be changed raises nothing.
    """
    repair = Repair()
    if sys.platform == "win32":  # who may read what is inherited from the folder there
        return repair
    if folder.is_dir():
        if _is_shared(folder):
            if _open_to_others(folder.stat().st_mode):
                repair.left.append(folder)
        else:
            _close(folder, repair, links=True)
    for file in files:
        _close(file, repair)
    budget = _MOST
    for tree in trees:
        budget = _close_tree(tree, repair, budget)
    return repair


def _close_tree(tree: Path, repair: Repair, budget: int) -> int:
    """Close a folder, then what is in it: from then on nobody else can change what that is."""
    waiting = [tree]
    while waiting and budget > 0:
        path = waiting.pop()
        budget -= 1
        if not _close(path, repair):
            continue
        try:
            with os.scandir(path) as entries:
                waiting += [Path(entry.path) for entry in islice(entries, budget)]
        except OSError:  # a file, or gone
            continue
    return budget


def _close(path: Path, repair: Repair, *, links: bool = False) -> bool:
    """Make one folder or file private; whether it is now ours alone.

    By its descriptor, which is of the thing that was looked at and of nothing put in its place.
    Without waiting: opening a pipe would wait for who writes into it.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW)
    try:
        found = path.stat() if links else path.lstat()
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            return False
        if found.st_uid != os.geteuid():
            if _open_to_others(found.st_mode):
                repair.left.append(path)
            return False
        if not _open_to_others(found.st_mode):
            return True
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        repair.left.append(path)
        return False
    try:
        now = os.fstat(descriptor)
        is_folder = stat.S_ISDIR(now.st_mode)
        if (now.st_dev, now.st_ino) != (found.st_dev, found.st_ino):
            return False
        os.fchmod(descriptor, FOLDER_MODE if is_folder else FILE_MODE)
    except OSError:
        repair.left.append(path)
        return False
    finally:
        os.close(descriptor)
    repair.made_private += 1
    return True


def _open_to_others(mode: int) -> bool:
    return bool(mode & _OF_OTHERS)


def _is_shared(folder: Path) -> bool:
    """Whether a folder is evidently more than one for data."""
    here = folder.resolve()
    others = [_PROGRAM]
    for find in (Path.cwd, Path.home):
        try:
            others.append(find().resolve())
        except (OSError, RuntimeError):  # the folder is gone, the user has none
            continue
    sticky = bool(here.stat().st_mode & stat.S_ISVTX)  # such as /tmp
    return sticky or any(other.is_relative_to(here) for other in others)
