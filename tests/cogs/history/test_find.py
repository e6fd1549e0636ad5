"""`/history` with `find`: what one has said, by meaning, with the real model in its child."""

from __future__ import annotations

from typing import Any

import pytest
import simcord
from sqlalchemy import func, select

from core.assessment import Assessment, Sentence
from storage.tables import sentence_vectors
from tests.cogs.past_attempts import remember
from tests.cogs.simulation import Simulation, labels_of, owner, reply, text_of
from tests.cogs.ui import samples as made

SHIPPING = "We had promised the parts for Friday and could not deliver before Monday."
COOKING = "In my free time I bake bread with rye flour."
FEEDBACK = "My supervisor told me that I interrupt people in meetings."


def said(*sentences: str) -> Assessment:
    transcript = tuple(
        Sentence(text=text, start=65.0 + 5 * number, end=69.0 + 5 * number)
        for number, text in enumerate(sentences)
    )
    return made.assessment().model_copy(update={"transcript": transcript})


async def vectors(sim: Simulation) -> int:
    statement = select(func.count()).select_from(sentence_vectors)
    async with sim.bot.app.deps.database.read() as connection:
        return await connection.scalar(statement) or 0


async def find(
    sim: Simulation, member: simcord.MemberActor, text: str, **options: Any
) -> simcord.InteractionResult:
    channel = sim.channel if member.guild.id == sim.guild.id else sim.other_channel
    return await member.slash(channel, "history", find=text, **options)


async def test_what_one_said_is_found_by_its_meaning_and_leads_to_its_result(
    sim: Simulation,
) -> None:
    late = await remember(
        sim, sim.ada, days_ago=3, question="A deadline at risk?", assessment=said(COOKING, SHIPPING)
    )
    await remember(sim, sim.ada, days_ago=1, question="Hard feedback?", assessment=said(FEEDBACK))
    shown = await find(sim, sim.ada, "being late with a shipment")
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "2 answers searched, by meaning and by words" in text
    first = text.index("A deadline at risk?")
    assert text.index(SHIPPING) > first
    assert "1:10" in text
    assert f"<t:{int(late.created_at.timestamp())}:d>" in text
    assert COOKING not in text
    assert labels_of(shown.response)[0] == "Show 1"
    await sim.restart()
    opened = await sim.ada.click(reply(shown), label="Show 1")
    assert "A deadline at risk?" in text_of(opened.response)
    assert await vectors(sim) == 2
    again = await find(sim, sim.ada, "criticism from my boss")
    assert text_of(again.response).index(FEEDBACK) > 0
    assert await vectors(sim) == 2


async def test_nobody_finds_what_others_said_or_oneself_elsewhere(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1, assessment=said(SHIPPING))
    for member in (sim.ben, sim.ada_elsewhere):
        shown = await find(sim, member, SHIPPING)
        assert "There is no transcript to search yet" in text_of(shown.response)
        assert labels_of(shown.response) == []


async def test_what_nobody_said_is_not_found(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1, assessment=said(SHIPPING))
    shown = await find(sim, sim.ada, "quantum chromodynamics")
    assert "Nothing you said is near to that" in text_of(shown.response)
    assert labels_of(shown.response) == []


async def test_deleting_takes_the_vectors_along(sim: Simulation) -> None:
    one = await remember(sim, sim.ada, days_ago=2, assessment=said(SHIPPING))
    await remember(sim, sim.ada, days_ago=1, assessment=said(FEEDBACK))
    await remember(sim, sim.ben, days_ago=1, assessment=said(FEEDBACK))
    await find(sim, sim.ada, "late")
    await find(sim, sim.ben, "late")
    assert await vectors(sim) == 3
    deps = sim.bot.app.deps
    await deps.attempts.delete(owner(sim.ada), one.id)
    assert await vectors(sim) == 2
    await deps.member_data.erase(owner(sim.ada))
    assert await vectors(sim) == 1
    await deps.attempts.purge(sim.env.now())
    assert await vectors(sim) == 0


async def test_a_filter_narrows_what_is_searched(sim: Simulation) -> None:
    await remember(sim, sim.ada, days_ago=1, question="Why us?", assessment=said(SHIPPING))
    await remember(sim, sim.ada, days_ago=1, question="Why you?", assessment=said(SHIPPING))
    shown = await find(sim, sim.ada, "deliver parts", question="Why us?")
    assert "Why us?" in text_of(shown.response)
    assert "Why you?" not in text_of(shown.response)
    shown = await find(sim, sim.ada, "deliver", since="2999-01-01")
    assert "There is no transcript" in text_of(shown.response)


async def test_without_the_model_words_are_looked_for(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(sim.bot.app.deps.finder, "nearest", cannot)
    await remember(sim, sim.ada, days_ago=1, assessment=said(COOKING, SHIPPING))
    shown = await find(sim, sim.ada, "promises for friday")
    assert "promised the parts for Friday" in text_of(shown.response)
    assert "by meaning is not set up here" in text_of(shown.response)
    assert await vectors(sim) == 0


async def test_hostile_words_are_shown_as_text(sim: Simulation) -> None:
    evil = "@everyone [click](https://evil.example) **x** deliver"
    await remember(sim, sim.ada, days_ago=1, question=evil, assessment=said(evil))
    shown = await find(sim, sim.ada, evil)
    text = text_of(shown.response)
    assert "[click](" not in text
    assert "@everyone" not in text
    assert "**x**" not in text


async def test_nothing_to_look_for_gets_one_sentence(sim: Simulation) -> None:
    shown = await find(sim, sim.ada, "\u200b \u200b")
    assert "Write in `find` what you want to find" in text_of(shown.response)


async def test_at_most_ten_attempts_are_named(sim: Simulation) -> None:
    for number in range(12):
        await remember(
            sim, sim.ada, days_ago=number, question=f"Q{number}?", assessment=said(SHIPPING)
        )
    shown = await find(sim, sim.ada, "deliver the parts")
    assert labels_of(shown.response) == [f"Show {number}" for number in range(1, 11)]
