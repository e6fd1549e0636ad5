"""A member's way with the local engine and a judge: consent with its host, a result, the board."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import simcord

from core.assessment import EngineName, Metric
from core.settings import Settings
from tests.cogs.leaderboard.boards import board, lines_of, shown
from tests.cogs.simulation import Simulation, labels_of, owner, reply, running, text_of
from tests.fakes.judge import JudgeStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn


def judged(body: dict[str, Any]) -> str:
    """An answer about whatever is in the transcript, with true quotes."""
    prompt = body["messages"][1]["content"]
    lines = re.findall(r'^\d+ "(.+)"$', prompt, re.MULTILINE)
    quote = " ".join(lines[0].split()[:5])
    score = {"quote": quote, "evidence": "You finish what you begin.", "score": 8}
    advice = {"text": "You say what you did.", "quote": quote}
    return json.dumps(
        {
            **dict.fromkeys(("confidence", "clarity", "relevance"), score),
            "strength": advice,
            "next_step": {"text": "Say what came of it.", "quote": ""},
            "key_points": [advice],
            "missing": [],
            "follow_up": "What came of it?",
            "better": {"quote": "", "better": ""},
        }
    )


@pytest.fixture
async def judge() -> AsyncIterator[JudgeStandIn]:
    async with JudgeStandIn() as server:
        server.say(judged)
        yield server


@pytest.fixture
async def sim(
    tmp_path: Path, vendor: TwelveLabsStandIn, judge: JudgeStandIn
) -> AsyncIterator[Simulation]:
    """A bot with the local engine and a judge on this machine."""
    settings: dict[str, Any] = {
        "engine": EngineName.LOCAL,
        "judge_url": judge.url,
        "judge_model": judge.model,
    }
    async with running(tmp_path, vendor, **settings) as stage:
        yield stage


@pytest.fixture
def env(sim: Simulation) -> simcord.Env:
    """For SimCord's plugin."""
    return sim.env


def move_judge(sim: Simulation, url: str) -> None:
    """What the operator changes before the next start."""
    values = {name: getattr(sim.settings, name) for name in sim.settings.model_fields_set}
    sim.settings = Settings(**(values | {"judge_url": url}))


async def test_from_consent_to_a_result_with_an_overall_and_a_place_on_the_board(
    sim: Simulation, judge: JudgeStandIn
) -> None:
    asked = await sim.analyze(sim.ada)
    assert "read by a language model (test-model) on the server that runs this bot" in text_of(
        asked.response
    )
    await sim.ada.click(reply(asked), label="I agree")
    text = text_of(asked.response)
    assert "Overall" in text
    assert "You say what you did." in text
    assert "Judged by test-model from the transcript" in text
    assert "without an AI judge" not in text
    [attempt] = await sim.attempts(sim.ada)
    found = attempt.assessment
    assert found is not None
    assert found.overall is not None
    assert sum(score.value is not None for score in found.scores.values()) >= 5
    assert found.scores[Metric.RELEVANCE].at_seconds is not None
    consent = await sim.bot.app.deps.consents.get(owner(sim.ada))
    assert consent is not None
    assert consent.judge_host == "localhost"
    sent = json.dumps([seen.body for seen in judge.requests])
    assert not any(str(number) in sent for number in (sim.ada.id, sim.guild.id, sim.channel.id))

    await board(sim, sim.ada, "join", count_private=True)
    assert len(lines_of(await shown(sim, sim.ada))) == 1
    assert len(lines_of(await shown(sim, sim.ada, ranking="attempts"))) == 1
    other = sim.settings.model_copy(update={"judge_model": "another-model"})
    sim.settings = other
    await sim.restart()
    assert lines_of(await shown(sim, sim.ada)) == []  # another judge's scores are not comparable
    assert len(lines_of(await shown(sim, sim.ada, ranking="attempts"))) == 1


async def test_another_host_asks_again_and_a_card_from_before_agrees_to_nothing(
    sim: Simulation, judge: JudgeStandIn
) -> None:
    await sim.agree(sim.ada)
    asked_before = await sim.analyze(sim.ben)
    move_judge(sim, "https://judge.example.org/v1")
    await sim.restart()
    asked = await sim.analyze(sim.ada)
    assert labels_of(asked.response) == ["I agree", "Not now", "What is scored?"]
    assert "go to judge.example.org" in text_of(asked.response)
    await sim.ben.click(reply(asked_before), label="I agree")
    card = asked_before.response
    assert labels_of(card) == ["I agree", "Not now", "What is scored?"]
    assert "go to judge.example.org" in text_of(card)
    assert await sim.bot.app.deps.consents.get(owner(sim.ben)) is None
    assert judge.requests == []
