"""`python bot.py check`: each thing that can be wrong is one sentence and exit code 1."""

from __future__ import annotations

import json
import re

from analyzer.media.sandbox import sandbox
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_faults import Answer
from tests.fakes.judge import JudgeStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import Operator

OPERATOR = {"OPERATOR_NAME": "Ann Operator", "OPERATOR_CONTACT": "ann@example.org"}


async def one_problem(operator: Operator, **settings: str) -> str:
    """Run the check with one thing wrong, and return the only sentence about it."""
    code, output = await operator.outcome("check", **settings)
    assert code == 1
    [problem] = [line for line in output.splitlines() if not line.startswith(("ok ", "WARN "))]
    return problem


async def test_all_is_well(operator: Operator, vendor: TwelveLabsStandIn) -> None:
    code, output = await operator.outcome("check", **OPERATOR)
    assert code == 0
    lines = output.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("ok ") for line in lines[:4])
    contained, said = await sandbox()  # as far as this machine lets us
    assert lines[4] == f"{'ok     ' if contained else 'WARN   '}{said}."
    assert "greenroom" in lines[0]
    assert vendor.calls("GET", "/assets")  # the key was tried for real


async def test_a_missing_operator_is_a_warning_only(operator: Operator) -> None:
    code, output = await operator.outcome("check", OPERATOR_NAME="", OPERATOR_CONTACT="")
    assert code == 0
    assert "WARN   OPERATOR_NAME and OPERATOR_CONTACT not set" in output


async def test_a_webhook_secret_without_a_port_is_a_warning_only(operator: Operator) -> None:
    secret = operator.webhook_secret
    code, output = await operator.outcome("check", TWELVELABS_WEBHOOK_SECRET=secret)
    assert code == 0
    assert "WARN   TWELVELABS_WEBHOOK_SECRET is set, but HTTP_PORT is not" in output
    code, output = await operator.outcome(
        "check", TWELVELABS_WEBHOOK_SECRET=secret, HTTP_PORT="8080", **OPERATOR
    )
    assert code == 0
    assert "WEBHOOK" not in output


async def test_no_token(operator: Operator) -> None:
    assert "DISCORD_TOKEN is not set" in await one_problem(operator, DISCORD_TOKEN="")


async def test_a_token_that_discord_refuses(operator: Operator) -> None:
    problem = await one_problem(operator, DISCORD_TOKEN="made-up-and-wrong")
    assert "Discord does not accept DISCORD_TOKEN" in problem
    assert "made-up-and-wrong" not in problem


async def test_discord_unreachable(operator: Operator) -> None:
    problem = await one_problem(operator, DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    assert "Discord could not be reached" in problem


async def test_discord_out_of_order(operator: Operator, discord: DiscordStandIn) -> None:
    discord.fail("GET", "/users/@me", Answer(503))
    assert "Discord answered 503" in await one_problem(operator)


async def test_a_file_where_the_data_folder_should_be(operator: Operator) -> None:
    operator.data_dir.write_text("in the way")
    assert "DATA_DIR can't be written" in await one_problem(operator)


async def test_the_vendor_chosen_without_a_key(operator: Operator) -> None:
    problem = await one_problem(operator, ENGINE="twelvelabs", TWELVELABS_API_KEY="")
    assert "TWELVELABS_API_KEY is not set" in problem


async def test_a_key_that_the_vendor_refuses(operator: Operator) -> None:
    problem = await one_problem(operator, TWELVELABS_API_KEY="made-up-and-wrong")
    assert "TwelveLabs refuses this access" in problem
    assert "made-up-and-wrong" not in problem


async def test_a_value_that_is_no_setting(operator: Operator) -> None:
    problem = await one_problem(operator, MAX_CLIP_MB="a lot of them")
    assert "MAX_CLIP_MB" in problem
    assert "a lot of them" not in problem


async def test_a_judge_is_tried_for_real(operator: Operator) -> None:
    said = {"relevance": {"quote": "within the hour", "evidence": "You act.", "score": 6}}
    async with JudgeStandIn(wants_key="the-key") as judge:
        judge.say(json.dumps(said))
        settings = {"JUDGE_URL": judge.url, "JUDGE_MODEL": judge.model}
        code, output = await operator.outcome("check", JUDGE_API_KEY="the-key", **settings)
        assert code == 0
        assert re.search(
            r"^ok     The judge test-model on this machine answers: one answer took \d+\.\d s, so "
            r"(each criterion is asked by itself|all is asked in one call)\.$",
            output,
            re.MULTILINE,
        )
        problem = await one_problem(operator, JUDGE_API_KEY="made-up-and-wrong", **settings)
        assert "JUDGE_API_KEY" in problem
        assert "made-up-and-wrong" not in problem


async def test_a_judge_that_is_not_there_and_one_without_a_model(operator: Operator) -> None:
    settings = {"JUDGE_URL": "http://127.0.0.1:9/v1", "JUDGE_MODEL": "some-model"}
    assert "Nothing answers at JUDGE_URL" in await one_problem(operator, **settings)
    assert "JUDGE_MODEL is missing" in await one_problem(operator, JUDGE_URL=settings["JUDGE_URL"])
