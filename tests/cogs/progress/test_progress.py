"""`/progress`: own attempts as a chart with alt text and in words; private, and never another's."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
import simcord
from PIL import Image

from core.assessment import AnswerPart, EngineName, Metric, PartName
from tests.cogs.past_attempts import remember, remember_failure
from tests.cogs.simulation import Simulation, reply, text_of
from tests.cogs.ui import samples as made


def scored(value: int, **changes: Any) -> dict[str, Any]:
    """What makes an attempt that has this score in every metric."""
    return {"assessment": made.assessment(dict.fromkeys(Metric, value), **changes)}


async def chart_of(shown: simcord.InteractionResult) -> tuple[Image.Image, str]:
    """The picture under a reply, which its embed shows, and its alt text."""
    message = reply(shown)
    [file] = message.attachments
    assert message.embeds[0].image.url in (file.url, f"attachment://{file.filename}")
    return Image.open(io.BytesIO(await file.read())), file.description or ""


async def test_a_chart_with_alt_text_and_all_of_it_in_words(sim: Simulation) -> None:
    for days, value in ((15, 4), (8, 9), (1, 7)):
        await remember(sim, sim.ada, days_ago=days, **scored(value))
    shown = await sim.ada.slash(sim.channel, "progress")
    assert shown.ephemeral
    text = text_of(shown.response)
    for words in ("Best: 9.0", "Latest: 7.0", "up 3.0 (from 4.0)", "3 weeks in a row"):
        assert words in text
    assert "Eye contact: 7, at first 4 (up 3); best 9; rising" in text
    image, alt = await chart_of(shown)
    assert image.format == "PNG"
    assert "Overall: rising, from 4.0 to 7.0." in alt


async def test_one_question_is_followed_by_itself(sim: Simulation) -> None:
    long = "Why " + "very " * 40 + "long?"
    for days, question, value in ((4, long, 3), (3, "Else?", 9), (2, long, 5), (1, "Else?", 9)):
        await remember(sim, sim.ada, days_ago=days, question=question, **scored(value))
    choices = await sim.ada.autocomplete(sim.channel, "progress", "question", "very")
    assert len(choices) == 1
    shown = await sim.ada.slash(sim.channel, "progress", question=choices[0]["value"])
    assert "2 attempts" in text_of(shown.response)
    assert "Latest: 5.0" in text_of(shown.response)
    assert "from 3.0 to 5.0" in (await chart_of(shown))[1]


async def test_too_few_attempts_say_what_to_do(sim: Simulation) -> None:
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "nothing to show yet" in text_of(shown.response)
    await remember_failure(sim, sim.ada, told=True)
    await remember(sim, sim.ada, days_ago=2)
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "Answer again with" in text_of(shown.response)
    assert reply(shown).attachments == []
    await remember(sim, sim.ada, days_ago=1, assessment=made.assessment(rubric_version=2))
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "the first of its kind" in text_of(shown.response)
    silent = made.assessment(dict.fromkeys(Metric, 0), rubric_version=3)
    for _ in range(2):
        await remember(sim, sim.ada, days_ago=0, assessment=silent)
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "check that your clips have sound" in text_of(shown.response)


async def test_attempts_assessed_in_another_way_are_left_out_and_that_is_said(
    sim: Simulation,
) -> None:
    await remember(sim, sim.ada, days_ago=4, **scored(1, engine=EngineName.LOCAL))
    for days in (3, 2):
        await remember(sim, sim.ada, days_ago=days, **scored(6))
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "1 attempt was assessed in another way" in text_of(shown.response)
    assert "at first 6" in text_of(shown.response)
    assert "at first 1" not in text_of(shown.response)


async def test_the_local_engine_shows_pace_voice_and_fillers(sim: Simulation) -> None:
    heard = dict.fromkeys(Metric, 0) | {Metric.SPEECH_RATE: 8, Metric.VOICE_TONE: 5}
    for days in (2, 1):
        local = made.assessment(heard, engine=EngineName.LOCAL, delivery=made.delivery())
        await remember(sim, sim.ada, days_ago=days, assessment=local)
    shown = await sim.ada.slash(sim.channel, "progress")
    text = text_of(shown.response)
    assert "Overall" not in text
    for title in ("Speech rate", "Voice tone", "Words per minute", "Fillers per minute"):
        assert f"• {title}: " in text
    assert "Clarity" not in text


async def test_metrics_switched_off_are_not_shown(sim: Simulation) -> None:
    off = frozenset({Metric.EYE_CONTACT})
    await remember(sim, sim.ada, days_ago=3)
    for days in (2, 1):
        await remember(sim, sim.ada, days_ago=days, metrics_off=off)
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "camera" not in text_of(shown.response)
    assert "camera" not in (await chart_of(shown))[1]


async def test_only_the_latest_50_attempts_are_looked_at(sim: Simulation) -> None:
    for number in range(52):
        await remember(sim, sim.ada, days_ago=number, **scored(6 if number < 50 else 1))
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "50 attempts" in text_of(shown.response)
    assert "latest 50 of 52" in text_of(shown.response)
    assert "at first 6" in text_of(shown.response)
    await sim.restart()
    again = await sim.ada.slash(sim.channel, "progress")
    assert text_of(again.response) == text_of(shown.response)


async def test_other_members_and_servers_have_their_own_progress(sim: Simulation) -> None:
    for days in (2, 1):
        await remember(sim, sim.ada, days_ago=days)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        shown = await member.slash(channel, "progress")
        assert "nothing to show yet" in text_of(shown.response)
        shown = await member.slash(channel, "progress", question="Tell me about yourself.")
        assert "no result for that question" in text_of(shown.response)
        assert await member.autocomplete(channel, "progress", "question", "") == []


async def test_without_a_picture_the_words_still_come(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_slow(*_: object) -> None:
        return None

    monkeypatch.setattr(sys.modules["cogs.progress.cog"], "drawn", too_slow)
    for days in (2, 1):
        await remember(sim, sim.ada, days_ago=days)
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "Latest: 6.0" in text_of(shown.response)
    assert reply(shown).attachments == []


async def test_an_interview_is_a_step_of_its_own_and_parts_are_counted(sim: Simulation) -> None:
    parts = (
        AnswerPart(name=PartName.SITUATION, at_seconds=1.0),
        AnswerPart(name=PartName.RESULT),
    )
    for days, value, interview in ((5, 3, None), (2, 6, "f" * 16), (1.9, 8, "f" * 16)):
        await remember(
            sim, sim.ada, days_ago=days, interview_id=interview, **scored(value, parts=parts)
        )
    shown = await sim.ada.slash(sim.channel, "progress")
    text = text_of(shown.response)
    for words in (
        "3 attempts in 2 steps, with an interview",
        "Latest: 7.0",
        "Situation: heard in 3 of 3 answers",
        "Result: heard in 0 of 3 answers",
    ):
        assert words in text
    assert "in 2 steps, with an interview" in (await chart_of(shown))[1]


async def test_one_interview_alone_says_what_to_do(sim: Simulation) -> None:
    for days in (2, 1.9):
        await remember(sim, sim.ada, days_ago=days, interview_id="f" * 16, **scored(6))
    shown = await sim.ada.slash(sim.channel, "progress")
    assert "from one interview" in text_of(shown.response)
