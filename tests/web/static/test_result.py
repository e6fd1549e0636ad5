"""A result with everything in it: the order, the moments that play, and the one timeline."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from demo import SAMPLE_CLIP
from tests.web.static.fake_camera import RESULT, WHOLE, whole_result
from tests.web.static.page import BROWSER, NO_BROWSER, StudioPage, new_studio
from tests.web.static.standin import StandIn
from tests.web.static.test_access import findings

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

ORDER = [
    *("One strength", "One thing to try next", "Scores", "Key points", "Not heard"),
    *("Parts of your answer", "Said better", "A follow-up question", "Measured in your delivery"),
    *("Measured in the picture", "Since your last attempt at this question", "Good to know"),
]

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 195, "height": 700}


def about(seconds: float) -> object:
    return pytest.approx(seconds, abs=0.3)


async def whole(studio: StudioPage, server: StandIn) -> None:
    """Send a file in and get a whole result."""
    server.result = whole_result()
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")


async def test_everything_has_its_place_and_every_moment_plays(
    studio: StudioPage, server: StandIn
) -> None:
    await whole(studio, server)
    shown = await studio.page.locator(".findings h2").all_inner_texts()
    assert shown == ORDER
    assert await findings(studio) == []
    assert await studio.play("One strength") == about(0.0)
    assert await studio.play(RESULT["next_step"]) == about(4.0)
    assert await studio.play("You spoke fastest here (198 words per minute)") == about(3.9)
    assert await studio.play("Your voice stayed on nearly one note") == about(1.0)
    assert await studio.play("Task") == about(1.0)
    assert await studio.play("So I read in the mornings”") == about(3.9)
    assert await studio.play("1.2 s") == about(2.0)  # turned away
    await expect(studio.page.get_by_text("Result: not heard")).to_be_visible()
    await expect(studio.page.get_by_text(WHOLE["not_looked_at"])).to_be_visible()
    await expect(studio.page.get_by_text("not assessed locally")).to_have_count(0)
    line = studio.page.get_by_role("img", name=WHOLE["line"]["words"])
    await expect(line).to_be_visible()


async def test_a_long_transcript_scrolls_in_its_card_and_covers_nothing(
    studio: StudioPage, server: StandIn
) -> None:
    said = whole_result()["transcript"][0]
    long = [said | {"start": float(n), "end": n + 1.0} for n in range(30)]
    server.result = whole_result() | {"transcript": long, "parts": []}
    await studio.page.set_viewport_size({"width": 1280, "height": 800})
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    await expect(
        studio.page.get_by_role("heading", name="How your answer is built")
    ).to_be_visible()
    note, buttons, list_scrolls = await studio.page.evaluate(
        """() => {
            const list = document.querySelector('.recording-panel .transcript')
            const note = document.querySelector('.recording-panel .card p.small')
            const buttons = document.querySelector('.recording-actions')
            return [note.getBoundingClientRect().bottom, buttons.getBoundingClientRect().top,
                    list.scrollHeight > list.clientHeight]
        }"""
    )
    assert note < buttons
    assert list_scrolls


async def test_fillers_are_marked_in_the_transcript_and_stay_text(
    studio: StudioPage, server: StandIn
) -> None:
    await whole(studio, server)
    marked = studio.page.locator(".transcript mark")
    assert await marked.all_inner_texts() == ["Um", "uh"]
    await expect(studio.page.locator(".sentence").first).to_contain_text("our <b>team</b> moved")


async def test_the_timeline_leads_from_moment_to_moment_by_keyboard(
    studio: StudioPage, server: StandIn
) -> None:
    await whole(studio, server)
    slider = studio.page.get_by_role("slider", name=re.compile("Moments of your answer"))
    await slider.focus()
    keyboard = studio.page.keyboard
    await keyboard.press("Home")
    await expect(slider).to_have_attribute("aria-valuetext", "0:00, part: Situation")
    heard = []
    for _ in range(20):
        await keyboard.press("ArrowRight")
        heard.append(str(await slider.get_attribute("aria-valuetext")))
    named = " ".join(heard)
    for words in (
        "one strength",
        "part: Task",
        "pause of 1.4 seconds",
        "filler: uh",
        "turned away",
    ):
        assert words in named
    await keyboard.press("Home")
    await keyboard.press("ArrowRight")
    await studio.watch_player()
    await keyboard.press("Enter")
    assert await studio.played_from() == about(0.0)
    legend = await studio.page.locator(".legend span").all_inner_texts()
    assert legend[3:] == ["part of the answer", "strength, next step", "head turned away"]


async def test_nothing_is_shown_of_what_was_not_looked_at(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    shown = await studio.page.locator(".findings h2").all_inner_texts()
    few = ["Key points", "Measured in your delivery", "Good to know"]
    assert shown == [*ORDER[:3], *few]


@pytest.mark.parametrize("viewport", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_on_a_phone_advice_comes_first_and_nothing_scrolls_sideways(
    browser: Browser, server: StandIn, viewport: dict[str, int]
) -> None:
    context, studio = await new_studio(browser, viewport=viewport, reduced_motion="reduce")
    await whole(studio, server)
    assert await studio.fits()
    assert await findings(studio) == []
    player = await studio.page.locator(".recording-top").bounding_box()
    assert player is not None
    assert player["y"] + player["height"] == viewport["height"]  # it sticks to the lower edge
    if viewport is PHONE:
        assert player["height"] < 100
        for heading in ORDER[:2]:
            await expect(studio.page.get_by_role("heading", name=heading)).to_be_in_viewport()
        again = await studio.button("Try this question again").bounding_box()
        assert again is not None
        assert again["y"] + again["height"] < player["y"]
        await studio.button("Larger").click()
        await expect(studio.button("Smaller")).to_be_visible()
        box = await studio.page.locator(".player").bounding_box()
        assert box is not None
        assert box["width"] > 300
    await studio.page.get_by_text("English was assumed").scroll_into_view_if_needed()
    assert studio.complaints == []
    await context.close()
