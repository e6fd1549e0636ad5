"""`/metrics` and the server's switches, from the choice to a result that says nothing of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import simcord

from analyzer.scoring.rubric import RUBRIC, SWITCHED_OFF
from core.models import MemberSettings, Metric, ServerSettings
from tests.analyzer.media.bad_clips import make_clip
from tests.cogs.simulation import CLIP, Stage, labels_of, owner, reply, running, text_of
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import TaskRecord

OFF = ["eye_contact", "voice_tone"]
TITLES = [RUBRIC[Metric(name)].title for name in OFF]
MENU = "gr-set:mine"
ALL = [metric.value for metric in Metric]


async def switch_off(
    stage: Stage, member: simcord.MemberActor, names: list[str]
) -> simcord.InteractionResult:
    channel = stage.channel if member.guild.id == stage.guild.id else stage.other_channel
    shown = await member.slash(channel, "metrics")
    await member.select(reply(shown), names, custom_id=MENU)
    return shown


def obey(stage: Stage) -> None:
    """Let the vendor's model keep to what the prompt asks for, in strength and next step."""
    good = stage.vendor.result

    def obedient(task: TaskRecord) -> str:
        answer = json.loads(good(task) if callable(good) else good)
        advice = {"strength": "The order holds.", "next_step": "Name one number."}
        return json.dumps(answer | advice)

    stage.vendor.result = obedient


async def test_a_members_choice_is_private_said_in_words_and_outlives_a_restart(
    stage: Stage,
) -> None:
    shown = await stage.ada.slash(stage.channel, "metrics")
    assert shown.ephemeral
    assert "Switched off by you\nNone." in text_of(shown.response)
    await stage.restart()
    await stage.ada.select(reply(shown), OFF, custom_id=MENU)
    assert f"Switched off by you\n{', '.join(TITLES)}" in text_of(shown.response)
    again = await stage.ada.slash(stage.channel, "metrics")
    [row] = reply(again).components
    [menu] = row["components"]
    assert [choice["value"] for choice in menu["options"] if choice.get("default")] == OFF
    await stage.ada.select(reply(again), [], custom_id=MENU)
    assert "Switched off by you\nNone." in text_of(again.response)


async def test_it_is_neither_asked_for_nor_kept_nor_shown(stage: Stage) -> None:
    obey(stage)
    await stage.agree(stage.ada)
    before = await stage.analyze(stage.ada)
    assert all(title in text_of(before.response) for title in TITLES)
    await switch_off(stage, stage.ada, OFF)
    await stage.env.advance_time(1)
    shown = await stage.analyze(stage.ada)
    task = list(stage.vendor.tasks.values())[-1]
    asked = task.body["response_format"]["json_schema"]["properties"]
    assert set(asked) & set(Metric) == set(ALL) - set(OFF)
    assert not any(name in task.prompt for name in OFF)
    newest, _ = await stage.attempts(stage.ada)
    assert newest.metrics_off == frozenset(OFF)
    assert newest.assessment is not None
    for name in OFF:
        assert newest.assessment.scores[Metric(name)].reason == SWITCHED_OFF
    assert stage.vendor.tasks_created == 2  # no repeat: the answer was complete
    text = text_of(shown.response)
    assert "One strength\nThe order holds." in text.replace("*", "")
    assert "Since your last attempt at this question" in text
    assert "from 5 of 5 metrics" in text
    for absent in (*TITLES, SWITCHED_OFF, "Pitch variation"):
        assert absent not in text


