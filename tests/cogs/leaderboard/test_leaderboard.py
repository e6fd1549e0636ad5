"""`/leaderboard`: only who joins is on it, under the name they chose, in their server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import simcord

from core.assessment import EngineName
from tests.cogs.leaderboard.boards import board, lines_of, practised, scored, shown
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import Simulation, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn

NEVER_SAID = re.compile(r"shortlist|\bhire|candidate", re.IGNORECASE)


async def test_nobody_is_shown_who_has_not_joined(sim: Simulation) -> None:
    await practised(sim, sim.ada, 9)
    answer = await board(sim, sim.ben)
    assert answer.ephemeral
    text = text_of(answer.response)
    assert "Nobody is ranked here yet" in text
    assert "You are not on this board. `/leaderboard join` puts you on it." in text
    assert "Practice only" in text
    assert str(sim.ada.id) not in text


async def test_joining_says_what_is_shown_to_whom_and_how_to_leave(sim: Simulation) -> None:
    joined = await board(sim, sim.ada, "join")
    assert joined.ephemeral
    text = text_of(joined.response)
    for part in (
        "Under your own name",
        "Only results you have shared",
        "Everybody in this server can see your rank",
        "`/leaderboard leave` deletes everything",
        "Practice only",
    ):
        assert part in text
    private = await board(sim, sim.ada, "join", count_private=True)
    assert "Shared **and private** results" in text_of(private.response)


async def test_after_joining_a_shared_result_is_ranked_and_leaving_ends_it(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await board(sim, sim.ada, "join")
    await sim.analyze(sim.ada, share=True)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.assessment is not None
    text = await shown(sim, sim.ben)
    assert lines_of(text) == [f"**1.** <@{sim.ada.id}> · {attempt.assessment.overall:.1f}"]
    left = await board(sim, sim.ada, "leave")
    assert "the board keeps nothing about you" in text_of(left.response)
    assert lines_of(await shown(sim, sim.ben)) == []
    again = await board(sim, sim.ada, "leave")
    assert "there is nothing to delete" in text_of(again.response)
    assert len(await sim.attempts(sim.ada)) == 1


async def test_share_and_unshare_move_a_result_on_and_off_the_board(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await board(sim, sim.ada, "join")
    result = await sim.analyze(sim.ada)
    assert lines_of(await shown(sim, sim.ada)) == []
    await sim.ada.click(reply(result), label="Share")
    assert len(lines_of(await shown(sim, sim.ada))) == 1
    await sim.ada.click(reply(result), label="Unshare")
    assert lines_of(await shown(sim, sim.ada)) == []
    await board(sim, sim.ada, "join", count_private=True)
    assert len(lines_of(await shown(sim, sim.ada))) == 1
    await sim.ada.click(reply(result), label="Delete")
    await sim.ada.click(reply(result), label="Yes, delete it")
    assert lines_of(await shown(sim, sim.ada)) == []


async def test_an_alias_stands_in_for_the_member(sim: Simulation) -> None:
    await practised(sim, sim.ada, 9)
    joined = await board(sim, sim.ada, "join", alias="  Quiet   Fox_1 ")
    assert r"**Quiet Fox\_1**" in text_of(joined.response)
    text = await shown(sim, sim.ben)
    assert lines_of(text) == [r"**1.** Quiet Fox\_1 · 9.0"]
    assert str(sim.ada.id) not in text
    own = await shown(sim, sim.ada)
    assert lines_of(own) == [r"**1.** Quiet Fox\_1 (you) · 9.0"]


async def test_nobody_can_pose_as_another(sim: Simulation) -> None:
    await board(sim, sim.ada, "join", alias="Quiet Fox")
    for alias in ("QUIET FOX", "quiet-fox", "Ｑuietfox"):
        refused = await board(sim, sim.ben, "join", alias=alias)
        assert "Choose a different one" in text_of(refused.response)
    assert await sim.bot.app.deps.board.membership(owner(sim.ben)) is None


@pytest.mark.parametrize(
    "alias",
    [
        "x",
        "y" * 33,
        "@everyone",
        "<@1234>",
        "**bold**",
        "[a](https://b.example)",
        "https://b.example",
        "discord.gg/abc",
        "`code`",
        ":wave:",
        "a\u202eb",
        "a\u200bb",
        "\u3164\u3164",
        "... ---",
        "\u0301\u0301\u0301",
    ],
)
async def test_an_alias_that_is_more_than_a_name_is_refused(sim: Simulation, alias: str) -> None:
    try:
        refused = await board(sim, sim.ada, "join", alias=alias)
    except simcord.OptionError:  # Discord itself refuses the length
        assert not 2 <= len(alias) <= 32
    else:
        assert "An alias needs 2 to 32 characters" in text_of(refused.response)
    assert await sim.bot.app.deps.board.membership(owner(sim.ada)) is None


async def test_rankings_windows_and_questions(sim: Simulation) -> None:
    await practised(sim, sim.ada, 4, days_ago=40, question="Why us?")
    await practised(sim, sim.ada, 6, days_ago=39, question="Why us?")
    await practised(sim, sim.ada, 9, days_ago=38, question="Why you?")
    await practised(sim, sim.ada, 7, question="Why us?")
    await board(sim, sim.ada, "join")
    expected: list[tuple[dict[str, str], str]] = [
        ({}, "9.0"),
        ({"ranking": "best_three"}, "7.3"),
        ({"ranking": "improvement"}, "+3.0"),
        ({"ranking": "attempts"}, "4 attempts"),
        ({"window": "week"}, "7.0"),
        ({"window": "month"}, "7.0"),
        ({"question": "WHY us"}, "7.0"),
    ]
    for options, value in expected:
        text = await shown(sim, sim.ben, **options)
        assert [line.split(" · ")[1] for line in lines_of(text)] == [value], options
        assert not NEVER_SAID.search(text)
        assert "Practice only" in text
    assert "“Why us”" in await shown(sim, sim.ben, question="WHY us")
    few = await shown(sim, sim.ada, ranking="best_three", window="week")
    assert "You are not ranked here yet: it takes three counted attempts" in few
    one = await shown(sim, sim.ada, ranking="attempts", window="week")
    assert "1 attempt\n" in one


async def test_another_server_has_its_own_board(sim: Simulation) -> None:
    await board(sim, sim.ada, "join", alias="Quiet Fox")
    await practised(sim, sim.ada, 9)
    elsewhere = await shown(sim, sim.ada_elsewhere)
    assert "Nobody is ranked here yet" in elsewhere
    assert "You are not on this board" in elsewhere
    await board(sim, sim.ada_elsewhere, "leave")
    assert len(lines_of(await shown(sim, sim.ben))) == 1


async def test_in_direct_messages_it_says_where_to_use_it(sim: Simulation) -> None:
    for name in ("show", "join", "leave"):
        refused = await sim.ada_user.slash(f"leaderboard {name}")
        assert "A board belongs to a server" in text_of(refused.response)
    assert await sim.bot.app.deps.board.membership(owner(sim.ada)) is None


async def test_questions_are_suggested_from_the_members_own_only(sim: Simulation) -> None:
    await board(sim, sim.ada, "join")
    await practised(sim, sim.ada, 9, question="What is a monad?")
    own = await sim.ada.autocomplete(sim.channel, "leaderboard show", "question", "MONAD")
    assert [choice["value"] for choice in own] == ["What is a monad?"]
    assert await sim.ben.autocomplete(
        sim.channel, "leaderboard show", "question", "monad"
    ) == []  # fmt: skip
    everything = await sim.ben.autocomplete(sim.channel, "leaderboard show", "question", "")
    assert 0 < len(everything) <= 25


async def test_a_question_is_shown_as_text(sim: Simulation) -> None:
    question = "@everyone **look** <@1> [a](https://b.example)"
    await board(sim, sim.ada, "join")
    await practised(sim, sim.ada, 9, question=question)
    text = await shown(sim, sim.ada, question=question)
    assert len(lines_of(text)) == 1
    for alive in ("@everyone", "**look**", "<@1>", "](https:"):
        assert alive not in text


async def test_the_local_engine_ranks_attempts_only_and_says_so(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, engine=EngineName.LOCAL) as sim:
        await board(sim, sim.ada, "join")
        await practised(sim, sim.ada, 9)  # by the other engine, before
        local = scored(5, engine=EngineName.LOCAL)
        await remember(
            *(sim, sim.ada), days_ago=0, assessment=local, engine=EngineName.LOCAL, shared=True
        )
        text = await shown(sim, sim.ben)
        assert "gives no overall score, so only the attempts made are ranked" in text
        assert lines_of(text) == [f"**1.** <@{sim.ada.id}> · 1 attempt"]
        refused = await shown(sim, sim.ben, ranking="best")
        assert "Choose that ranking." in refused
