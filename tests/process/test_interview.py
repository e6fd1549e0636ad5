"""kill -9 at each step of an interview: it goes on where it was, and nothing is done twice."""

from __future__ import annotations

import aiohttp

from demo import SAMPLE_CLIP
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.browser import PIECE, StudioBrowser
from tests.process.members import finish, is_consent_card, nothing_left
from tests.process.operator import BotProcess, Operator
from tests.process.test_studio import address_in

BEGIN = {"size_bytes": SAMPLE_CLIP.stat().st_size, "type": "video/mp4", "seconds": 27}


async def test_killed_at_each_step_it_goes_on_and_bills_each_answer_once(
    operator: Operator,
    discord: DiscordStandIn,
    vendor: TwelveLabsStandIn,
    web_settings: dict[str, str],
) -> None:
    vendor.task_statuses = ("queued", "pending", "processing", "ready")
    bot = await operator.run(**web_settings)

    async def killed_and_started(bot: BotProcess) -> BotProcess:
        await bot.kill()
        return await operator.run(**web_settings)

    asked = await discord.slash("interview start", {"follow_up": "none"})
    card = await asked.reply(is_consent_card)
    bot = await killed_and_started(bot)  # before its member has agreed
    pressed = await discord.press(card, "I agree")
    address = address_in(await pressed.reply(lambda message: address_in(message) is not None))
    assert address is not None
    bot = await killed_and_started(bot)  # before the first question was opened
    data = SAMPLE_CLIP.read_bytes()

    async with aiohttp.ClientSession() as session:
        interview = StudioBrowser(session, address)

        async def question(position: int) -> StudioBrowser:
            assert (await interview.call("GET", "interview"))["next_position"] == position
            given = await interview.call("POST", "interview/question", json={"position": position})
            page = address.partition("#")[0]
            return StudioBrowser(session, f"{page}#{given['token']}")

        first = await question(0)
        await first.call("POST", "upload", json=BEGIN)
        received = await first.piece(data, 0)
        bot = await killed_and_started(bot)  # in the middle of an upload
        assert (await first.call("GET", "session"))["received_bytes"] == received
        while received < len(data):
            received = await first.piece(data, received)
        await first.call("POST", "submit", json={"shared": False})
        bot = await killed_and_started(bot)  # with an answer that has just been sent in

        second = await question(2)
        await second.call("POST", "upload", json=BEGIN)
        for offset in range(0, len(data), PIECE):
            await second.piece(data, offset)
        await second.call("POST", "submit", json={"shared": False})
        left_out = {"position": 4, "left_out": True}
        await interview.call("POST", "interview/leave-out", json=left_out)
        bot = await killed_and_started(bot)  # with all of it answered, and a result under way

        finish(vendor)
        await bot.until(lambda: "interview reported" in bot.output, "the report", within=60)
        await nothing_left(operator, vendor)
        shown = await interview.call("GET", "interview")
        report = await interview.call("GET", "interview/report")
    assert (shown["state"], shown["complete"]) == ("finished", True)
    assert [one["standing"] for one in shown["questions"]] == ["assessed", "assessed", "left_out"]
    assert report["assessed"] == 2
    assert (len(vendor.assets), vendor.tasks_created) == (2, 2)
