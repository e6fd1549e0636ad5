"""The demo as a person runs it: its own process, the local engine, and a real browser.

It runs with the packages of `demo.lock` and no others, so one that is missing there shows here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from core.settings import ROOT
from demo import SAMPLE_CLIP, SAMPLE_QUESTION
from tests.environments import make_environment, pins
from tests.process.browser import StudioBrowser
from tests.web.static.page import BROWSER, NO_BROWSER, QUIET

FIRST_RESULT_SECONDS = 60.0


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment as `make demo` makes it."""
    lock = pins(ROOT / "requirements" / "demo.lock")
    return make_environment(tmp_path_factory.mktemp("environment"), lock)


async def demo(python: Path, *arguments: str) -> asyncio.subprocess.Process:
    """`python bot.py demo …` with none of this machine's settings."""
    return await asyncio.create_subprocess_exec(
        *(str(python), "bot.py", "demo", *arguments),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "ENGINE": "local"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_once_prints_a_real_result(python: Path) -> None:
    process = await demo(python, "--once")
    async with asyncio.timeout(FIRST_RESULT_SECONDS):
        output, errors = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, errors.decode()
    assert text.startswith(SAMPLE_QUESTION)
    words = re.search(r"(\d+) words per minute", text)
    assert words is not None
    assert 140 <= int(words[1]) <= 170
    assert "1 pause over 1 s" in text
    assert "Not a hiring assessment." in text
    assert re.search(r"^ +0:0\d  \S", text, re.MULTILINE)  # the transcript, with its times
    assert errors == b""


async def test_once_takes_another_question(python: Path) -> None:
    process = await demo(python, "--once", "--clip", str(SAMPLE_CLIP), "--question", "Why *us*?")
    async with asyncio.timeout(FIRST_RESULT_SECONDS):
        output, _ = await process.communicate()
    assert output.decode().startswith("Why *us*?")


async def test_once_fails_with_a_sentence_for_what_is_no_video(
    python: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.mp4"
    notes.write_text("not a video")
    process = await demo(python, "--once", "--clip", str(notes))
    async with asyncio.timeout(FIRST_RESULT_SECONDS):
        output, errors = await process.communicate()
    assert process.returncode == 1
    assert output == b""
    assert "I couldn't read that file as a video." in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_a_missing_clip_is_named(python: Path) -> None:
    process = await demo(python, "--once", "--clip", "no-such-file.mp4")
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert "no-such-file.mp4 can't be read" in errors.decode()


async def test_an_answer_goes_through_the_studio_that_the_demo_prints(python: Path) -> None:
    process = await demo(python, "--no-browser")
    try:
        async with asyncio.timeout(2 * FIRST_RESULT_SECONDS), aiohttp.ClientSession() as session:
            assert process.stdout is not None
            await process.stdout.readline()
            line = (await process.stdout.readline()).decode()
            assert line.startswith("Record an answer in the studio at http://127.0.0.1:")
            browser = StudioBrowser(session, line.split()[-1])
            assert (await browser.call("GET", "session"))["engine"] == "local"
            data = SAMPLE_CLIP.read_bytes()
            begin = {"size_bytes": len(data), "type": "video/mp4", "seconds": 33}
            await browser.call("POST", "upload", json=begin)
            received = 0
            while received < len(data):
                received = await browser.piece(data, received)
            await browser.call("POST", "submit", json={"shared": False})
            last = await browser.last_event()
            assert last["state"] == "delivered"
            assert 140 <= last["result"]["delivery"]["words_per_minute"] <= 170
    finally:
        process.terminate()
        _, errors = await process.communicate()
    assert b"WARNING" not in errors, errors.decode()


@pytest.fixture
async def page(python: Path) -> AsyncIterator[Page]:
    """The demo's page, open in a real browser."""
    process = await demo(python, "--no-browser")
    try:
        async with asyncio.timeout(FIRST_RESULT_SECONDS), async_playwright() as playwright:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode()
            browser: Browser = await playwright.chromium.launch(executable_path=BROWSER, args=QUIET)
            opened = await browser.new_page(viewport={"width": 1000, "height": 1000})
            await opened.goto(line.split()[-1])
            yield opened
            await browser.close()
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
async def test_the_page_opens_on_a_result_and_takes_a_clip_of_ones_own(page: Page) -> None:
    results = page.get_by_text("AI estimate for practice. Not a hiring assessment.")
    await expect(results).to_have_count(2, timeout=15_000)  # the other is the sample interview's
    await expect(page.get_by_text("Your pace was easy to follow").first).to_be_visible()
    await expect(page.get_by_text("You used /analyze")).to_be_in_viewport()  # at its top
    await page.get_by_role("button", name="Transcript").click()
    await expect(page.get_by_text("transcript.txt").first).to_be_visible()
    await page.get_by_role("textbox", name="Message").fill("/analyze")
    await page.keyboard.press("Enter")
    await page.get_by_label("clip attachment").set_input_files(SAMPLE_CLIP)
    await page.get_by_label("question, required").fill("Why us?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Working on your answer")).to_be_visible(timeout=15_000)
    await expect(results).to_have_count(3, timeout=40_000)
    await expect(page.get_by_text("Working on your answer")).to_have_count(0)


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
async def test_a_sample_interview_is_there_and_one_press_begins_another(page: Page) -> None:
    report = page.locator(".embed-card").filter(has_text="Your interview")
    await expect(report).to_contain_text("Follow-up to question 2", timeout=15_000)
    await expect(report).to_contain_text("(sample)")
    await page.get_by_role("button", name="New interview").click()
    await expect(page.get_by_text("Question 1 of 3")).to_be_visible(timeout=15_000)


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
async def test_the_page_has_a_past_that_is_marked_as_a_sample(page: Page) -> None:
    async def use(command: str, title: str) -> Locator:
        await page.get_by_role("textbox", name="Message").fill(f"/{command}")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Send", exact=True).click()
        card = page.locator(".embed-card").filter(has_text=title)
        await expect(card).to_be_visible(timeout=15_000)
        return card

    await expect(page.get_by_text(SAMPLE_QUESTION)).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("sample attempts are made up")).to_be_visible()
    await expect(await use("history", "Your practice so far")).to_contain_text("(sample)")
    weeks = re.compile(r"[67] weeks in a row")  # it depends on the weekday
    await expect(await use("progress", "Your progress")).to_contain_text(weeks)
    compared = await use("compare", "Two attempts side by side")
    await expect(compared).to_contain_text("(sample)")
    await expect(compared).to_contain_text("Overall: 7.0, before 6.1 (up 0.9)")
    await expect(compared).to_contain_text("Closes with what has changed since then.")
    board = await use("leaderboard show", "Practice board")
    for place in ("1. Rio - sample · 5 attempts", "2. Quiet Otter - sample", "2. Noor - sample"):
        await expect(board).to_contain_text(place)
    await expect(await use("settings", "Greenroom in this server")).to_be_visible()
