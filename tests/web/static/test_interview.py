"""An interview on the page: three questions and a follow-up, with a break, on a phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from analyzer.engines import Job, SaveRefs
from analyzer.media.preflight import probe_clip
from core.assessment import Assessment, EngineName
from core.errors import EngineRefused
from core.interviews import FollowUps, Interview, InterviewQuestion
from core.questions import AnswerKind
from demo import SAMPLE_CLIP
from tests.analyzer.harness import ANN
from tests.analyzer.scripted import Vendor
from tests.storage.samples import ASSESSMENT
from tests.web.static.page import BROWSER, NO_BROWSER, PHONE, StudioPage, new_studio
from tests.web.static.test_access import findings
from tests.web.static.test_with_server import LIMITS, Watching
from tests.web.studio.client import Bench, open_bench

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

ASKED = (
    "Tell me about yourself.",
    "Tell me about a time you had to learn something quickly.",
    "Describe a decision that you would take differently today.",
)
MISSING = "What came of it in the end?"


class Waiting(Watching):
    """An engine that says what is missing, once it is let."""

    def __init__(self) -> None:
        super().__init__(Vendor(), EngineName.LOCAL)
        self.let = asyncio.Event()
        self.refuses = False

    async def poll(self, job: Job, keep: SaveRefs) -> Assessment:
        await self.let.wait()
        if self.refuses:
            raise EngineRefused("silent", "I could not hear anybody speak.")
        found = await super().poll(job, keep)
        return found.model_copy(update={"follow_up": MISSING})


@asynccontextmanager
async def interviewing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Bench, Waiting, Interview, str]]:
    """A server with an interview of Ann's that has just begun, and the link to it."""
    engine = Waiting()
    async with open_bench(
        folder,
        monkeypatch,
        real_page=True,
        engines={engine.name: engine},
        engine=engine.name,
        limits=replace(LIMITS, daily_attempts=10),
    ) as bench:
        monkeypatch.setattr("analyzer.media.preflight.probe_clip", probe_clip)
        await bench.link()  # and the consent that goes with it
        interview = await bench.process.interviews.begin(
            owner=ANN,
            channel_id=11,
            questions=[
                InterviewQuestion(position=2 * at, text=text, kind=AnswerKind.BEHAVIOURAL)
                for at, text in enumerate(ASKED)
            ],
            follow_ups=FollowUps.END,
            reply=None,
        )
        token = bench.studio.pages.of_interview(interview).partition("#")[2]
        yield bench, engine, interview, f"{bench.url}/studio#{token}"


async def phone(browser: Browser) -> tuple[BrowserContext, StudioPage]:
    return await new_studio(
        browser, viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )


async def looked_at(studio: StudioPage) -> None:
    """What is shown now fits a phone, and axe finds nothing grave in it."""
    assert await studio.fits()
    assert await findings(studio) == []


async def sent_file(page: Page) -> None:
    """Choose a file where the camera would be checked, and send it."""
    await page.get_by_label("Upload a file instead").set_input_files(SAMPLE_CLIP)
    await page.get_by_role("button", name="Send my answer").click()


