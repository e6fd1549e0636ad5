"""Drives the studio's page as a person does; for every test that goes through it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

BROWSER = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
NO_BROWSER = "no Chromium is installed, which this test drives"

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}

INSECURE = "studio.test"
"""A name for this machine that browsers don't trust with a camera over http."""

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
"""What Chromium is started with wherever a test drives it."""
_PATIENCE = 15_000.0  # milliseconds


@asynccontextmanager
async def browser_with(camera: Path | None, microphone: Path | None) -> AsyncIterator[Browser]:
    """A browser whose camera and microphone play files; with neither, it has no devices."""
    arguments = [*QUIET, f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"]
    if camera and microphone:
        arguments += [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
            f"--use-file-for-fake-audio-capture={microphone}",
        ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


class StudioPage:
    """The page in one tab. What the browser complains about is collected in `complaints`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        # What the network or the server refuses is logged by the browser, and shown by the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def heading(self, text: str) -> Locator:
        """The heading of the step that is shown."""
        return self.page.get_by_role("heading", level=1, name=text)

    def button(self, name: str) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=name)

    async def at(self, heading: str) -> None:
        """Wait for a step."""
        await expect(self.heading(heading)).to_be_visible(timeout=_PATIENCE)

    async def open(self, link: str) -> None:
        """Open a link, also when it differs from the one before only after the `#`."""
        await self.page.goto("about:blank")
        await self.page.goto(link)

    async def turn_on(self) -> None:
        """Turn camera and microphone on, and wait until the picture moves."""
        await self.at("Let's check your camera and microphone")
        await self.button("Turn on camera and microphone").click()
        await self.page.wait_for_function(
            "() => (document.querySelector('video')?.currentTime ?? 0) > 0"
        )

    async def to_question(self) -> None:
        """Go on from the check."""
        await self.button("All good, continue").click()
        await self.at("Your question")

    async def start(self, *, prepare: int = 0) -> None:
        """Choose the time to prepare, in seconds (a multiple of 5), and start."""
        await self.page.get_by_label("Time to prepare").fill(str(prepare))
        await self.button("Start").click()

    async def record(self, seconds: float) -> None:
        """Wait for the recording to begin and reach a length; stop it."""
        await self.recording_for(seconds)
        await self.button("Stop").click()

    async def recording_for(self, seconds: float) -> None:
        """Wait for the recording to begin and reach a length."""
        await self.at("Recording")
        await self.page.wait_for_function(
            """least => {
                const [minutes, seconds] = document.querySelector('.elapsed').textContent.split(':')
                return Number(minutes) * 60 + Number(seconds) >= least
            }""",
            arg=seconds,
            timeout=_PATIENCE + seconds * 1000,
        )

    async def recorded(self, link: str, seconds: float = 1) -> None:
        """Open a link and record, up to the review."""
        await self.open(link)
        await self.turn_on()
        await self.to_question()
        await self.start()
        await self.record(seconds)
        await self.at("How did it go?")

    async def chosen(self, link: str, clip: Path) -> None:
        """Open a link and choose a file, up to the review: faster than recording."""
        await self.open(link)
        await self.page.get_by_label("Upload a file instead").set_input_files(clip)
        await self.at("How did it go?")

    async def send(self) -> None:
        """Send from the review."""
        await self.button("Send my answer").click()

    async def play(self, words: str) -> float:
        """Press a moment or a sentence; gives the second from which the recording plays then."""
        await self.watch_player()
        await self.page.locator(".moment, button.sentence", has_text=words).first.click()
        return await self.played_from()

    async def watch_player(self) -> None:
        """Note where the recording is sent to from now on."""
        await self.page.evaluate(
            """() => {
                const player = document.querySelector('.player')
                player.pause()
                window.playedFrom = null
                const note = () => { window.playedFrom = player.currentTime }
                player.addEventListener('seeking', note)
            }"""
        )

    async def played_from(self) -> float:
        """Wait until it plays; the second it was sent to."""
        await self.page.wait_for_function(
            "() => { const player = document.querySelector('.player');"
            " return window.playedFrom !== null && !player.paused && !player.seeking }"
        )
        return float(await self.page.evaluate("() => window.playedFrom"))

    async def kept(self) -> list[dict[str, Any]]:
        """What this browser keeps of recordings: all but the pictures themselves."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            """() => new Promise((resolve, reject) => {
                const opening = indexedDB.open('greenroom-studio', 1)
                opening.onerror = () => reject(opening.error)
                opening.onsuccess = () => {
                    const database = opening.result
                    const reading = database.transaction('recordings')
                        .objectStore('recordings').getAll()
                    reading.onsuccess = () => { database.close(); resolve(reading.result) }
                }
            })"""
        )
        return found

    async def keep_sent(self, attempts: list[str]) -> None:
        """Let this browser keep a small recording of each, the first one the oldest."""
        await self.page.evaluate(
            """attempts => new Promise((resolve, reject) => {
                const opening = indexedDB.open('greenroom-studio', 1)
                opening.onsuccess = () => {
                    const database = opening.result
                    const writing = database.transaction(['recordings', 'pieces'], 'readwrite')
                    attempts.forEach((attempt, number) => {
                        const at = Date.now() - 60_000 * (attempts.length - number)
                        const about = { type: 'video/mp4', seconds: 9, from: 'file', shared: false }
                        writing.objectStore('recordings').put(
                            { ...about, key: attempt, attempt, begun: true, sent: true, at })
                        writing.objectStore('pieces').put(
                            { key: attempt, index: 0, blob: new Blob(['x']) })
                    })
                    writing.oncomplete = () => { database.close(); resolve() }
                    writing.onabort = () => reject(writing.error)
                }
            })""",
            attempts,
        )

    async def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        fits = await self.page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        return bool(fits)


async def new_studio(
    browser: Browser, *, allowed: bool = True, **looks: Any
) -> tuple[BrowserContext, StudioPage]:
    """A visit of its own: nothing is kept from others. `looks` are Playwright's, for a context."""
    context = await browser.new_context(**({"viewport": DESKTOP} | looks))
    if allowed:
        await context.grant_permissions(["camera", "microphone"])
    return context, StudioPage(await context.new_page())
