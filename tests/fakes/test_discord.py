"""The Discord stand-in, spoken to by the real discord.py: its rules, its faults, its gateway."""

from __future__ import annotations

import importlib.util
import io
import json
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_client import Listener, Meeting, connected
from tests.fakes.discord_faults import (
    FILE_GONE,
    MISSING_ACCESS,
    TOKEN_EXPIRED,
    Answer,
    Reset,
    rate_limited,
)
from tests.fakes.discord_world import EPHEMERAL, LOADING, buttons_of, text_of

ORIGINAL = "/webhooks/*/*/messages/@original"


@pytest.fixture
async def stand_in(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordStandIn]:
    async with DiscordStandIn() as stand_in:
        monkeypatch.setattr(Route, "BASE", stand_in.api_url)
        gateway = yarl.URL(stand_in.gateway.url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield stand_in


@pytest.fixture
async def meeting(stand_in: DiscordStandIn) -> AsyncIterator[Meeting]:
    async with connected(stand_in, Listener(discord.Intents(guilds=True))) as meeting:
        yield meeting


async def test_a_command_is_acknowledged_then_answered_with_a_file_and_buttons(
    meeting: Meeting,
) -> None:
    asked, got = await meeting.ask(options={"question": "Why?"}, attachment=("a.mp4", b"clip"))
    assert got.data is not None
    options = {option["name"]: option["value"] for option in dict(got.data)["options"]}  # type: ignore[attr-defined] # a union of dicts
    assert options["question"] == "Why?"
    await got.response.defer(ephemeral=True, thinking=True)
    assert await asked.acknowledged() < 3
    assert asked.original is not None
    assert asked.original["flags"] == EPHEMERAL | LOADING

    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again"))
    await got.edit_original_response(
        embed=discord.Embed(title="Done"),
        view=view,
        attachments=[discord.File(io.BytesIO(b"words"), "words.txt")],
    )
    reply = await asked.reply()
    assert (text_of(reply), buttons_of(reply)) == ("Done", {"Again": "again"})
    assert reply["flags"] == EPHEMERAL
    [attachment] = (await got.original_response()).attachments
    assert await attachment.read() == b"words"


async def test_a_button_changes_the_message_it_is_under(meeting: Meeting) -> None:
    asked, got = await meeting.answered()
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Again", custom_id="again"))
    await got.edit_original_response(content="first", view=view)
    pressed = await meeting.stand_in.press(await asked.reply(), "Again")
    press = await meeting.client.inbox.get()
    assert press.data is not None
    assert press.data.get("custom_id") == "again"
    await press.response.edit_message(content="second", view=None)
    assert pressed.original is asked.original
    assert text_of(await asked.reply()) == "second"


async def test_a_member_s_file_is_served_by_its_signed_link_only(meeting: Meeting) -> None:
    _, got = await meeting.ask(attachment=("a.mp4", b"clip"))
    assert got.data is not None
    resolved: dict[str, Any] = dict(got.data)["resolved"]  # type: ignore[assignment] # a union of dicts
    [attachment] = resolved["attachments"].values()
    async with aiohttp.ClientSession() as session:
        async with session.get(attachment["url"]) as found:
            assert await found.read() == b"clip"
        async with session.get(yarl.URL(attachment["url"]).with_query(None)) as unsigned:
            assert unsigned.status == 404
        meeting.stand_in.fail("GET", "/ephemeral-attachments/*/*/*", FILE_GONE)
        async with session.get(attachment["url"]) as gone:
            assert gone.status == 404


async def test_three_seconds_are_all_there_are(meeting: Meeting) -> None:
    meeting.stand_in.ack_seconds = 0.0
    asked, got = await meeting.ask()
    with pytest.raises(discord.NotFound) as refused:
        await got.response.defer()
    assert refused.value.code == 10062
    with pytest.raises(AssertionError, match="the callback"):
        await asked.acknowledged(within=0.01)


async def test_an_interaction_is_answered_once(meeting: Meeting) -> None:
    _, got = await meeting.answered()
    got.response._response_type = None  # discord.py itself would refuse
    with pytest.raises(discord.HTTPException) as refused:
        await got.response.send_message("again")
    assert refused.value.code == 40060


async def test_a_reply_cannot_be_edited_before_the_answer_or_after_the_token_s_death(
    meeting: Meeting,
) -> None:
    asked, got = await meeting.ask()
    with pytest.raises(discord.NotFound) as early:
        await got.edit_original_response(content="too early")
    assert early.value.code == 10015
    await got.response.defer(thinking=True)
    asked.expire()
    with pytest.raises(discord.HTTPException) as late:
        await got.edit_original_response(content="too late")
    assert (late.value.status, late.value.code) == (401, 50027)


async def test_a_deleted_reply_is_unknown(meeting: Meeting) -> None:
    _, got = await meeting.answered()
    await got.delete_original_response()
    with pytest.raises(discord.NotFound) as refused:
        await got.edit_original_response(content="gone")
    assert refused.value.code == 10008


async def test_the_first_follow_up_of_a_thinking_reply_edits_it(meeting: Meeting) -> None:
    asked, got = await meeting.answered()
    assert asked.original is not None
    first = await got.followup.send("first", wait=True)
    second = await got.followup.send("second", wait=True)
    assert str(first.id) == asked.original["id"] != str(second.id)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"content": "x" * 2001}, "In content"),
        ({"embeds": [discord.Embed(title="x" * 257)]}, "In embeds.0.title"),
        (
            {"embeds": [discord.Embed().add_field(name="x", value="x" * 1025)]},
            "In embeds.0.fields.0.value",
        ),
        ({"embeds": [discord.Embed(description="x" * 3001) for _ in "ab"]}, "In embeds:"),
    ],
)
async def test_what_is_too_long_is_refused_with_its_place(
    meeting: Meeting, content: dict[str, Any], place: str
) -> None:
    _, got = await meeting.answered()
    with pytest.raises(discord.HTTPException, match=place) as refused:
        await got.edit_original_response(**content)
    assert refused.value.code == 50035


