"""`/settings`: who may change what, that each change holds at once, and after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from core.assessment import Metric
from core.models import AttemptState, Owner, ServerSettings
from tests.cogs.simulation import CLIP, Simulation, labels_of, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn


def manager(sim: Simulation, guild: simcord.GuildHandle | None = None) -> simcord.MemberActor:
    """A member with Manage Server and nothing more."""
    guild = guild or sim.guild
    role = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(sim.env.create_user("mia"), roles=[role])


async def panel(sim: Simulation, member: simcord.MemberActor) -> simcord.InteractionResult:
    return await member.slash(sim.channel, "settings")


async def set_here(sim: Simulation, **changes: Any) -> None:
    await sim.bot.app.deps.server_settings.set(sim.guild.id, ServerSettings(**changes))


async def settings_of(sim: Simulation) -> ServerSettings:
    return await sim.bot.app.deps.server_settings.get(sim.guild.id)


def fields_of(shown: simcord.InteractionResult) -> dict[str, str]:
    [embed] = reply(shown).embeds
    return {str(part.name): str(part.value) for part in embed.fields}


async def test_the_panel_is_private_and_shows_every_setting_in_words(sim: Simulation) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    assert shown.ephemeral
    assert list(fields_of(shown)) == ["New results", "Where members practise", "Who practises"]
    await sim.restart()
    await mia.click(reply(shown), label="All settings")
    assert fields_of(shown) == {
        "New results": "Private, unless a member chooses to share.",
        "Where members practise": "In every channel.",
        "Who practises": "Everybody.",
        "Attempts a day for each member": "10, which is the most this bot's operator allows.",
        "Days that attempts are kept": "90, which is the most this bot's operator allows.",
        "Practice board": "On.",
        "Metrics switched off for everyone": "None.",
    }


async def test_buttons_change_the_setting_and_say_so_after_a_restart_too(sim: Simulation) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    await mia.click(reply(shown), label="Share by default")
    assert "New results are shown to everyone now" in text_of(shown.response)
    await sim.restart()
    await mia.click(reply(shown), label="Switch board off")
    assert "The practice board is off now." in text_of(shown.response)
    assert await settings_of(sim) == ServerSettings(share_by_default=True, board=False)
    await mia.click(reply(shown), label="Private by default")
    await mia.click(reply(shown), label="Switch board on")
    assert await settings_of(sim) == ServerSettings()


async def test_menus_choose_channels_roles_and_metrics(sim: Simulation) -> None:
    mia = manager(sim)
    role = sim.guild.create_role("Students")
    shown = await panel(sim, mia)
    await mia.select(reply(shown), [sim.channel], custom_id="gr-set:channels")
    assert f"Members practise in <#{sim.channel.id}> now." in text_of(shown.response)
    await sim.restart()
    await mia.select(reply(shown), [role], custom_id="gr-set:roles")
    assert f"Members with <@&{role.id}> can practise now." in text_of(shown.response)
    await mia.select(reply(shown), ["eye_contact", "voice_tone"], custom_id="gr-set:metrics")
    off = "Eye contact, Voice tone"
    assert f"Switched off for everyone now: {off}." in text_of(shown.response)
    assert await settings_of(sim) == ServerSettings(
        channels=frozenset({sim.channel.id}),
        roles=frozenset({role.id}),
        metrics_off=frozenset({Metric.EYE_CONTACT, Metric.VOICE_TONE}),
    )
    menus = {
        item["custom_id"]: item for row in reply(shown).components for item in row["components"]
    }
    chosen = [choice["value"] for choice in menus["gr-set:metrics"]["options"] if choice["default"]]
    assert chosen == ["eye_contact", "voice_tone"]
    [preset] = menus["gr-set:channels"]["default_values"]
    assert int(preset["id"]) == sim.channel.id
    await mia.select(reply(shown), [], custom_id="gr-set:channels")
    assert "Members practise in every channel now." in text_of(shown.response)


async def test_as_many_channels_as_a_menu_takes_fit_into_the_panel(sim: Simulation) -> None:
    mia = manager(sim)
    channels = [sim.guild.create_text_channel(f"room-{number}") for number in range(25)]
    shown = await panel(sim, mia)
    await mia.select(reply(shown), channels, custom_id="gr-set:channels")
    assert len((await settings_of(sim)).channels) == 25
    assert "and 15 more" in fields_of(shown)["Where members practise"]


async def test_a_channel_of_another_server_is_never_taken(sim: Simulation) -> None:
    from cogs.settings.cog import _known
    from core.errors import Refused

    with pytest.raises(Refused):
        _known([str(sim.other_channel.id)], {sim.channel.id})
    with pytest.raises(Refused):
        _known(["everything"], {sim.channel.id})


async def test_limits_are_asked_by_a_form_that_outlives_a_restart(sim: Simulation) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    form = await mia.click(reply(shown), label="Limits…")
    await sim.restart()
    await mia.submit_modal(form, {"attempts": "3", "days": " 14 "})
    text = text_of(shown.response)
    await mia.click(reply(shown), label="All settings")
    text += text_of(shown.response)
    assert "Each member has 3 attempts a day now, kept for 14 days." in text
    assert "3 (the most this bot's operator allows is 10)." in text
    assert await settings_of(sim) == ServerSettings(daily_attempts=3, retention_days=14)
    form = await mia.click(reply(shown), label="Limits…")
    await mia.submit_modal(form, {"attempts": "", "days": "14"})
    assert await settings_of(sim) == ServerSettings(retention_days=14)


@pytest.mark.parametrize(
    ("attempts", "days", "most"),
    [("11", "", 10), ("0", "", 10), ("three", "", 10), ("-1", "", 10), ("", "91", 90)],
)
async def test_limits_above_the_operators_are_refused_with_a_sentence(
    sim: Simulation, attempts: str, days: str, most: int
) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    form = await mia.click(reply(shown), label="Limits…")
    answer = await mia.submit_modal(form, {"attempts": attempts, "days": days})
    assert answer.ephemeral
    assert f"from 1 to {most}, or leave the field empty" in text_of(answer.response)
    assert await settings_of(sim) == ServerSettings()


async def test_switching_every_metric_off_cannot_be_chosen(sim: Simulation) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    with pytest.raises(simcord.SetupError, match="between 0 and 6"):
        await mia.select(
            reply(shown), [metric.value for metric in Metric], custom_id="gr-set:metrics"
        )


async def test_reset_asks_first(sim: Simulation) -> None:
    mia = manager(sim)
    await set_here(sim, board=False, daily_attempts=2)
    shown = await panel(sim, mia)
    await mia.click(reply(shown), label="Reset")
    assert labels_of(shown.response) == ["Yes, reset everything", "Keep the settings"]
    await mia.click(reply(shown), label="Keep the settings")
    assert (await settings_of(sim)).daily_attempts == 2
    await mia.click(reply(shown), label="Reset")
    await sim.restart()
    await mia.click(reply(shown), label="Yes, reset everything")
    assert "Every setting is back to its default now." in text_of(shown.response)
    assert await settings_of(sim) == ServerSettings()


async def test_members_without_manage_server_do_not_see_the_command(sim: Simulation) -> None:
    assert "settings" not in sim.ada.available_commands(sim.channel)
    assert "settings" in manager(sim).available_commands(sim.channel)


async def test_a_member_let_in_by_the_servers_own_command_rights_is_refused(
    sim: Simulation,
) -> None:
    """Discord lets a server show a command to others: the bot looks for itself."""
    commands = await sim.bot.tree.fetch_commands()
    [command] = [found for found in commands if found.name == "settings"]
    sim.guild.set_command_permissions(command, {sim.ada: True})
    shown = await panel(sim, sim.ada)
    assert shown.ephemeral
    assert "Only members with Manage Server" in text_of(shown.response)


async def test_who_lost_the_permission_is_refused_at_the_next_press(sim: Simulation) -> None:
    mia = manager(sim)
    shown = await panel(sim, mia)
    form = await mia.click(reply(shown), label="Limits…")
    [role] = [role for role in sim.guild.roles.values() if role.name == "Managers"]
    sim.env.backend.remove_member_role(sim.guild.id, mia.id, role.id)
    for press in (
        mia.click(reply(shown), label="Share by default"),
        mia.click(reply(shown), label="Reset"),
        mia.select(reply(shown), [], custom_id="gr-set:roles"),
        mia.submit_modal(form, {"attempts": "1", "days": "1"}),
    ):
        assert "Only members with Manage Server" in text_of((await press).response)
    assert await settings_of(sim) == ServerSettings()


async def test_another_servers_settings_stay_untouched(sim: Simulation) -> None:
    mia = manager(sim)
    await mia.click(reply(await panel(sim, mia)), label="Share by default")
    elsewhere = await sim.bot.app.deps.server_settings.get(sim.other_guild.id)
    assert elsewhere == ServerSettings()


async def test_results_are_shared_by_default_unless_the_member_says_otherwise(
    sim: Simulation,
) -> None:
    await sim.agree(sim.ada)
    await set_here(sim, share_by_default=True)
    shown = await sim.analyze(sim.ada)
    assert "for everyone" in text_of(shown.response)
    [public] = shown.followups
    assert "Shared by" in text_of(public)
    private = await sim.analyze(sim.ada, share=False)
    assert private.followups == []
    assert "One strength" in text_of(private.response)


async def test_the_consent_card_says_when_a_result_would_be_shown_to_all(sim: Simulation) -> None:
    await set_here(sim, share_by_default=True)
    text = text_of((await sim.analyze(sim.ada)).response)
    assert "Everyone in this channel." in text
    assert "share: False" in text
    kept_private = text_of((await sim.analyze(sim.ada, share=False)).response)
    assert "Everyone in this channel." not in kept_private


async def test_other_channels_are_refused_with_where_it_may_be_used(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    room = sim.guild.create_text_channel("interviews")
    await set_here(sim, channels=frozenset({room.id}))
    shown = await sim.analyze(sim.ada)
    assert shown.ephemeral
    assert r"In this server, practise in \#interviews." in text_of(shown.response)
    assert not sim.vendor.assets
    there = await sim.ada.slash(room, "analyze", clip=CLIP, question="Why us?")
    assert "One strength" in text_of(there.response)


async def test_a_channel_the_member_cannot_see_is_not_named(sim: Simulation) -> None:
    hidden = sim.guild.create_text_channel(
        "secret-room",
        overwrites={
            sim.guild.default_role: discord.PermissionOverwrite(view_channel=False),
        },
    )
    await set_here(sim, channels=frozenset({hidden.id}))
    text = text_of((await sim.analyze(sim.ada)).response)
    assert "a channel you can't see" in text
    assert "secret-room" not in text


async def test_a_thread_counts_as_its_channel(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await set_here(sim, channels=frozenset({sim.channel.id}))
    channel = sim.bot.get_channel(sim.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="mine", type=discord.ChannelType.public_thread)
    [thread] = sim.channel.threads
    shown = await sim.ada.slash(thread, "analyze", clip=CLIP, question="Why us?")
    assert "One strength" in text_of(shown.response)


async def test_the_message_menu_is_refused_elsewhere_before_it_asks(sim: Simulation) -> None:
    room = sim.guild.create_text_channel("interviews")
    await set_here(sim, channels=frozenset({room.id}))
    message = await sim.ada.send(sim.channel, "my answer", attachments=[CLIP])
    shown = await sim.ada.context_menu(sim.channel, "Analyze clip", message)
    assert shown.modal is None
    assert "practise in" in text_of(shown.response)


async def test_a_rule_made_while_the_consent_card_was_open_holds(sim: Simulation) -> None:
    shown = await sim.analyze(sim.ada)
    room = sim.guild.create_text_channel("interviews")
    await set_here(sim, channels=frozenset({room.id}))
    answer = await sim.ada.click(reply(shown), label="I agree")
    assert "practise in" in text_of(answer.followups[0])
    assert not sim.vendor.assets


async def test_roles_let_in_those_who_have_one_and_the_managers(sim: Simulation) -> None:
    student = sim.guild.create_role("Students")
    cem = sim.guild.add_member(sim.env.create_user("cem"), roles=[student])
    mia = manager(sim)
    for member in (sim.ada, cem, mia):
        await sim.agree(member)
    await set_here(sim, roles=frozenset({student.id}))
    refused = await sim.analyze(sim.ada)
    assert "Students. Ask its managers." in text_of(refused.response)
    for member in (cem, mia):
        assert "One strength" in text_of((await sim.analyze(member)).response)


async def test_own_results_stay_reachable_where_practising_is_not_allowed(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada)
    room = sim.guild.create_text_channel("interviews")
    await set_here(sim, channels=frozenset({room.id}), roles=frozenset({room.id}))
    assert "practice" in text_of((await sim.ada.slash(sim.channel, "history")).response)
    await sim.ada.click(reply(shown), label="Delete")
    await sim.ada.click(reply(shown), label="Yes, delete it")
    assert await sim.attempts(sim.ada) == []


async def test_the_servers_allowance_counts_in_this_server_only(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.agree(sim.ada_elsewhere)
    await sim.analyze(sim.ada_elsewhere)
    await set_here(sim, daily_attempts=1)
    shown = await sim.analyze(sim.ada)
    assert "One strength" in text_of(shown.response)
    await sim.ada.click(reply(shown), label="Delete")
    await sim.ada.click(reply(shown), label="Yes, delete it")
    refused = await sim.analyze(sim.ada)
    assert "what this server allows each member\\: 1 a day." in text_of(refused.response)
    assert ":R>" in text_of(refused.response)
    again = await sim.analyze(sim.ada_elsewhere)
    assert "One strength" in text_of(again.response)


async def test_the_operators_allowance_holds_whatever_a_server_has_set(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as sim:
        await sim.agree(sim.ada)
        await set_here(sim, daily_attempts=5)
        await sim.analyze(sim.ada)
        refused = await sim.analyze(sim.ada)
        assert "your 1 attempts for today" in text_of(refused.response)


async def test_results_and_the_consent_card_say_the_servers_retention(sim: Simulation) -> None:
    await set_here(sim, retention_days=7)
    shown = await sim.analyze(sim.ada)
    assert "for 7 days" in text_of(shown.response)
    await sim.ada.click(reply(shown), label="I agree")
    [attempt] = await sim.attempts(sim.ada)
    until = attempt.created_at + await sim.bot.app.deps.policy.retention(sim.guild.id)
    day = f"Kept until {until.day} {until:%B %Y}."
    assert day in text_of(shown.response)
    await sim.ada.click(reply(shown), label="Share")
    await sim.ada.click(reply(shown), label="Unshare")
    again = await sim.ada.slash(sim.channel, "history")
    assert (until - attempt.created_at).days == 7
    assert again.ephemeral


async def test_the_sweep_deletes_after_the_shorter_time_and_only_there(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.agree(sim.ada_elsewhere)
    await sim.analyze(sim.ada)
    await sim.analyze(sim.ada_elsewhere)
    await set_here(sim, retention_days=1)
    await sim.env.advance_time(23 * 3600)
    assert len(await sim.attempts(sim.ada)) == 1
    await sim.env.advance_time(2 * 3600)
    await sim.restart()  # a sweep runs at start
    assert await sim.attempts(sim.ada) == []
    [kept] = await sim.attempts(sim.ada_elsewhere)
    assert kept.state is AttemptState.DELIVERED
    assert kept.owner == Owner(guild_id=sim.other_guild.id, user_id=sim.ada.id)
    assert owner(sim.ada_elsewhere) == kept.owner
