"""Several gateway processes on one database, each told only about its own servers."""

from __future__ import annotations

from tests.fakes.discord import DiscordStandIn
from tests.process.members import ask_and_agree, is_result
from tests.process.operator import BotProcess, Operator, eventually
from tests.process.teams import ask_database

FIRST, SECOND = str(1002 << 22), str(1003 << 22)
"""Two servers; with two shards, one is in each."""

LEFT_SECOND = str(1005 << 22)
"""A server that the second shard's process was in when it was last seen."""


async def start(operator: Operator, shard: int) -> BotProcess:
    return await operator.run(SHARD_IDS=str(shard), SHARD_COUNT="2")


async def test_each_process_serves_and_judges_only_its_own_servers(
    operator: Operator, postgres_url: str, discord: DiscordStandIn
) -> None:
    operator.settings["DATABASE_URL"] = postgres_url
    discord.guild_id, discord.other_guild_ids = FIRST, [SECOND, LEFT_SECOND]

    def present() -> dict[str, bool]:
        rows = ask_database(postgres_url, "SELECT guild_id, left_at IS NULL FROM servers")
        return {str(guild_id): here for guild_id, here in rows}

    second = await start(operator, 1)
    await eventually(lambda: present() == {SECOND: True, LEFT_SECOND: True}, "its two servers")
    assert not discord.commands  # the process with the first shard registers them
    first = await start(operator, 0)
    await eventually(lambda: present().get(FIRST), "the other's server")
    assert present() == {FIRST: True, SECOND: True, LEFT_SECOND: True}
    assert discord.commands

    await (await ask_and_agree(discord)).reply(is_result)
    discord.guild_id = SECOND
    await (await ask_and_agree(discord)).reply(is_result)
    assert discord.gateway.identifies == 2
    assert "queued for engine" in first.output
    assert "queued for engine" in second.output

    discord.guild_id, discord.other_guild_ids = FIRST, [SECOND]
    await second.kill()
    await start(operator, 1)
    await eventually(lambda: present()[LEFT_SECOND] is False, "the server it has left")
    assert present() == {FIRST: True, SECOND: True, LEFT_SECOND: False}


async def test_some_of_the_shards_on_sqlite_are_refused(operator: Operator) -> None:
    code, printed = await operator.outcome("run", SHARD_IDS="0", SHARD_COUNT="2")
    assert code == 1
    assert "SHARD_IDS names only some of the shards" in printed
