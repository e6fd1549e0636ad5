"""Looking a member up at Discord, by a client without a gateway, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from analyzer.places import Place, check
from app.discord_api import make_requester
from cogs.places import DiscordPlaces
from core.errors import Refused, UserFacingError
from core.models import Owner, ServerSettings
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_client import Listener, connected
from tests.fakes.discord_faults import BAD_GATEWAY, MISSING_ACCESS, Answer, Fault, Reset, Silence
from tests.fakes.discord_world import MEMBERS_MAY

MEMBER = "/guilds/*/members/*"
STUDENTS = 77
RULE = ServerSettings(roles=frozenset({STUDENTS}))
MANAGE_GUILD = 1 << 5


@pytest.fixture
async def stand_in(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordStandIn]:
    async with DiscordStandIn() as stand_in:
        monkeypatch.setattr(Route, "BASE", stand_in.api_url)
        stand_in.roles[str(STUDENTS)] = "Students"
        stand_in.roles_of[stand_in.member.id] = {str(STUDENTS)}
        yield stand_in


@pytest.fixture
async def places(stand_in: DiscordStandIn) -> AsyncIterator[DiscordPlaces]:
    async with make_requester() as client:
        await client.login(stand_in.token)
        yield DiscordPlaces(client)


async def look(
    places: DiscordPlaces, stand_in: DiscordStandIn, settings: ServerSettings = RULE
) -> Place | None:
    """Look the stand-in's member up in its channel."""
    owner = Owner(guild_id=int(stand_in.guild_id), user_id=int(stand_in.member.id))
    return await places.look(owner, int(stand_in.channel_id), settings)


async def found(
    places: DiscordPlaces, stand_in: DiscordStandIn, settings: ServerSettings = RULE
) -> Place:
    place = await look(places, stand_in, settings)
    assert place is not None
    return place


async def refused(places: DiscordPlaces, stand_in: DiscordStandIn, settings: ServerSettings) -> str:
    """The sentence by which the place that is found is refused."""
    with pytest.raises(Refused) as caught:
        check(settings, await found(places, stand_in, settings))
    return caught.value.sentence


async def test_a_member_is_found_with_roles_and_rights(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    place = await found(places, stand_in)
    assert place.channel_ids == {int(stand_in.channel_id)}
    assert STUDENTS in place.role_ids
    assert place.may_use
    assert not place.is_manager
    check(RULE, place)


async def test_a_role_that_was_taken_away_is_missed_at_once(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    check(RULE, await found(places, stand_in))
    stand_in.roles_of.clear()
    assert "one of these roles to practise: Students." in await refused(places, stand_in, RULE)
    stand_in.everyone_may |= MANAGE_GUILD
    check(RULE, await found(places, stand_in))


async def test_a_refusal_names_the_channels_that_the_member_sees(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    elsewhere = ServerSettings(channels=frozenset({int(stand_in.channel_id)}))
    owner = Owner(guild_id=int(stand_in.guild_id), user_id=int(stand_in.member.id))
    stand_in.other_channel_ids.append("123")
    place = await places.look(owner, 123, elsewhere)
    assert place is not None
    with pytest.raises(Refused, match="channel") as caught:
        check(elsewhere, place)
    assert caught.value.sentence == "In this server, practise in #practice."


@pytest.mark.parametrize("missing", [1 << 10, 1 << 31], ids=["cannot see it", "no commands there"])
async def test_who_could_not_use_a_command_there_is_refused(
    places: DiscordPlaces, stand_in: DiscordStandIn, missing: int
) -> None:
    stand_in.everyone_may = MEMBERS_MAY & ~missing
    assert "can no longer use commands" in await refused(places, stand_in, ServerSettings())


async def test_whom_a_timeout_silences_is_refused(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    stand_in.silenced[stand_in.member.id] = "2999-01-01T00:00:00+00:00"
    assert "can no longer use commands" in await refused(places, stand_in, ServerSettings())
    stand_in.silenced[stand_in.member.id] = "2020-01-01T00:00:00+00:00"
    check(ServerSettings(), await found(places, stand_in))


async def test_a_member_who_left_and_a_channel_that_is_gone_are_refused(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    owner = Owner(guild_id=int(stand_in.guild_id), user_id=int(stand_in.member.id))
    with pytest.raises(Refused, match="no_access"):
        await places.look(owner, 123, RULE)
    stand_in.left.add(stand_in.member.id)
    with pytest.raises(Refused, match="not_member"):
        await look(places, stand_in)


async def test_a_server_without_the_bot_is_told_from_one_that_does_not_answer(
    places: DiscordPlaces, stand_in: DiscordStandIn
) -> None:
    elsewhere = Owner(guild_id=1234, user_id=int(stand_in.member.id))
    assert await places.look(elsewhere, 11, RULE) is None
    stand_in.fail("GET", "/guilds/*", MISSING_ACCESS)
    assert await look(places, stand_in) is None
    stand_in.fail("GET", MEMBER, MISSING_ACCESS)  # removed in between
    assert await look(places, stand_in) is None


@pytest.mark.parametrize(
    "fault",
    [
        BAD_GATEWAY,
        Answer(503),
        Answer(404),
        Answer(401),
        Answer(200, more={"user": 5}),
        Reset(),
        Silence(),
    ],
    ids=["502", "503", "404 of nothing known", "401", "nonsense", "reset", "silence"],
)
@pytest.mark.parametrize("path", ["/guilds/*", "/guilds/*/channels", MEMBER])
async def test_what_discord_does_not_say_lets_nobody_through(
    places: DiscordPlaces,
    stand_in: DiscordStandIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    path: str,
) -> None:
    monkeypatch.setattr("cogs.places.ASK_SECONDS", 0.3)
    # aiohttp itself repeats a GET once whose kept connection was cut off
    stand_in.fail("GET", path, fault, times=2 if isinstance(fault, Reset) else 1)
    with pytest.raises(UserFacingError, match="discord_away") as caught:
        await look(places, stand_in)
    assert not isinstance(caught.value, Refused)
    assert "nobody looked up" in caplog.text
    assert stand_in.member.id not in caplog.text
    check(RULE, await found(places, stand_in))  # and the next time


async def test_a_client_with_a_gateway_asks_for_the_member_alone(
    stand_in: DiscordStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = yarl.URL(stand_in.gateway.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    async with connected(stand_in, Listener(discord.Intents(guilds=True))) as meeting:
        await meeting.ask()  # by now the server is known
        check(RULE, await found(DiscordPlaces(meeting.client), stand_in))
    assert len(stand_in.calls("GET", MEMBER)) == 1
    assert not stand_in.calls("GET", "/guilds/*")
    assert not stand_in.calls("GET", "/guilds/*/channels")
