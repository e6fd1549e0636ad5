"""`/history`: own attempts only, newest first, in pages, filtered, each with a button."""

from __future__ import annotations

from datetime import timedelta

import pytest
import simcord

from cogs.history.cog import PAGE, SHOWN
from cogs.ui.buttons import Action, PracticeButton
from cogs.ui.pagination import PageButton
from tests.cogs.past_attempts import post_as_bot, remember, remember_failure
from tests.cogs.simulation import Stage, labels_of, owner, reply, text_of

BUTTONS = [f"Show {number}" for number in range(1, SHOWN + 1)]


async def remember_many(stage: Stage, member: simcord.MemberActor, count: int) -> None:
    """One attempt a day, of which the latest, today's, is number 1."""
    for number in range(1, count + 1):
        await remember(stage, member, days_ago=number - 1, question=f"Question number {number}?")


async def test_nothing_yet_says_how_to_begin(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "history")
    assert shown.ephemeral
    assert "Nothing here yet" in text_of(shown.response)


async def test_own_attempts_newest_first_each_with_a_button(stage: Stage) -> None:
    await stage.agree(stage.ada)
    for question in ("Older?", "Newer?"):
        await stage.analyze(stage.ada, question=question)
        await stage.env.advance_time(1)
    shown = await stage.ada.slash(stage.channel, "history")
    text = text_of(shown.response)
    assert text.index("Newer?") < text.index("Older?")
    assert labels_of(shown.response) == ["Show 1", "Show 2"]
    await stage.restart()
    opened = await stage.ada.click(reply(shown), label="Show 2")
    assert opened.ephemeral
    assert "Older?" in text_of(opened.response)
    assert "One strength" in text_of(opened.response)


async def test_other_members_and_servers_see_their_own(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await stage.analyze(stage.ada)
    for member, channel in ((stage.ben, stage.channel), (stage.ada_elsewhere, stage.other_channel)):
        shown = await member.slash(channel, "history")
        assert "Nothing here yet" in text_of(shown.response)
        shown = await member.slash(channel, "history", question="Tell me about yourself.")
        assert "no result for that question" in text_of(shown.response)


async def test_failed_attempts_are_not_in_the_list(stage: Stage) -> None:
    await remember_failure(stage, stage.ada, told=False)
    await remember_failure(stage, stage.ada, told=True)
    shown = await stage.ada.slash(stage.channel, "history")
    assert "Nothing here yet" in text_of(shown.response)


async def test_pages_turn_also_after_a_restart(stage: Stage) -> None:
    await remember_many(stage, stage.ada, 26)
    shown = await stage.ada.slash(stage.channel, "history")
    assert "Page 1 of 3" in text_of(shown.response)
    assert labels_of(shown.response) == [*BUTTONS, "Next"]
    await stage.restart()
    await stage.ada.click(reply(shown), label="Next")
    text = text_of(shown.response)
    assert "Page 2 of 3" in text
    assert "number 10?" not in text
    assert text.index("number 11?") < text.index("number 20?")
    assert labels_of(shown.response) == [*BUTTONS, "Previous", "Next"]
    await stage.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == [*BUTTONS[:6], "Previous"]
    opened = await stage.ada.click(reply(shown), label="Show 6")
    assert "number 26?" in text_of(opened.response)


async def test_a_page_that_is_no_more_becomes_the_last(stage: Stage) -> None:
    await remember_many(stage, stage.ada, SHOWN + 1)
    shown = await stage.ada.slash(stage.channel, "history")
    oldest = (await stage.attempts(stage.ada))[-1]
    await stage.bot.tools.attempts.delete(owner(stage.ada), oldest.id)
    await stage.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == BUTTONS


async def test_filters_hold_over_pages_and_a_restart(stage: Stage) -> None:
    for days in range(SHOWN + 2):
        await remember(stage, stage.ada, days_ago=days, question="Why us?")
        await remember(stage, stage.ada, days_ago=days, question="Something else?")
    today = stage.env.now().date()
    shown = await stage.ada.slash(
        stage.channel,
        "history",
        question="why US",
        since=str(today - timedelta(days=SHOWN)),
        until=str(today),
    )
    text = text_of(shown.response)
    assert f"Only attempts at “Why us?” from {today - timedelta(days=SHOWN)} up to {today}" in text
    assert "Something else" not in text
    assert "Page 1 of 2" in text
    await stage.restart()
    await stage.ada.click(reply(shown), label="Next")
    assert labels_of(shown.response) == ["Show 1", "Previous"]
    assert "Something else" not in text_of(shown.response)
    assert "“Why us?”" in text_of(shown.response)


async def test_both_days_of_a_range_are_included(stage: Stage) -> None:
    for days in (1, 2, 3, 4):
        await remember(stage, stage.ada, days_ago=days, question=f"Day {days}?")
    today = stage.env.now().date()
    shown = await stage.ada.slash(
        stage.channel,
        "history",
        since=str(today - timedelta(days=3)),
        until=str(today - timedelta(days=2)),
    )
    text = text_of(shown.response)
    assert [day for day in (1, 2, 3, 4) if f"Day {day}?" in text] == [2, 3]
    none = await stage.ada.slash(stage.channel, "history", until="2020-01-31")
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
    stage: Stage, options: dict[str, str], sentence: str
) -> None:
    await remember(stage, stage.ada, days_ago=1)
    shown = await stage.ada.slash(stage.channel, "history", **options)
    assert shown.ephemeral
    assert sentence in text_of(shown.response)


