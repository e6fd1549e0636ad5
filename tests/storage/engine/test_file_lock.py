"""One process at a time on one file, and the lock goes with its process, however that ends."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from core.errors import SettingsProblem
from core.settings import ROOT
from storage.engine.file_lock import exclusive_lock

HOLD = """
import asyncio, sys
from storage.engine.file_lock import exclusive_lock

async def main():
    async with exclusive_lock(sys.argv[1]):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_second_is_refused_with_what_to_do_until_the_first_has_ended(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    async with exclusive_lock(url):
        with pytest.raises(
            SettingsProblem, match=r"Another Greenroom is already running.*DATA_DIR"
        ):
            async with exclusive_lock(url):
                pass
        async with exclusive_lock(f"{url}-of-another"):
            pass
    async with exclusive_lock(url):
        pass


async def test_an_error_inside_lets_go(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    with pytest.raises(ValueError, match="inside"):
        async with exclusive_lock(url):
            raise ValueError("inside")
    async with exclusive_lock(url):
        pass


async def test_a_killed_process_holds_nothing(file: Path) -> None:
    url = f"sqlite+aiosqlite:///{file}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, url), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    with pytest.raises(SettingsProblem, match="already running"):
        async with exclusive_lock(url):
            pass
    process.kill()
    await process.communicate()
    async with exclusive_lock(url):
        pass


async def test_postgres_takes_as_many_as_come() -> None:
    url = "postgresql+psycopg://greenroom@localhost/greenroom"  # nobody connects to it
    async with exclusive_lock(url), exclusive_lock(url):
        pass


async def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsProblem, match="cannot be written"):
        async with exclusive_lock(f"sqlite+aiosqlite:///{tmp_path}/file/greenroom.sqlite3"):
            pass
