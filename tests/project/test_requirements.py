"""What `make demo`, `make run` and `make test` install: one environment that they all add to."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.environments import installed, pins

LOCKS = ROOT / "requirements"
DEV_TOOLS = {"pytest", "mypy", "ruff", "simcord", "playwright", "hypothesis", "pip-audit"}
OTHER_MEGABYTES = 60
"""pip and setuptools, which `python -m venv` of Python 3.11 brings along, and what is compiled."""

_NAMED = re.compile(r"^[A-Za-z0-9._-]+", re.MULTILINE)


def named(file: Path) -> set[str]:
    """The packages that a file of requirements names itself."""
    return {name.lower().replace(".", "-") for name in _NAMED.findall(file.read_text())} - {"-r"}


def test_all_locks_name_the_same_versions() -> None:
    everything = pins(LOCKS / "dev.lock")
    for lock in LOCKS.glob("*.lock"):
        other = {name for name, found in pins(lock).items() if not found <= everything[name]}
        assert not other, f"{lock.name}: run `make lock`"


@pytest.mark.parametrize(
    ("lock", "files"),
    [("bot.lock", ["postgres.txt"]), ("local.lock", ["postgres.txt", "local.txt"])],
)
def test_the_bot_has_all_that_it_asks_for_and_no_test_tools(lock: str, files: list[str]) -> None:
    ours = set(pins(LOCKS / lock))
    asked = [named(file) for file in (ROOT / "requirements.txt", *(LOCKS / file for file in files))]
    assert set().union(*asked) <= ours, "run `make lock`"
    assert not DEV_TOOLS & ours


def test_the_demo_has_all_that_it_asks_for_but_what_it_never_loads() -> None:
    lock, without = set(pins(LOCKS / "demo.lock")), named(LOCKS / "demo-without.txt")
    files = (ROOT / "requirements.txt", LOCKS / "local.txt", LOCKS / "demo.txt")
    assert {name for file in files for name in named(file)} <= lock | without, "run `make lock`"
    assert not lock & without, "run `make lock`"
    assert lock & DEV_TOOLS == {"simcord"}
    assert without <= set(pins(LOCKS / "dev.lock")), "nobody asks for it any more"


def test_no_lock_says_where_packages_come_from() -> None:
    for lock in LOCKS.glob("*.lock"):
        assert not re.search(r"://|--(extra-)?index|--find-links", lock.read_text())


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64",
    reason="the sizes that are told are those of Linux on x86-64",
)
def test_the_size_that_is_told_is_true() -> None:
    told = re.search(r'demo\.lock.*\n.*--about "(\d+) MB"', (ROOT / "Makefile").read_text())
    assert told is not None
    packages = installed(pins(LOCKS / "demo.lock"))
    size = sum(file.size or 0 for package in packages for file in package.files or ()) / 1e6
    assert size + OTHER_MEGABYTES == pytest.approx(int(told[1]), rel=0.05)
    assert f"about {told[1]} MB" in (ROOT / "README.md").read_text()


def test_what_is_compiled_for_the_demo_can_be_loaded() -> None:
    named = re.search(r"^LOADED := (.+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert named is not None
    assert all(find_spec(module) for module in named[1].split())


@pytest.fixture
def make(tmp_path: Path) -> Path:
    """A folder with our Makefile and an environment whose Python only notes what it was told."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    for lock in LOCKS.glob("*.lock"):
        (tmp_path / "requirements" / lock.name).touch()
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("pip", "python"):
        (tools / name).write_text('#!/bin/sh\necho "$@" >> told\n')
        (tools / name).chmod(0o755)
    return tmp_path


def told(folder: Path, target: str) -> list[str]:
    """What Python is told by `make target`: the lock that is installed, or what is run."""
    note = folder / "told"
    note.unlink(missing_ok=True)
    subprocess.run(  # noqa: S603 - our own Makefile
        ["make", target],  # noqa: S607 - whichever make there is
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        timeout=20,
    )
    lines = note.read_text().splitlines()
    return [line.removeprefix("-m tools.install requirements/").split()[0] for line in lines]


def test_the_demo_installs_its_own_and_the_tests_add_the_rest(make: Path) -> None:
    assert told(make, "demo") == ["demo.lock", "bot.py"]
    assert told(make, "demo") == ["bot.py"]
    assert told(make, "run") == ["local.lock", "bot.py"]
    assert told(make, "test") == ["dev.lock", "-m"]


def test_nothing_is_installed_again_over_what_the_tests_need(make: Path) -> None:
    assert told(make, "test") == ["dev.lock", "-m"]
    for target in ("demo", "run", "check"):
        assert told(make, target) == ["bot.py"]


def test_a_new_lock_is_installed_the_next_time(make: Path) -> None:
    told(make, "test")
    later = (make / ".venv" / ".demo").stat().st_mtime + 5
    os.utime(make / "requirements" / "demo.lock", (later, later))
    assert told(make, "run") == ["bot.py"]
    assert told(make, "demo") == ["demo.lock", "bot.py"]


def test_what_could_not_be_installed_is_tried_again(make: Path) -> None:
    python = make / ".venv" / "bin" / "python"
    noting = python.read_text()
    python.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        told(make, "demo")
    python.write_text(noting)
    assert told(make, "demo") == ["demo.lock", "bot.py"]
