"""Presses of messages that an earlier version has sent; the custom ids are as it wrote them."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from cogs.client import EXTENSIONS
from core.models import Request, ServerSettings
from tests.cogs.past_attempts import post_as_bot, remember
from tests.cogs.questions.banks import fill
from tests.cogs.simulation import CLIP, QUESTION, Simulation, labels_of, owner, reply, text_of

EARLIER = "fedcba9876543210"

OLD_ACTIONS = {
    *("agree", "notnow", "cancel", "result", "again", "share", "unshare", "transcript", "delete"),
    *("erase", "keep", "export", "askall", "eraseall", "eraseone", "leaveit", "withdraw"),
    *("answer", "upload", "drop", "spare"),
}
OLD_PAGES = {"history", "board", "questions", "ask"}
OLD_PANELS = {
    *("share", "private", "boardon", "boardoff", "channels", "roles", "metrics", "limits"),
    *("reset", "resetyes", "resetno", "mine"),
}
OLD_FORMS = {"ask", "again", "practice", "answer", "limits"}


async def press(
    sim: Simulation, member: simcord.MemberActor, custom_id: str
) -> simcord.InteractionResult:
    """Press a button with this id, under a message of the bot in the member's channel."""
    button: discord.ui.Button[Any] = discord.ui.Button(label="Old", custom_id=custom_id)
    return await member.click(await post_as_bot(sim, sim.channel, button), label="Old")


async def send(
    member: simcord.MemberActor,
    form: simcord.InteractionResult,
    custom_id: str,
    values: dict[str, Any],
) -> simcord.InteractionResult:
    """Send a form as if it had been opened with this id."""
    assert form._interaction.modal is not None
    form._interaction.modal["custom_id"] = custom_id
    return await member.submit_modal(form, values)


def test_every_name_in_an_old_id_is_answered(sim: Simulation) -> None:
    dispatcher = sim.bot.dispatcher
    assert dispatcher._buttons.keys() >= OLD_ACTIONS
    assert dispatcher._pages.keys() >= OLD_PAGES
    assert dispatcher._panels.keys() >= OLD_PANELS
    assert dispatcher._forms.keys() >= OLD_FORMS
    assert len(dispatcher._picks) == 1


async def test_buttons_of_an_old_result_work(sim: Simulation) -> None:
    attempt = await remember(sim, sim.ada, days_ago=1)
    shown = await press(sim, sim.ada, f"gr:result:{attempt.id}")
    assert shown.ephemeral
    assert labels_of(shown.response) == ["Try again", "Share", "Delete"]
    await press(sim, sim.ada, f"gr:delete:{attempt.id}")
    [row] = sim.channel.history()[-1].components
    assert isinstance(row, discord.ActionRow)
    assert [item.custom_id for item in row.children] == [
        f"gr:erase:{attempt.id}",
        f"gr:keep:{attempt.id}",
    ]
    await press(sim, sim.ada, f"gr:erase:{attempt.id}")
    assert await sim.attempts(sim.ada) == []


async def test_an_old_consent_card_goes_on(sim: Simulation) -> None:
    request = Request(
        id=EARLIER,
        owner=owner(sim.ada),
        channel_id=sim.channel.id,
        question=QUESTION,
        clips=(),
        created_at=sim.env.now(),
    )
    await sim.bot.app.deps.requests.add(request)
    await press(sim, sim.ada, f"gr:notnow:{EARLIER}")
    assert await sim.bot.app.deps.requests.get(owner(sim.ada), EARLIER) is None


async def test_an_old_page_button_turns_the_page(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1)
    await press(sim, sim.ada, "gr-page:history:1:..")
    [embed] = sim.channel.history()[-1].embeds
    assert embed.title == "Your practice so far"
    await fill(sim, sim.ada, "*Why* <@1>?")
    await press(sim, sim.ada, "gr-page:questions:1:..")
    [embed] = sim.channel.history()[-1].embeds
    assert embed.title == "Questions"


async def test_an_old_panel_changes_settings(sim: Simulation) -> None:
    managers = sim.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    mia = sim.guild.add_member(sim.env.create_user("mia"), roles=[managers])
    await press(sim, mia, "gr-set:boardoff")
    menu: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(custom_id="gr-set:channels")
    message = await post_as_bot(sim, sim.channel, menu)
    await mia.select(message, [sim.channel], custom_id="gr-set:channels")
    settings = await sim.bot.app.deps.server_settings.get(sim.guild.id)
    assert settings == ServerSettings(board=False, channels=frozenset({sim.channel.id}))


async def test_an_old_clip_picker_and_its_form_submit_the_chosen_clip(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    files = [("first.mp4", b"not a video"), ("second.mov", CLIP[1])]
    message = await sim.ada.send(sim.channel, "two takes", attachments=files)
    asked = await sim.ada.context_menu(sim.channel, "Analyze clip", message)
    [[menu]] = [row["components"] for row in reply(asked).components]
    request_id = menu["custom_id"].removeprefix("gr-pick:")
    assert menu["custom_id"] == f"gr-pick:{request_id}"
    old: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=f"gr-pick:{request_id}",
        options=[discord.SelectOption(label="2. second.mov", value="1")],
    )
    picker = await post_as_bot(sim, sim.channel, old)
    form = await sim.ada.select(picker, ["1"])
    shown = await send(sim.ada, form, f"gr-form:ask:{request_id}:1", {"question": "Why us?"})
    assert "One strength" in text_of(shown.response)


@pytest.mark.parametrize("index", ["", ":0"])
async def test_an_old_form_for_another_try_submits(sim: Simulation, index: str) -> None:
    await sim.agree(sim.ada)
    attempt = await remember(sim, sim.ada, days_ago=1)
    form = await press(sim, sim.ada, f"gr:again:{attempt.id}")
    shown = await send(sim.ada, form, f"gr-form:again:{attempt.id}{index}", {"clip": CLIP})
    assert "One strength" in text_of(shown.response)


async def test_a_button_of_a_version_that_had_more_is_told_as_out_of_use(sim: Simulation) -> None:
    for custom_id in (f"gr:sell:{EARLIER}", "gr-page:sales:1:", "gr-set:price", "years ago"):
        pressed = await press(sim, sim.ada, custom_id)
        assert pressed.ephemeral
        assert "This button is no longer in use. Run the command again." in text_of(
            pressed.response
        )


async def test_features_can_be_loaded_again_while_the_bot_runs(sim: Simulation) -> None:
    attempt = await remember(sim, sim.ada, days_ago=1)
    for extension in EXTENSIONS:
        await sim.bot.reload_extension(extension)
    shown = await press(sim, sim.ada, f"gr:result:{attempt.id}")
    assert "One strength" in text_of(shown.response)
    test_every_name_in_an_old_id_is_answered(sim)
    for extension in EXTENSIONS:
        await sim.bot.unload_extension(extension)
    pressed = await press(sim, sim.ada, f"gr:result:{attempt.id}")
    assert "no longer in use" in text_of(pressed.response)
