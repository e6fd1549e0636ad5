"""`/history`: own attempts only, newest first, each with a button."""

from __future__ import annotations

from tests.bot.stage import Stage, labels_of, reply, text_of


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