async def test_a_nonce_brings_the_same_message_back(meeting: Meeting) -> None:
    channel = meeting.client.get_partial_messageable(int(meeting.stand_in.channel_id))
    first = await channel.send("one", nonce="n")
    second = await channel.send("two", nonce="n")
    assert (first.id, second.content) == (second.id, "one")


async def test_a_channel_can_be_closed_to_the_bot(meeting: Meeting) -> None:
    meeting.stand_in.fail("POST", "/channels/*/messages", MISSING_ACCESS)
    channel = meeting.client.get_partial_messageable(int(meeting.stand_in.channel_id))
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello")
    assert refused.value.code == 50001


async def test_faults_come_once_each_and_are_recorded(meeting: Meeting) -> None:
    asked, got = await meeting.answered()
    meeting.stand_in.fail("PATCH", ORIGINAL, rate_limited(0.01), times=2)
    await got.edit_original_response(content="after two refusals")
    assert text_of(await asked.reply()) == "after two refusals"
    edits = meeting.stand_in.calls("PATCH", ORIGINAL)
    assert [edit.status for edit in edits] == [429, 429, 200]
    assert edits[-1].json["content"] == "after two refusals"

    meeting.stand_in.fail("PATCH", ORIGINAL, TOKEN_EXPIRED)
    with pytest.raises(discord.HTTPException, match="50027"):
        await got.edit_original_response(content="refused")
    meeting.stand_in.fail("PATCH", ORIGINAL, Reset(), times=2)
    with pytest.raises(aiohttp.ClientError):
        await got.edit_original_response(content="cut off")
    with pytest.raises(aiohttp.ClientError):
        await got.edit_original_response(content="cut off")
    assert meeting.stand_in.faults_left == 0


async def test_a_broken_connection_is_resumed_with_what_was_missed(meeting: Meeting) -> None:
    await meeting.stand_in.gateway.drop(4000)
    await (await meeting.ask())[1].response.defer()
    assert (meeting.stand_in.gateway.identifies, meeting.stand_in.gateway.resumes) == (1, 1)


@pytest.mark.parametrize("compression", ["zlib-stream", "zstd-stream", ""])
async def test_frames_are_compressed_as_one_stream_if_the_client_wants_it(
    stand_in: DiscordStandIn, compression: str
) -> None:
    unpack = unpacker(compression)
    address = yarl.URL(stand_in.gateway.url).with_query(compress=compression)
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        hello = json.loads(unpack((await socket.receive()).data))
        assert (hello["op"], hello["d"]) == (10, {"heartbeat_interval": 41_250})
        for _ in range(3):
            await socket.send_json({"op": 1, "d": None})
            assert json.loads(unpack((await socket.receive()).data))["op"] == 11


def unpacker(compression: str) -> Callable[[Any], str | bytes]:
    """What reads a connection's frames."""
    if compression == "zlib-stream":
        return zlib.decompressobj().decompress
    if compression == "zstd-stream" and importlib.util.find_spec("zstandard"):
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj().decompress
    return str


async def test_a_wrong_token_is_refused_by_both_doors(stand_in: DiscordStandIn) -> None:
    client = Listener(discord.Intents(guilds=True))
    async with client:
        with pytest.raises(discord.LoginFailure):
            await client.login("made-up-and-wrong")
    client = Listener(discord.Intents(guilds=True))
    async with client:
        await client.login(stand_in.token)
        client.http.token = "made-up-and-wrong"
        stand_in.fail("GET", "/gateway/bot", gateway_at(stand_in))
        with pytest.raises(discord.ConnectionClosed) as closed:
            await client.connect()
    assert closed.value.code == 4004


async def test_privileged_intents_are_refused(stand_in: DiscordStandIn) -> None:
    async with Listener(discord.Intents(guilds=True, members=True)) as client:
        await client.login(stand_in.token)
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.connect()


def gateway_at(stand_in: DiscordStandIn) -> Answer:
    """Let a client with a wrong token find the gateway all the same."""
    limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    where = {"url": stand_in.gateway.url, "shards": 1, "session_start_limit": limits}
    return Answer(200, more=where)
