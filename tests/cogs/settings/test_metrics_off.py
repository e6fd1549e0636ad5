"""`/metrics` and the server's switches, from the choice to a result that says nothing of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import simcord

from analyzer.scoring.rubric import METRIC_NAMES, SWITCHED_OFF
from core.assessment import Metric
from core.models import MemberSettings, ServerSettings
from tests.analyzer.media.bad_clips import make_clip
from tests.cogs.simulation import CLIP, Simulation, labels_of, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import TaskRecord

OFF = ["eye_contact", "voice_tone"]
TITLES = [METRIC_NAMES[Metric(name)] for name in OFF]
MENU = "gr-set:mine"
ALL = [metric.value for metric in Metric]


async def switch_off(
    sim: Simulation, member: simcord.MemberActor, names: list[str]
) -> simcord.InteractionResult:
    channel = sim.channel if member.guild.id == sim.guild.id else sim.other_channel
    shown = await member.slash(channel, "metrics")
    await member.select(reply(shown), names, custom_id=MENU)
    return shown


def obey(sim: Simulation) -> None:
    """Let the vendor's model keep to what the prompt asks for, in strength and next step."""
    good = sim.vendor.result

    def obedient(task: TaskRecord) -> str:
        answer = json.loads(good(task) if callable(good) else good)
        advice = {"strength": "The order holds.", "next_step": "Name one number."}
        return json.dumps(answer | advice)

    sim.vendor.result = obedient


async def test_a_members_choice_is_private_said_in_words_and_outlives_a_restart(
    sim: Simulation,
) -> None:
    shown = await sim.ada.slash(sim.channel, "metrics")
    assert shown.ephemeral
    assert "Switched off by you\nNone." in text_of(shown.response)
    await sim.restart()
    await sim.ada.select(reply(shown), OFF, custom_id=MENU)
    assert f"Switched off by you\n{', '.join(TITLES)}" in text_of(shown.response)
    again = await sim.ada.slash(sim.channel, "metrics")
    [row] = reply(again).components
    [menu] = row["components"]
    assert [choice["value"] for choice in menu["options"] if choice.get("default")] == OFF
    await sim.ada.select(reply(again), [], custom_id=MENU)
    assert "Switched off by you\nNone." in text_of(again.response)


async def test_it_is_neither_asked_for_nor_kept_nor_shown(sim: Simulation) -> None:
    obey(sim)
    await sim.agree(sim.ada)
    before = await sim.analyze(sim.ada)
    assert all(title in text_of(before.response) for title in TITLES)
    await switch_off(sim, sim.ada, OFF)
    await sim.env.advance_time(1)
    shown = await sim.analyze(sim.ada)
    task = list(sim.vendor.tasks.values())[-1]
    asked = task.body["response_format"]["json_schema"]["properties"]
    assert set(asked) & set(Metric) == set(ALL) - set(OFF)
    assert not any(name in task.prompt for name in OFF)
    newest, _ = await sim.attempts(sim.ada)
    assert newest.metrics_off == frozenset(OFF)
    assert newest.assessment is not None
    for name in OFF:
        assert newest.assessment.scores[Metric(name)].reason == SWITCHED_OFF
    assert sim.vendor.tasks_created == 2  # no repeat: the answer was complete
    text = text_of(shown.response)
    assert "One strength\nThe order holds." in text.replace("*", "")
    assert "Since your last attempt at this question" in text
    assert "from 5 of 5 metrics" in text
    for absent in (*TITLES, SWITCHED_OFF, "Pitch variation"):
        assert absent not in text


