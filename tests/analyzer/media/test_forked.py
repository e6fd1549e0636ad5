"""Children that are forked from a server: what ends one of them harms nobody, and none is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped] # psutil carries no types
import pytest

from analyzer.media.forked import end_servers, server_pids
from analyzer.media.preflight import probe_clip
from analyzer.media.sandbox import ChildFailed, run_child
from core.settings import ROOT
from demo import SAMPLE_CLIP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are forked on Linux")

ENDS = {
    "segfault": ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    "abort": ("import os; os.abort()", -signal.SIGABRT),
    "kill": ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
    "out of the interpreter": ("import os; os._exit(7)", 7),
    "an error": ("raise ValueError", 1),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the modules of these tests lie beside ours, so that one server serves them all."""
    place = tmp_path_factory.mktemp("code")
    for name in ("analyzer", "core"):
        (place / name).symlink_to(ROOT / name)
    yield place
    end_servers()


@pytest.fixture(autouse=True)
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.media.sandbox._ROOT", folder)


async def run(folder: Path, name: str, body: str, *, wall_seconds: float = 20.0) -> bytes:
    (folder / f"{name}.py").write_text(body)
    return await run_child(
        name, [], memory_bytes=300_000_000, cpu_seconds=9, wall_seconds=wall_seconds
    )


@pytest.mark.parametrize("how", ENDS)
async def test_a_child_that_breaks_ends_alone(folder: Path, how: str) -> None:
    beside = asyncio.create_task(run(folder, "slow", "import time; time.sleep(0.3); print('done')"))
    await run(folder, "first", "print('first')")
    servers = server_pids()
    body, exit_code = ENDS[how]
    with pytest.raises(ChildFailed) as caught:
        await run(folder, f"breaks_{list(ENDS).index(how)}", body)
    assert caught.value.exit_code == exit_code
    assert await beside == b"done\n"
    assert server_pids() == servers


async def test_a_killed_server_comes_back_and_its_children_are_run_again(folder: Path) -> None:
    tried = folder / "tried"
    body = (
        "import os, pathlib, time\n"
        f"file = pathlib.Path({str(tried)!r}); again = file.read_text()\n"
        "file.write_text(str(os.getppid()))\n"
        "print(os.getppid(), flush=True); time.sleep(0 if again else 60)\n"
    )
    (folder / "again.py").write_text(body)
    limits = {"memory_bytes": 300_000_000, "cpu_seconds": 9, "wall_seconds": 20.0}
    tried.touch()
    working = asyncio.create_task(
        run_child("again", [], **limits, file_bytes=9, reads=[tried], writes=[tried])  # type: ignore[arg-type] # they fit
    )
    while not tried.read_text():  # noqa: ASYNC110 - set by a foreign process
        await asyncio.sleep(0.01)
    server = int(tried.read_text())
    assert server in server_pids()
    os.kill(server, signal.SIGKILL)
    assert int(await working) == os.getpid()  # a new Python process of our own
    parent = int(await run(folder, "parent", "import os; print(os.getppid())"))
    assert parent in server_pids()
    assert server not in server_pids()


async def test_nothing_of_the_bot_or_of_others_is_in_a_child(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "sesame")
    end_servers()
    body = (
        "import json, os, resource\n"
        "def is_open(number):\n"
        "    try: return bool(os.fstat(number))\n"
        "    except OSError: return False\n"
        "given = open('/proc/self/environ').read()\n"
        "print(json.dumps([[n for n in range(4096) if is_open(n)], given, dict(os.environ),\n"
        "    os.getsid(0) == os.getpid(), resource.getrlimit(resource.RLIMIT_NOFILE)]))\n"
    )
    with (folder / "opened").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        found = await asyncio.gather(*(run(folder, "sees", body) for _ in range(4)))
    for descriptors, given, environment, leads_session, open_files in map(json.loads, found):
        assert descriptors == [0, 1, 2]
        assert "sesame" not in given
        assert "sesame" not in environment.values()
        assert leads_session
        assert max(open_files) <= 1024  # all of them may have to be closed one by one


async def test_a_killed_bot_leaves_neither_a_server_nor_a_child(folder: Path) -> None:
    (folder / "waits.py").write_text("import time; time.sleep(60)")
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c"),
        "import asyncio, pathlib; from analyzer.media import sandbox\n"
        f"sandbox._ROOT = pathlib.Path({str(folder)!r})\n"
        "asyncio.run(sandbox.run_child('waits', [],"
        " memory_bytes=10**9, cpu_seconds=9, wall_seconds=60))",
        cwd=ROOT,
    )
    watched = psutil.Process(bot.pid)
    async with asyncio.timeout(30):
        while not (of_bot := grandchildren(watched)):  # noqa: ASYNC110 - foreign processes set no event
            await asyncio.sleep(0.02)
        left = [*watched.children(), *of_bot]
        bot.kill()
        await bot.wait()
        while any(lives(one) for one in left):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


def grandchildren(process: psutil.Process) -> list[psutil.Process]:
    return [one for child in process.children() for one in child.children()]


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_a_clip_is_probed_by_a_fork_of_a_server_with_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analyzer.media.sandbox._ROOT", ROOT)
    end_servers()
    await probe_clip(SAMPLE_CLIP)
    facts = await asyncio.gather(*(probe_clip(SAMPLE_CLIP) for _ in range(8)))
    assert len(set(facts)) == 1
    servers = [psutil.Process(pid) for pid in server_pids()]
    [server] = [one for one in servers if "analyzer.media.probe" in one.cmdline()]
    assert server.num_threads() == 1
    assert server.children() == []
    # ended children only: what they took is added to their parent's when it has waited for them
    assert server.cpu_times().children_user + server.cpu_times().children_system > 0
