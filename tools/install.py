"""Installs what a lock file names, and shows how far it is: pip is silent for minutes, or loud.

`python -m tools.install LOCK` runs before anything is installed, so it needs the standard library
only. It installs into the environment of the Python that runs it.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, TextIO

PIP = (
    *("-m", "pip", "--disable-pip-version-check", "--no-input"),
    *("install", "--progress-bar", "off", "--require-hashes"),
    "--no-deps",  # a lock names all there is to install; that of the demo leaves some out
    "--no-compile",  # pip's way is slow, and compiles all; see `_compile`
)

_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==")
_FROM_LINE = re.compile(r" \(from -r .* \(line (\d+)\)\)")  # ends what pip says of each package
_FETCHED = re.compile(r"^ +(?:Downloading|Using cached) .* \((.+)\)$")
_PLAIN_SECONDS = 5.0
_LOOK_SECONDS = 0.2


class Display:
    """One line that is written over on a terminal; elsewhere a line every five seconds at most.

    Only ASCII and carriage returns, so that every terminal can show it.
    """

    def __init__(
        self, out: TextIO, *, terminal: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out
        self._terminal = terminal
        self._clock = clock
        self._shown = ""
        self._last = -_PLAIN_SECONDS

    def show(self, text: str) -> None:
        """Show where things are now, in place of what was shown before."""
        if text == self._shown:
            return
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1  # a full line would begin a new one
            self._write(f"\r{text[:width]:<{min(len(self._shown), width)}}")
        elif self._clock() - self._last >= _PLAIN_SECONDS:
            self._last = self._clock()
            self._write(f"{text}\n")
        else:
            return
        self._shown = text

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._write(f"{text}\n")

    def clear(self) -> None:
        """Leave nothing of what was shown on a terminal."""
        if self._terminal and self._shown:
            self.show("")
            self._write("\r")

    def _write(self, text: str) -> None:
        self._out.write(text.encode("ascii", "replace").decode())
        self._out.flush()


class Output:
    """What pip has told so far about the packages of one lock file."""

    def __init__(self, lock: Iterable[str]) -> None:
        self._names = {
            number: found[1]
            for number, line in enumerate(lock, start=1)
            if (found := _PINNED.match(line))
        }
        self.ignored = 0  # for other systems and other Pythons
        self.met = 0
        self.installs = 0
        self._name, self._size = "", ""

    @property
    def packages(self) -> int:
        """How many packages this system needs; known once the first of them is met."""
        return len(self._names) - self.ignored

    @property
    def fetching(self) -> str:
        """Which package pip is at, for `Display.show`."""
        return f"  getting {self.met} of {self.packages}: {self._name}{self._size}"

    def read(self, line: str) -> None:
        """Take in a line as pip writes it into a pipe (pip 23 to 26 write the same)."""
        if line.startswith("Ignoring "):
            self.ignored += 1
        elif line.startswith("Installing collected packages: "):
            self.installs = line.count(",") + 1
        elif found := _FETCHED.match(line):
            self._size = f" ({found[1]})"
        elif found := _FROM_LINE.search(line):
            self.met += 1
            self._name, self._size = self._names.get(int(found[1]), ""), ""


class Folder:
    """Where packages go. While pip unpacks it says nothing, but each package appears here."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._before = self._packages()
        self.new: set[str] = set()
        self.newest = ""

    def look(self) -> None:
        """See what has appeared: `new` are all of it, `newest` is one since the last look."""
        new = self._packages() - self._before
        for name in sorted(new - self.new)[-1:]:
            self.newest = name.split("-")[0]
        self.new = new

    def _packages(self) -> set[str]:
        names = {folder.name for folder in self._site.glob("*.dist-info")}
        return {name for name in names if not name.startswith("~")}  # that is about to go


def install(lock: Path, *, about: str, used: Sequence[str], display: Display) -> int:
    """Run pip on a lock file and show its progress; returns pip's exit code.

    Where pip fails, what it wrote about that goes to the error output.

    Args:
        lock: pins with hashes.
        about: how much room it needs, such as "700 MB".
        used: modules; what they load is compiled, or with none given everything.
        display: where to show things.
    """
    begun = time.monotonic()
    site = sysconfig.get_path("purelib")
    output = Output(lock.read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryFile() as errors:
        code = _run_pip(lock, errors, output, Folder(Path(site)), display, about)
        display.clear()
        if code != 0:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors="replace"))
            sys.stderr.write(f"pip could not install {lock.as_posix()}; above it says why.\n")
            return code
    display.show("  compiling")
    _compile(site, used)
    seconds, megabytes = time.monotonic() - begun, _bytes(Path(sys.prefix)) / 1e6
    display.say(
        f"{output.installs} of {output.packages} packages were new and are installed, "
        f"in {seconds:.0f} s. {Path(sys.prefix).name} has {megabytes:.0f} MB now."
    )
    return 0


def _compile(site: str, used: Sequence[str]) -> None:
    """Compile the packages in `site`, or only what the modules `used` load, in half the room.

    It is done here, because whoever waits for the first chart should not wait for this too, and our
    child processes never write what they compile. What cannot be compiled is left: some packages
    carry templates, and a module that cannot be loaded says so when it is needed.
    """
    some, everything = f"import {', '.join(used)}", ("-m", "compileall", "-qq", "-j", "0", site)
    command = [sys.executable, "-W", "ignore", *(("-c", some) if used else everything)]
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(  # noqa: S603 - our own command
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _run_pip(
    lock: Path, errors: IO[bytes], output: Output, folder: Folder, display: Display, about: str
) -> int:
    command = [sys.executable, *PIP, "-r", str(lock)]
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        errors="replace",
    ) as pip:
        assert pip.stdout is not None  # noqa: S101 - PIPE was asked for
        threading.Thread(target=_pass_on, args=(pip.stdout, lines), daemon=True).start()
        announced = False
        while True:
            try:
                line = lines.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                line = ""
            if line is None:
                return pip.wait()
            output.read(line)
            if output.met and not announced:
                announced = True
                display.say(f"{lock.as_posix()}: {output.packages} packages, about {about} in all")
            if output.installs:
                folder.look()
                last = f": {folder.newest}" if folder.newest else ""
                display.show(f"  unpacked {len(folder.new)} of {output.installs}{last}")
            elif output.met:
                display.show(output.fetching)


def _pass_on(stream: Iterable[str], lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        lines.put(line.rstrip())
    lines.put(None)


def _bytes(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*"))


def main() -> int:
    """Install the lock file named on the command line; returns pip's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.install", description=__doc__)
    parser.add_argument("lock", type=Path, metavar="LOCK")
    parser.add_argument("--about", required=True, help="how much room it needs, for people")
    parser.add_argument("--used", nargs="+", default=(), help="compile only what these load")
    given = parser.parse_args()
    display = Display(sys.stdout, terminal=sys.stdout.isatty())
    try:
        return install(given.lock, about=given.about, used=given.used, display=display)
    except KeyboardInterrupt:
        display.clear()
        return 130


if __name__ == "__main__":
    sys.exit(main())
