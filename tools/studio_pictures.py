"""Takes the studio's pictures: goes the whole way in the demo, saves docs/pictures/studio-*.png."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import Page, expect

from core.settings import ROOT
from tests.web.static.fake_camera import fake_camera
from tests.web.static.page import BROWSER, DESKTOP, StudioPage, browser_with, new_studio

FOLDER = ROOT / "docs" / "pictures"
NO_DEMO = "The demo did not start; it has said above why."
NEEDS_CHROMIUM = "Chromium is not installed, and it takes the pictures."

PHONE = {"width": 390, "height": 844}

_START_SECONDS = 90
_ANSWER_SECONDS = 32.7  # as long as the demo clip is: the fake devices play it over and over
_TO_PREPARE_SECONDS = 2.5  # from there to the recording
_SETTLE_SECONDS = 1.5  # a camera's picture, and a player's controls
_RESULT_MS = 120_000.0

# The fake devices are called after their files.
_NAMES = """
Object.defineProperty(MediaDeviceInfo.prototype, 'label', {
    get() { return this.kind === 'videoinput' ? 'Built-in camera' : 'Built-in microphone' }
})
"""


async def take() -> None:
    """Take all of them anew; the answer is the demo clip's, assessed by the local engine."""
    if BROWSER is None:
        sys.exit(NEEDS_CHROMIUM)
    with tempfile.TemporaryDirectory() as folder:
        devices = await asyncio.to_thread(
            fake_camera, Path(folder), _ANSWER_SECONDS, _ANSWER_SECONDS
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "bot.py", "demo", "--no-browser"),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "ENGINE": "local"},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            link = await _link(process)
            async with browser_with(*devices) as browser:
                _, studio = await new_studio(browser, reduced_motion="reduce", viewport=DESKTOP)
                await studio.page.add_init_script(f"if (isSecureContext) {{ {_NAMES} }}")
                await _go_the_way(studio, link)
                if studio.complaints:
                    sys.exit("\n".join(studio.complaints))
        finally:
            process.terminate()
            await process.wait()


async def _link(process: asyncio.subprocess.Process) -> str:
    """The studio's address, as the demo prints it."""
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    async with asyncio.timeout(_START_SECONDS):
        async for line in process.stdout:
            address = line.decode().split()[-1]
            if "/studio#" in address:
                return address
    sys.exit(NO_DEMO)


async def _go_the_way(studio: StudioPage, link: str) -> None:
    page = studio.page
    await studio.open(link)
    await studio.turn_on()
    begun = time.monotonic()
    await expect(page.get_by_text("We hear you.")).to_be_visible()
    await _save(page, "check")
    await studio.to_question()
    gone = (time.monotonic() - begun + _TO_PREPARE_SECONDS) % _ANSWER_SECONDS
    await asyncio.sleep(_ANSWER_SECONDS - gone)  # so that the answer begins with the clip
    await studio.start(prepare=20)
    await _save(page, "prepare")
    await studio.button("I'm ready").click()
    await studio.at("Recording")
    await asyncio.sleep(_ANSWER_SECONDS / 2)
    await _save(page, "record")
    await studio.record(_ANSWER_SECONDS)
    await studio.at("How did it go?")
    await _save(page, "review")
    await studio.send()
    await expect(page.get_by_text("Measuring your answer")).to_be_visible(timeout=_RESULT_MS)
    await _save(page, "assessing")
    await expect(studio.heading("Your result")).to_be_visible(timeout=_RESULT_MS)
    await page.locator(".moment").first.click()
    await _save(page, "result")
    await page.get_by_role("heading", name="Measured in your delivery").evaluate(
        "heading => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 40)"
    )
    await _save(page, "moments")
    await page.evaluate("() => scrollTo(0, 0)")
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    await page.emulate_media(color_scheme="dark")
    await page.get_by_role("heading", name="One strength").scroll_into_view_if_needed()
    await _save(page, "phone")


async def _save(page: Page, name: str) -> None:
    await asyncio.sleep(_SETTLE_SECONDS)
    await page.screenshot(path=FOLDER / f"studio-{name}.png")


if __name__ == "__main__":
    asyncio.run(take())
