"""Banks: each server's own, changed as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from analyzer.questions.bank import add_to, merge_into
from analyzer.questions.draft import Draft
from core.errors import Refused
from core.questions import Question
from storage.engine.database import Database
from storage.repositories.questions import Change, Questions

HERE, ELSEWHERE = 2**62, 7


@pytest.fixture
def questions(database: Database) -> Questions:
    return Questions(database)


def made(text: str, tags: str = "") -> Question:
    return Draft.read(text=text, tags=tags).made()


async def put(questions: Questions, guild_id: int, *texts: str) -> list[Question]:
    added = tuple(made(text, "b, a") for text in texts)
    await questions.change(guild_id, lambda _: Change(added=added))
    return list(added)


async def test_a_bank_comes_back_whole_and_in_alphabetical_order(questions: Questions) -> None:
    b, a, c = await put(questions, HERE, "Bravo?", "alpha?", "Charlie?")
    assert await questions.all(HERE) == [a, b, c]
    assert await questions.get(HERE, b.id) == b


async def test_a_bank_is_one_servers(questions: Questions) -> None:
    [question] = await put(questions, HERE, "Why?")
    assert await questions.all(ELSEWHERE) == []
    assert await questions.search(ELSEWHERE, "", 25) == []
    assert await questions.get(ELSEWHERE, question.id) is None
    assert await questions.remove(ELSEWHERE, question.id) is None
    await put(questions, ELSEWHERE, "Why?")
    assert await questions.all(HERE) == [question]


async def test_a_change_to_another_servers_id_leaves_it_alone(questions: Questions) -> None:
    [question] = await put(questions, HERE, "Why?")
    with pytest.raises(IntegrityError):
        await questions.change(ELSEWHERE, lambda _: Change(changed=(question,)))
    assert await questions.all(HERE) == [question]


async def test_searching_takes_what_was_typed_as_text(questions: Questions) -> None:
    first, second = await put(questions, HERE, "A 100% plan?", "Plan B?")
    assert await questions.search(HERE, "  PLAN", 25) == [first, second]
    assert await questions.search(HERE, "100%", 25) == [first]
    assert await questions.search(HERE, "%_", 25) == []
    assert await questions.search(HERE, "", 1) == [first]


async def test_changing_two_at_once_may_exchange_their_texts(questions: Questions) -> None:
    a, b = await put(questions, HERE, "A?", "B?")
    swapped = (a.model_copy(update={"text": "B?"}), b.model_copy(update={"text": "A?"}))
    await questions.change(HERE, lambda _: Change(changed=swapped))
    assert await questions.all(HERE) == [swapped[1], swapped[0]]


async def test_a_rule_that_refuses_changes_nothing(questions: Questions) -> None:
    before = await put(questions, HERE, "A?")

    def refuse(bank: Sequence[Question]) -> Change:
        assert list(bank) == before
        raise Refused("no", "No.")

    with pytest.raises(Refused):
        await questions.change(HERE, refuse)
    assert await questions.all(HERE) == before


async def test_a_write_that_fails_halfway_changes_nothing(questions: Questions) -> None:
    before = await put(questions, HERE, "A?")
    with pytest.raises(IntegrityError):
        await questions.change(HERE, lambda _: Change(added=(made("New?"), made("a"))))
    assert await questions.all(HERE) == before


async def test_of_two_who_add_the_same_at_once_one_is_refused(questions: Questions) -> None:
    async def add() -> Change:
        return await questions.change(HERE, lambda bank: add_to(bank, Draft(text="Why?")))

    results = await asyncio.gather(add(), add(), return_exceptions=True)
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert len(await questions.all(HERE)) == 1


async def test_five_hundred_go_in_and_out(questions: Questions) -> None:
    drafts = [Draft(text=f"Question {number}?") for number in range(500)]
    change = await questions.change(HERE, lambda bank: merge_into(bank, drafts))
    assert len(change.added) == len(await questions.all(HERE)) == 500
    again = await questions.change(HERE, lambda bank: merge_into(bank, drafts))
    assert len(again.same) == 500


async def test_removing_returns_what_it_was_once(questions: Questions) -> None:
    a, b = await put(questions, HERE, "A?", "B?")
    assert await questions.remove(HERE, a.id) == a
    assert await questions.remove(HERE, a.id) is None
    assert await questions.all(HERE) == [b]
