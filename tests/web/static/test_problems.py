"""What the page does when something is in the way: devices, links, networks, closed tabs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, expect

from demo import SAMPLE_CLIP
from tests.web.static.fake_camera import fake_night
from tests.web.static.page import (
    BROWSER,
    INSECURE,
    NO_BROWSER,
    StudioPage,
    browser_with,
    new_studio,
)
from tests.web.static.standin import StandIn

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]

NO_MICROPHONE = """
const all = MediaDevices.prototype.enumerateDevices
MediaDevices.prototype.enumerateDevices = async function () {
    return (await all.call(this)).filter(({ kind }) => kind === 'videoinput')
}
MediaDevices.prototype.getUserMedia = async () => { throw new DOMException('', 'NotFoundError') }
"""

BUSY = """
MediaDevices.prototype.getUserMedia = async () => { throw new DOMException('', 'NotReadableError') }
"""


async def ask(studio: StudioPage, link: str) -> None:
    await studio.open(link)
    await studio.button("Turn on camera and microphone").click()


async def test_a_refused_permission_is_explained_and_a_file_will_do(
    browser: Browser, server: StandIn
) -> None:
    context, studio = await new_studio(browser, allowed=False)
    await ask(studio, server.link)
    await expect(studio.page.get_by_text("wasn't allowed to use them")).to_be_visible()
    await expect(studio.page.get_by_text("to the left of the address")).to_be_visible()
    await expect(studio.page.get_by_label("Upload a file instead")).to_be_attached()
    await context.grant_permissions(["camera", "microphone"])
    await studio.button("Try again").click()
    await expect(studio.button("All good, continue")).to_be_visible()
    assert studio.complaints == []
    await context.close()


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        (NO_MICROPHONE, "No microphone was found"),
        (BUSY, "Another program is using the camera or microphone"),
    ],
    ids=["no microphone", "busy"],
)
async def test_a_problem_with_devices_is_named(
    studio: StudioPage, server: StandIn, problem: str, title: str
) -> None:
    await studio.page.add_init_script(f"if (isSecureContext) {{ {problem} }}")
    await ask(studio, server.link)
    await expect(studio.page.get_by_role("heading", name=title)).to_be_focused()


async def test_a_machine_without_devices(server: StandIn) -> None:
    async with browser_with(None, None) as bare:
        context, studio = await new_studio(bare)
        await ask(studio, server.link)
        await expect(studio.page.get_by_text("No camera and no microphone")).to_be_visible()
        await context.close()


async def test_a_dark_and_silent_room_is_pointed_out(server: StandIn, tmp_path: Path) -> None:
    async with browser_with(*fake_night(tmp_path)) as browser:
        context, studio = await new_studio(browser)
        await ask(studio, server.link)
        await expect(studio.page.get_by_text("The picture is quite dark")).to_be_visible()
        await expect(studio.page.get_by_text("We hear very little")).to_be_visible(timeout=15_000)
        await expect(studio.button("All good, continue")).to_be_enabled()
        await context.close()


async def test_an_insecure_address_says_so(studio: StudioPage, server: StandIn) -> None:
    await ask(studio, server.link.replace("localhost", INSECURE))
    await expect(studio.page.get_by_text("not secure enough for a camera")).to_be_visible()
    await expect(studio.button("Try again")).to_have_count(0)
    about_the_address = "The Cross-Origin-Opener-Policy header has been ignored"
    assert all(each.startswith(about_the_address) for each in studio.complaints)
    studio.complaints.clear()


@pytest.mark.parametrize(
    ("status", "code", "heading"),
    [
        (404, "link_unknown", "This link doesn't open anything"),
        (410, "link_expired", "This link is over"),
    ],
)
async def test_a_link_that_does_not_open_says_what_to_do(
    studio: StudioPage, server: StandIn, status: int, code: str, heading: str
) -> None:
    server.refuses = {"session": (status, code, "No.")}
    await studio.open(server.link)
    await studio.at(heading)
    await expect(studio.page.get_by_text("Run /practice again in Discord")).to_be_visible()


async def test_too_many_calls_are_waited_out(studio: StudioPage, server: StandIn) -> None:
    server.refuses = {"session": (429, "too_many", "That was very often.")}
    await studio.open(server.link)
    await expect(studio.page.get_by_text("keeps trying by itself")).to_be_visible()
    server.refuses = {}
    await studio.at("Let's check your camera and microphone")


async def test_the_page_without_a_link(studio: StudioPage, server: StandIn) -> None:
    await studio.open(f"{server.address}/studio")
    await studio.at("Come in through Discord")


async def test_a_link_that_was_used_shows_its_result(studio: StudioPage, server: StandIn) -> None:
    server.shared, server.state, server.stage = False, "delivered", 2
    await studio.open(server.link)
    await studio.at("Your result")
    await expect(studio.page.get_by_text("not in this browser any more")).to_be_visible()
    await expect(studio.page.locator(".moment")).to_have_count(0)
    await expect(studio.page.locator(".evidence", has_text="A steady voice")).to_contain_text(
        "0:02"
    )


async def test_a_server_that_is_away_is_waited_for(studio: StudioPage, server: StandIn) -> None:
    server.away = True
    await studio.open(server.link)
    await expect(studio.page.get_by_text("can't be reached at the moment")).to_be_visible()
    server.away = False
    await studio.button("Try now").click()
    await studio.at("Let's check your camera and microphone")


async def test_an_upload_that_breaks_goes_on_where_it_broke(
    studio: StudioPage, server: StandIn
) -> None:
    server.cut_after = 200_000
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await expect(studio.page.get_by_text("It goes on by itself")).to_be_visible()
    server.away = False
    await studio.at("Your result")
    assert server.begun == 1
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_a_closed_page_goes_on_sending_where_it_was(
    studio: StudioPage, server: StandIn
) -> None:
    server.slow_piece = 0.1
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.page.get_by_label("Share the result").check()
    await studio.send()
    await expect(studio.page.get_by_role("progressbar")).to_be_visible()
    await server.some_received.wait()
    await studio.page.goto("about:blank")
    server.slow_piece = 0
    await studio.open(server.link)
    await studio.at("Welcome back, your recording is still here")
    await expect(studio.page.get_by_text("has been sent already")).to_be_visible()
    await expect(studio.page.get_by_label("Share the result")).to_be_checked()
    await studio.button("Go on sending").click()
    await studio.at("Your result")
    assert server.begun == 1
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_a_page_that_dies_while_recording_offers_what_there_was(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.open(server.link)
    await studio.turn_on()
    await studio.to_question()
    await studio.start()
    await studio.recording_for(2)
    await studio.open(server.link)
    await studio.at("Welcome back, your recording is still here")
    await studio.page.wait_for_function("() => document.querySelector('.player').duration > 0.5")
    (kept,) = await studio.kept()
    assert server.link.partition("#")[2] not in str(kept)


async def test_a_refused_submission_can_be_tried_again(studio: StudioPage, server: StandIn) -> None:
    server.refuses = {"submit": (422, "allowance", "You have used all of today's attempts.")}
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await expect(studio.page.get_by_text("You have used all of today's attempts.")).to_be_visible()
    server.refuses = {}
    await studio.button("Go on sending").click()
    await studio.at("Your result")
    assert server.begun == 1


@pytest.mark.parametrize(
    ("call", "status", "code", "sentence"),
    [
        ("submit", 503, "discord_away", "Discord doesn't answer just now."),
        ("upload", 507, "no_room", "There is no room for your recording just now."),
    ],
)
async def test_what_passes_is_waited_out_without_losing_anything(
    studio: StudioPage, server: StandIn, call: str, status: int, code: str, sentence: str
) -> None:
    server.refuses = {call: (status, code, sentence)}
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    told = f"{sentence} This page tries again by itself; nothing is lost."
    await expect(studio.page.get_by_text(told)).to_be_visible()
    server.refuses = {}
    await studio.at("Your result")
    assert server.begun == 1
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_who_may_not_practise_there_keeps_the_recording(
    studio: StudioPage, server: StandIn
) -> None:
    sentence = "In this server, you need one of these roles to practise: Students."
    server.refuses = {"submit": (422, "role", sentence)}
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("How did it go?")
    await expect(studio.page.get_by_text(sentence)).to_be_visible()
    await expect(studio.button("Save a copy")).to_be_visible()
    assert [each["sent"] for each in await studio.kept()] == [False]
    server.refuses = {}
    await studio.button("Go on sending").click()
    await studio.at("Your result")
    assert server.begun == 1


async def test_a_server_that_needed_the_room_gets_the_recording_again(
    studio: StudioPage, server: StandIn
) -> None:
    server.forgets = 2
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    assert server.begun == 3
    assert server.recording == await asyncio.to_thread(SAMPLE_CLIP.read_bytes)


async def test_an_upload_can_be_stopped(studio: StudioPage, server: StandIn) -> None:
    server.slow_piece = 0.1
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.button("Stop sending").click()
    await expect(studio.page.get_by_text("Sending was stopped")).to_be_visible()
    await expect(studio.button("Save a copy")).to_be_visible()


async def test_a_link_that_ends_meanwhile_leaves_the_recording(
    studio: StudioPage, server: StandIn
) -> None:
    server.refuses = {"upload": (410, "link_expired", "No.")}
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("This link is over")
    async with studio.page.expect_download() as saving:
        await studio.button("Save a copy").click()
    assert (await saving.value).suggested_filename.endswith(".mp4")


async def test_events_that_break_off_are_taken_up_again(
    studio: StudioPage, server: StandIn
) -> None:
    server.break_events = 2
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    assert server.break_events == 0


async def test_an_attempt_that_failed_says_why(studio: StudioPage, server: StandIn) -> None:
    server.shared, server.state = False, "failed"
    await studio.open(server.link)
    await studio.at("No result this time")
    await expect(studio.page.get_by_text("I couldn't hear anybody speak.")).to_be_visible()


async def test_the_recording_is_forgotten_when_asked(studio: StudioPage, server: StandIn) -> None:
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    await expect(studio.page.locator(".moment")).not_to_have_count(0)
    assert len(await studio.kept()) == 1
    await studio.button("Forget my recording").click()
    await expect(studio.page.get_by_text("Your recording is forgotten")).to_be_focused()
    await expect(studio.page.locator(".moment, button.sentence, video")).to_have_count(0)
    await expect(studio.page.locator(".evidence", has_text="A steady voice")).to_contain_text(
        "0:02"
    )
    assert await studio.kept() == []


async def test_the_last_ten_that_were_sent_are_kept_and_older_ones_go(
    studio: StudioPage, server: StandIn
) -> None:
    """As many as an interview has answers at the most."""
    server.attempts = 12
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    await studio.keep_sent([f"{n:016x}" for n in range(1, 12)])
    server.shared = server.received = None
    await studio.open(f"{server.link}-another")
    await studio.at("Let's check your camera and microphone")
    kept = await studio.kept()
    assert sorted(each["attempt"] for each in kept) == [f"{n:016x}" for n in range(3, 13)]
    assert all(each["sent"] for each in kept)


async def test_a_link_to_a_result_finds_its_recording_in_this_browser(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.chosen(server.link, SAMPLE_CLIP)
    await studio.send()
    await studio.at("Your result")
    server.session = {"looks_only": True}
    await studio.open(f"{server.link}-to-look-at")
    await studio.at("Your result")
    assert await studio.play("A steady voice") == pytest.approx(1.0, abs=0.3)
    await expect(studio.button("Try this question again")).to_have_count(0)
    await studio.button("Forget my recording").click()
    assert await studio.kept() == []


async def test_two_tabs_with_one_link_do_not_get_into_each_other(
    studio: StudioPage, server: StandIn
) -> None:
    await studio.chosen(server.link, SAMPLE_CLIP)
    other = StudioPage(await studio.page.context.new_page())
    await other.open(server.link)
    await other.at("The studio is open in another tab")
    await expect(studio.heading("How did it go?")).to_be_visible()
    await studio.send()
    await studio.at("Your result")
    await other.button("Try again").click()
    await other.at("Your result")  # looking is for all of them
    await expect(studio.heading("Your result")).to_be_visible()
    assert other.complaints == []


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not kept"])
async def test_closing_warns_only_where_something_would_be_lost(
    studio: StudioPage, server: StandIn, keeps: bool
) -> None:
    if not keeps:
        await studio.page.add_init_script("delete IDBFactory.prototype.open")
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    studio.page.on("dialog", leave)
    await studio.chosen(server.link, SAMPLE_CLIP)
    warning = studio.page.get_by_text("can't keep the recording")
    await expect(warning).to_have_count(0 if keeps else 1)
    await studio.page.goto("about:blank")
    assert asked == ([] if keeps else ["beforeunload"])
