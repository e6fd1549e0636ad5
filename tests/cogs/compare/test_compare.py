"""`/compare`: two own attempts at one question, in the right order, and nobody else's."""

from __future__ import annotations

from typing import Any

from core.assessment import EngineName, KeyPoint, Metric
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import Simulation, labels_of, reply, text_of
from tests.cogs.ui import samples as made


def paced(value: int, *points: str, **changes: Any) -> dict[str, Any]:
    """What makes an attempt with this score for pace and these key points."""
    facts = {"key_points": tuple(KeyPoint(text=text) for text in points)} | changes
    return {"assessment": made.assessment({Metric.SPEECH_RATE: value}, **facts)}


async def test_the_last_two_at_a_question_in_chart_and_words(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=4, **paced(1))
    await remember(sim, sim.ada, days_ago=3, **paced(4, "Leaves out the result"))
    await remember(sim, sim.ada, days_ago=2, **paced(6, "Names a concrete project"))
    await remember(sim, sim.ada, days_ago=1, question="Asked only once?")
    shown = await sim.ada.slash(sim.channel, "compare")
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "Speech rate: 6, before 4 (up 2)" in text
    assert "later one\n• Names a concrete project" in text
    assert "earlier one\n• Leaves out the result" in text
    [file] = reply(shown).attachments
    assert (await file.read()).startswith(b"\x89PNG")
    assert "Speech rate: 6, before 4 (up 2)." in (file.description or "")


async def test_each_of_the_two_opens_also_after_a_restart(sim: Simulation) -> None:
    for days, value in ((2, 4), (1, 6)):
        await remember(sim, sim.ada, days_ago=days, **paced(value, f"Made {days} days ago"))
    shown = await sim.ada.slash(sim.channel, "compare")
    assert labels_of(shown.response) == ["Show later", "Show earlier"]
    await sim.restart()
    opened = await sim.ada.click(reply(shown), label="Show earlier")
    assert opened.ephemeral
    assert "Made 2 days ago" in text_of(opened.response)


async def test_attempts_and_question_can_be_chosen(sim: Simulation) -> None:
    first, second, third = [
        await remember(sim, sim.ada, days_ago=days, **paced(value))
        for days, value in ((5, 2), (4, 5), (3, 9))
    ]
    for days in (2, 1):
        await remember(sim, sim.ada, days_ago=days, question="Why us?", **paced(7))

    async def pace(**options: str) -> str:
        shown = await sim.ada.slash(sim.channel, "compare", **options)
        return next(line for line in text_of(shown.response).splitlines() if "Speech rate:" in line)

    assert "7, before 7 (no change)" in await pace()
    assert "9, before 5 (up 4)" in await pace(question="Tell me about yourself")
    assert "9, before 2 (up 7)" in await pace(first=first.id)
    assert "9, before 5 (up 4)" in await pace(second=third.id)
    assert "5, before 2 (up 3)" in await pace(first=second.id, second=first.id)


async def test_what_cannot_be_compared_gets_one_sentence(sim: Simulation) -> None:
    async def refusal(**options: str) -> str:
        shown = await sim.ada.slash(sim.channel, "compare", **options)
        assert shown.ephemeral
        assert reply(shown).attachments == []
        return text_of(shown.response)

    assert "need two results" in await refusal()
    once = await remember(sim, sim.ada, days_ago=5, question="Once?")
    assert "need two results" in await refusal()
    twice = await remember(sim, sim.ada, days_ago=4)
    await remember(sim, sim.ada, days_ago=3)
    assert "only one result for that question" in await refusal(question="Once?")
    assert "only one result for that question" in await refusal(first=once.id)
    assert "answers to different questions" in await refusal(first=once.id, second=twice.id)
    assert "answers to different questions" in await refusal(question="Once?", first=twice.id)
    assert "same attempt twice" in await refusal(first=twice.id, second=twice.id)
    assert "no result for that question" in await refusal(question="Never asked?")
    assert "can't find that attempt" in await refusal(first="my best one")


async def test_different_engines_are_not_compared_in_numbers(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=2, **paced(4, engine=EngineName.LOCAL))
    await remember(sim, sim.ada, days_ago=1, **paced(6))
    shown = await sim.ada.slash(sim.channel, "compare")
    assert "can't be compared in numbers" in text_of(shown.response)
    assert "Speech rate" not in text_of(shown.response)
    assert reply(shown).attachments == []
    assert labels_of(shown.response) == ["Show later", "Show earlier"]


async def test_metrics_switched_off_are_not_compared(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=2)
    await remember(sim, sim.ada, days_ago=1, metrics_off=frozenset({Metric.EYE_CONTACT}))
    shown = await sim.ada.slash(sim.channel, "compare")
    text = text_of(shown.response)
    assert "Voice tone: 6, before 6 (no change)" in text
    assert "camera" not in text
    assert "Overall is not compared" in text


async def test_another_members_attempts_are_out_of_reach(sim: Simulation) -> None:
    for days in (2, 1):
        await remember(sim, sim.ada, days_ago=days)
        await remember(sim, sim.ben, days_ago=days, **paced(1))
    theirs, _ = await sim.attempts(sim.ada)
    for member, channel in ((sim.ben, sim.channel), (sim.ada_elsewhere, sim.other_channel)):
        shown = await member.slash(channel, "compare", first=theirs.id)
        assert "can't find that attempt" in text_of(shown.response)
        choices = await member.autocomplete(channel, "compare", "first", "")
        assert theirs.id not in [choice["value"] for choice in choices]
    shown = await sim.ada_elsewhere.slash(sim.other_channel, "compare")
    assert "need two results" in text_of(shown.response)


async def test_attempts_are_suggested_by_day_overall_and_question(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=9, question="Asked once?")
    older = await remember(sim, sim.ada, days_ago=8, question="Why us?", **paced(9))
    newer = await remember(sim, sim.ada, days_ago=7, question="Why us?")
    for days in (3, 2):
        await remember(sim, sim.ada, days_ago=days)

    async def offered(option: str, typed: str = "", **filled: str) -> list[str]:
        choices = await sim.ada.autocomplete(sim.channel, "compare", option, typed, **filled)
        return [choice["name"] for choice in choices]

    everything = await offered("first")
    assert len(everything) == 4
    assert everything[2] == f"{newer.created_at:%Y-%m-%d %H:%M} UTC · overall 6.0 · Why us?"
    assert await offered("first", "why") == everything[2:]
    assert await offered("first", f"{older.created_at:%Y-%m-%d}") == everything[3:]
    assert await offered("first", question="Why us?") == everything[2:]
    assert await offered("second", first=older.id) == [everything[2]]


async def test_at_most_25_attempts_are_suggested_and_the_oldest_can_be_found(
    sim: Simulation,
) -> None:
    made_before = [await remember(sim, sim.ada, days_ago=days) for days in range(28)]
    choices = await sim.ada.autocomplete(sim.channel, "compare", "first", "")
    assert [choice["value"] for choice in choices] == [a.id for a in made_before[:25]]
    oldest = made_before[-1]
    day = f"{oldest.created_at:%Y-%m-%d}"
    [choice] = await sim.ada.autocomplete(sim.channel, "compare", "first", day)
    shown = await sim.ada.slash(sim.channel, "compare", first=choice["value"])
    assert f"Earlier: <t:{int(oldest.created_at.timestamp())}:f>" in text_of(shown.response)