async def test_a_model_that_scores_it_all_the_same_is_not_heard(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await switch_off(stage, stage.ada, OFF)
    good = stage.vendor.result

    def meddling(task: TaskRecord) -> str:
        answer = json.loads(good(task) if callable(good) else good)
        metric = {"score": 1, "not_observable": "", "evidence": "Eyes down.", "at_seconds": 1}
        answer |= {"eye_contact": metric, "strength": "Good eye contact. The order holds."}
        return json.dumps(answer | {"next_step": "Name one number."})

    stage.vendor.result = meddling
    text = text_of((await stage.analyze(stage.ada)).response)
    assert "The order holds." in text
    assert "Name one number." in text
    assert "eye contact" not in text.lower()
    assert "Eyes down" not in text


async def test_pace_that_is_off_takes_its_measurements_along(stage: Stage) -> None:
    await stage.agree(stage.ada)
    await stage.agree(stage.ben)
    assert "words per minute" in text_of((await stage.analyze(stage.ben)).response)
    await switch_off(stage, stage.ada, ["speech_rate"])
    text = text_of((await stage.analyze(stage.ada)).response)
    for absent in ("words per minute", "pause over", "filler", "Speaking"):
        assert absent not in text
    [attempt] = await stage.attempts(stage.ada)
    assert attempt.assessment is not None
    assert attempt.assessment.delivery is not None
    assert attempt.assessment.delivery.words_per_minute is None
    assert attempt.assessment.transcript


async def test_another_member_and_another_server_are_not_touched(stage: Stage) -> None:
    for member in (stage.ada, stage.ben, stage.ada_elsewhere):
        await stage.agree(member)
    await switch_off(stage, stage.ada, OFF)
    for member in (stage.ben, stage.ada_elsewhere):
        text = text_of((await stage.analyze(member)).response)
        assert all(title in text for title in TITLES)


async def test_the_server_and_the_member_switch_off_together(stage: Stage) -> None:
    await stage.agree(stage.ada)
    off = frozenset({Metric.BODY_LANGUAGE})
    await stage.bot.tools.server_settings.set(stage.guild.id, ServerSettings(metrics_off=off))
    shown = await switch_off(stage, stage.ada, OFF)
    assert "Switched off for everyone in this server\nGestures and posture" in text_of(
        shown.response
    )
    text = text_of((await stage.analyze(stage.ada)).response)
    assert "from 4 of 4 metrics" in text
    assert "Gestures and posture" not in text


async def test_the_choice_counts_from_the_moment_of_submission(slow_stage: Stage) -> None:
    stage = slow_stage
    await stage.agree(stage.ada)
    shown = await stage.analyze(stage.ada)
    await stage.bot.tools.member_settings.set(
        owner(stage.ada), MemberSettings(metrics_off=frozenset({Metric.EYE_CONTACT}))
    )
    for task in stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await stage.env.advance_time(61)
    assert RUBRIC[Metric.EYE_CONTACT].title in text_of(shown.response)


async def test_a_restart_in_the_middle_keeps_to_the_choice(slow_stage: Stage) -> None:
    stage = slow_stage
    obey(stage)
    await stage.agree(stage.ada)
    await switch_off(stage, stage.ada, OFF)
    await stage.analyze(stage.ada)
    await stage.restart()
    for task in stage.vendor.tasks.values():
        task.statuses[:] = ["ready"]
    await stage.env.advance_time(121)
    [attempt] = await stage.attempts(stage.ada)
    assert attempt.assessment is not None
    assert attempt.assessment.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF


async def test_it_works_in_direct_messages_and_stays_there(stage: Stage) -> None:
    obey(stage)
    shown = await stage.ada_user.slash("metrics")
    await stage.ada_user.select(reply(shown), OFF, custom_id=MENU)
    result = await stage.ada_user.slash("analyze", clip=CLIP, question="Why us?")
    await stage.ada_user.click(reply(result), label="I agree")
    text = text_of(result.response)
    assert "One strength" in text
    assert not any(title in text for title in TITLES)
    here = await stage.bot.tools.member_settings.get(owner(stage.ada))
    assert here == MemberSettings()


async def test_with_every_metric_off_nothing_is_fetched(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.agree(stage.ada)
    shown = await switch_off(stage, stage.ada, ALL)
    assert "Every metric is off now" in text_of(shown.response)
    fetched: list[str] = []

    async def noted(url: str) -> bytes:
        fetched.append(url)
        return CLIP[1]

    monkeypatch.setattr(stage.bot.http, "get_from_cdn", noted)
    refused = await stage.analyze(stage.ada)
    assert refused.ephemeral
    assert "Every metric is switched off for you here" in text_of(refused.response)
    assert labels_of(refused.response) == []
    assert fetched == []
    assert await stage.bot.tools.service.unfinished() == []
    await switch_off(stage, stage.ada, ALL[:-1])
    monkeypatch.undo()
    text = text_of((await stage.analyze(stage.ada)).response)
    assert "Answers the question" in text


async def test_a_silent_clip_with_the_picture_off_is_refused_and_costs_nothing(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    silent = make_clip(tmp_path / "silent.mp4").read_bytes()
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as stage:
        obey(stage)
        await stage.agree(stage.ada)
        await switch_off(stage, stage.ada, ["eye_contact", "body_language"])
        shown = await stage.analyze(stage.ada, clip=("silent.mp4", silent))
        assert "Your clip has no sound" in text_of(shown.response)
        assert not vendor.assets
        assert "One strength" in text_of((await stage.analyze(stage.ada)).response)
