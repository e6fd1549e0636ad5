"""The board's pages: turned after a restart, for whoever presses, and not while it is off."""

from __future__ import annotations

import re

import pytest

from cogs.leaderboard.cog import LIST
from cogs.ui.pagination import PageButton, read_page
from core.models import ServerSettings
from storage.leaderboard.standings import question_digest
from tests.cogs.leaderboard.boards import board, crowd, lines_of
from tests.cogs.past_attempts import post_as_bot
from tests.cogs.simulation import Simulation, labels_of, owner, reply, text_of


async def test_pages_turn_also_after_a_restart_and_show_the_own_place(sim: Simulation) -> None:
    members = await crowd(sim, 27)
    answer = await board(sim, members[26], window="month", question="tell me about yourself")
    text = text_of(answer.response)
    assert "Page 1 of 3" in text
    assert "**Your place: 25 of 27** · 3.0" in text
    ranks = [line.split(".")[0] for line in lines_of(text)]
    assert ranks == ["**1"] * 4 + ["**5"] * 4 + ["**9"] * 2
    assert labels_of(answer.response) == ["Next"]
    await sim.restart()
    await members[26].click(reply(answer), label="Next")
    text = text_of(answer.response)
    assert "Page 2 of 3" in text
    assert "**This month**" in text
    assert "“Tell me about yourself”" in text
    assert [line.split(".")[0] for line in lines_of(text)][:3] == ["**9", "**9", "**13"]
    assert labels_of(answer.response) == ["Previous", "Next"]
    await members[26].click(reply(answer), label="Next")
    assert labels_of(answer.response) == ["Previous"]
    assert len(lines_of(text_of(answer.response))) == 7
    await members[26].click(reply(answer), label="Previous")
    assert "Page 2 of 3" in text_of(answer.response)


async def test_every_member_is_on_exactly_one_page(sim: Simulation) -> None:
    members = await crowd(sim, 25)
    answer = await board(sim, sim.ada)
    found = re.findall(r"<@(\d+)>", text_of(answer.response))
    while "Next" in labels_of(answer.response):
        await sim.ada.click(reply(answer), label="Next")
        found += re.findall(r"<@(\d+)>", text_of(answer.response))
    assert sorted(found) == sorted(str(member.id) for member in members)


async def test_a_button_from_another_server_shows_that_of_who_pressed(sim: Simulation) -> None:
    await crowd(sim, 11)
    answer = await board(sim, sim.ada)
    [[item]] = [row["components"] for row in reply(answer).components]
    turn = read_page(item["custom_id"])
    assert turn is not None
    button = PageButton(LIST, 2, turn.argument, label="Next")
    await post_as_bot(sim, sim.other_channel, button)
    await sim.ada_elsewhere.click(sim.other_channel.history()[-1], label="Next")
    [embed] = sim.other_channel.history()[-1].embeds
    assert "Nobody is ranked here yet" in (embed.description or "")


@pytest.mark.parametrize(
    "argument", ["", "best", "best.week", "nonsense.week.", "best.year.", "best.week.zz", "a.b.c.d"]
)
async def test_a_button_that_was_not_written_by_us_is_refused(
    sim: Simulation, argument: str
) -> None:
    await crowd(sim, 2)
    public = await post_as_bot(sim, sim.channel, PageButton(LIST, 1, argument, label="Next"))
    await sim.ada.click(public, label="Next")
    [embed] = sim.channel.history()[-1].embeds
    assert "That button is out of date" in (embed.description or "")


async def test_a_page_out_of_range_or_a_question_nobody_has_is_no_error(sim: Simulation) -> None:
    await crowd(sim, 11)
    digest = question_digest("Never asked")
    for argument, number, expected in (
        ("best.all.", 0, "Page 1 of 2"),
        ("best.all.", 99999, "Page 2 of 2"),
        (f"best.all.{digest}", 7, "Nobody is ranked here yet"),
    ):
        public = await post_as_bot(sim, sim.channel, PageButton(LIST, number, argument, label="Go"))
        await sim.ada.click(public, label="Go")
        [embed] = sim.channel.history()[-1].embeds
        assert expected in f"{embed.description} {embed.footer.text}"


async def test_a_board_that_is_switched_off_shows_nothing_but_can_be_left(sim: Simulation) -> None:
    members = await crowd(sim, 11)
    answer = await board(sim, members[0])
    app = sim.bot.app
    await app.deps.server_settings.set(sim.guild.id, ServerSettings(board=False))
    for name in ("show", "join"):
        refused = await board(sim, sim.ada, name)
        assert "have switched the board off" in text_of(refused.response)
    assert await app.deps.board.membership(owner(sim.ada)) is None
    await members[0].click(reply(answer), label="Next")
    assert "have switched the board off" in text_of(answer.response)
    assert lines_of(text_of(answer.response)) == []
    assert labels_of(answer.response) == []
    left = await board(sim, members[0], "leave")
    assert "You have left" in text_of(left.response)
