"""The `Analyze clip` menu on a message, with one clip, several, none, or somebody else's."""

from __future__ import annotations

import simcord

from tests.cogs.simulation import CLIP, Stage, reply, text_of

MENU = "Analyze clip"


async def test_one_clip_asks_the_question_and_goes_on(stage: Stage) -> None:
    await stage.agree(stage.ada)
    message = await stage.ada.send(stage.channel, "my answer", attachments=[CLIP])
    form = await stage.ada.context_menu(stage.channel, MENU, message)
    shown = await stage.ada.submit_modal(form, {"question": "Why us?"})
    assert shown.ephemeral
    assert "One strength" in text_of(shown.response)
    [attempt] = await stage.attempts(stage.ada)
    assert attempt.question == "Why us?"


async def test_the_form_works_after_a_restart_and_asks_for_consent(stage: Stage) -> None:
    message = await stage.ada.send(stage.channel, "my answer", attachments=[CLIP])
    form = await stage.ada.context_menu(stage.channel, MENU, message)
    await stage.restart()
    shown = await stage.ada.submit_modal(form, {"question": "Why us?"})
    await stage.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)


async def test_several_clips_are_chosen_from_by_name(stage: Stage) -> None:
    await stage.agree(stage.ada)
    files = [("first.mp4", b"not a video"), ("notes.txt", b"text"), ("second.mov", CLIP[1])]
    message = await stage.ada.send(stage.channel, "two takes", attachments=files)
    asked = await stage.ada.context_menu(stage.channel, MENU, message)
    assert asked.ephemeral
    assert asked.response is not None
    [row] = asked.response.components
    [menu] = row["components"]
    assert [choice["label"] for choice in menu["options"]] == ["1. first.mp4", "2. second.mov"]
    await stage.restart()
    form = await stage.ada.select(asked.response, ["1"])
    shown = await stage.ada.submit_modal(form, {"question": "Why us?"})
    assert "One strength" in text_of(shown.response)


async def test_a_message_without_a_video_says_what_to_do(stage: Stage) -> None:
    message = await stage.ada.send(stage.channel, "hi", attachments=[("cv.pdf", b"%PDF")])
    shown = await stage.ada.context_menu(stage.channel, MENU, message)
    assert "can't see a video" in text_of(shown.response)


async def test_somebody_elses_clip_is_refused(stage: Stage) -> None:
    await stage.agree(stage.ben)
    message = await stage.ada.send(stage.channel, "my answer", attachments=[CLIP])
    shown = await stage.ben.context_menu(stage.channel, MENU, message)
    assert shown.modal is None
    assert "only have your own clips analyzed" in text_of(shown.response)


async def test_a_form_sent_twice_submits_once(stage: Stage) -> None:
    await stage.agree(stage.ada)
    message = await stage.ada.send(stage.channel, "my answer", attachments=[CLIP])
    form: simcord.InteractionResult = await stage.ada.context_menu(stage.channel, MENU, message)
    await stage.ada.submit_modal(form, {"question": "Why us?"})
    [attempt] = await stage.attempts(stage.ada)
    assert stage.vendor.tasks_created == 1
    assert attempt.question == "Why us?"
