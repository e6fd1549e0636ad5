"""`/language` and `/analyze language:`, from the choice to what the vendor is asked for."""

from __future__ import annotations

from tests.cogs.simulation import Simulation, owner, reply, text_of


async def test_a_member_sets_sees_and_forgets_their_language(sim: Simulation) -> None:
    shown = await sim.ada.slash(sim.channel, "language")
    assert shown.ephemeral
    assert "None is set" in text_of(shown.response)
    chosen = await sim.ada.slash(sim.channel, "language", language="german")
    assert "heard as **German**" in text_of(chosen.response)
    assert "the practice band was made for English" in text_of(chosen.response)
    await sim.restart()
    kept = await sim.bot.app.deps.member_settings.get(owner(sim.ada))
    assert kept.language == "de"
    forgotten = await sim.ada.slash(sim.channel, "language", detect=True)
    assert "None is set" in text_of(forgotten.response)


async def test_an_unknown_language_is_refused_with_what_to_do(sim: Simulation) -> None:
    answer = await sim.ada.slash(sim.channel, "language", language="klingon")
    assert "Pick one from the list" in text_of(answer.response)


async def test_languages_are_suggested_while_typing(sim: Simulation) -> None:
    for command in ("analyze", "language"):
        choices = await sim.ada.autocomplete(sim.channel, command, "language", "span")
        assert [(choice["name"], choice["value"]) for choice in choices] == [("Spanish", "es")]


async def test_the_vendor_answers_in_the_members_language(sim: Simulation) -> None:
    await sim.ada.slash(sim.channel, "language", language="de")
    await sim.agree(sim.ada)
    result = await sim.analyze(sim.ada)
    task = list(sim.vendor.tasks.values())[-1]
    assert "Write in plain German" in task.prompt
    assert "filtered out in English alone" in text_of(result.response)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.language == "de"
    assert attempt.assessment is not None
    assert attempt.assessment.language == "de"


async def test_a_clips_own_language_counts_more_and_waits_for_the_consent(
    sim: Simulation,
) -> None:
    await sim.ada.slash(sim.channel, "language", language="de")
    shown = await sim.analyze(sim.ada, language="fr")
    await sim.ada.click(reply(shown), label="I agree")
    task = list(sim.vendor.tasks.values())[-1]
    assert "Write in plain French" in task.prompt
