"""What others can read of a real process's files, and what is left there of what is deleted."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import buttons_of, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Silence
from tests.process.members import ask_and_agree, is_result
from tests.process.operator import PRIVATE_WORDS, QUESTION, BotProcess, Operator, eventually
from tests.storage.files import holding


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    """As most shells have it; the processes begin with it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def readable(folder: Path) -> dict[str, str]:
    """What of a folder, itself included, others may read or list, with its mode."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & 0o077 and not path.is_symlink():
            found[str(path.relative_to(folder.parent))] = f"{mode:o}"
    return found


def umask_of(bot: BotProcess) -> str:
    """As Linux tells it, in octal digits."""
    lines = Path(f"/proc/{bot.pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Umask:"))


async def stopped(bot: BotProcess) -> None:
    bot.terminate()
    assert await bot.ended() == 0


async def test_after_a_first_start_and_during_an_attempt_all_is_private(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    vendor.fail("POST", "/assets", Silence())
    bot = await operator.run(DATA_DIR=str(operator.data_dir))
    await ask_and_agree(discord)
    await eventually(lambda: vendor.calls("POST", "/assets"), "the upload")
    assert operator.clips_on_disk()
    assert umask_of(bot) == "0077"
    assert readable(operator.data_dir) == {}
    await bot.kill()
    assert readable(operator.data_dir) == {}


@pytest.mark.parametrize("command", ["check", "sync", "backup", "restore", "migrate-to"])
async def test_no_command_that_comes_first_leaves_anything_open(
    command: str, operator: Operator, tmp_path: Path
) -> None:
    arguments = {"backup": ["file"], "restore": ["file"]}.get(command, [])
    deeper = tmp_path / "one" / "two" / "data"
    await operator.outcome(command, *arguments, DATA_DIR=str(deeper))
    if deeper.exists():  # some find nothing to do, and make nothing
        assert readable(tmp_path / "one") == {}


async def test_what_was_open_before_is_closed_at_the_start_and_told_in_one_line(
    operator: Operator, tmp_path: Path
) -> None:
    await stopped(await operator.run())
    data, backups = operator.data_dir, tmp_path / "backups"
    backups.mkdir()
    backup = backups / "monday.sqlite3"
    assert (await operator.outcome("backup", str(backup)))[0] == 0
    assert (await operator.outcome("restore", str(backup)))[0] == 0
    assert set(readable(backups)) == {"backups"}  # a folder of the operator's own
    for name in ("clips", "uploads", "recordings/0123abcd"):
        (data / name).mkdir(parents=True, exist_ok=True)
        (data / name / "left.clip").write_bytes(b"what she said")
    (data / "notes.txt").write_text("the operator's")
    for path in [data, *data.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert len([name for name in readable(data) if "before-restore" in name]) == 1

    bot = await operator.run(LOG_LEVEL="INFO")
    assert readable(data) == {"data/notes.txt": "644"}
    lines = [line for line in bot.errors.splitlines() if "private now" in line]
    assert len(lines) == 1
    assert "11 files and folders that others could read are private now" in lines[0]


async def test_a_data_folder_that_is_shared_stays_as_it_is_and_what_is_ours_in_it_is_private(
    operator: Operator, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "somebody's").write_text("theirs")
    shared.chmod(0o1777)
    bot = await operator.run(DATA_DIR=str(shared))
    assert readable(shared) == {"shared": "1777", "shared/somebody's": "644"}
    told = [line for line in bot.errors.splitlines() if "others can read or list" in line]
    assert [f"list {shared}, which is shared" in line for line in told] == [True]


async def test_what_a_member_deletes_is_in_no_file_of_the_running_process(
    operator: Operator, discord: DiscordStandIn
) -> None:
    await operator.run()
    result = await (await ask_and_agree(discord)).reply(is_result)
    tokens = tuple(discord.interactions)
    assert await holding(operator.data_dir, QUESTION)
    pressed = await discord.press(result, "Delete")
    await pressed.acknowledged()
    await discord.until(lambda: "Yes, delete it" in buttons_of(result), 10, "the question")
    sure = await discord.press(result, "Yes, delete it")
    await sure.reply(
        lambda message: "the transcript and the key points are gone" in text_of(message)
    )
    assert await holding(operator.data_dir, *PRIVATE_WORDS, *tokens) == set()
