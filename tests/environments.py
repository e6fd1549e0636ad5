"""Python environments that have only some of the packages that the tests run with."""

from __future__ import annotations

import os
import re
import shutil
import sys
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, set[str]]:
    """The versions of each package in a lock: more than one where Pythons need different ones."""
    found: dict[str, set[str]] = {}
    for name, version in _PINNED.findall(lock.read_text()):
        found.setdefault(name, set()).add(version)
    return found


def installed(names: Iterable[str]) -> Iterable[Distribution]:
    """Those of the packages that are here: a lock also names some for other systems."""
    for name in names:
        try:
            yield distribution(name)
        except PackageNotFoundError:
            continue


def make_environment(folder: Path, names: Iterable[str]) -> Path:
    """Make an environment with these packages and nothing else; returns its Python.

    Their files are second names of what is installed here where the disk allows that, so it takes a
    moment and no room. No symbolic links: decoders may read nothing outside of the environment.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    for package in installed(names):
        for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                _name_again(Path(str(package.locate_file(name))).resolve(), site / name)
    return folder / "bin" / "python"


def _name_again(source: Path, target: Path) -> None:
    def link(file: str, name: str) -> None:
        try:
            os.link(file, name)
        except OSError:  # another disk
            shutil.copy2(file, name)

    if source.is_dir():
        shutil.copytree(source, target, copy_function=link)
    else:
        link(str(source), str(target))
