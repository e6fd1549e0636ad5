"""`/history`: own attempts only, newest first, in pages, filtered, each with a button."""

from __future__ import annotations

from datetime import timedelta

import pytest
import simcord

from cogs.history.cog import PAGE, SHOWN
from cogs.ui.buttons import Action, PracticeButton
from cogs.ui.pagination import PageButton
from tests.cogs.past_attempts import post_as_bot, remember, remember_failure
from tests.cogs.simulation import Simulation, labels_of, owner, reply, text_of

BUTTONS = [f"Show {number}" for number in range(1, SHOWN + 1)]


async def remember_many(sim: Simulation, member: simcord.MemberActor, count: int) -> None:
    """One attempt a day, of which the latest, today's, is number 1."""
    for number in range(1, count + 1):
        await remember(sim, member, days_ago=number - 1, question=f"Question number {number}?")


async def test_nothing_yet_says_how_to_begin(sim: Simulation) -> None:
    shown = await sim.ada.slash(sim.channel, "history")
    assert shown.ephemeral
    assert "Nothing here yet" in text_of(shown.response)


async def test_own_attempts_newest_first_each_with_a_button(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    for question in ("Older?", "Newer?"):
        await sim.analyze(sim.ada, question=question)
        await sim.env.advance_time(1)
    shown = await sim.ada.slash(sim.channel, "history")
    text = text_of(shown.response)
    assert text.index("Newer?") < text.index("Older?")
    assert labels_of(shown.response) == ["Show 1", "Show 2"]
    await sim.restart()
    opened = await sim.ada.click(reply(shown), label="Show 2")
    assert opened.ephemeral
    assert "Older?" in text_of(opened.response)
    assert "One strength" in text_of(opened.response)


async def test_other_members_and_servers_see_their_own(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        shown = await member.slash(channel, "history")
        assert "Nothing here yet" in text_of(shown.response)
        shown = await member.slash(channel, "history", question="Tell me about yourself.")
        assert "no result for that question" in text_of(shown.response)


async def test_failed_attempts_are_not_in_the_list(sim: Simulation) -> None:
    await remember_failure(sim, sim.ada, told=False)
    await remember_failure(sim, sim.ada, told=True)
    shown = await sim.ada.slash(sim.channel, "history")
    assert "Nothing here yet" in text_of(shown.response)


async def test_pages_turn_also_after_a_restart(sim: Simulation) -> None:
    await remember_many(sim, sim.ada, 26)
    shown = await sim.ada.slash(sim.channel, "history")
    assert "Page 1 of 3" in text_of(shown.response)
    assert labels_of(shown.response) == [*BUTTONS, "Next"]
    await sim.restart()
    await sim.ada.click(reply(shown), label="Next")
    text = text_of(shown.response)
    assert "Page 2 of 3" in text
    assert "number 10?" not in text
    assert text.index("number 11?") < text.index("number 20?")
    assert labels_of(shown.response) == [*BUTTONS, "Previous", "Next"]
    await sim.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == [*BUTTONS[:6], "Previous"]
    opened = await sim.ada.click(reply(shown), label="Show 6")
    assert "number 26?" in text_of(opened.response)


async def test_a_page_that_is_no_more_becomes_the_last(sim: Simulation) -> None:
    await remember_many(sim, sim.ada, SHOWN + 1)
    shown = await sim.ada.slash(sim.channel, "history")
    oldest = (await sim.attempts(sim.ada))[-1]
    await sim.bot.app.deps.attempts.delete(owner(sim.ada), oldest.id)
    await sim.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == BUTTONS


async def test_filters_hold_over_pages_and_a_restart(sim: Simulation) -> None:
    for days in range(SHOWN + 2):
        await remember(sim, sim.ada, days_ago=days, question="Why us?")
        await remember(sim, sim.ada, days_ago=days, question="Something else?")
    today = sim.env.now().date()
    shown = await sim.ada.slash(
        sim.channel,
        "history",
        question="why US",
        since=str(today - timedelta(days=SHOWN)),
        until=str(today),
    )
    text = text_of(shown.response)
    assert f"Only attempts at “Why us?” from {today - timedelta(days=SHOWN)} up to {today}" in text
    assert "Something else" not in text
    assert "Page 1 of 2" in text
    await sim.restart()
    await sim.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == ["Show 1", "Previous"]
    assert "Something else" not in text_of(shown.response)
    assert "“Why us?”" in text_of(shown.response)


async def test_both_days_of_a_range_are_included(sim: Simulation) -> None:
    for days in (1, 2, 3, 4):
        await remember(sim, sim.ada, days_ago=days, question=f"Day {days}?")
    today = sim.env.now().date()
    shown = await sim.ada.slash(
        sim.channel,
        "history",
        since=str(today - timedelta(days=3)),
        until=str(today - timedelta(days=2)),
    )
    text = text_of(shown.response)
    assert [day for day in (1, 2, 3, 4) if f"Day {day}?" in text] == [2, 3]
    none = await sim.ada.slash(sim.channel, "history", until="2020-01-31")
    assert "Leave a filter out" in text_of(none.response)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"since": "31.03.2026"}, "year-month-day"),
        ({"since": "20260331"}, "year-month-day"),
        ({"until": "2026-W10-1"}, "year-month-day"),
        ({"until": "2026-02-30"}, "year-month-day"),
        ({"until": "٢٠٢٦-٠٣-٠١"}, "year-month-day"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "has to be the earlier day"),
        ({"question": "Never asked"}, "no result for that question"),
    ],
)
async def test_a_filter_that_cannot_be_gets_one_sentence(
    sim: Simulation, options: dict[str, str], sentence: str
) -> None:
    await remember(sim, sim.ada, days_ago=1)
    shown = await sim.ada.slash(sim.channel, "history", **options)
    assert shown.ephemeral
    assert sentence in text_of(shown.response)


