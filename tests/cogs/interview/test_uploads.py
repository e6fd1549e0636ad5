"""An interview without a studio: a card a question, answered with files."""

from __future__ import annotations

from tests.cogs.simulation import CLIP, Simulation, labels_of, reply, text_of

FIRST = ["Answer it", "Skip", "Finish", "Stop"]


async def test_three_answers_lead_to_one_report(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.ada.slash(sim.channel, "interview start", follow_up="none")
    print(text_of(shown.response), labels_of(shown.response))
    for _ in range(3):
        form = await sim.ada.click(reply(shown), label="Answer it")
        sent = await sim.ada.submit_modal(form, {"clip": CLIP})
        print(
            "SENT", sent.response and text_of(sent.response), [text_of(m) for m in sent.followups]
        )
        print("CARD", text_of(shown.response))
        break
    assert False
