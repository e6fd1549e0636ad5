"""The buttons under a result: what they do, for whom, and after a restart."""

from __future__ import annotations

import pytest
import simcord

from core.models import AttemptState
from tests.cogs.simulation import CLIP, QUESTION, Simulation, labels_of, owner, reply, text_of
from tests.fakes.twelvelabs_faults import Answer


async def result_for_ada(sim: Simulation, *, share: bool = False) -> simcord.ResponseMessage:
    """Ada's finished result, as the message that carries it."""
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada, share=share)
    return shown.followups[0] if share else reply(shown)


async def test_try_again_takes_a_new_clip_for_the_same_question(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    form = await sim.ada.click(message, label="Try again")
    assert form.modal is not None
    again = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert again.ephemeral
    assert "One strength" in text_of(again.response)
    assert [attempt.question for attempt in await sim.attempts(sim.ada)] == [QUESTION] * 2


async def test_a_form_opened_before_a_restart_is_read_after_it(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    form = await sim.ada.click(message, label="Try again")
    await sim.restart()
    again = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "One strength" in text_of(again.response)


async def test_a_form_about_a_deleted_attempt_says_so(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    form = await sim.ada.click(message, label="Try again")
    [attempt] = await sim.attempts(sim.ada)
    await sim.bot.app.deletion.delete(owner(sim.ada), attempt.id)
    again = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "That attempt has been deleted" in text_of(again.response)


async def test_share_posts_a_copy_and_unshare_takes_it_back(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    assert sim.channel.history(viewer=sim.ben) == []
    await sim.ada.click(message, label="Share")
    [public] = sim.channel.history(viewer=sim.ben)
    assert f"<@{sim.ada.id}>" in (public.embeds[0].description or "")
    assert "Unshare" in labels_of(message)
    await sim.ada.click(message, label="Unshare")
    assert sim.channel.history(viewer=sim.ben) == []
    assert "Share" in labels_of(message)
    [attempt] = await sim.attempts(sim.ada)
    assert (attempt.shared, attempt.shared_message_id) == (False, None)


async def test_unshare_on_the_public_message_leaves_a_private_copy(sim: Simulation) -> None:
    public = await result_for_ada(sim, share=True)
    pressed = await sim.ada.click(public, label="Unshare")
    assert sim.channel.history(viewer=sim.ben) == []
    [private] = pressed.followups
    assert private.ephemeral
    assert "One strength" in text_of(private)


@pytest.mark.parametrize("status", [403, 500, 503])
async def test_a_copy_discord_does_not_delete_stays_marked_as_shared_and_can_be_pressed_again(
    sim: Simulation, status: int
) -> None:
    message = await result_for_ada(sim)
    await sim.ada.click(message, label="Share")
    [public] = sim.channel.history(viewer=sim.ben)
    sim.env.inject_error("DELETE", "/channels/*/messages/*", status=status, times=None)
    pressed = await sim.ada.click(message, label="Unshare")
    [told] = pressed.followups
    assert told.ephemeral
    assert "I can't delete the public copy here" in text_of(told)
    assert [shown.id for shown in sim.channel.history(viewer=sim.ben)] == [public.id]
    [attempt] = await sim.attempts(sim.ada)
    assert (attempt.shared, attempt.shared_message_id) == (True, public.id)
    await sim.ada.click(public, label="Unshare")  # this press needs no rights in the channel
    assert sim.channel.history(viewer=sim.ben) == []
    [attempt] = await sim.attempts(sim.ada)
    assert (attempt.shared, attempt.shared_message_id) == (False, None)


async def test_unshare_on_the_public_message_says_so_when_discord_fails(sim: Simulation) -> None:
    public = await result_for_ada(sim, share=True)
    sim.env.inject_error("DELETE", "/webhooks/*", status=503, times=None)
    pressed = await sim.ada.click(public, label="Unshare")
    [told] = pressed.followups
    assert told.ephemeral
    assert "I can't delete the public copy here" in text_of(told)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.shared


async def test_deleting_an_attempt_goes_on_where_its_public_copy_stays(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    await sim.ada.click(message, label="Share")
    sim.env.inject_error("DELETE", "/channels/*/messages/*", status=503, times=None)
    await sim.ada.click(message, label="Delete")
    pressed = await sim.ada.click(message, label="Yes, delete it")
    assert "I can't delete the public copy here" in text_of(pressed.followups[0])
    assert await sim.attempts(sim.ada) == []


async def test_unshare_works_after_a_restart(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    await sim.ada.click(message, label="Share")
    await sim.restart()
    await sim.ada.click(message, label="Unshare")
    assert sim.channel.history(viewer=sim.ben) == []


async def test_transcript_is_a_private_text_file_with_alt_text(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    pressed = await sim.ada.click(message, label="Transcript")
    assert pressed.ephemeral
    assert pressed.response is not None
    [file] = pressed.response.attachments
    assert file.filename == "transcript.txt"
    assert file.description
    assert QUESTION in (await file.read()).decode()


async def test_delete_asks_first_and_then_leaves_nothing(sim: Simulation) -> None:
    message = await result_for_ada(sim)
    await sim.ada.click(message, label="Share")
    await sim.ada.click(message, label="Delete")
    assert labels_of(message) == ["Yes, delete it", "Keep it"]
    await sim.ada.click(message, label="Keep it")
    assert "Delete" in labels_of(message)
    await sim.ada.click(message, label="Delete")
    await sim.ada.click(message, label="Yes, delete it")
    assert "no copy of your clip is left" in text_of(message)
    assert await sim.attempts(sim.ada) == []
    assert sim.channel.history(viewer=sim.ben) == []


async def test_delete_says_so_when_the_vendor_is_away_and_finishes_later(sim: Simulation) -> None:
    sim.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    message = await result_for_ada(sim)
    assert len(sim.vendor.live_tasks()) == 1
    sim.vendor.fail("DELETE", "/analyze/tasks/*", Answer(403, "api_not_allowed"))
    await sim.ada.click(message, label="Delete")
    await sim.ada.click(message, label="Yes, delete it")
    assert "keeps trying every hour" in text_of(message)
    assert await sim.attempts(sim.ada) == []
    await sim.restart()  # the sweep runs at start
    await sim.env.settle()
    assert sim.vendor.live_tasks() == []
    assert sim.vendor.live_assets() == []
    assert await sim.bot.app.attempts._deps.pending_deletions.all() == []


@pytest.mark.parametrize("status", [403, 503])
async def test_a_public_copy_out_of_reach_is_named_and_all_else_deleted(
    sim: Simulation, status: int
) -> None:
    message = await result_for_ada(sim)
    await sim.ada.click(message, label="Share")
    sim.env.inject_error("DELETE", "/channels/*/messages/*", status=status, code=50001)
    await sim.ada.click(message, label="Delete")
    pressed = await sim.ada.click(message, label="Yes, delete it")
    [told] = pressed.followups
    assert told.ephemeral
    assert "I can't delete the public copy here" in text_of(told)
    assert "no copy of your clip is left" in text_of(message)
    assert await sim.attempts(sim.ada) == []


async def test_delete_under_the_public_message_needs_no_rights_in_the_channel(
    sim: Simulation,
) -> None:
    public = await result_for_ada(sim, share=True)
    sim.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50001)
    await sim.ada.click(public, label="Delete")
    pressed = await sim.ada.click(public, label="Yes, delete it")
    assert sim.channel.history(viewer=sim.ben) == []
    [private] = pressed.followups
    assert private.ephemeral
    assert "no copy of your clip is left" in text_of(private)
    assert await sim.attempts(sim.ada) == []


@pytest.mark.parametrize("label", ["Try again", "Unshare", "Transcript", "Delete"])
async def test_another_members_press_changes_nothing(sim: Simulation, label: str) -> None:
    public = await result_for_ada(sim, share=True)
    before = await sim.attempts(sim.ada)
    pressed = await sim.ben.click(public, label=label)
    assert pressed.ephemeral
    assert pressed.modal is None
    assert "Only the person who made this attempt" in text_of(pressed.response)
    assert await sim.attempts(sim.ada) == before
    public_now = [m for m in sim.channel.history(viewer=sim.ben) if not m.flags.ephemeral]
    assert [m.id for m in public_now] == [public.id]


async def test_an_id_from_another_server_finds_nothing(sim: Simulation) -> None:
    await result_for_ada(sim)
    [attempt] = await sim.attempts(sim.ada)
    attempts = sim.bot.app.deps.attempts
    assert await attempts.get(owner(sim.ada_elsewhere), attempt.id) is None
    assert await attempts.get(owner(sim.ben), attempt.id) is None
    assert await sim.bot.app.deletion.delete(owner(sim.ben), attempt.id) is None
    assert await sim.bot.app.attempts.cancel(owner(sim.ada_elsewhere), attempt.id) is None
    assert await sim.attempts(sim.ada) == [attempt]


async def test_cancel_stops_the_work_and_deletes_the_copies(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    assert len(slow_stage.vendor.live_tasks()) == 1
    await slow_stage.ada.click(reply(shown), label="Cancel")
    assert "Cancelled" in text_of(shown.response)
    assert labels_of(shown.response) == ["Try again", "Delete"]
    assert slow_stage.vendor.live_tasks() == []
    assert slow_stage.vendor.live_assets() == []
    assert await slow_stage.bot.app.attempts.unfinished() == []


async def test_cancelling_the_first_lets_the_waiting_one_begin(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    first = await slow_stage.analyze(slow_stage.ada, question="First?")
    await slow_stage.analyze(slow_stage.ada, question="Second?")
    await slow_stage.ada.click(reply(first), label="Cancel")
    assert slow_stage.vendor.tasks_created == 2
    assert "Second?" in list(slow_stage.vendor.tasks.values())[-1].prompt


async def _advance_past_the_token(sim: Simulation) -> None:
    for _ in range(16):
        await sim.env.advance_time(60)


async def test_a_private_result_after_the_token_waits_behind_the_button(
    slow_stage: Simulation,
) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    await _advance_past_the_token(slow_stage)
    assert labels_of(shown.response) == ["Cancel", "Get result"]
    for task in slow_stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await slow_stage.env.advance_time(61)
    [attempt] = await slow_stage.attempts(slow_stage.ada)
    assert attempt.delivered_via == "button"
    pressed = await slow_stage.ada.click(reply(shown), label="Get result")
    assert pressed.ephemeral
    assert "One strength" in text_of(pressed.response)
    assert slow_stage.channel.history(viewer=slow_stage.ben) == []


async def test_a_press_brings_the_result_where_the_reply_was_lost(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    await _advance_past_the_token(slow_stage)
    pressed = await slow_stage.ada.click(reply(shown), label="Get result")
    assert "Working on your answer" in text_of(pressed.response)
    assert labels_of(pressed.response) == ["Cancel", "Get result"]
    for task in slow_stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await slow_stage.env.advance_time(61)
    [attempt] = await slow_stage.attempts(slow_stage.ada)
    assert attempt.delivered_via == "reply"
    assert "One strength" in text_of(pressed.response)
    assert slow_stage.channel.history(viewer=slow_stage.ben) == []


async def test_a_press_while_the_reply_lives_leaves_the_result_where_it_was_asked_for(
    slow_stage: Simulation,
) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    pressed = await slow_stage.ada.click(reply(shown), label="Get result")
    for task in slow_stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await slow_stage.env.advance_time(61)
    assert "One strength" in text_of(shown.response)
    assert "One strength" not in text_of(pressed.response)


async def test_a_shared_result_after_the_token_goes_to_the_channel(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    await slow_stage.analyze(slow_stage.ada, share=True)
    await _advance_past_the_token(slow_stage)
    for task in slow_stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await slow_stage.env.advance_time(61)
    [attempt] = await slow_stage.attempts(slow_stage.ada)
    assert attempt.delivered_via == "channel"
    newest = slow_stage.channel.history(viewer=slow_stage.ben)[-1]
    assert newest.id == attempt.shared_message_id
    assert "One strength" in (newest.embeds[0].description or "")


async def test_a_token_that_dies_early_is_treated_the_same(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    sim.env.inject_error(
        "PATCH", "/webhooks/*", status=401, code=50027, message="Invalid token", times=None
    )
    await sim.analyze(sim.ada)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.state is AttemptState.DELIVERED
    assert attempt.delivered_via == "button"
    assert attempt.cleaned_at is not None


async def test_discord_failing_for_a_while_loses_nothing(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    sim.env.inject_error("PATCH", "/webhooks/*", status=500, times=None)
    await sim.analyze(sim.ada)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.assessment is not None
