"""Takes the README's pictures: runs the demo, uses it in a browser, saves docs/pictures/*.png."""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import av
from playwright.async_api import Error, Locator, Page, async_playwright, expect

from core.settings import ROOT
from demo import SAMPLE_CLIP, SAMPLE_QUESTION
from demo.seed import JUDGED

FOLDER = ROOT / "docs" / "pictures"
NO_DEMO = "The demo did not start; it has said above why."
NEEDS_CHROMIUM = "Chromium is not installed, and it takes the pictures."

DESKTOP = (1280, 1900)  # tall enough that nothing has to be scrolled
PHONE = (390, 844)  # what is seen first
_SHARPNESS = 2  # device pixels for each of the page's
_MARGIN = 16
_SETTLE_SECONDS = 3.0  # the page scrolls by itself when it opens and when a message comes
_START_SECONDS = 90
_TRIES = 5
_PATIENCE, _FIT = 15_000.0, 4_000.0  # milliseconds
_LOOPS = 4  # of the demo clip: it alone is measured before the first progress shows


async def take() -> None:
    """Take all pictures anew; the clip is the demo's, assessed by the local engine."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit(NEEDS_CHROMIUM)
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    async with _demo() as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )

        async def open_page(size: tuple[int, int]) -> Page:
            width, height = size
            page = await browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=_SHARPNESS
            )
            page.set_default_timeout(_PATIENCE)
            await _until_shown(lambda: _open(page, address), lambda: _fits(page, height))
            return page

        desktop = await open_page(DESKTOP)
        await _save(desktop, "result", which=0)
        await _save(desktop, "interview", which=1)
        await _save_screen(await open_page(PHONE), "phone")
        await _look_back(await open_page(DESKTOP))
        await _ask_as_sam(desktop)
        await _save(desktop, "consent")
        working = desktop.get_by_text("▸ Measuring")
        await _until_shown(_press(desktop, "I agree"), lambda: _seen(working))
        await _save(desktop, "progress")
        await browser.close()


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """The demo in a process of its own; gives the page's address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "bot.py", "demo", "--no-browser"),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "ENGINE": "local"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        async with asyncio.timeout(_START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            sys.exit(NO_DEMO)
        yield line.decode().split()[-1]
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await process.wait()


async def _open(page: Page, address: str) -> None:
    await page.goto("about:blank")  # the address ends in a `#`, so going there again does nothing
    await page.goto(address)


async def _ask_as_sam(page: Page) -> None:
    """Run `/analyze` as the member who has not agreed yet, up to the consent card."""
    composer = page.get_by_role("textbox", name="Message")
    clip = await asyncio.to_thread(_long_clip)

    async def send() -> None:
        await page.get_by_label("Viewing as").select_option(label="Sam (sample member)")
        await composer.fill("/analyze")
        await composer.press("Enter")
        await page.get_by_label("clip attachment").set_input_files(
            {"name": SAMPLE_CLIP.name, "mimeType": "video/mp4", "buffer": clip}
        )
        await page.get_by_label("question, required").fill(SAMPLE_QUESTION)
        await page.get_by_role("button", name="Send").click()

    await _until_shown(send, lambda: _seen(page.get_by_text("Before your first clip")))


async def _look_back(page: Page) -> None:
    """Save what the sample attempts add up to; the board as a sample member who is on it."""
    await _run(page, "progress", "Your progress", question=JUDGED)
    await _save(page, "progress-chart")
    await _run(page, "compare", "Two attempts side by side")
    await _save(page, "comparison")
    await page.get_by_label("Viewing as").select_option(label="Rio (sample member)")
    await _run(page, "leaderboard show", "Practice board")
    await _save(page, "board")


