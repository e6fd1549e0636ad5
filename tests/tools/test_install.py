"""Installing a lock file with the real pip: what is shown, and what is there afterwards."""

from __future__ import annotations

import hashlib
import io
import os
import pty
import subprocess
import zipfile
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.environments import make_environment
from tools.install import Display, Output

SECONDS = 60

LINES = """\
Looking in indexes: https://example.invalid/simple
Ignoring three: markers 'sys_platform == "win32"' don't match your environment
Processing ./links/one-1.0-py3-none-any.whl (from -r some where/demo.lock (line 1))
Collecting two==1.0 (from -r some where/demo.lock (line 3))
  Downloading two-1.0-cp311-cp311-manylinux_2_28_x86_64.whl (40.8 MB)
Requirement already satisfied: four==2.0 in ./.venv/lib (from -r demo.lock (line 7)) (2.0)
Installing collected packages: two, one
Successfully installed one-1.0 two-1.0
""".splitlines()
"""As pip 23.2 and pip 26.3 write into a pipe."""


def wheel(folder: Path, name: str) -> str:
    """Put a small package into `folder`; returns its sha256. It asks for one that is nowhere."""
    facts = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}/__init__.py", "")
        file.writestr(
            f"{facts}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: nowhere\n",
        )
        file.writestr(
            f"{facts}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{facts}/RECORD", f"{name}/__init__.py,,\n{facts}/RECORD,,\n")
    return hashlib.sha256((folder / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of two packages, and of one for another system."""
    lines = ["--no-index", f"--find-links {tmp_path}"]
    for name in ("one", "two"):
        lines += [f"{name}==1.0 \\", f"    --hash=sha256:{wheel(tmp_path, name)}"]
    lines += ["three==1.0 ; sys_platform == 'nowhere' \\", f"    --hash=sha256:{'0' * 64}"]
    file = tmp_path / "some.lock"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The Python of an environment that has pip and nothing else."""
    return make_environment(tmp_path / "environment", ["pip"])


def command(python: Path, lock: Path, *options: str) -> list[str]:
    return [str(python), "-m", "tools.install", str(lock), "--about", "5 MB", *options]


ALONE = {"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}


def run(python: Path, lock: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        command(python, lock, *options),
        cwd=ROOT,
        env=ALONE,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def compiled(python: Path) -> set[str]:
    [site] = python.parents[1].rglob("site-packages")
    return {name for name in ("one", "two") if list((site / name).rglob("*.pyc"))}


def test_what_the_lock_names_is_installed_and_no_more_is_asked_for(
    python: Path, lock: Path
) -> None:
    ended = run(python, lock, "--used", "one")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == f"{lock.as_posix()}: 2 packages, about 5 MB in all"
    assert lines[-1].startswith("2 of 2 packages were new and are installed, in ")
    assert "environment has " in lines[-1]
    assert compiled(python) == {"one"}
    again = run(python, lock)
    assert again.stdout.splitlines()[-1].startswith("0 of 2 packages were new")
    assert compiled(python) == {"one", "two"}  # also what an earlier run had left out


def test_where_pip_fails_its_own_words_are_shown(python: Path, lock: Path) -> None:
    with (lock.parent / "one-1.0-py3-none-any.whl").open("ab") as file:
        file.write(b"not what the lock means")
    ended = run(python, lock)
    assert ended.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in ended.stderr
    assert "were new" not in ended.stdout
    assert "Traceback" not in ended.stderr


def test_on_a_terminal_one_line_is_written_over(python: Path, lock: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own command
        command(python, lock), cwd=ROOT, env=ALONE, stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        written = b""
        while piece := _read(ours):
            written += piece
        assert process.wait(SECONDS) == 0
    text = written.decode("ascii")
    assert "\r  getting 2 of 2: two" in text
    assert "\x1b" not in text
    first, last = [line.rpartition("\r")[2] for line in text.split("\r\n")[:-1]]
    assert first.endswith("2 packages, about 5 MB in all")
    assert last.startswith("2 of 2 packages were new")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_what_pip_says_is_understood() -> None:
    lock = [
        "one==1.0 \\",
        "  --hash=x",
        "two==1.0 \\",
        "  --hash=x",
        "three==1.0 ; x",
        "",
        "four==2",
    ]
    output = Output(lock)
    said = []
    for line in LINES:
        output.read(line)
        said.append(output.fetching.strip())
    assert said[2:6] == [
        "getting 1 of 3: one",
        "getting 2 of 3: two",
        "getting 2 of 3: two (40.8 MB)",
        "getting 3 of 3: four",
    ]
    assert output.installs == 2


def test_elsewhere_than_on_a_terminal_a_line_comes_every_few_seconds() -> None:
    out, now = io.StringIO(), [100.0]
    display = Display(out, terminal=False, clock=lambda: now[0])
    for text in ("one", "two", "three", "four"):
        display.show(text)
        now[0] += 2.0
    display.show("four")
    assert out.getvalue() == "one\nfour\n"


def test_a_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = io.StringIO()
    display = Display(out, terminal=True)
    for text in ("a name that is much too long", "short", "a name that is much too long"):
        display.show(text)
    display.say("done")
    assert all(len(piece) <= 19 for piece in out.getvalue().split("\r"))
    assert out.getvalue().endswith("\rdone\n")
