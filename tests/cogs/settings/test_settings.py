"""`/settings`: who may change what, that each change holds at once, and after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from core.models import AttemptState, Metric, Owner, ServerSettings
from tests.cogs.simulation import CLIP, Stage, labels_of, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn


def manager(stage: Stage, guild: simcord.GuildHandle | None = None) -> simcord.MemberActor:
    """A member with Manage Server and nothing more."""
    guild = guild or stage.guild
    role = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(stage.env.create_user("mia"), roles=[role])


async def panel(stage: Stage, member: simcord.MemberActor) -> simcord.InteractionResult:
    return await member.slash(stage.channel, "settings")


async def set_here(stage: Stage, **changes: Any) -> None:
    await stage.bot.tools.server_settings.set(stage.guild.id, ServerSettings(**changes))


async def settings_of(stage: Stage) -> ServerSettings:
    return await stage.bot.tools.server_settings.get(stage.guild.id)


def fields_of(shown: simcord.InteractionResult) -> dict[str, str]:
    [embed] = reply(shown).embeds
    return {str(part.name): str(part.value) for part in embed.fields}


async def test_the_panel_is_private_and_shows_every_setting_in_words(stage: Stage) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    assert shown.ephemeral
    assert fields_of(shown) == {
        "New results": "Private, unless a member chooses to share.",
        "Where members practise": "In every channel.",
        "Who practises": "Everybody.",
        "Attempts a day for each member": "10, which is the most this bot's operator allows.",
        "Days that attempts are kept": "90, which is the most this bot's operator allows.",
        "Practice board": "On.",
        "Metrics switched off for everyone": "None.",
    }


async def test_buttons_change_the_setting_and_say_so_after_a_restart_too(stage: Stage) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    await mia.click(reply(shown), label="Share by default")
    assert "New results are shown to everyone now" in text_of(shown.response)
    await stage.restart()
    await mia.click(reply(shown), label="Switch board off")
    assert "The practice board is off now." in text_of(shown.response)
    assert await settings_of(stage) == ServerSettings(share_by_default=True, board=False)
    await mia.click(reply(shown), label="Private by default")
    await mia.click(reply(shown), label="Switch board on")
    assert await settings_of(stage) == ServerSettings()


async def test_menus_choose_channels_roles_and_metrics(stage: Stage) -> None:
    mia = manager(stage)
    role = stage.guild.create_role("Students")
    shown = await panel(stage, mia)
    await mia.select(reply(shown), [stage.channel], custom_id="gr-set:channels")
    assert f"Members practise in <#{stage.channel.id}> now." in text_of(shown.response)
    await stage.restart()
    await mia.select(reply(shown), [role], custom_id="gr-set:roles")
    assert f"Members with <@&{role.id}> can practise now." in text_of(shown.response)
    await mia.select(reply(shown), ["eye_contact", "voice_tone"], custom_id="gr-set:metrics")
    off = "Looking toward the camera, Vocal variety"
    assert f"Switched off for everyone now: {off}." in text_of(shown.response)
    assert await settings_of(stage) == ServerSettings(
        channels=frozenset({stage.channel.id}),
        roles=frozenset({role.id}),
        metrics_off=frozenset({Metric.EYE_CONTACT, Metric.VOICE_TONE}),
    )
    menus = {
        item["custom_id"]: item for row in reply(shown).components for item in row["components"]
    }
    chosen = [choice["value"] for choice in menus["gr-set:metrics"]["options"] if choice["default"]]
    assert chosen == ["eye_contact", "voice_tone"]
    [preset] = menus["gr-set:channels"]["default_values"]
    assert int(preset["id"]) == stage.channel.id
    await mia.select(reply(shown), [], custom_id="gr-set:channels")
    assert "Members practise in every channel now." in text_of(shown.response)


async def test_as_many_channels_as_a_menu_takes_fit_into_the_panel(stage: Stage) -> None:
    mia = manager(stage)
    channels = [stage.guild.create_text_channel(f"room-{number}") for number in range(25)]
    shown = await panel(stage, mia)
    await mia.select(reply(shown), channels, custom_id="gr-set:channels")
    assert len((await settings_of(stage)).channels) == 25
    assert "and 15 more" in fields_of(shown)["Where members practise"]


async def test_a_channel_of_another_server_is_never_taken(stage: Stage) -> None:
    from cogs.settings.cog import _known
    from core.errors import Refused

    with pytest.raises(Refused):
        _known([str(stage.other_channel.id)], {stage.channel.id})
    with pytest.raises(Refused):
        _known(["everything"], {stage.channel.id})


async def test_limits_are_asked_by_a_form_that_outlives_a_restart(stage: Stage) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    form = await mia.click(reply(shown), label="Limits…")
    await stage.restart()
    await mia.submit_modal(form, {"attempts": "3", "days": " 14 "})
    text = text_of(shown.response)
    assert "Each member has 3 attempts a day now, kept for 14 days." in text
    assert "3 (the most this bot's operator allows is 10)." in text
    assert await settings_of(stage) == ServerSettings(daily_attempts=3, retention_days=14)
    form = await mia.click(reply(shown), label="Limits…")
    await mia.submit_modal(form, {"attempts": "", "days": "14"})
    assert await settings_of(stage) == ServerSettings(retention_days=14)


@pytest.mark.parametrize(
    ("attempts", "days", "most"),
    [("11", "", 10), ("0", "", 10), ("three", "", 10), ("-1", "", 10), ("", "91", 90)],
)
async def test_limits_above_the_operators_are_refused_with_a_sentence(
    stage: Stage, attempts: str, days: str, most: int
) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    form = await mia.click(reply(shown), label="Limits…")
    answer = await mia.submit_modal(form, {"attempts": attempts, "days": days})
    assert answer.ephemeral
    assert f"from 1 to {most}, or leave the field empty" in text_of(answer.response)
    assert await settings_of(stage) == ServerSettings()


async def test_switching_every_metric_off_cannot_be_chosen(stage: Stage) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    with pytest.raises(simcord.SetupError, match="between 0 and 6"):
        await mia.select(
            reply(shown), [metric.value for metric in Metric], custom_id="gr-set:metrics"
        )


async def test_reset_asks_first(stage: Stage) -> None:
    mia = manager(stage)
    await set_here(stage, board=False, daily_attempts=2)
    shown = await panel(stage, mia)
    await mia.click(reply(shown), label="Reset")
    assert labels_of(shown.response) == ["Yes, reset everything", "Keep the settings"]
    await mia.click(reply(shown), label="Keep the settings")
    assert (await settings_of(stage)).daily_attempts == 2
    await mia.click(reply(shown), label="Reset")
    await stage.restart()
    await mia.click(reply(shown), label="Yes, reset everything")
    assert "Every setting is back to its default now." in text_of(shown.response)
    assert await settings_of(stage) == ServerSettings()


async def test_members_without_manage_server_do_not_see_the_command(stage: Stage) -> None:
    assert "settings" not in stage.ada.available_commands(stage.channel)
    assert "settings" in manager(stage).available_commands(stage.channel)


async def test_a_member_let_in_by_the_servers_own_command_rights_is_refused(stage: Stage) -> None:
    """Discord lets a server show a command to others: the bot looks for itself."""
    commands = await stage.bot.tree.fetch_commands()
    [command] = [found for found in commands if found.name == "settings"]
    stage.guild.set_command_permissions(command, {stage.ada: True})
    shown = await panel(stage, stage.ada)
    assert shown.ephemeral
    assert "Only members with Manage Server" in text_of(shown.response)


async def test_who_lost_the_permission_is_refused_at_the_next_press(stage: Stage) -> None:
    mia = manager(stage)
    shown = await panel(stage, mia)
    form = await mia.click(reply(shown), label="Limits…")
    [role] = [role for role in stage.guild.roles.values() if role.name == "Managers"]
    stage.env.backend.remove_member_role(stage.guild.id, mia.id, role.id)
    for press in (
        mia.click(reply(shown), label="Share by default"),
        mia.click(reply(shown), label="Reset"),
        mia.select(reply(shown), [], custom_id="gr-set:roles"),
        mia.submit_modal(form, {"attempts": "1", "days": "1"}),
    ):
        assert "Only members with Manage Server" in text_of((await press).response)
    assert await settings_of(stage) == ServerSettings()


async def test_another_servers_settings_stay_untouched(stage: Stage) -> None:
    mia = manager(stage)
    await mia.click(reply(await panel(stage, mia)), label="Share by default")
    elsewhere = await stage.bot.tools.server_settings.get(stage.other_guild.id)
    assert elsewhere == ServerSettings()


async def test_results_are_shared_by_default_unless_the_member_says_otherwise(
    stage: Stage,
) -> None:
    await stage.agree(stage.ada)
    await set_here(stage, share_by_default=True)
    shown = await stage.analyze(stage.ada)
    assert "for everyone" in text_of(shown.response)
    [public] = shown.followups
    assert "Shared by" in text_of(public)
    private = await stage.analyze(stage.ada, share=False)
    assert private.followups == []
    assert "One strength" in text_of(private.response)


async def test_the_consent_card_says_when_a_result_would_be_shown_to_all(stage: Stage) -> None:
    await set_here(stage, share_by_default=True)
    text = text_of((await stage.analyze(stage.ada)).response)
    assert "Everyone in this channel." in text
    assert "share: False" in text
    kept_private = text_of((await stage.analyze(stage.ada, share=False)).response)
    assert "Everyone in this channel." not in kept_private


async def test_other_channels_are_refused_with_where_it_may_be_used(stage: Stage) -> None:
    await stage.agree(stage.ada)
    room = stage.guild.create_text_channel("interviews")
    await set_here(stage, channels=frozenset({room.id}))
    shown = await stage.analyze(stage.ada)
    assert shown.ephemeral
    assert r"In this server, practise in \#interviews." in text_of(shown.response)
    assert not stage.vendor.assets
    there = await stage.ada.slash(room, "analyze", clip=CLIP, question="Why us?")
    assert "One strength" in text_of(there.response)


async def test_a_channel_the_member_cannot_see_is_not_named(stage: Stage) -> None:
    hidden = stage.guild.create_text_channel(
        "secret-room",
        overwrites={
            stage.guild.default_role: discord.PermissionOverwrite(view_channel=False),
        },
    )
    await set_here(stage, channels=frozenset({hidden.id}))
    text = text_of((await stage.analyze(stage.ada)).response)
    assert "a channel you can't see" in text
    assert "secret-room" not in text


async def test_a_thread_counts_as_its_channel(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await set_here(stage, channels=frozenset({stage.channel.id}))
    channel = stage.bot.get_channel(stage.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="mine", type=discord.ChannelType.public_thread)
    [thread] = stage.channel.threads
    shown = await stage.ada.slash(thread, "analyze", clip=CLIP, question="Why us?")
    assert "One strength" in text_of(shown.response)


async def test_the_message_menu_is_refused_elsewhere_before_it_asks(stage: Stage) -> None:
    room = stage.guild.create_text_channel("interviews")
    await set_here(stage, channels=frozenset({room.id}))
    message = await stage.ada.send(stage.channel, "my answer", attachments=[CLIP])
    shown = await stage.ada.context_menu(stage.channel, "Analyze clip", message)
    assert shown.modal is None
    assert "practise in" in text_of(shown.response)


async def test_a_rule_made_while_the_consent_card_was_open_holds(stage: Stage) -> None:
    shown = await stage.analyze(stage.ada)
    room = stage.guild.create_text_channel("interviews")
    await set_here(stage, channels=frozenset({room.id}))
    answer = await stage.ada.click(reply(shown), label="I agree")
    assert "practise in" in text_of(answer.followups[0])
    assert not stage.vendor.assets


async def test_roles_let_in_those_who_have_one_and_the_managers(stage: Stage) -> None:
    student = stage.guild.create_role("Students")
    cem = stage.guild.add_member(stage.env.create_user("cem"), roles=[student])
    mia = manager(stage)
    for member in (stage.ada, cem, mia):
        await stage.agree(member)
    await set_here(stage, roles=frozenset({student.id}))
    refused = await stage.analyze(stage.ada)
    assert "Students. Ask its managers." in text_of(refused.response)
    for member in (cem, mia):
        assert "One strength" in text_of((await stage.analyze(member)).response)


async def test_own_results_stay_reachable_where_practising_is_not_allowed(stage: Stage) -> None:
    await stage.agree(stage.ada)
    shown = await stage.analyze(stage.ada)
    room = stage.guild.create_text_channel("interviews")
    await set_here(stage, channels=frozenset({room.id}), roles=frozenset({room.id}))
    assert "practice" in text_of((await stage.ada.slash(stage.channel, "history")).response)
    await stage.ada.click(reply(shown), label="Delete")
    await stage.ada.click(reply(shown), label="Yes, delete it")
    assert await stage.attempts(stage.ada) == []


async def test_the_servers_allowance_counts_in_this_server_only(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await stage.agree(stage.ada_elsewhere)
    await stage.analyze(stage.ada_elsewhere)
    await set_here(stage, daily_attempts=1)
    shown = await stage.analyze(stage.ada)
    assert "One strength" in text_of(shown.response)
    await stage.ada.click(reply(shown), label="Delete")
    await stage.ada.click(reply(shown), label="Yes, delete it")
    refused = await stage.analyze(stage.ada)
    assert "what this server allows each member\\: 1 a day." in text_of(refused.response)
    assert ":R>" in text_of(refused.response)
    again = await stage.analyze(stage.ada_elsewhere)
    assert "One strength" in text_of(again.response)


async def test_the_operators_allowance_holds_whatever_a_server_has_set(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as stage:
        await stage.agree(stage.ada)
        await set_here(stage, daily_attempts=5)
        await stage.analyze(stage.ada)
        refused = await stage.analyze(stage.ada)
        assert "your 1 attempts for today" in text_of(refused.response)


async def test_results_and_the_consent_card_say_the_servers_retention(stage: Stage) -> None:
    await set_here(stage, retention_days=7)
    shown = await stage.analyze(stage.ada)
    assert "for 7 days" in text_of(shown.response)
    await stage.ada.click(reply(shown), label="I agree")
    [attempt] = await stage.attempts(stage.ada)
    until = attempt.created_at + await stage.bot.tools.rules.retention(stage.guild.id)
    day = f"Kept until {until.day} {until:%B %Y}."
    assert day in text_of(shown.response)
    await stage.ada.click(reply(shown), label="Share")
    await stage.ada.click(reply(shown), label="Unshare")
    again = await stage.ada.slash(stage.channel, "history")
    assert (until - attempt.created_at).days == 7
    assert again.ephemeral


async def test_the_sweep_deletes_after_the_shorter_time_and_only_there(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await stage.agree(stage.ada_elsewhere)
    await stage.analyze(stage.ada)
    await stage.analyze(stage.ada_elsewhere)
    await set_here(stage, retention_days=1)
    await stage.env.advance_time(23 * 3600)
    assert len(await stage.attempts(stage.ada)) == 1
    await stage.env.advance_time(2 * 3600)
    await stage.restart()  # a sweep runs at start
    assert await stage.attempts(stage.ada) == []
    [kept] = await stage.attempts(stage.ada_elsewhere)
    assert kept.state is AttemptState.DELIVERED
    assert kept.owner == Owner(guild_id=stage.other_guild.id, user_id=stage.ada.id)
    assert owner(stage.ada_elsewhere) == kept.owner