async def _run(page: Page, command: str, title: str, *, question: str | None = None) -> None:
    """Run a command, with a question picked from the list, until a card with this title shows."""

    async def send() -> None:
        if await (leave := page.get_by_label("Exit command mode")).count():
            await leave.click()  # what is left of a try before
        composer = page.get_by_role("textbox", name="Message")
        await composer.fill(f"/{command}")
        await composer.press("Enter")
        if question is not None:
            await page.get_by_role("option", name="question").click()
            await page.get_by_role("combobox", name="question").fill(question)
            await page.get_by_role("option").filter(has_text=question).first.click()
        await page.get_by_role("button", name="Send").last.click()

    await _until_shown(send, lambda: _seen(page.get_by_text(title)))


def _long_clip() -> bytes:
    """The demo clip several times over."""
    file = io.BytesIO()
    with av.open(str(SAMPLE_CLIP)) as source, av.open(file, "w", format="mp4") as target:
        copies = {stream: target.add_stream_from_template(stream) for stream in source.streams}
        seconds = (source.duration or 0) / av.time_base + 0.2  # streams may end a little later
        for loop in range(_LOOPS):
            source.seek(0)
            for packet in source.demux():
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue  # PyAV ends each stream with an empty packet
                later = round(loop * seconds / packet.time_base)
                packet.dts, packet.pts = packet.dts + later, packet.pts + later
                packet.stream = copies[packet.stream]
                target.mux(packet)
    return file.getvalue()


def _press(page: Page, label: str) -> Callable[[], Awaitable[object]]:
    return page.get_by_role("button", name=label).last.click


async def _seen(what: Locator) -> None:
    await expect(what.first).to_be_visible(timeout=_PATIENCE)


async def _fits(page: Page, height: int) -> None:
    """Wait until the page has taken the window's height, which it does in an action of its own."""
    await page.wait_for_function(
        "least => document.querySelector('#preview-app').clientHeight > least",
        arg=height * 0.8,
        timeout=_FIT,
    )


async def _until_shown(
    act: Callable[[], Awaitable[object]], shown: Callable[[], Awaitable[None]]
) -> None:
    """Act until it shows: the page refuses what meets a refresh of what it displays."""
    for tries_left in reversed(range(_TRIES)):
        try:
            await act()
            await shown()
            return
        except (Error, AssertionError):
            if not tries_left:
                raise


async def _save_screen(page: Page, name: str) -> None:
    """Save what is seen at first: the page goes to the top of the result by itself."""
    await _seen(page.get_by_text("One thing to try next"))
    await asyncio.sleep(_SETTLE_SECONDS)
    await page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")


async def _save(page: Page, name: str, *, which: int = -1) -> None:
    """Save a message with its buttons, by default the newest, without the page's own tools."""
    await page.mouse.move(1, 1)  # a message under the mouse grows a toolbar
    message = page.locator(".channel-message").nth(which)
    await asyncio.sleep(_SETTLE_SECONDS)
    await page.wait_for_function(
        "() => [...document.images].every(image => image.complete && image.naturalWidth)"
    )
    await message.evaluate(
        """(at, newest) => {
            if (newest) while ((at = at.parentElement)) at.scrollTop = at.scrollHeight
            else at.scrollIntoView()
        }""",
        which == -1,
    )
    left, top, right, bottom = await message.evaluate(
        """message => {
            message.style.background = 'none'  // one that was just clicked is lighter
            const parts = [...message.querySelectorAll('.embed-card, .message-components')]
            const box = message.getBoundingClientRect()
            const ends = parts.map(part => part.getBoundingClientRect())
            const buttons = message.querySelectorAll('.message-components :is(button, a)')
            const wide = [...parts.filter(part => part.matches('.embed-card')), ...buttons]
            return [box.left, box.top,
                    Math.max(...wide.map(part => part.getBoundingClientRect().right)),
                    Math.max(...ends.map(end => end.bottom))]
        }"""
    )
    await page.screenshot(
        path=FOLDER / f"{name}.png",
        clip={
            "x": left,
            "y": top,
            "width": right + _MARGIN - left,
            "height": bottom + _MARGIN // 2 - top,
        },
    )
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    asyncio.run(take())