async def test_three_questions_and_a_follow_up_with_a_break_and_a_report(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with interviewing(tmp_path, monkeypatch) as (bench, engine, _, link):
        context, studio = await phone(browser)
        await studio.open(link)
        await studio.at("Your interview")
        await expect(studio.page.get_by_text("Question 1 of 3 is next.")).to_be_visible()
        await expect(studio.page.get_by_text(ASKED[1])).to_have_count(0)
        await looked_at(studio)
        await studio.button("Answer question 1").click()
        await studio.turn_on()
        await studio.to_question()
        await expect(studio.page.get_by_text(ASKED[0])).to_be_visible()
        await studio.start()
        await studio.record(4.2)
        await studio.at("How did it go?")
        await expect(studio.page.get_by_label("Share the result")).to_have_count(0)
        await looked_at(studio)
        await studio.send()
        await studio.at("Your question")  # the next one at once
        await expect(studio.page.get_by_text(ASKED[1])).to_be_visible()
        await expect(studio.page.locator(".interview-now")).to_have_text("Question 2 of 3")
        await expect(studio.page.get_by_text("Question 1 of 3: being assessed")).to_be_attached()
        assert await studio.page.evaluate("() => document.activeElement.tagName") == "H1"
        await looked_at(studio)

        other = StudioPage(await context.new_page())  # a second tab is told, and the first goes on
        await other.open(link)
        await other.at("The studio is open in another tab")
        await studio.page.close()
        await other.page.reload()  # closed, and opened again at question 2
        await other.at("Your interview")
        await expect(other.page.get_by_text("Question 2 of 3 is next.")).to_be_visible()
        await other.button("Answer question 2").click()
        await other.at("Let's check your camera and microphone")
        await sent_file(other.page)
        await other.at("Let's check your camera and microphone")
        await expect(other.page.locator(".interview-now")).to_have_text("Question 3 of 3")
        await sent_file(other.page)
        await other.at("Your interview")
        await expect(other.page.get_by_text("One more question may come")).to_be_visible()
        await looked_at(other)
        engine.let.set()
        await bench.process.rest()
        come = other.page.locator(".lead", has_text="A follow-up question has come.")
        await expect(come).to_be_visible()
        await other.button("Answer the follow-up").click()
        await expect(other.page.locator(".interview-now")).to_contain_text("Follow-up to question")
        await sent_file(other.page)
        await other.at("Your interview")
        await bench.process.rest()

        await other.at("Your interview report")
        await expect(other.page.get_by_text("Your best moment")).to_be_visible()
        await looked_at(other)
        for summary in await other.page.locator(".answer > details > summary").all():
            await summary.click()
        await looked_at(other)
        await expect(other.page.locator(".report-player")).to_be_hidden()
        moment = next(one for one in ASSESSMENT.key_points if one.at_seconds is not None)
        for label in ("Question 1", "Question 2"):  # by the camera's recording, and by the file's
            await other.watch_player()
            heading = other.page.get_by_role("heading", name=label, exact=True)
            answer = other.page.locator(".answer", has=heading)
            await answer.locator(".moment", has_text=moment.text).first.click()
            await expect(other.page.locator(".clip-title")).to_have_text(label)
            assert await other.played_from() == pytest.approx(1.0, abs=0.3)
        async with other.page.expect_download() as saving:
            await other.button("Download the report").click()
        saved = await (await saving.value).path()
        assert ASKED[2] in saved.read_text(encoding="utf-8")
        await context.close()
        assert studio.complaints + other.complaints == []
        await bench.process.rest()
        history = await bench.harness.attempts.history(ANN, limit=9)
        assert sorted(one.question for one in history) == sorted((*ASKED, MISSING))


async def test_what_fails_is_left_out_or_taken_back_and_an_end_elsewhere_is_told(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with interviewing(tmp_path, monkeypatch) as (bench, engine, interview, link):
        context, studio = await phone(browser)
        engine.let.set()
        engine.refuses = True
        await studio.open(link)
        await studio.button("Answer question 1").click()
        await sent_file(studio.page)
        await studio.at("Let's check your camera and microphone")  # question 2 does not wait
        await bench.process.rest()
        await studio.button("Overview").click()
        row = studio.page.locator(".interview-questions > li").first
        await expect(row).to_contain_text("I could not hear anybody speak.")
        await expect(row.get_by_role("button", name="Record again")).to_be_visible()
        await row.get_by_role("button", name="Leave out").click()
        back = row.get_by_role("button", name="Ask it after all")
        await back.click()
        await expect(row).to_contain_text("no result")
        engine.refuses = False
        await row.get_by_role("button", name="Record again").click()
        await studio.at("Let's check your camera and microphone")
        await studio.page.get_by_label("Upload a file instead").set_input_files(SAMPLE_CLIP)
        await bench.harness.studio_links.erase(ANN)  # as after a night: its right is over
        await studio.button("Send my answer").click()
        await expect(studio.page.get_by_text("has begun anew")).to_be_visible()
        await studio.send()
        await studio.at("Let's check your camera and microphone")
        await bench.process.rest()
        await studio.button("Overview").click()
        await expect(row).to_contain_text("result is there")
        await studio.button("Finish the interview").click()
        await studio.button("No, go on").click()
        await expect(studio.button("Finish the interview")).to_be_focused()
        await studio.button("Finish the interview").click()
        await studio.button("Yes, finish").click()
        await studio.at("Your interview report")
        await expect(studio.page.get_by_text("2 not answered")).to_be_visible()

        elsewhere, there = await phone(browser)
        await there.open(link)
        await expect(there.page.get_by_text("not in this browser")).to_be_visible()
        await expect(there.page.locator("button.moment")).to_have_count(0)
        await elsewhere.close()
        await studio.button("Forget my recordings").click()
        await expect(studio.page.get_by_text("not in this browser")).to_be_visible()
        assert await studio.kept() == []
        await bench.process.interviews.delete(ANN, interview.id)
        await studio.page.reload()
        await studio.at("This interview is no longer kept")
        await expect(studio.page.get_by_text("Use /interview start")).to_be_visible()
        await context.close()
        assert studio.complaints + there.complaints == []
