"""`/analyze` from the command to the result, and everything it refuses."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from analyzer.questions.bank import STARTERS
from core.models import AttemptState
from tests.cogs.simulation import (
    CLIP,
    QUESTION,
    Simulation,
    labels_of,
    owner,
    reply,
    running,
    text_of,
)
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_faults import Answer, vendor_error


def finish(sim: Simulation) -> None:
    """Let every analysis at the vendor be ready at the next look."""
    for task in sim.vendor.tasks.values():
        task.statuses[:] = ["ready"]


HOSTILE = "@everyone <@1> [click](https://evil.example) `code` ```js\n# Big\x00\u202e **bold**"


async def test_a_clip_becomes_a_private_result_with_buttons(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada)
    assert shown.ephemeral
    assert "One strength" in text_of(shown.response)
    assert "AI estimate for practice. Not a hiring assessment." in text_of(shown.response)
    assert labels_of(shown.response) == ["Try again", "Share", "Transcript", "Delete"]
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.question == QUESTION
    assert attempt.assessment is not None
    assert attempt.assessment.overall is not None


async def test_nothing_is_left_anywhere_after_the_result(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.cleaned_at is not None
    assert attempt.reply is None
    assert sim.vendor.tasks_created == 1
    assert sim.vendor.live_assets() == []
    assert sim.vendor.live_tasks() == []
    assert list(sim.settings.clips_dir.iterdir()) == []


async def test_no_discord_id_reaches_the_vendor(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    [asset], [task] = sim.vendor.assets.values(), sim.vendor.tasks.values()
    told = json.dumps([asset.fields, asset.filename, asset.part_filename, task.body])
    ids = (sim.ada.id, sim.guild.id, sim.channel.id)
    assert not any(str(number) in told for number in ids)
    assert CLIP[0] not in told


async def test_a_shared_result_is_public_and_says_whose_it_is(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada, share=True)
    assert shown.ephemeral
    assert "for everyone" in text_of(shown.response)
    [public] = shown.followups
    assert not public.ephemeral
    assert f"<@{sim.ada.id}>" in text_of(public)
    assert labels_of(public)[1] == "Unshare"
    [attempt] = await sim.attempts(sim.ada)
    assert attempt.shared_message_id == public.id


async def test_a_refusal_of_a_shared_request_is_private(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada, question=" \u200b ", share=True)
    assert shown.ephemeral
    assert "Write the interview question" in text_of(shown.response)
    assert shown.followups == []


async def test_it_works_in_direct_messages(sim: Simulation) -> None:
    shown = await sim.ada_user.slash("analyze", clip=CLIP, question=QUESTION)
    await sim.ada_user.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)
    assert await sim.attempts(sim.ada) == []  # what happened in private stays there


async def test_two_members_at_once_get_their_own_results(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.agree(sim.ben)
    sim.vendor.result = lambda task: json.dumps(
        {"strength": "ADA-STRENGTH" if "apples" in task.prompt else "BEN-STRENGTH"}
    )
    hers = await sim.analyze(sim.ada, question="What about apples?")
    his = await sim.analyze(sim.ben, question="What about pears?")
    assert "ADA-STRENGTH" in text_of(hers.response)
    assert "BEN-STRENGTH" in text_of(his.response)
    [ada], [ben] = await sim.attempts(sim.ada), await sim.attempts(sim.ben)
    assert (ada.question, ben.question) == ("What about apples?", "What about pears?")


async def test_the_second_attempt_at_a_question_says_what_changed(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    await sim.env.advance_time(1)
    shown = await sim.analyze(sim.ada, question=QUESTION.upper())
    assert "Since your last attempt at this question" in text_of(shown.response)


async def test_hostile_text_is_shown_as_text(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    good = sim.vendor.result
    sim.vendor.result = lambda task: json.dumps(
        json.loads(good(task) if callable(good) else good) | {"strength": HOSTILE}
    )
    shown = await sim.analyze(sim.ada, question=HOSTILE)
    assert shown.response is not None
    message = shown.response.message
    assert not message.mention_everyone
    assert message.mentions == []
    text = text_of(shown.response)
    assert "@everyone" not in text
    assert "](https://evil" not in text.replace("\\", "") or "\\[" in text
    assert "\x00" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("clip", "sentence"),
    [
        (("notes.mp4", b"just some text"), "I couldn't read that file as a video."),
        (("empty.mp4", b""), "I couldn't read that file as a video."),
        (("cut.mp4", CLIP[1][:20_000]), "its end is missing. Upload it again, or export it anew"),
    ],
)
async def test_what_is_no_video_is_refused_and_costs_nothing(
    sim: Simulation, clip: tuple[str, bytes], sentence: str
) -> None:
    await sim.agree(sim.ada)
    shown = await sim.analyze(sim.ada, clip=clip)
    assert sentence in text_of(shown.response)
    assert not sim.vendor.assets
    allowance = sim.settings.daily_attempts_per_member
    for _ in range(2):  # the refused clip has not been counted
        await sim.analyze(sim.ada)
    assert len(await sim.attempts(sim.ada)) == 2 <= allowance


async def test_a_clip_declared_too_large_is_refused_before_anything(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, max_clip_mb=1) as sim:
        shown = await sim.analyze(sim.ada, clip=("big.mp4", bytes(1_500_000)))
        assert "Your clip is 1.5 MB; I take up to 1 MB." in text_of(shown.response)


async def test_the_daily_allowance_says_when_the_next_one_is_possible(
    tmp_path: Path, vendor: TwelveLabsStandIn
) -> None:
    async with running(tmp_path, vendor, daily_attempts_per_member=1) as sim:
        await sim.agree(sim.ada)
        await sim.analyze(sim.ada)
        shown = await sim.analyze(sim.ada)
        assert "You have used your 1 attempts for today" in text_of(shown.response)
        [attempt] = await sim.attempts(sim.ada)
        next_at = int((attempt.created_at + timedelta(hours=24)).timestamp())
        assert f"<t:{next_at}:R>" in text_of(shown.response)
        await sim.agree(sim.ben)
        assert "One strength" in text_of((await sim.analyze(sim.ben)).response)


async def test_one_may_wait_behind_one_under_way_and_no_more(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    first = await slow_stage.analyze(slow_stage.ada, question="First?")
    second = await slow_stage.analyze(slow_stage.ada, question="Second?")
    third = await slow_stage.analyze(slow_stage.ada, question="Third?")
    await slow_stage.env.advance_time(46)
    assert "▸ Assessment" in text_of(first.response)
    assert "▸ Check" in text_of(second.response)
    assert "another one waiting" in text_of(third.response)
    assert slow_stage.vendor.tasks_created == 1


async def test_a_vendor_that_refuses_the_clip_ends_in_a_sentence(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    sim.vendor.fail("POST", "/analyze/tasks", vendor_error("video_resolution_too_low"))
    shown = await sim.analyze(sim.ada)
    assert "No result this time" in text_of(shown.response)
    assert "360" in text_of(shown.response)
    assert labels_of(shown.response) == ["Try again", "Delete"]
    assert sim.vendor.live_assets() == []


async def test_a_wrong_key_is_the_operators_business(
    sim: Simulation, caplog: pytest.LogCaptureFixture
) -> None:
    await sim.agree(sim.ada)
    sim.vendor.fail("POST", "/assets", Answer(401, "api_key_invalid"))
    shown = await sim.analyze(sim.ada)
    assert "key" not in text_of(shown.response).lower()
    assert "failed at fetched: api_key_invalid" in caplog.text
    assert sim.vendor.key not in caplog.text


async def test_questions_are_suggested_own_first(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada, question="What is a monad?")
    offered = await sim.ada.autocomplete(sim.channel, "analyze", "question", "")
    names = [choice["name"] for choice in offered]
    assert names[0] == "What is a monad?"
    assert names[1] == STARTERS[0].text
    assert len(names) <= 25
    typed = await sim.ada.autocomplete(sim.channel, "analyze", "question", "MONAD")
    assert [choice["value"] for choice in typed] == ["What is a monad?"]
    others = await sim.ben.autocomplete(sim.channel, "analyze", "question", "monad")
    assert others == []
    elsewhere = await sim.ada_elsewhere.autocomplete(
        sim.other_channel, "analyze", "question", "monad"
    )
    assert elsewhere == []


async def test_an_unexpected_bug_fails_the_attempt_with_a_sentence(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sim.agree(sim.ada)
    engine = sim.bot.app.attempts._deps.engines[sim.bot.app.deps.engine]

    async def broken(*_: object) -> None:
        raise ValueError("secret text of a vendor")

    monkeypatch.setattr(engine, "start", broken)
    monkeypatch.setattr("analyzer.pipeline.attempt_pipeline.log.error", lambda *_: None)
    shown = await sim.analyze(sim.ada)
    assert "Something went wrong on my side" in text_of(shown.response)
    assert "secret" not in text_of(shown.response)
    assert sim.vendor.live_assets() == []
    assert await sim.bot.app.attempts.unfinished() == []


async def test_the_reply_shows_stage_and_time_while_it_runs(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    assert "Working on your answer" in text_of(shown.response)
    assert labels_of(shown.response) == ["Cancel", "Get result"]
    await slow_stage.env.advance_time(46)
    assert "0:45 so far" in text_of(shown.response)
    finish(slow_stage)
    await slow_stage.env.advance_time(60)
    assert "One strength" in text_of(shown.response)


async def test_an_attempt_goes_on_after_a_restart(slow_stage: Simulation) -> None:
    await slow_stage.agree(slow_stage.ada)
    shown = await slow_stage.analyze(slow_stage.ada)
    finish(slow_stage)
    await slow_stage.restart()
    await slow_stage.env.settle()
    assert "One strength" in text_of(shown.response)
    assert slow_stage.vendor.tasks_created == 1
    assert slow_stage.vendor.live_assets() == []
    [attempt] = await slow_stage.attempts(slow_stage.ada)
    assert attempt.state is AttemptState.DELIVERED


async def test_commands_are_registered_once_and_not_at_every_start(sim: Simulation) -> None:
    def registrations() -> int:
        return sum(
            request.method == "PUT" and request.path.endswith("/commands")
            for request in sim.env.http_requests
        )

    assert registrations() == 1
    await sim.restart()
    assert registrations() == 1
    assert owner(sim.ada).user_id == sim.ada.id
