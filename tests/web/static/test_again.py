"""The loop on the page: the same question again after every end, and takes that are too short."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from demo import SAMPLE_CLIP
from tests.web.static.fake_camera import RESULT
from tests.web.static.page import BROWSER, NO_BROWSER, StudioPage
from tests.web.static.standin import NEXT_TOKEN, TOKEN, StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

AGAIN = "Try this question again"


async def sent(studio: StudioPage, server: StandIn) -> None:
    """Send a file in, up to the result."""
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()


async def test_after_a_result_a_new_take_begins_at_once_with_a_new_right(
    studio: StudioPage, server: StandIn
) -> None:
    await sent(studio, server)
    await studio.at("Your result")
    await studio.button(AGAIN).click()
    await studio.at("Your question")  # the camera is on: the permission is there
    assert studio.page.url == f"{server.address}/studio#{NEXT_TOKEN}"
    await expect(studio.button("Back to my recording")).to_have_count(0)
    await studio.start()
    await studio.record(4.1)
    await studio.at("How did it go?")
    await studio.send()
    await studio.at("Your result")
    assert server.tokens == {f"Bearer {TOKEN}", f"Bearer {NEXT_TOKEN}"}
    assert server.kind.startswith("video/webm")
    assert sorted(each["attempt"] for each in await studio.kept()) == [f"{n:016x}" for n in (1, 2)]
    await studio.page.reload()
    await studio.at("Your result")


async def test_after_a_stop_the_same_recording_or_another_one_can_be_sent(
    studio: StudioPage, server: StandIn
) -> None:
    server.held = asyncio.Event()
    await sent(studio, server)
    await studio.at("Your answer is on its way")
    await studio.button("Stop the assessment").click()
    await studio.button("Yes, stop").click()
    await studio.at("Stopped")
    server.held.set()
    await studio.button(AGAIN).click()
    await studio.at("Your question")
    assert studio.page.url == server.link
    await studio.button("Back to my recording").click()
    await studio.at("How did it go?")
    await studio.send()
    await studio.at("Your result")
    assert server.begun == 2
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_the_follow_up_to_a_result_is_answered_with_a_right_of_its_own(
    studio: StudioPage, server: StandIn
) -> None:
    server.result = RESULT | {"follow_up": "What came of it in the end?"}
    server.shared, server.state, server.stage = False, "delivered", 2
    await studio.open(server.link)
    await studio.at("Your result")
    server.refuses = {"follow-up": (422, "allowance", "You have used your 10 attempts for today.")}
    await studio.button("Answer the follow-up").click()
    await expect(studio.page.get_by_text("You have used your 10 attempts")).to_be_visible()
    server.refuses = {}
    await studio.button("Answer the follow-up").click()
    await studio.at("Your question")
    assert studio.page.url == f"{server.address}/studio#{NEXT_TOKEN}"
    assert f"Bearer {NEXT_TOKEN}" in server.tokens


async def test_a_failure_that_is_looked_at_later_leads_on_too(
    studio: StudioPage, server: StandIn
) -> None:
    server.shared, server.state = False, "failed"
    await studio.open(server.link)
    await studio.at("No result this time")
    await studio.button(AGAIN).click()
    await studio.at("Your question")


async def test_what_is_refused_is_said_there_and_can_be_tried_later(
    studio: StudioPage, server: StandIn
) -> None:
    server.shared, server.state, server.stage = False, "delivered", 2
    server.refuses = {"again": (422, "allowance", "You have used your 10 attempts for today.")}
    await studio.open(server.link)
    await studio.at("Your result")
    await studio.button(AGAIN).click()
    await expect(studio.page.get_by_text("You have used your 10 attempts")).to_be_visible()
    await expect(studio.heading("Your result")).to_be_visible()
    server.refuses = {}
    await studio.button(AGAIN).click()
    await studio.at("Your question")


async def test_a_take_that_is_too_short_can_not_be_sent(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.recorded(server.link, seconds=1)
    await expect(studio.page.get_by_text("it takes at least 4 seconds to assess")).to_be_visible()
    await expect(studio.button("Send my answer")).to_be_disabled()
    await studio.button("Record again").click()
    await studio.start()
    await studio.record(5)
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text("With 8 seconds and more your pace")).to_be_visible()
    await expect(studio.button("Send my answer")).to_be_enabled()


@pytest.mark.parametrize("how", ["enabled = false", "dispatchEvent"], ids=["switched off", "muted"])
async def test_a_muted_microphone_is_said_while_recording_and_on_review(
    studio: StudioPage, server: StandIn, how: str
) -> None:
    await studio.page.add_init_script(
        """if (isSecureContext) {
            const ask = MediaDevices.prototype.getUserMedia
            MediaDevices.prototype.getUserMedia = async function (...wanted) {
                window.stream = await ask.apply(this, wanted)
                return window.stream
            }
        }"""
    )
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.recording_for(2)
    warning = studio.page.get_by_text("Your microphone gives no sound")
    await expect(warning).to_have_count(0)
    if how == "dispatchEvent":  # as where the system's own switch is used
        mute = "Object.defineProperty(stream.getAudioTracks()[0], 'muted', { get: () => true })"
    else:
        mute = "stream.getAudioTracks()[0].enabled = false"
    await studio.page.evaluate(f"() => {{ {mute} }}")
    await expect(warning).to_be_visible(timeout=1500)
    await studio.record(8)
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text("Your microphone was muted for about")).to_be_visible()
