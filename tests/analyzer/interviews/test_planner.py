"""An interview is planned from the server's bank, the starters, a judge and what was asked last."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from analyzer.interviews import planner
from analyzer.interviews.about import About, clean_about
from analyzer.interviews.planner import Plan, Wish, plan
from analyzer.judge.role_questions import JudgeQuestions
from analyzer.questions.bank import STARTERS, add_to
from analyzer.questions.draft import Draft
from analyzer.questions.kinds import question_kind
from app.container import Overrides, build_dependencies
from app.discord_api import make_requester
from core.interviews import QuestionOrigin
from core.questions import AnswerKind, QuestionLevel, question_key
from core.settings import Settings
from storage.repositories.questions import Questions
from tests.analyzer.harness import Harness
from tests.analyzer.interviews.banks import JOBS, NoModel
from tests.fakes.judge import JudgeStandIn

SERVER, OTHER_SERVER = 7, 8
ABOUT = clean_about(JOBS["support"])
OWN = (
    "What would you tell a caller whose repair takes a week?",
    "Tell me about a caller you helped.",
)
FREE = "Why are your help articles read so seldom?"


@dataclass
class Writer:
    """Stands in for the judge where only what is done with its questions matters."""

    says: tuple[str, ...] = OWN
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def write(self, about: About, most: int) -> tuple[str, ...]:
        self.asked.append((about.text, most))
        return self.says[:most]


@dataclass
class Sources:
    """What is planned from."""

    questions: Questions
    question_writer: Writer | None = None
    finder: NoModel = field(default_factory=NoModel)


@pytest.fixture
def sources(harness: Harness) -> Sources:
    return Sources(harness.deps.questions)


async def planned(
    sources: Sources,
    wish: Wish,
    *,
    seed: int = 1,
    avoid: Collection[str] = (),
    may_judge: bool = True,
    guild_id: int = SERVER,
) -> Plan:
    chance = Random(seed)  # noqa: S311 - nothing secret is drawn
    return await plan(sources, guild_id, wish, avoid=avoid, may_judge=may_judge, chance=chance)


async def test_planned_questions_leave_room_for_follow_ups(sources: Sources) -> None:
    for count, got in ((0, 2), (3, 3), (5, 5), (9, 5)):
        found = await planned(sources, Wish(count=count))
        assert [one.position for one in found.questions] == list(range(0, 2 * got, 2))
        assert {one.origin for one in found.questions} == {QuestionOrigin.BANK}
        assert found.questions[0].kind is AnswerKind.OPENER
        assert all(one.kind is question_kind(one.text) for one in found.questions)
        assert all(one.follows is None for one in found.questions)
        assert found.notes == ()


async def test_the_bank_of_this_server_is_drawn_from_and_no_other(sources: Sources) -> None:
    draft = Draft.read(text=FREE, kind="technical", level="senior", tags="help")
    await sources.questions.change(SERVER, lambda bank: add_to(bank, draft))
    wish = Wish(about=clean_about("help articles"))
    here = await planned(sources, wish)
    there = await planned(sources, wish, guild_id=OTHER_SERVER)
    [own] = [one for one in here.questions if one.text == FREE]
    assert own.kind is AnswerKind.TECHNICAL, "as its bank says, not its wording"
    assert FREE not in [one.text for one in there.questions]


async def test_a_chosen_level_outweighs_the_one_the_text_names(sources: Sources) -> None:
    levels = {question.text: question.level for question in STARTERS}

    async def levels_of(about: str, level: QuestionLevel | None) -> list[QuestionLevel]:
        found = await planned(sources, Wish(count=5, about=clean_about(about), level=level))
        return [levels[one.text] for one in found.questions[1:]]

    senior, about = QuestionLevel.SENIOR, "sales manager, customers"
    named = await levels_of(f"Senior {about}", None)
    assert named.count(senior) > (await levels_of(about, None)).count(senior)
    assert set(await levels_of(f"Senior {about}", QuestionLevel.ENTRY)) == {QuestionLevel.ENTRY}


async def test_what_a_judge_words_comes_last_and_is_marked(sources: Sources) -> None:
    sources.question_writer = Writer()
    for count, most in ((2, 1), (3, 1), (4, 2), (5, 2)):
        found = await planned(sources, Wish(count=count, about=ABOUT))
        assert len(found.questions) == count
        assert [one.text for one in found.questions[-most:]] == list(OWN[:most])
        assert {one.origin for one in found.questions[-most:]} == {QuestionOrigin.JUDGE}
        assert {one.origin for one in found.questions[:-most]} == {QuestionOrigin.BANK}
    assert found.questions[-2].kind is AnswerKind.SITUATIONAL
    assert sources.question_writer.asked == [(ABOUT.text, most) for most in (1, 1, 2, 2)]


async def test_no_judge_is_asked_without_a_text_or_consent(sources: Sources) -> None:
    sources.question_writer = Writer()
    await planned(sources, Wish())
    await planned(sources, Wish(about=ABOUT), may_judge=False)
    assert sources.question_writer.asked == []


async def test_a_judges_question_that_is_known_or_was_asked_is_not_taken(sources: Sources) -> None:
    known = STARTERS[0].text.upper()
    sources.question_writer = Writer((known, OWN[1]))
    avoid = [question_key(OWN[1])]
    found = await planned(sources, Wish(count=4, about=ABOUT), avoid=avoid)
    assert {one.origin for one in found.questions} == {QuestionOrigin.BANK}
    sources.question_writer = Writer(
        (OWN[0], "How would you tell a caller that a repair takes a week?")
    )
    found = await planned(sources, Wish(count=4, about=ABOUT))
    assert [one.origin for one in found.questions].count(QuestionOrigin.JUDGE) == 1


async def test_the_next_interview_asks_other_questions(sources: Sources) -> None:
    wish = Wish(count=5, about=ABOUT)
    first = await planned(sources, wish)
    asked = [question_key(one.text) for one in first.questions]
    second = await planned(sources, wish, avoid=asked)
    assert not set(asked) & {question_key(one.text) for one in second.questions}
    again = await planned(sources, wish, avoid=[question_key(one.text) for one in STARTERS])
    assert len(again.questions) == 5
    assert again.notes == (
        "There are no other questions left, so 5 of these were in your last interview too.",
    )


async def test_it_is_said_where_nothing_is_near(sources: Sources) -> None:
    found = await planned(sources, Wish(about=clean_about("Bäcker")))
    assert found.notes == ("No question is near to what you wrote, so these were drawn by chance.",)


async def test_a_bank_that_is_too_small_is_said(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "pool", lambda *_: [STARTERS[0], STARTERS[7]])
    found = await planned(sources, Wish(count=4))
    assert len(found.questions) == 2
    assert found.notes == ("There are no more questions than these; a manager can add some.",)


async def test_the_judge_of_the_settings_words_questions(harness: Harness, tmp_path: Path) -> None:
    async with JudgeStandIn() as server, contextlib.AsyncExitStack() as stack:
        server.say(json.dumps({"questions": OWN}))
        settings = Settings(
            data_dir=tmp_path, discord_token="t", judge_url=server.url, judge_model=server.model
        )
        deps = await build_dependencies(
            settings, harness.database, make_requester(), stack, Overrides(places=harness.places)
        )
        assert isinstance(deps.question_writer, JudgeQuestions)
        deps = replace(deps, finder=NoModel())
        found = await plan(deps, SERVER, Wish(about=ABOUT), may_judge=True)
        assert found.questions[-1].text == OWN[0]
        assert len(server.requests) == 1
    assert harness.deps.question_writer is None
