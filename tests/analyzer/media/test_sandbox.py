"""The child process: its limits hold, nothing of ours leaks into it, and none is left behind."""

from __future__ import annotations

import asyncio
import json
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped] # psutil carries no types
import pytest

from analyzer.media.forked import end_servers, server_pids
from analyzer.media.sandbox import ChildFailed, run_child
from core.settings import ROOT

Script = Callable[[str], str]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no rlimits")


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Writes a module that the child can run, and returns its name."""
    monkeypatch.setattr("analyzer.media.sandbox._ROOT", _root_with(tmp_path))

    def write(body: str) -> str:
        name = f"script_{uuid.uuid4().hex}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(body))
        return name

    yield write
    assert working() == []
    end_servers()
    assert psutil.Process().children(recursive=True) == []


def working() -> list[int]:
    """Our child processes, without the servers that they are forked from."""
    found = {process.pid for process in psutil.Process().children(recursive=True)}
    return sorted(found - set(server_pids()))


def _root_with(folder: Path) -> Path:
    """A folder from which the child can import the scripts and what it needs of ours."""
    for name in ("analyzer", "core"):
        (folder / name).symlink_to(ROOT / name)
    return folder


async def run(
    module: str,
    *arguments: str,
    memory_bytes: int = 300_000_000,
    cpu_seconds: int = 10,
    wall_seconds: float = 20.0,
    environment: dict[str, str] | None = None,
    file_bytes: int = 0,
    writes: Sequence[Path] = (),
) -> bytes:
    return await run_child(
        module,
        arguments,
        memory_bytes=memory_bytes,
        cpu_seconds=cpu_seconds,
        wall_seconds=wall_seconds,
        environment=environment,
        file_bytes=file_bytes,
        writes=writes,
    )


async def test_it_returns_what_the_module_printed(script: Script) -> None:
    module = script("import sys; print(sys.argv[1:], __name__)")
    assert await run(module, "a b", "--c") == b"['a b', '--c'] __main__\n"


async def test_no_secret_of_the_parents_environment_is_in_the_child(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "sesame")
    module = script("import os, json; print(json.dumps(dict(os.environ)))")
    seen = json.loads(await run(module, environment={"OMP_NUM_THREADS": "2"}))
    assert seen["OMP_NUM_THREADS"] == "2"
    assert "sesame" not in seen.values()
    assert not {"PATH", "HOME"} & set(seen)


async def test_too_much_memory_ends_the_child(script: Script) -> None:
    module = script("import sys; block = bytearray(int(sys.argv[1])); print(len(block))")
    assert await run(module, "50000000") == b"50000000\n"
    with pytest.raises(ChildFailed) as caught:
        await run(module, "400000000")
    assert (caught.value.reason, caught.value.exit_code) == ("exit", 1)


async def test_too_much_computing_ends_the_child(script: Script) -> None:
    with pytest.raises(ChildFailed) as caught:
        await run(script("while True: pass"), cpu_seconds=1)
    assert caught.value.reason == "exit"
    assert (caught.value.exit_code or 0) < 0  # by a signal


async def test_taking_too_long_ends_the_child(script: Script) -> None:
    with pytest.raises(ChildFailed, match="timeout"):
        await run(script("import time; time.sleep(60)"), wall_seconds=0.3)


async def test_closing_its_output_does_not_let_it_live_longer(script: Script) -> None:
    with pytest.raises(ChildFailed, match="timeout"):
        await run(script("import os, time; os.close(1); time.sleep(60)"), wall_seconds=0.3)


async def test_endless_output_ends_the_child(script: Script) -> None:
    with pytest.raises(ChildFailed, match="output"):
        await run(script("while True: print('x' * 10_000)"))


async def test_an_error_in_the_module_is_an_exit_code(script: Script) -> None:
    with pytest.raises(ChildFailed) as caught:
        await run(script("raise SystemExit(3)"))
    assert (caught.value.reason, caught.value.exit_code) == ("exit", 3)


async def test_the_child_writes_no_file_beyond_its_limit(script: Script, tmp_path: Path) -> None:
    target = tmp_path / "written"
    module = script("import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(b'x' * 2000)")
    with pytest.raises(ChildFailed):
        await run(module, str(target), writes=[target])
    assert target.stat().st_size == 0
    await run(module, str(target), file_bytes=2000, writes=[target])
    assert target.stat().st_size == 2000


async def test_cancelling_leaves_no_process(script: Script) -> None:
    task = asyncio.create_task(run(script("while True: print('x' * 1000, flush=True)")))
    while not working():  # noqa: ASYNC110 - a foreign process sets no event
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert working() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's end")
async def test_a_killed_bot_leaves_no_child(script: Script, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    module = script(
        f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)"
    )
    limits = "memory_bytes=10**9, cpu_seconds=9, wall_seconds=60, file_bytes=99, writes=[pid]"
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c"),
        "import asyncio, pathlib; from analyzer.media import sandbox\n"
        f"sandbox._ROOT = pathlib.Path({str(tmp_path)!r}); pid = sandbox._ROOT / 'pid'\n"
        f"asyncio.run(sandbox.run_child({module!r}, [], {limits}))",
        cwd=ROOT,
    )
    while not pid.exists() or not pid.read_text():  # noqa: ASYNC110 - set by a foreign process
        await asyncio.sleep(0.01)
    child = psutil.Process(int(pid.read_text()))
    bot.kill()
    await bot.wait()
    async with asyncio.timeout(10):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_what_the_child_is_given_comes_on_its_standard_input(script: Script) -> None:
    echo = script("import sys; print(sys.argv[1:], len(sys.stdin.buffer.read()))")
    given = b"x" * 3_000_000  # more than a pipe holds
    limits = {"memory_bytes": 300_000_000, "cpu_seconds": 10, "wall_seconds": 20.0}
    printed = await run_child(echo, [], **limits, given=given)  # type: ignore[arg-type] # they fit
    assert printed.split() == [b"[]", b"3000000"]


async def test_a_child_that_does_not_read_what_it_is_given_ends_as_any_other(
    script: Script,
) -> None:
    deaf = script("print('done')")
    limits = {"memory_bytes": 300_000_000, "cpu_seconds": 10, "wall_seconds": 20.0}
    printed = await run_child(deaf, [], **limits, given=b"x" * 3_000_000)  # type: ignore[arg-type] # they fit
    assert printed.strip() == b"done"
