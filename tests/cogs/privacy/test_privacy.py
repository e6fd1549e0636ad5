"""`/privacy` as members use it: view, export, delete and withdraw, also after a restart."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select

from analyzer.consent import consent_version
from analyzer.scoring.rubric import METRIC_NAMES
from core.assessment import EngineName, Metric
from core.models import DIRECT_MESSAGES, Owner
from storage import tables
from tests.cogs.simulation import CLIP, QUESTION, Simulation, labels_of, owner, reply, text_of
from tests.fakes.twelvelabs_faults import Answer

ALL_BUTTONS = ["Export", "Delete everything", "Withdraw consent"]


async def practised(sim: Simulation, member: simcord.MemberActor, **options: Any) -> None:
    await sim.agree(member)
    await sim.analyze(member, **options)


async def delete_everything(
    sim: Simulation, member: simcord.MemberActor, *, restart: bool = False
) -> str:
    """Run `/privacy delete`, confirm, and return what the answer says."""
    shown = await member.slash(sim.channel, "privacy delete")
    assert shown.ephemeral
    assert labels_of(shown.response) == ["Yes, delete everything", "Keep it"]
    if restart:
        await sim.restart()
    await member.click(reply(shown), label="Yes, delete everything")
    assert labels_of(shown.response) == []
    return text_of(shown.response)


async def rows_naming(sim: Simulation, who: Owner) -> dict[str, int]:
    """By table, how many rows name the member in that server."""
    database = sim.bot.app.deps.attempts._database
    found = {}
    async with database.read() as connection:
        for table in tables.metadata.tables.values():
            if "user_id" in table.c:
                mine = (table.c.user_id == who.user_id) & (table.c.guild_id == who.guild_id)
                found[table.name] = len((await connection.execute(select(table).where(mine))).all())
    return found


def unpacked(shown: simcord.InteractionResult, data: bytes) -> tuple[dict[str, Any], str]:
    assert shown.ephemeral
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert sorted(archive.namelist()) == ["greenroom.json", "scores.csv"]
        text = archive.read("scores.csv").decode("utf-8-sig")
        return json.loads(archive.read("greenroom.json")), text


def public_messages(sim: Simulation) -> list[discord.Message]:
    """What everybody sees in the channel."""
    return [m for m in sim.channel.history(viewer=sim.ben) if not m.flags.ephemeral]


async def file_of(shown: simcord.InteractionResult) -> bytes:
    [file] = reply(shown).attachments
    assert file.filename == "greenroom-data.zip"
    return await file.read()


async def test_view_of_nothing_says_so(sim: Simulation) -> None:
    shown = await sim.ada.slash(sim.channel, "privacy view")
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "Attempts\nNone." in text
    assert "You have not agreed to anything here." in text
    assert "You are not on it." not in text
    assert labels_of(shown.response) == [*ALL_BUTTONS, "Details"]
    await sim.restart()
    await sim.ada.click(reply(shown), label="Details")
    assert "You are not on it." in text_of(shown.response)
    assert labels_of(shown.response) == ALL_BUTTONS


async def test_view_tells_what_since_when_until_when_and_where_consent_stands(
    sim: Simulation,
) -> None:
    await practised(sim, sim.ada, share=True)
    app, ada = sim.bot.app, owner(sim.ada)
    await app.deps.board.join(ada, alias="Quiet *Fox*", counts_private=True)
    await app.deps.member_settings.change(ada, metrics_off=frozenset({Metric.EYE_CONTACT}))
    [attempt] = await sim.attempts(sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy view")
    await sim.ada.click(reply(shown), label="Details")
    text = text_of(shown.response)
    made = int(attempt.created_at.timestamp())
    assert "1 attempt: 1 with a result, 1 shared, 0 under way." in text
    assert f"The first is from <t:{made}:D>" in text
    assert f"Each is deleted 90 days after it was made: the first <t:{made + 90 * 86400}:D>" in text
    assert f"(version {consent_version(EngineName.TWELVELABS)})." in text
    assert r"as Quiet \*Fox\*; private results count." in text
    assert f"Metrics you switched off\n{METRIC_NAMES[Metric.EYE_CONTACT]}" in text
    assert "No copy of a clip is left" in text
    assert "1 use of your daily allowance." in text


async def test_others_see_nothing_of_it_and_neither_does_another_server(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        shown = await member.slash(channel, "privacy view")
        assert "Attempts\nNone." in text_of(shown.response)
        exported = await member.slash(channel, "privacy export")
        held, scores = unpacked(exported, await file_of(exported))
        assert [name for name, found in held.items() if name != "about" and found] == []
        assert len(scores.splitlines()) == 1
        assert await member.autocomplete(channel, "privacy delete", "attempt", "") == []


async def test_export_has_everything_and_scores_no_spreadsheet_runs(sim: Simulation) -> None:
    await practised(sim, sim.ada, question="=HYPERLINK(1) is what?")
    shown = await sim.ada.slash(sim.channel, "privacy export")
    held, scores = unpacked(shown, await file_of(shown))
    assert held["about"]["member_id"] == str(sim.ada.id)
    [attempt] = held["attempts"]
    assert attempt["question"] == "=HYPERLINK(1) is what?"
    assert attempt["assessment"]["transcript"]
    assert "reply_token" not in attempt
    assert [row["version"] for row in held["consents"]] == [consent_version(EngineName.TWELVELABS)]
    head, line = scores.splitlines()
    assert head.startswith('"attempt_id","made_at","question"')
    assert ',"\'=HYPERLINK(1) is what?",' in line
    assert line.split(",")[5] == f'"{attempt["overall"]}"'


async def test_export_of_too_much_leaves_the_transcripts_out_and_says_so(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practised(sim, sim.ada)
    whole = len(await file_of(await sim.ada.slash(sim.channel, "privacy export")))
    loaded = sys.modules["cogs.privacy.cog"]  # discord.py has loaded it anew
    monkeypatch.setattr(loaded, "FILE_LIMIT_BYTES", whole - 40)
    shown = await sim.ada.slash(sim.channel, "privacy export")
    assert "transcripts" in text_of(shown.response)
    assert "left out" in text_of(shown.response)
    held, scores = unpacked(shown, await file_of(shown))
    assert "transcript" not in held["attempts"][0]["assessment"]
    assert len(scores.splitlines()) == 2
    monkeypatch.setattr(loaded, "FILE_LIMIT_BYTES", 100)
    refused = await sim.ada.slash(sim.channel, "privacy export")
    assert "Ask whoever runs this bot" in text_of(refused.response)


async def test_the_export_button_works_after_a_restart_for_who_presses(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy view")
    await sim.restart()
    pressed = await sim.ada.click(reply(shown), label="Export")
    held, _ = unpacked(pressed, await file_of(pressed))
    assert len(held["attempts"]) == 1


async def test_delete_everything_leaves_nothing_of_the_member_here(sim: Simulation) -> None:
    await practised(sim, sim.ada, share=True)
    await practised(sim, sim.ben)
    await practised(sim, sim.ada_elsewhere)
    app, ada = sim.bot.app, owner(sim.ada)
    await app.deps.board.join(ada, counts_private=True)
    await app.deps.member_settings.change(ada, metrics_off=frozenset({Metric.CLARITY}))
    others = [await rows_naming(sim, owner(m)) for m in (sim.ben, sim.ada_elsewhere)]
    said = await delete_everything(sim, sim.ada)
    assert "1 attempt with results" in said
    assert "No copy of a clip is left, neither here nor with an analysis service." in said
    assert "One thing stays, for at most 24 hours" in said
    assert set((await rows_naming(sim, ada)).values()) == {0}
    assert others == [await rows_naming(sim, owner(m)) for m in (sim.ben, sim.ada_elsewhere)]
    assert public_messages(sim) == []
    assert sim.vendor.live_assets() == []
    again = await sim.analyze(sim.ada)
    assert labels_of(again.response) == ["I agree", "Not now", "What is scored?"]


async def test_deleting_does_not_give_the_allowance_back(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    await delete_everything(sim, sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy view")
    await sim.ada.click(reply(shown), label="Details")
    text = text_of(shown.response)
    assert "1 use of your daily allowance." in text


async def test_confirming_works_after_a_restart_and_twice(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    said = await delete_everything(sim, sim.ada, restart=True)
    assert "1 attempt with" in said
    assert "0 attempts with" in await delete_everything(sim, sim.ada)


async def test_keep_it_deletes_nothing(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy view")
    asked = await sim.ada.click(reply(shown), label="Delete everything")
    assert asked.ephemeral
    await sim.ada.click(reply(asked), label="Keep it")
    assert "Nothing was deleted." in text_of(asked.response)
    assert len(await sim.attempts(sim.ada)) == 1


async def test_delete_cancels_what_runs_with_its_public_progress(slow_stage: Simulation) -> None:
    await practised(slow_stage, slow_stage.ada, share=True)
    assert len(slow_stage.vendor.live_tasks()) == 1
    assert len(public_messages(slow_stage)) == 1
    said = await delete_everything(slow_stage, slow_stage.ada)
    assert "No copy of a clip is left" in said
    assert slow_stage.vendor.live_tasks() == []
    assert slow_stage.vendor.live_assets() == []
    assert public_messages(slow_stage) == []
    assert await slow_stage.bot.app.attempts.unfinished() == []
    assert (await rows_naming(slow_stage, owner(slow_stage.ada)))["attempts"] == 0


async def test_when_the_vendor_is_away_it_says_so_and_finishes_later(sim: Simulation) -> None:
    sim.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    await practised(sim, sim.ada)
    view = text_of((await sim.ada.slash(sim.channel, "privacy view")).response)
    assert "The copies of 1 clip are still to be deleted" in view
    sim.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    said = await delete_everything(sim, sim.ada)
    assert "could not be reached to delete its copies of 1 clip" in said
    assert "tries again every hour" in said
    assert set((await rows_naming(sim, owner(sim.ada))).values()) == {0}
    [left] = await sim.bot.app.attempts._deps.pending_deletions.all()
    assert left.refs
    await sim.restart()  # the sweep runs at start
    await sim.env.settle()
    assert sim.vendor.live_tasks() == []
    assert await sim.bot.app.attempts._deps.pending_deletions.all() == []


async def test_a_public_message_out_of_reach_is_named_with_its_link(sim: Simulation) -> None:
    await practised(sim, sim.ada, share=True)
    [public] = public_messages(sim)
    sim.env.inject_error(
        "DELETE", "/channels/*/messages/*", status=403, code=50001, message="Missing Access"
    )
    said = await delete_everything(sim, sim.ada)
    link = f"https://discord.com/channels/{sim.guild.id}/{sim.channel.id}/{public.id}"
    assert "please use each message's own menu" in said
    assert link in said
    assert await sim.attempts(sim.ada) == []


async def test_one_attempt_is_picked_from_the_list_and_deleted(sim: Simulation) -> None:
    await practised(sim, sim.ada, question="Older?", share=True)
    await sim.env.advance_time(1)
    await sim.analyze(sim.ada, question="Newer?")
    choices = await sim.ada.autocomplete(sim.channel, "privacy delete", "attempt", "old")
    [choice] = choices
    assert "Older?" in choice["name"]
    shown = await sim.ada.slash(sim.channel, "privacy delete", attempt=choice["value"])
    assert "Older?" in text_of(shown.response)
    await sim.restart()
    await sim.ada.click(reply(shown), label="Yes, delete it")
    assert "The attempt and all that belonged to it is deleted." in text_of(shown.response)
    assert "No copy of a clip is left" in text_of(shown.response)
    assert [one.question for one in await sim.attempts(sim.ada)] == ["Newer?"]
    assert public_messages(sim) == []


@pytest.mark.parametrize("given", ["Tell me", "f" * 16, "../../etc", "0" * 100])
async def test_an_attempt_that_is_not_ones_own_is_not_found(sim: Simulation, given: str) -> None:
    shown = await sim.ada.slash(sim.channel, "privacy delete", attempt=given)
    assert "You have no such attempt here" in text_of(shown.response)
    assert labels_of(shown.response) == []


async def test_ids_of_another_member_or_server_delete_nothing(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    [attempt] = await sim.attempts(sim.ada)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        shown = await member.slash(channel, "privacy delete", attempt=attempt.id)
        assert "You have no such attempt here" in text_of(shown.response)
        assert await sim.bot.app.deletion.delete(owner(member), attempt.id) is None
        assert "0 attempts" in await _everything_in(member, channel)
    assert await sim.attempts(sim.ada) == [attempt]


async def _everything_in(member: simcord.MemberActor, channel: simcord.ChannelHandle) -> str:
    shown = await member.slash(channel, "privacy delete")
    await member.click(reply(shown), label="Yes, delete everything")
    return text_of(shown.response)


async def test_of_many_attempts_the_newest_25_are_offered_and_all_are_found_by_typing(
    sim: Simulation,
) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada, question="Number 00?")
    [model] = await sim.attempts(sim.ada)
    for number in range(1, 30):
        made = model.created_at.replace(year=2025, month=1, day=number)
        copy = model.model_copy(
            update={"id": f"{number:016x}", "question": f"Number {number:02}?", "created_at": made}
        )
        await sim.bot.app.deps.attempts.admit(
            copy, used_since=made, daily_limit=1000, open_limit=1000
        )
    offered = await sim.ada.autocomplete(sim.channel, "privacy delete", "attempt", "")
    assert len(offered) == 25
    assert "Number 00?" in offered[0]["name"]
    [oldest] = await sim.ada.autocomplete(sim.channel, "privacy delete", "attempt", "ber 01?")
    assert oldest["value"] == f"{1:016x}"
    assert "30 attempts with" in await delete_everything(sim, sim.ada)
    assert set((await rows_naming(sim, owner(sim.ada))).values()) == {0}


async def test_withdraw_is_dated_and_results_stay(sim: Simulation) -> None:
    await practised(sim, sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy withdraw")
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "Withdrawn <t:" in text
    assert "Results you already have stay" in text
    assert len(await sim.attempts(sim.ada)) == 1
    asked = await sim.analyze(sim.ada)
    assert labels_of(asked.response) == ["I agree", "Not now", "What is scored?"]
    view = text_of((await sim.ada.slash(sim.channel, "privacy view")).response)
    assert ", withdrawn <t:" in view
    await sim.ada.click(reply(asked), label="I agree")
    assert "One strength" in text_of(asked.response)


async def test_withdraw_cancels_what_runs_and_waits(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    first = await slow_stage.analyze(slow_stage.ada, question="First?")
    waiting = await slow_stage.analyze(slow_stage.ada, question="Second?")
    shown = await slow_stage.ada.slash(slow_stage.channel, "privacy withdraw")
    assert "2 attempts under way were cancelled." in text_of(shown.response)
    for progress in (first, waiting):
        assert "Cancelled" in text_of(progress.response)
    await slow_stage.env.settle()
    assert slow_stage.vendor.live_tasks() == []
    assert slow_stage.vendor.live_assets() == []
    assert len(slow_stage.vendor.assets) == 1  # nothing of the second was ever sent


async def test_withdraw_of_nothing_says_so_and_others_keep_theirs(sim: Simulation) -> None:
    await sim.agree(sim.ben)
    shown = await sim.ada.slash(sim.channel, "privacy withdraw")
    assert "You have not agreed to anything here" in text_of(shown.response)
    assert await sim.bot.app.deps.consents.get(owner(sim.ben)) is not None


async def test_the_withdraw_button_works_after_a_restart(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.ada.slash(sim.channel, "privacy view")
    await sim.restart()
    pressed = await sim.ada.click(reply(shown), label="Withdraw consent")
    assert "Consent withdrawn" in text_of(pressed.response)
    assert await sim.bot.app.deps.consents.get(owner(sim.ada)) is None


async def test_an_attempt_that_slipped_in_is_not_fetched_without_consent(
    slow_stage: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consent is withdrawn after it was looked up and before the clip would be fetched."""
    await slow_stage.agree(slow_stage.ada)
    await slow_stage.analyze(slow_stage.ada, question="First?")
    await slow_stage.analyze(slow_stage.ada, question="Second?")
    await slow_stage.bot.app.deps.consents.withdraw(owner(slow_stage.ada))
    await slow_stage.restart()  # nobody has cancelled them: the rows go on
    await slow_stage.env.settle()
    assert await slow_stage.bot.app.attempts.unfinished() == []
    assert len(slow_stage.vendor.assets) == 1


async def test_it_works_in_direct_messages(sim: Simulation) -> None:
    who = Owner(guild_id=DIRECT_MESSAGES, user_id=sim.ada.id)
    app = sim.bot.app
    await app.deps.consents.agree(who, consent_version(app.deps.engine))
    await sim.ada_user.slash("analyze", clip=CLIP, question=QUESTION)
    view = await sim.ada_user.slash("privacy view")
    assert "in direct messages" in text_of(view.response)
    assert "1 attempt: 1 with a result" in text_of(view.response)
    assert len(await file_of(await sim.ada_user.slash("privacy export"))) > 0
    await sim.ada_user.slash("privacy withdraw")
    shown = await sim.ada_user.slash("privacy delete")
    await sim.ada_user.click(reply(shown), label="Yes, delete everything")
    assert "1 attempt with" in text_of(shown.response)
    assert set((await rows_naming(sim, who)).values()) == {0}


async def test_the_consent_card_names_the_operator(sim: Simulation) -> None:
    object.__setattr__(sim.bot.app.deps, "operator", "Ann Operator, ann.example")
    shown = await sim.analyze(sim.ada)
    assert "Who runs this bot\nAnn Operator, ann.example" in text_of(shown.response)
