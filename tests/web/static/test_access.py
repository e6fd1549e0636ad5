"""The page for everybody: by keyboard alone, for assistive technology, on a phone in the dark."""

from __future__ import annotations

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.web.static.page import BROWSER, NO_BROWSER, PHONE, StudioPage, new_studio
from tests.web.static.standin import StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

GRAVE = ("serious", "critical")


async def findings(studio: StudioPage) -> list[str]:
    """What axe finds grave in the step that is shown."""
    found = await Axe().run(studio.page)
    return [
        f"{each['id']}: {node['html']}"
        for each in found.response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


async def tab_to(studio: StudioPage, words: str, *, most: int = 40) -> None:
    """Press Tab until what has the focus has these words in its name."""
    for _ in range(most):
        await studio.page.keyboard.press("Tab")
        name = await studio.page.evaluate(
            """() => {
                const at = document.activeElement
                const labels = [...(at.labels ?? [])].map(each => each.innerText).join(' ')
                return `${at.innerText ?? ''} ${labels} ${at.getAttribute('aria-label') ?? ''}`
            }"""
        )
        if words in name:
            outline = await studio.page.evaluate(
                """() => {
                    const seen = document.activeElement.closest('.button') ?? document.activeElement
                    return getComputedStyle(seen).outlineStyle
                }"""
            )
            assert outline != "none", f"the focus on {words!r} cannot be seen"
            return
    pytest.fail(f"the Tab key does not reach {words!r}")


async def focused(studio: StudioPage) -> str:
    """The words of what has the focus."""
    return str(await studio.page.evaluate("() => document.activeElement.innerText"))


async def test_keyboard_alone_is_enough_and_axe_finds_nothing_grave(
    studio: StudioPage, server: StandIn
) -> None:
    keyboard = studio.page.keyboard
    server.held = asyncio.Event()
    grave = {}
    await studio.open(server.link)
    await studio.at("Let's check your camera and microphone")
    assert await focused(studio) == "Let's check your camera and microphone"
    grave["invitation"] = await findings(studio)
    await tab_to(studio, "Turn on camera and microphone")
    await keyboard.press("Enter")
    await expect(studio.page.get_by_text("We hear you.")).to_be_visible()
    await expect(studio.page.get_by_role("combobox", name="Camera")).to_be_visible()
    grave["check"] = await findings(studio)
    await tab_to(studio, "All good, continue")
    await keyboard.press("Space")
    await studio.at("Your question")
    assert await focused(studio) == "Your question"
    await tab_to(studio, "Time to prepare")
    await keyboard.press("Home")
    await keyboard.press("ArrowRight")
    await expect(studio.page.get_by_text("5 seconds", exact=True)).to_be_visible()
    grave["prepare"] = await findings(studio)
    await tab_to(studio, "Start")
    await keyboard.press("Enter")
    assert "I'm ready" in await focused(studio)
    grave["thinking"] = await findings(studio)
    await keyboard.press("Enter")
    await studio.at("Recording")
    grave["record"] = await findings(studio)
    await studio.recording_for(4.1)
    await keyboard.press("Space")  # the focus is on the heading
    await studio.at("How did it go?")
    assert await focused(studio) == "How did it go?"
    grave["review"] = await findings(studio)
    await tab_to(studio, "Share the result")
    await keyboard.press("Space")
    server.slow_piece = 0.2
    await tab_to(studio, "Send my answer")
    await keyboard.press("Enter")
    await studio.at("Sending your answer")
    grave["sending"] = await findings(studio)
    server.slow_piece = 0
    await studio.at("Your answer is on its way")
    grave["assessing"] = await findings(studio)
    server.held.set()
    await studio.at("Your result")
    assert server.shared is True
    grave["result"] = await findings(studio)
    await tab_to(studio, "A steady voice")
    await studio.watch_player()
    await keyboard.press("Enter")
    assert await studio.played_from() == pytest.approx(1.0, abs=0.3)
    drawing = studio.page.get_by_role("img", name="1 pause at 0:03; 2 fillers at 0:01, 0:05")
    await expect(drawing).to_be_visible()
    assert not any(grave.values()), grave


async def test_what_screen_readers_hear(studio: StudioPage, server: StandIn) -> None:
    await studio.page.add_init_script(
        """addEventListener('DOMContentLoaded', () => {
            window.heard = []
            const region = document.getElementById('live-region') ?? document.body
            new MutationObserver(() => region.textContent && heard.push(region.textContent))
                .observe(region, { childList: true })
        })"""
    )
    server.session = {"answer_seconds": 11, "shortest_seconds": 11, "longest_seconds": 60}
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.record(2)
    await studio.at("How did it go?")
    await studio.page.wait_for_function("() => heard.some(text => text.startsWith('Recorded'))")
    heard = await studio.page.evaluate("() => heard")
    assert heard[:2] == ["Recording starts in three seconds.", "10 seconds left."]
    assert len(heard) == 3  # and nothing at every tick


async def test_a_phone_in_the_dark_scrolls_nothing_sideways(
    browser: Browser, server: StandIn
) -> None:
    context, studio = await new_studio(
        browser,
        viewport=PHONE,
        color_scheme="dark",
        reduced_motion="reduce",
        has_touch=True,
        is_mobile=True,
    )
    server.held = asyncio.Event()
    fits, grave = {}, {}
    await studio.open(server.link)
    await studio.turn_on()
    fits["check"], grave["check"] = await studio.fits(), await findings(studio)
    await studio.to_question()
    fits["prepare"], grave["prepare"] = await studio.fits(), await findings(studio)
    await studio.start()
    await studio.at("Recording")
    fits["record"], grave["record"] = await studio.fits(), await findings(studio)
    await studio.record(4.1)
    await studio.at("How did it go?")
    fits["review"], grave["review"] = await studio.fits(), await findings(studio)
    await studio.send()
    await studio.at("Your answer is on its way")
    fits["assessing"], grave["assessing"] = await studio.fits(), await findings(studio)
    server.held.set()
    await studio.at("Your result")
    fits["result"], grave["result"] = await studio.fits(), await findings(studio)
    assert all(fits.values()), fits
    assert not any(grave.values()), grave
    paper = await studio.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(17, 24, 21)"
    moved = await studio.page.evaluate(
        "() => document.getAnimations().filter(each => each.playState === 'running').length"
    )
    assert moved == 0
    await studio.page.get_by_text("English was assumed").scroll_into_view_if_needed()
    await expect(studio.page.locator(".player")).to_be_in_viewport()
    await studio.button("Hide video").click()
    await expect(studio.button("Show video")).to_have_attribute("aria-expanded", "false")
    assert studio.complaints == []
    await context.close()
