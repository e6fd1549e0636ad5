"""`/practice` with `again`: the question that comes back, or when the next one does."""

from __future__ import annotations

from core.assessment import Metric
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import Simulation, labels_of, text_of
from tests.cogs.ui import samples as made


async def test_it_leads_to_the_weakest_question_whose_time_has_come(sim: Simulation) -> None:
    for question, days, value in (("Weak?", 3, 4), ("Strong?", 9, 9), ("Weakest?", 1, 1)):
        result = made.assessment(dict.fromkeys(Metric, value))
        await remember(sim, sim.ada, days_ago=days, question=question, assessment=result)
    shown = await sim.ada.slash(sim.channel, "practice", again=True)
    assert "Weak?" in text_of(shown.response)


async def test_it_says_when_the_next_question_comes_back(sim: Simulation) -> None:
    await remember(sim, sim.ben, days_ago=9)  # another's is no business of hers
    shown = await sim.ada.slash(sim.channel, "practice", again=True)
    assert "haven't answered a question here yet" in text_of(shown.response)
    assert labels_of(shown.response) == ["Practise now"]
    await remember(sim, sim.ada, days_ago=1, question="Why *you*?")
    shown = await sim.ada.slash(sim.channel, "practice", again=True)
    assert "No question comes back yet" in text_of(shown.response)
    assert "<t:" in text_of(shown.response)
    assert labels_of(shown.response) == ["Try again"]