async def test_first_and_last_days_of_the_calendar_are_taken(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1)
    shown = await sim.ada.slash(sim.channel, "history", since="0001-01-01", until="9999-12-31")
    assert labels_of(shown.response) == ["Show 1"]


async def test_questions_are_suggested_from_own_results_only(sim: Simulation) -> None:
    long = "Why " + "very " * 40 + "long?"
    await remember(sim, sim.ada, days_ago=3, question="Why us?")
    await remember(sim, sim.ada, days_ago=2, question="WHY US")
    await remember(sim, sim.ada, days_ago=1, question=long)
    await remember(sim, sim.ada, days_ago=0, question="Who are you?")
    await remember(sim, sim.ben, days_ago=0, question="Why Ben?")
    choices = await sim.ada.autocomplete(sim.channel, "history", "question", "why")
    assert [choice["name"][:8] for choice in choices] == [long[:8], "WHY US"]
    shown = await sim.ada.slash(sim.channel, "history", question=choices[0]["value"])
    assert labels_of(shown.response) == ["Show 1"]
    assert "very very" in text_of(shown.response)
    shown = await sim.ada.slash(sim.channel, "history", question=choices[1]["value"])
    assert labels_of(shown.response) == ["Show 1", "Show 2"]
    assert await sim.ada_elsewhere.autocomplete(
        sim.other_channel, "history", "question", ""
    ) == []  # fmt: skip


async def test_at_most_25_questions_are_suggested(sim: Simulation) -> None:
    await remember_many(sim, sim.ada, 30)
    choices = await sim.ada.autocomplete(sim.channel, "history", "question", "")
    assert [choice["value"] for choice in choices[:2]] == [
        "Question number 1?",
        "Question number 2?",
    ]
    assert len(choices) == 25


async def test_a_list_handed_to_another_member_or_server_shows_theirs(sim: Simulation) -> None:
    await remember_many(sim, sim.ada, SHOWN + 1)
    await remember(sim, sim.ben, days_ago=1, question="Ben's own?")
    for member, channel, expected in (
        (sim.ben, sim.channel, "Ben's own?"),
        (sim.ada_elsewhere, sim.other_channel, "Nothing here yet"),
    ):
        public = await post_as_bot(sim, channel, PageButton(PAGE, 2, "..", label="Next"))
        await member.click(public, label="Next")
        [embed] = channel.history()[-1].embeds
        assert expected in (embed.description or "")
        assert "Question number" not in (embed.description or "")


async def test_another_members_question_code_finds_nothing(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1)
    [entry] = await sim.bot.app.deps.history.outline(owner(sim.ada))
    shown = await sim.ben.slash(sim.channel, "history", question=entry.code)
    assert "no result for that question" in text_of(shown.response)
    own = await sim.ada.slash(sim.channel, "history", question=entry.code)
    assert labels_of(own.response) == ["Show 1"]


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("nonsense", "no result for that question"),
        ("..20261301", "out of date"),
        (".x.", "out of date"),
        ("..9", "out of date"),
    ],
)
async def test_a_filter_that_was_not_written_by_us_is_refused(
    sim: Simulation, argument: str, sentence: str
) -> None:
    await remember(sim, sim.ada, days_ago=1)
    public = await post_as_bot(sim, sim.channel, PageButton(PAGE, 1, argument, label="Next"))
    pressed = await sim.ada.click(public, label="Next")
    [answer] = pressed.followups or [reply(pressed)]
    assert answer.ephemeral
    assert sentence in text_of(answer)


async def test_a_page_number_out_of_range_shows_the_nearest(sim: Simulation) -> None:
    await remember_many(sim, sim.ada, SHOWN + 1)
    for number, expected in ((0, "Page 1 of 2"), (99999, "Page 2 of 2")):
        public = await post_as_bot(sim, sim.channel, PageButton(PAGE, number, "..", label="Go"))
        await sim.ada.click(public, label="Go")
        [embed] = sim.channel.history()[-1].embeds
        assert embed.footer.text == expected


async def test_a_stranger_cannot_open_what_a_button_names(sim: Simulation) -> None:
    attempt = await remember(sim, sim.ada, days_ago=1)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        guessed = PracticeButton(Action.ATTEMPT_SHOW, attempt.id, label="Show 1")
        public = await post_as_bot(sim, channel, guessed)
        opened = await member.click(public, label="Show 1")
        assert "Only the person who made this attempt" in text_of(opened.response)
