"""What an operator does to all data at once, beside real processes and between the stand-ins."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import MISSING_ACCESS
from tests.fakes.discord_world import text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.members import (
    CLIP,
    LOOK,
    ask,
    ask_and_agree,
    finish,
    is_progress,
    is_result,
    nothing_left,
)
from tests.process.operator import QUESTION, BotProcess, Operator, eventually

POSTED = "/channels/*/messages/*"


async def stopped(bot: BotProcess) -> None:
    bot.terminate()
    assert await bot.ended() == 0


def states(operator: Operator) -> list[str]:
    """The states of all attempts that the bot remembers, oldest first."""
    with closing(sqlite3.connect(operator.data_dir / "greenroom.sqlite3")) as database:
        found = database.execute("SELECT state FROM attempts ORDER BY created_at").fetchall()
    return [state for (state,) in found]


async def refused(operator: Operator, *command: str, **settings: str) -> str:
    """Run a command that must not work, and return the one line it prints."""
    code, output = await operator.outcome(*command, **settings)
    assert code == 1, output
    [line] = output.splitlines()
    return line


async def test_a_restore_brings_back_the_moment_of_the_backup(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn, tmp_path: Path
) -> None:
    file = tmp_path / "monday.sqlite3"
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    vendor.task_statuses = ("processing",)
    under_way = await ask(discord)
    looks = len(vendor.calls("GET", LOOK))
    await eventually(lambda: len(vendor.calls("GET", LOOK)) > looks, "a look at the second")

    code, output = await operator.outcome("backup", str(file))
    assert (code, output.startswith("Backed up: ")) == (0, True), output
    assert "already there" in await refused(operator, "backup", str(file))

    finish(vendor)
    await under_way.reply(is_result)
    await (await ask(discord)).reply(is_result)
    await nothing_left(operator, vendor)
    assert "already running" in await refused(operator, "restore", str(file))
    await stopped(bot)
    assert states(operator) == ["delivered"] * 3

    code, output = await operator.outcome("restore", str(file))
    assert code == 0, output
    assert output.startswith("Restored: ")
    assert states(operator) == ["delivered", "analyzing"]
    assert [kept.name in output for kept in operator.data_dir.glob("*before-restore*3")] == [True]

    await operator.run()
    await eventually(lambda: states(operator) != ["delivered", "analyzing"], "the second's end")
    await nothing_left(operator, vendor)
    assert states(operator) == ["delivered", "failed"]  # what it had at the vendor is gone
    listed = await (await discord.slash("history")).reply()
    assert text_of(listed).count(QUESTION) == 1


async def test_a_backup_that_was_changed_is_not_restored(
    operator: Operator, tmp_path: Path
) -> None:
    await stopped(await operator.run())
    file = tmp_path / "monday.sqlite3"
    assert (await operator.outcome("backup", str(file)))[0] == 0
    file.write_bytes(file.read_bytes() + b"more")
    assert "is not what was backed up" in await refused(operator, "restore", str(file))
    assert not list(operator.data_dir.glob("*before-restore*"))


@pytest.mark.parametrize("command", ["backup", "restore", "migrate-to"])
async def test_without_a_database_there_is_one_sentence(
    command: str, operator: Operator, tmp_path: Path
) -> None:
    arguments = [] if command == "migrate-to" else [str(tmp_path / "nothing.sqlite3")]
    sentence = await refused(operator, command, *arguments)
    assert sentence.startswith(f"{command} did not work: ")


async def test_a_second_bot_on_the_same_file_refuses(operator: Operator) -> None:
    bot = await operator.run()
    sentence = await refused(operator, "run", LOG_LEVEL="WARNING")
    assert "Another Greenroom is already running" in sentence
    await stopped(bot)


@pytest.mark.parametrize("how", ["argument", "file"])
async def test_moved_to_postgres_the_history_is_there(
    how: str, operator: Operator, discord: DiscordStandIn, postgres_url: str, tmp_path: Path
) -> None:
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    await stopped(bot)

    url = make_url(postgres_url).set(password=operator.database_password)
    address = url.render_as_string(hide_password=False)
    (tmp_path / "address").write_text(f"{address}\n")
    arguments = [address] if how == "argument" else []
    there = {
        "argument": {"DATABASE_URL": address},
        "file": {"DATABASE_URL_FILE": str(tmp_path / "address")},
    }[how]
    before = {} if how == "argument" else there
    code, output = await operator.outcome("migrate-to", *arguments, **before)
    assert code == 0, output
    assert "Moved and checked row by row: " in output
    assert ("set DATABASE_URL" in output) == (how == "argument")

    assert "is not empty" in await refused(operator, "migrate-to", *arguments, **before)
    for command in ("run", "check"):  # the old file is not gone on with by mistake
        code, output = await operator.outcome(command)
        assert code == 1
        assert "was moved to Postgres" in output
        assert operator.database_password not in output
    assert (await operator.outcome("check", "--any-database"))[0] == 0
    await operator.run(**there)
    listed = await (await discord.slash("history")).reply()
    assert (await (await discord.press(listed, "Show 1")).reply(is_result)) is not None


async def test_an_empty_database_beside_a_full_one_is_refused(
    operator: Operator, discord: DiscordStandIn, postgres_url: str
) -> None:
    there = {"DATABASE_URL": postgres_url}
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    await stopped(bot)
    for command in ("run", "check"):
        code, output = await operator.outcome(command, **there)
        assert code == 1
        assert "migrate-to" in output
    await stopped(await operator.run("--any-database", **there))

    other = operator.data_dir / "greenroom.sqlite3"
    for file in operator.data_dir.glob("greenroom.sqlite3*"):
        file.unlink()
    for command in ("run", "check"):  # the reverse: DATABASE_URL was forgotten
        code, output = await operator.outcome(command)
        assert code == 1
        assert "has worked on Postgres" in output
    assert not other.exists()
    await stopped(await operator.run("--any-database"))


async def test_purge_all_on_postgres_takes_the_file_from_before_the_move(
    operator: Operator, discord: DiscordStandIn, postgres_url: str
) -> None:
    there = {"DATABASE_URL": postgres_url}
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    await stopped(bot)
    assert (await operator.outcome("migrate-to", **there))[0] == 0
    await stopped(await operator.run(**there))

    code, output = await operator.outcome("purge-all", "--yes", "--leave-messages", **there)
    assert code == 0, output
    assert "from before the move" in output
    assert "backups that you have made" in output
    assert "everything" not in output.lower()
    assert list(operator.data_dir.glob("greenroom*")) == []


async def test_purge_all_on_the_old_file_names_the_other_database(
    operator: Operator, discord: DiscordStandIn, postgres_url: str
) -> None:
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    await stopped(bot)
    assert (await operator.outcome("migrate-to", DATABASE_URL=postgres_url))[0] == 0
    code, output = await operator.outcome("purge-all", "--yes", "--leave-messages")
    assert code == 1
    assert "Not deleted: the Postgres database" in output


async def test_moving_somewhere_else_than_postgres_is_refused(operator: Operator) -> None:
    sentence = await refused(operator, "migrate-to", "mysql://ann@db/greenroom")
    assert "set DATABASE_URL to the Postgres database" in sentence


async def furnished(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> BotProcess:
    """A running bot with a private result, a public one, and an attempt that is analyzed."""
    bot = await operator.run()
    await (await ask_and_agree(discord)).reply(is_result)
    shared = {"question": QUESTION, "share": True}
    asked = await discord.slash("analyze", shared, attachment=CLIP)
    await eventually(lambda: posted(discord), "the public result")
    await asked.acknowledged()
    vendor.task_statuses = ("processing",)
    looks = len(vendor.calls("GET", LOOK))
    asked = await ask(discord)
    await asked.reply(is_progress)
    await eventually(lambda: len(vendor.calls("GET", LOOK)) > looks, "a look at the third")
    return bot


def posted(discord: DiscordStandIn) -> list[str]:
    """What everybody can see of results."""
    shown = (one for one in discord.messages.values() if not one["flags"] & 64)
    return [text_of(one) for one in shown if is_result(one)]


def rows(operator: Operator) -> int:
    with closing(sqlite3.connect(operator.data_dir / "greenroom.sqlite3")) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        ).fetchall()
        counts = [database.execute(f"SELECT count(*) FROM {name}").fetchone() for (name,) in names]  # noqa: S608 - names from the database itself
    return sum(count for (count,) in counts)


async def test_purge_all_deletes_everything_everywhere(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    bot = await furnished(operator, discord, vendor)
    assert vendor.live_assets()
    assert posted(discord)
    assert "already running" in await refused(operator, "purge-all", "--yes")
    await stopped(bot)

    code, output = await operator.outcome("purge-all")
    assert code == 1
    assert "that is not the bot's name" in output  # nobody typed it
    assert states(operator) == ["delivered", "delivered", "analyzing"]
    assert discord.commands

    code, output = await operator.outcome("purge-all", "--yes")
    assert code == 0, output
    assert output.startswith("Deleted: ")
    assert "backups that you have made" in output
    assert not vendor.live_assets()
    assert not vendor.live_tasks()
    assert not operator.clips_on_disk()
    assert not posted(discord)
    assert not discord.commands
    assert rows(operator) == 0
    assert (await operator.outcome("purge-all", "--yes"))[0] == 0


async def test_purge_all_says_what_is_left_and_goes_on_the_next_time(
    operator: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    await stopped(await furnished(operator, discord, vendor))
    discord.fail("DELETE", POSTED, MISSING_ACCESS, times=2)

    code, output = await operator.outcome("purge-all", "--yes", TWELVELABS_API_KEY="")
    assert code == 1
    assert "copies of clips, 1 times for the reason engine_switched_off" in output
    assert f"https://discord.com/channels/{discord.guild_id}/" in output
    assert "run `purge-all` again" in output
    assert states(operator) == ["delivered", "delivered", "cancelled"]

    code, output = await operator.outcome("purge-all", "--yes")
    assert code == 1
    assert "Not deleted: 1 messages" in output
    assert not vendor.live_assets()

    discord.fail("DELETE", POSTED, MISSING_ACCESS)
    code, output = await operator.outcome("purge-all", "--yes", "--leave-messages")
    assert code == 0, output
    assert rows(operator) == 0