async def test_a_model_that_scores_it_all_the_same_is_not_heard(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await switch_off(sim, sim.ada, OFF)
    good = sim.vendor.result

    def meddling(task: TaskRecord) -> str:
        answer = json.loads(good(task) if callable(good) else good)
        metric = {"score": 1, "not_observable": "", "evidence": "Eyes down.", "at_seconds": 1}
        answer |= {"eye_contact": metric, "strength": "Good eye contact. The order holds."}
        return json.dumps(answer | {"next_step": "Name one number."})

    sim.vendor.result = meddling
    text = text_of((await sim.analyze(sim.ada)).response)
    assert "The order holds." in text
    assert "Name one number." in text
    assert "eye contact" not in text.lower()
    assert "Eyes down" not in text


async def test_pace_that_is_off_takes_its_measurements_along(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.agree(sim.ben)
    assert "words per minute" in text_of((await sim.analyze(sim.ben)).response)
    await switch_off(sim, sim.ada, ["speech_rate"])
    text = text_of((await sim.analyze(sim.ada)).response)
    for absent in ("words per minute", "pause over", "filler", "Speaking"):
        assert absent not in text
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.assessment is not None
    assert attempt.assessment.delivery is not None
    assert attempt.assessment.delivery.words_per_minute is None
    assert attempt.assessment.transcript


async def test_another_member_and_another_server_are_not_touched(sim: Simulation) -> None:
    for member in (sim.ada, sim.ben, sim.ada_elsewhere):
        await sim.agree(member)
    await switch_off(sim, sim.ada, OFF)
    for member in (sim.ben, sim.ada_elsewhere):
        text = text_of((await sim.analyze(member)).response)
        assert all(title in text for title in TITLES)


async def test_the_server_and_the_member_switch_off_together(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    off = frozenset({Metric.BODY_LANGUAGE})
    await sim.bot.app.deps.server_settings.set(sim.guild.id, ServerSettings(metrics_off=off))
    shown = await switch_off(sim, sim.ada, OFF)
    assert "Switched off for everyone in this server\nBody language" in text_of(shown.response)
    text = text_of((await sim.analyze(sim.ada)).response)
    assert "from 4 of 4 metrics" in text
    assert "Body language" not in text


async def test_the_choice_counts_from_the_moment_of_submission(slow_stage: Simulation) -> None:
    sim = slow_stage
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada)
    await sim.bot.app.deps.member_settings.set(
        owner(sim.ada), MemberSettings(metrics_off=frozenset({Metric.EYE_CONTACT}))
    )
    for task in sim.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await sim.env.advance_time(61)
    assert METRIC_NAMES[Metric.EYE_CONTACT] in text_of(shown.response)


async def test_a_restart_in_the_middle_keeps_to_the_choice(slow_stage: Simulation) -> None:
    sim = slow_stage
    obey(sim)
    await sim.agree(sim.ada)
    await switch_off(sim, sim.ada, OFF)
    await sim.analyze(sim.ada)
    await sim.restart()
    for task in sim.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await sim.env.advance_time(121)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.assessment is not None
    assert attempt.assessment.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF


async def test_it_works_in_direct_messages_and_stays_there(sim: Simulation) -> None:
    obey(sim)
    shown = await sim.ada_user.slash("metrics")
    await sim.ada_user.select(reply(shown), OFF, custom_id=MENU)
    result = await sim.ada_user.slash("analyze", clip=CLIP, question="Why us?")
    await sim.ada_user.click(reply(result), label="I agree")
    text = text_of(result.response)
    assert "One strength" in text
    assert not any(title in text for title in TITLES)
    here = await sim.bot.app.deps.member_settings.get(owner(sim.ada))
    assert here == MemberSettings()


async def test_with_every_metric_off_nothing_is_fetched(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sim.agree(sim.ada)
    shown = await switch_off(sim, sim.ada, ALL)
    assert "Every metric is off now" in text_of(shown.response)
    fetched: list[str] = []

    async def noted(url: str) -> bytes:
        fetched.append(url)
        return CLIP[1]

    monkeypatch.setattr(sim.bot.http, "get_from_cdn", noted)
    refused = await sim.analyze(sim.ada)
    assert refused.ephemeral
    assert "Every metric is switched off for you here" in text_of(refused.response)
    assert labels_of(refused.response) == []
    assert fetched == []
    assert await sim.bot.app.attempts.unfinished() == []
    await switch_off(sim, sim.ada, ALL[:-1])
    monkeypatch.undo()
    text = text_of((await sim.analyze(sim.ada)).response)
    assert "Relevance" in text


async def test_a_silent_clip_with_the_picture_off_is_refused_and_costs_nothing(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    silent = make_clip(tmp_path / "silent.mp4").read_bytes()
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as sim:
        obey(sim)
        await sim.agree(sim.ada)
        await switch_off(sim, sim.ada, ["eye_contact", "body_language"])
        shown = await sim.analyze(sim.ada, clip=("silent.mp4", silent))
        assert "Your clip has no sound" in text_of(shown.response)
        assert not vendor.assets
        assert "One strength" in text_of((await sim.analyze(sim.ada)).response)
