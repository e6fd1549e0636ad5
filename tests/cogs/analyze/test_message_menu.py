"""The `Analyze clip` menu on a message, with one clip, several, none, or somebody else's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import simcord

from tests.analyzer.media.bad_clips import tone
from tests.analyzer.media.odd_clips import Part, Track, write
from tests.cogs.simulation import CLIP, Simulation, reply, text_of

MENU = "Analyze clip"


async def test_one_clip_asks_the_question_and_goes_on(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    message = await sim.ada.send(sim.channel, "my answer", attachments=[CLIP])
    form = await sim.ada.context_menu(sim.channel, MENU, message)
    shown = await sim.ada.submit_modal(form, {"question": "Why us?"})
    assert shown.ephemeral
    assert "One strength" in text_of(shown.response)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.question == "Why us?"


async def test_the_form_works_after_a_restart_and_asks_for_consent(sim: Simulation) -> None:
    message = await sim.ada.send(sim.channel, "my answer", attachments=[CLIP])
    form = await sim.ada.context_menu(sim.channel, MENU, message)
    await sim.restart()
    shown = await sim.ada.submit_modal(form, {"question": "Why us?"})
    await sim.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)


async def test_several_clips_are_chosen_from_by_name(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    files = [("first.mp4", b"not a video"), ("notes.txt", b"text"), ("second.mov", CLIP[1])]
    message = await sim.ada.send(sim.channel, "two takes", attachments=files)
    asked = await sim.ada.context_menu(sim.channel, MENU, message)
    assert asked.ephemeral
    assert asked.response is not None
    [row] = asked.response.components
    [menu] = row["components"]
    assert [choice["label"] for choice in menu["options"]] == ["1. first.mp4", "2. second.mov"]
    await sim.restart()
    form = await sim.ada.select(asked.response, ["1"])
    shown = await sim.ada.submit_modal(form, {"question": "Why us?"})
    assert "One strength" in text_of(shown.response)


async def test_a_voice_message_goes_the_same_way(sim: Simulation, tmp_path: Path) -> None:
    await sim.agree(sim.ada)
    made = write(tmp_path / "voice-message.ogg", [Track([Part(tone(5)[None])], "libopus")])
    spoken = (made.name, await asyncio.to_thread(made.read_bytes))
    message = await sim.ada.send(sim.channel, "", attachments=[spoken])
    form = await sim.ada.context_menu(sim.channel, MENU, message)
    shown = await sim.ada.submit_modal(form, {"question": "Why us?"})
    assert "One strength" in text_of(shown.response)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.facts is not None
    assert not attempt.facts.has_picture


async def test_a_message_without_a_video_says_what_to_do(sim: Simulation) -> None:
    message = await sim.ada.send(sim.channel, "hi", attachments=[("cv.pdf", b"%PDF")])
    shown = await sim.ada.context_menu(sim.channel, MENU, message)
    assert "can't see a video" in text_of(shown.response)


async def test_somebody_elses_clip_is_refused(sim: Simulation) -> None:
    await sim.agree(sim.ben)
    message = await sim.ada.send(sim.channel, "my answer", attachments=[CLIP])
    shown = await sim.ben.context_menu(sim.channel, MENU, message)
    assert shown.modal is None
    assert "only have your own clips analyzed" in text_of(shown.response)


async def test_a_form_sent_twice_submits_once(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    message = await sim.ada.send(sim.channel, "my answer", attachments=[CLIP])
    form: simcord.InteractionResult = await sim.ada.context_menu(sim.channel, MENU, message)
    await sim.ada.submit_modal(form, {"question": "Why us?"})
    [attempt] = await sim.attempts(sim.ada)
    assert sim.vendor.tasks_created == 1
    assert attempt.question == "Why us?"
