"""The sandbox: a decoder that is taken over reaches nothing of ours, and has what it needs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped] # psutil carries no types
import pytest

from analyzer.confinement import call_filter, landlock
from analyzer.confinement.call_filter import (
    _MACHINES,
    _NEWEST,
    _REFUSED,
    _WATCHED,
    numbers,
    program,
)
from analyzer.confinement.confine import EVERY_LAYER, NO_LAYER, Layer, _beside
from analyzer.engines import Job
from analyzer.engines.local.engine import LocalEngine
from analyzer.media import sandbox as child
from analyzer.media.preflight import mend_clip, probe_clip
from analyzer.media.sandbox import ChildFailed, run_child, sandbox
from core.models import ClipFacts, VendorRefs
from core.settings import ROOT
from tests.analyzer.confinement.hostile import outcome, read_memory_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")

NOBODY = 65534
FACTS = ClipFacts(
    size_bytes=1000,
    duration_seconds=10,
    width=640,
    height=480,
    has_audio=True,
    container="webm",
    video_codec="vp8",
)
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}

WITHOUT_LANDLOCK = {
    *(".env", ".env through /proc", "database", "names of the data", "names beside the code"),
    *("clip of another", "a file of the system", "new file", "overwrite", "overwrite the clip"),
    *("change our code", "files of another"),
}
"""What the filter of calls cannot refuse, since it does not see which file is meant."""


def with_landlock(version: int = 1) -> pytest.MarkDecorator:
    """For a test that needs what Landlock has since this version; `check` says where it is not."""
    return pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < version,
        reason=f"this kernel or container has no Landlock of version {version}",
    )


class Place(NamedTuple):
    """A folder with the code, `.env` and data, as on an operator's machine."""

    code: Path
    data: Path
    clip: Path
    target: Path

    def arguments(self, other: int) -> list[str]:
        return [str(other), str(self.data), str(self.clip), str(self.target)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    code, clips = tmp_path / "code", tmp_path / "code" / "data" / "clips"
    clips.mkdir(parents=True)
    for name in ("analyzer", "core"):
        (code / name).symlink_to(ROOT / name)
    shutil.copy(Path(__file__).with_name("hostile.py"), code)
    (code / "beside.py").touch()
    (code / ".env").write_text("DISCORD_TOKEN=sesame\n")
    (clips.parent / "greenroom.sqlite3").write_text("sesame")
    for name in ("clip", "other"):
        (clips / name).write_text("sesame")
    monkeypatch.setattr("analyzer.media.sandbox._ROOT", code)
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        os.chdir(clips.parent)  # the path of a socket may have 107 characters only
        listening.bind("socket")
        os.chdir(ROOT)
        listening.listen()
        yield Place(code, clips.parent, clips / "clip", clips / "target")


@pytest.fixture
async def neighbour() -> AsyncIterator[int]:
    """Another process of the same user."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(60)"
    )
    yield process.pid
    process.kill()
    await process.wait()


async def hostile(place: Place, other: int) -> dict[str, dict[str, str]]:
    output = await run_child(
        "hostile",
        place.arguments(other),
        memory_bytes=300_000_000,
        cpu_seconds=10,
        wall_seconds=20.0,
        file_bytes=1000,
        reads=[place.clip],
        writes=[place.target],
    )
    found: dict[str, dict[str, str]] = json.loads(output)
    assert place.target.read_bytes() == b"written"
    assert place.target.stat().st_mode & 0o777 == 0o600
    assert place.clip.read_text() == "sesame"
    return found


def came_through(found: dict[str, dict[str, str]]) -> set[str]:
    return {name for name, ended in found["attacks"].items() if ended != "PermissionError"}


@with_landlock()
@pytest.mark.parametrize("whom", ["the bot", "a neighbour"])
async def test_a_taken_over_decoder_reaches_nothing_and_has_what_it_needs(
    place: Place, neighbour: int, whom: str
) -> None:
    found = await hostile(place, os.getpid() if whom == "the bot" else neighbour)
    assert set(found["needs"].values()) == {"done"}, found["needs"]
    assert not came_through(found), found["attacks"]


async def test_without_landlock_the_filter_of_calls_still_refuses_what_is_no_file(
    place: Place, neighbour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_layers", Layer.CALLS)
    found = await hostile(place, neighbour)
    assert set(found["needs"].values()) == {"done"}, found["needs"]
    proc = {"environment of another", "memory of another", "memory map of another"}
    assert came_through(found) <= WITHOUT_LANDLOCK | proc, found["attacks"]


@with_landlock(6)
async def test_landlock_alone_keeps_files_and_the_memory_of_others(
    place: Place, neighbour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_layers", Layer.FILES)
    found = await hostile(place, neighbour)
    refused = {*found["attacks"]} - came_through(found)
    assert refused >= (WITHOUT_LANDLOCK - {"files of another"}) | {
        *("environment of another", "memory of another", "process_vm_readv", "ptrace attach"),
        *("shell", "remove", "new folder", "cut the clip", "tcp", "kill another"),
    }


async def test_without_a_sandbox_the_attacks_are_real(
    place: Place, neighbour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the other tests would show nothing."""
    monkeypatch.setattr(child, "_layers", NO_LAYER)
    found = await run_child(
        "hostile",
        place.arguments(neighbour),
        memory_bytes=300_000_000,
        cpu_seconds=10,
        wall_seconds=20.0,
        file_bytes=1000,
        confined=False,
    )
    through = came_through(json.loads(found))
    assert through >= {
        *(".env", "database", "environment of another", "tcp", "udp", "unix", "socketpair", "fork"),
        *("shell", "kill another", "limits of another", "priority of another", "new file"),
        *("overwrite", "whose it is"),
    }
    if outcome(lambda: read_memory_of(neighbour)) == "done":  # a container or Yama may forbid it
        assert through >= {"memory of another", "process_vm_readv", "ptrace attach"}


@pytest.mark.skipif(os.getuid() != 0, reason="the other tests run without rights already")
@pytest.mark.parametrize("layers", [pytest.param(EVERY_LAYER, marks=with_landlock()), NO_LAYER])
async def test_a_user_without_rights_is_held_off_by_the_bot_itself_too(
    place: Place, layers: Layer
) -> None:
    """As on most machines. The one right that is left lets it use this test's Python and folder."""
    rights = "-all,+dac_override"
    bot = f"""
import asyncio, json, os
from pathlib import Path
from analyzer.media import sandbox as child
from analyzer.confinement.confine import Layer
from core.secrecy import hide_process
hide_process()
assert os.getuid() == {NOBODY}
child._ROOT, child._layers = Path({str(place.code)!r}), Layer({layers.value})
print(asyncio.run(child.run_child(
    "hostile", [str(os.getpid()), *{place.arguments(0)[1:]!r}],
    memory_bytes=300_000_000, cpu_seconds=10, wall_seconds=20.0, file_bytes=1000,
    reads=[Path({str(place.clip)!r})], writes=[Path({str(place.target)!r})],
)).decode())
"""
    for path in (place.code, *place.code.rglob("*")):
        if not path.is_symlink():
            os.chown(path, NOBODY, NOBODY)
    process = await asyncio.create_subprocess_exec(
        *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *(f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}"),
        *(sys.executable, "-c", bot),
        cwd=ROOT,
        env={"DISCORD_TOKEN": "sesame"},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    found = json.loads(output)
    if layers:
        assert set(found["needs"].values()) == {"done"}, found["needs"]
        assert not came_through(found), found["attacks"]
    else:
        assert not came_through(found) & {
            *("environment of another", "memory of another", "memory map of another"),
            *("files of another", "process_vm_readv", "ptrace attach", "ptrace seize"),
        }, found["attacks"]
        assert "tcp" in came_through(found)


async def test_a_service_that_kills_whoever_asks_for_landlock_does_not_kill_every_decoder(
    place: Place,
) -> None:
    """As systemd does with a `SystemCallFilter` that knows the call and does not name it."""
    killing = [
        (call_filter._LOAD, 0, 0, call_filter._NUMBER),
        (call_filter._IF_EQUAL, 0, 1, landlock._CREATE_RULESET),
        (call_filter._RETURN, 0, 0, call_filter._KILL),
        (call_filter._RETURN, 0, 0, call_filter._ALLOW),
    ]
    service = f"""
import asyncio
from pathlib import Path
from analyzer.confinement import call_filter
from analyzer.media import sandbox as child
call_filter.program = lambda *_: {killing!r}
assert call_filter.install()
child._ROOT = Path({str(place.code)!r})
print(asyncio.run(child.sandbox()))
limits = dict(memory_bytes=10**9, cpu_seconds=9, wall_seconds=20.0)
print(asyncio.run(child.run_child("beside", [], **limits)))
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", service), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    said, printed = output.decode().splitlines()
    assert said.startswith("(False, 'decoder sandbox: no network, no other processes; ")
    assert "other files" in said
    assert printed == "b''"


@with_landlock()
async def test_the_operator_is_told_what_holds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = "decoder sandbox: no network, no other files, no other processes"
    assert await sandbox() == (True, whole)
    monkeypatch.setattr(child, "_layers", Layer.FILES)
    held, said = await sandbox()
    assert not held
    assert "no other files" in said
    monkeypatch.setattr(child, "_layers", NO_LAYER)
    held, said = await sandbox()
    assert not held
    assert said.startswith("decoder sandbox: limits only; ")
    assert said.count("network, other files, other processes") == 1


async def listen(fifo: Path) -> None:
    await LocalEngine()._hear(Job("0" * 16, "Why?", fifo, FACTS, VendorRefs()))


@pytest.mark.parametrize("work", [probe_clip, lambda fifo: mend_clip(fifo, FACTS), listen])
async def test_every_child_that_meets_a_clip_is_shut_in(
    tmp_path: Path, work: Callable[[Path], Awaitable[object]]
) -> None:
    """The clip is a pipe that nobody writes to, so that the child waits and can be looked at."""
    os.mkfifo(tmp_path / "clip")
    await sandbox()  # tries what there is, so that no other child gets in between
    working = asyncio.ensure_future(work(tmp_path / "clip"))
    async with asyncio.timeout(20):
        while not shut_in():  # noqa: ASYNC110 - a foreign process sets no event
            await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


def shut_in() -> bool:
    """Whether our child is under a filter of calls and can get no more rights."""
    told = [
        Path(f"/proc/{one.pid}/status").read_text()
        for one in psutil.Process().children(recursive=True)
    ]
    return any("\nSeccomp:\t2\n" in one and "\nNoNewPrivs:\t1\n" in one for one in told)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these are the numbers of i386")
async def test_calls_by_the_numbers_of_another_machine_end_the_process(place: Place) -> None:
    """Else they would be other calls than the filter takes them for: 20 is getpid there."""
    (place.code / "foreign.py").write_text(
        "import ctypes, mmap\n"
        "code = b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3'  # mov eax, 20; int 0x80; ret\n"
        "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "page.write(code)\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(address)()\n"
    )
    with pytest.raises(ChildFailed) as caught:
        await run_child("foreign", [], memory_bytes=10**9, cpu_seconds=9, wall_seconds=20.0)
    # by SIGSYS; by SIGSEGV where the kernel has none of these calls
    assert caught.value.exit_code in (-31, -11)


async def test_what_needs_the_network_may_be_run_without_a_sandbox(place: Place) -> None:
    (place.code / "fetching.py").write_text("import socket; socket.socket(); print('done')")
    done = await run_child(
        "fetching", [], memory_bytes=10**9, cpu_seconds=9, wall_seconds=20.0, confined=False
    )
    assert done == b"done\n"


async def own(place: Place, script: str) -> list[str]:
    """What a child printed that confines itself."""
    (place.code / "own.py").write_text(
        "import pathlib; from analyzer.confinement.confine import *; here = pathlib.Path.cwd()\n"
        + script
    )
    printed = await run_child(
        "own", [], memory_bytes=10**9, cpu_seconds=9, wall_seconds=20.0, confined=False
    )
    return printed.decode().splitlines()


async def test_a_process_with_threads_is_not_confined_in_part(place: Place) -> None:
    said = await own(
        place,
        "import threading\n"
        "wait = threading.Event(); threading.Thread(target=wait.wait, daemon=True).start()\n"
        "try: confine(here)\n"
        "except RuntimeError as error: print(error)\n",
    )
    assert said == ["a process must be confined before it has threads"]


@pytest.mark.parametrize("layers", [EVERY_LAYER, NO_LAYER])
async def test_a_decoder_is_hidden_from_other_decoders_and_has_no_rights_of_roots(
    place: Place, layers: Layer
) -> None:
    dumpable, *rights = await own(
        place,
        f"import ctypes; confine(here, layers=Layer({layers.value}))\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE\n"
        "status = pathlib.Path('/proc/self/status').read_text().split()\n"
        "for name in ('CapInh:', 'CapPrm:', 'CapEff:', 'CapAmb:'):\n"
        "    print(status[status.index(name) + 1])\n",
    )
    assert dumpable == "0"
    reading_files = 0b110
    assert all(int(right, 16) & ~reading_files == 0 for right in rights)
    assert len(rights) == 4


@with_landlock()
async def test_our_modules_are_found_though_their_folder_cannot_be_read(place: Place) -> None:
    """Also when it has changed, so that what Python remembers of it does not hold."""
    said = await own(
        place,
        "(here / 'new').touch(); held = confine(here)\n"
        "import beside; print(beside.__name__, held == EVERY_LAYER)\n"
        "try: print(list(here.iterdir()))\n"
        "except PermissionError: print('refused')\n",
    )
    assert said == ["beside True", "refused"]


def test_the_code_is_left_out_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("lib/python", "lib/greenroom/data", "lib/greenroom-other"):
        (tmp_path / name).mkdir(parents=True)
    code = tmp_path / "lib" / "greenroom"
    assert set(_beside(tmp_path / "lib", code)) == {
        tmp_path / "lib" / "python",
        tmp_path / "lib" / "greenroom-other",
    }
    assert list(_beside(tmp_path / "lib" / "python", code)) == [tmp_path / "lib" / "python"]
    assert not list(_beside(code, code))


@pytest.mark.parametrize("machine", _MACHINES)
def test_the_numbers_of_calls_are_the_kernels(machine: str) -> None:
    """As far as the headers on this machine know them; asm-generic is what arm64 uses."""
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    known = {
        name: int(number)
        for name, number in re.findall(
            r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE
        )
    }
    ours = numbers(_REFUSED, machine) | numbers(_WATCHED, machine)
    assert {name: known.get(name, number) for name, number in ours.items()} == ours
    assert len({*ours} & {*known}) > 100
    assert max(known.values()) <= _NEWEST + 50
    assert len(ours) == len(set(ours.values()))


@pytest.mark.parametrize("machine", _MACHINES)
def test_no_jump_of_a_filter_leads_out_of_it(machine: str) -> None:
    steps = program(machine, os.getpid())
    for at, (code, if_true, if_false, _) in enumerate(steps):
        assert max(if_true, if_false) <= 255
        assert at + 1 + max(if_true, if_false) < len(steps) or code == call_filter._RETURN
    assert steps[-1][0] == call_filter._RETURN