async def test_first_and_last_days_of_the_calendar_are_taken(stage: Stage) -> None:
    await remember(stage, stage.ada, days_ago=1)
    shown = await stage.ada.slash(stage.channel, "history", since="0001-01-01", until="9999-12-31")
    assert labels_of(shown.response) == ["Show 1"]


async def test_questions_are_suggested_from_own_results_only(stage: Stage) -> None:
    long = "Why " + "very " * 40 + "long?"
    await remember(stage, stage.ada, days_ago=3, question="Why us?")
    await remember(stage, stage.ada, days_ago=2, question="WHY US")
    await remember(stage, stage.ada, days_ago=1, question=long)
    await remember(stage, stage.ada, days_ago=0, question="Who are you?")
    await remember(stage, stage.ben, days_ago=0, question="Why Ben?")
    choices = await stage.ada.autocomplete(stage.channel, "history", "question", "why")
    assert [choice["name"][:8] for choice in choices] == [long[:8], "WHY US"]
    shown = await stage.ada.slash(stage.channel, "history", question=choices[0]["value"])
    assert labels_of(shown.response) == ["Show 1"]
    assert "very very" in text_of(shown.response)
    shown = await stage.ada.slash(stage.channel, "history", question=choices[1]["value"])
    assert labels_of(shown.response) == ["Show 1", "Show 2"]
    assert await stage.ada_elsewhere.autocomplete(
        stage.other_channel, "history", "question", ""
    ) == []  # fmt: skip


async def test_at_most_25_questions_are_suggested(stage: Stage) -> None:
    await remember_many(stage, stage.ada, 30)
    choices = await stage.ada.autocomplete(stage.channel, "history", "question", "")
    assert [choice["value"] for choice in choices[:2]] == [
        "Question number 1?",
        "Question number 2?",
    ]
    assert len(choices) == 25


async def test_a_list_handed_to_another_member_or_server_shows_theirs(stage: Stage) -> None:
    await remember_many(stage, stage.ada, SHOWN + 1)
    await remember(stage, stage.ben, days_ago=1, question="Ben's own?")
    for member, channel, expected in (
        (stage.ben, stage.channel, "Ben's own?"),
        (stage.ada_elsewhere, stage.other_channel, "Nothing here yet"),
    ):
        public = await post_as_bot(stage, channel, PageButton(PAGE, 2, "..", label="Next"))
        await member.click(public, label="Next")
        [embed] = channel.history()[-1].embeds
        assert expected in (embed.description or "")
        assert "Question number" not in (embed.description or "")


async def test_another_members_question_code_finds_nothing(stage: Stage) -> None:
    await remember(stage, stage.ada, days_ago=1)
    [entry] = await stage.bot.tools.history.outline(owner(stage.ada))
    shown = await stage.ben.slash(stage.channel, "history", question=entry.code)
    assert "no result for that question" in text_of(shown.response)
    own = await stage.ada.slash(stage.channel, "history", question=entry.code)
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
    stage: Stage, argument: str, sentence: str
) -> None:
    await remember(stage, stage.ada, days_ago=1)
    public = await post_as_bot(stage, stage.channel, PageButton(PAGE, 1, argument, label="Next"))
    pressed = await stage.ada.click(public, label="Next")
    [answer] = pressed.followups or [reply(pressed)]
    assert answer.ephemeral
    assert sentence in text_of(answer)


async def test_a_page_number_out_of_range_shows_the_nearest(stage: Stage) -> None:
    await remember_many(stage, stage.ada, SHOWN + 1)
    for number, expected in ((0, "Page 1 of 2"), (99999, "Page 2 of 2")):
        public = await post_as_bot(stage, stage.channel, PageButton(PAGE, number, "..", label="Go"))
        await stage.ada.click(public, label="Go")
        [embed] = stage.channel.history()[-1].embeds
        assert embed.footer.text == expected


async def test_a_stranger_cannot_open_what_a_button_names(stage: Stage) -> None:
    attempt = await remember(stage, stage.ada, days_ago=1)
    for member, channel in ((stage.ben, stage.channel), (stage.ada_elsewhere, stage.other_channel)):
        guessed = PracticeButton(Action.RESULT, attempt.id, label="Show 1")
        public = await post_as_bot(stage, channel, guessed)
        opened = await member.click(public, label="Show 1")
        assert "Only the person who made this attempt" in text_of(opened.response)
