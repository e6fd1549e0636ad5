"""The page from the link to a played moment, with a real browser and a fake camera."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from demo import SAMPLE_CLIP
from tests.web.static.fake_camera import RESULT
from tests.web.static.page import BROWSER, NO_BROWSER, StudioPage
from tests.web.static.standin import TOKEN, StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]


def about(seconds: float) -> object:
    """As near as a player goes to where it is sent."""
    return pytest.approx(seconds, abs=0.3)


async def test_from_the_link_to_a_played_moment(studio: StudioPage, server: StandIn) -> None:
    await studio.open(server.link)
    await studio.turn_on()
    await expect(studio.page.get_by_text("We hear you.")).to_be_visible()
    await studio.to_question()
    await expect(studio.page.get_by_text(RESULT["question"])).to_be_visible()
    await studio.start(prepare=5)
    await studio.button("I'm ready").click()
    await studio.record(5)
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text(re.compile(r"\d seconds · "))).to_be_visible()
    await studio.page.wait_for_function(  # the file itself does not say it
        "() => document.querySelector('.player').duration > 3"
    )
    await expect(studio.page.get_by_label("Share the result")).not_to_be_checked()
    await studio.send()
    await studio.at("Your result")
    assert len(server.recording) == server.size
    assert server.recording[:4] == b"\x1aE\xdf\xa3"  # how every WebM begins
    assert server.kind.startswith("video/webm;codecs=vp")
    assert server.shared is False
    assert server.tokens == {f"Bearer {TOKEN}"}
    await expect(studio.page.get_by_text(RESULT["strength"])).to_be_visible()
    await expect(studio.page.get_by_text("not assessed locally")).to_be_visible()
    assert await studio.play("A steady voice") == about(1.0)  # a second before the moment
    assert await studio.play("umm") == about(0.5)
    playing = studio.page.locator(".moment.playing")
    await expect(playing).to_have_count(1)
    await expect(studio.page.locator(".sentence.current")).to_contain_text("Last spring")
    assert await studio.play("1.4 s") == about(2.5)
    assert await studio.play("I had two weeks") == about(2.0)
    await studio.page.reload()
    await studio.page.locator(
        ".moment", has_text="1.4 s"
    ).first.click()  # its length is unknown yet
    await studio.page.wait_for_function(
        "() => { const video = document.querySelector('.player');"
        " return Number.isFinite(video.duration) && !video.seeking && !video.paused }"
    )
    assert await studio.page.evaluate("() => document.querySelector('.player').currentTime") > 2


async def test_record_again_pause_and_the_limit(studio: StudioPage, server: StandIn) -> None:
    server.session = {"answer_seconds": 3, "shortest_seconds": 3, "longest_seconds": 3}
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.at("Recording")
    await studio.button("Pause").click()
    await expect(studio.page.get_by_text("Paused", exact=True)).to_be_visible()
    at = await studio.page.locator(".elapsed").inner_text()
    await asyncio.sleep(1.2)
    assert await studio.page.locator(".elapsed").inner_text() == at
    await studio.button("Go on").click()
    await studio.at("How did it go?")  # it ends by itself
    await expect(studio.page.get_by_text("at least 4 seconds to assess")).to_be_visible()
    await studio.button("Record again").click()
    await studio.at("Your question")
    await studio.button("Back to my recording").click()
    await studio.at("How did it go?")
    async with studio.page.expect_download() as saving:
        await studio.button("Save a copy").click()
    assert (await saving.value).suggested_filename.endswith(".webm")


async def test_another_microphone_can_be_chosen_for_the_visit(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.open(server.link)
    await studio.turn_on()
    microphones = studio.page.get_by_role("combobox", name="Microphone")
    await microphones.select_option(label="Fake Audio Input 2")
    await expect(microphones).to_be_focused()  # of the new view
    await studio.page.reload()
    await studio.turn_on()
    await expect(microphones.locator("option:checked")).to_have_text("Fake Audio Input 2")


async def test_a_file_can_be_sent_instead(studio: StudioPage, server: StandIn) -> None:
    server.session = {"shared": True}
    await studio.open(server.link)
    chooser = studio.page.get_by_label("Upload a file instead")
    await chooser.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no video"}
    )
    await expect(studio.page.get_by_text("Please choose a video")).to_be_visible()
    await chooser.set_input_files(SAMPLE_CLIP)
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text("33 seconds")).to_be_visible()
    await expect(studio.page.get_by_label("Share the result")).to_be_checked()
    await studio.send()
    await studio.at("Your result")
    assert server.kind == "video/mp4"
    assert server.shared is True
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_a_score_says_beside_its_plain_name_what_was_really_observed(
    studio: StudioPage, server: StandIn
) -> None:
    scores = [score | {"observed": f"seen: {score['metric']}"} for score in RESULT["scores"]]
    server.result = RESULT | {"scores": scores}
    server.shared, server.state, server.stage = False, "delivered", 2
    await studio.open(server.link)
    await studio.at("Your result")
    for score in scores:
        shown = studio.page.locator(".score", has_text=score["label"])
        await expect(shown).to_have_count(0 if score["value"] is None else 1)
        if score["value"] is not None:
            await expect(shown.locator(".observed")).to_have_text(score["observed"])


async def test_stopping_the_assessment_asks_once(studio: StudioPage, server: StandIn) -> None:
    server.held = asyncio.Event()
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your answer is on its way")
    await expect(studio.page.get_by_text("Measuring your answer")).to_be_visible()
    await studio.button("Stop the assessment").click()
    await studio.button("No, go on").click()
    await studio.button("Stop the assessment").click()
    await studio.button("Yes, stop").click()
    await studio.at("Stopped")
    assert server.state == "cancelled"
    server.held.set()
