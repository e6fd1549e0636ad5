"""`python bot.py check`: each thing that can be wrong is one sentence and exit code 1."""

from __future__ import annotations

import json
import re
from pathlib import Path

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
    told = ("ok ", "WARN ", "on ", "off ")
    [problem] = [line for line in output.splitlines() if not line.startswith(told)]
    return problem


async def test_all_is_well(operator: Operator, vendor: TwelveLabsStandIn) -> None:
    code, output = await operator.outcome("check", **OPERATOR)
    assert code == 0
    lines = output.splitlines()
    assert len(lines) == 13
    assert all(line.startswith("ok ") for line in lines[:4])
    contained, said = await sandbox()  # as far as this machine lets us
    assert lines[4] == f"{'ok     ' if contained else 'WARN   '}{said}."
    assert "greenroom" in lines[0]
    assert vendor.calls("GET", "/assets")  # the key was tried for real


async def test_each_feature_has_a_line(operator: Operator) -> None:
    _, output = await operator.outcome("check", **OPERATOR)
    off = [line for line in output.splitlines() if line.startswith("off ")]
    assert [line[7:].partition(" needs")[0].split(":")[0].split(" (")[0] for line in off] == [
        *("cap on spending", "judge", "web pages", "studio", "webhooks", "store for recordings")
    ]
    assert "HTTP_PORT and PUBLIC_URL" in off[3]
    secret = operator.webhook_secret
    more = {"HTTP_PORT": "8080", "PUBLIC_URL": "https://bot.example.org"}
    _, output = await operator.outcome(
        "check", TWELVELABS_WEBHOOK_SECRET=secret, CLIP_STORE="s3://bucket/x", **more, **OPERATOR
    )
    assert [line for line in output.splitlines() if line.startswith("off ")] == off[:2]
    assert "on     studio: https://bot.example.org/studio" in output
    assert "on     store for recordings: CLIP_STORE (s3)." in output


async def test_a_check_makes_nothing(operator: Operator) -> None:
    code, output = await operator.outcome("check", **OPERATOR)
    assert code == 0
    assert "is not there yet" in output
    assert not operator.data_dir.exists()


async def test_a_mistyped_data_folder_is_not_made(operator: Operator) -> None:
    mistyped = operator.data_dir / "no" / "such" / "folder"
    for command in ("check", "run"):
        code, output = await operator.outcome(command, DATA_DIR=str(mistyped))
        assert code == 1
        assert "DATA_DIR is" in output
        assert "mkdir -p" in output
    assert not operator.data_dir.exists()


async def test_an_empty_variable_switches_off_what_the_file_switches_on(
    operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=8080\n")
    _, output = await operator.outcome("check", **OPERATOR)
    assert "on     web pages" in output
    _, output = await operator.outcome("check", HTTP_PORT="", **OPERATOR)
    assert "off    web pages" in output


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
    assert "must be a whole number" in problem
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
