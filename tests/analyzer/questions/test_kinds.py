"""What kind of answer a question wants: from the bank where it is known, else from its words."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from analyzer.questions.bank import STARTERS
from analyzer.questions.draft import Draft
from analyzer.questions.kinds import about_question, kind_by_wording, question_kind
from core.questions import AnswerKind
from storage.engine.database import Database
from storage.repositories.questions import Change, Questions
from tests.fresh_database import fresh_database
from tests.storage.samples import ANN

BEHAVIOURAL, TECHNICAL = AnswerKind.BEHAVIOURAL, AnswerKind.TECHNICAL
SITUATIONAL, OPENER = AnswerKind.SITUATIONAL, AnswerKind.OPENER


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        (OPENER, "Tell me about yourself."),
        (OPENER, "so can you tell us a little about yourself"),
        (OPENER, "Why do you want to work here?"),
        (OPENER, "Why should we hire you?"),
        (OPENER, "What’s your greatest strength?"),
        (OPENER, "Where do you see yourself in five years?"),
        (OPENER, "Walk me through your résumé."),
        (OPENER, "Why did you leave your last job?"),
        (BEHAVIOURAL, "Tell me about a time you failed."),
        (BEHAVIOURAL, "Describe a situation in which you had to lead."),
        (BEHAVIOURAL, "Have you ever missed a deadline?"),
        (BEHAVIOURAL, "Can you tell me about a conflict at work and how you resolved it?"),
        (BEHAVIOURAL, "Describe how you handled an angry customer."),
        (BEHAVIOURAL, "Give me an example of a time you debugged a database."),
        (BEHAVIOURAL, "What is your biggest achievement?"),
        (SITUATIONAL, "What would you do if a colleague was always late?"),
        (SITUATIONAL, "Imagine a customer shouts at you. How do you react?"),
        (SITUATIONAL, "Your manager asks you to hide a mistake. What do you do?"),
        (SITUATIONAL, "How do you handle stress?"),
        (TECHNICAL, "What is polymorphism?"),
        (TECHNICAL, "Explain REST to me."),
        (TECHNICAL, "How would you test a login page?"),
        (TECHNICAL, "What are the pros and cons of microservices?"),
    ],
)
def test_wording_tells_the_kind(kind: AnswerKind, question: str) -> None:
    assert question_kind(question) is kind


def test_wording_alone_tells_nearly_every_starter() -> None:
    """The starters have their kind, so this says how far wording would go with others'."""
    right = sum(kind_by_wording(one.text) is question_kind(one.text) for one in STARTERS)
    assert right >= 78, right


def test_a_starter_is_of_its_own_kind_however_it_is_written() -> None:
    assert question_kind("a page of your product has become slow. how do you find out why") is (
        TECHNICAL
    )
    assert question_kind("What do you do especially well, and how does it show in your work?") is (
        OPENER
    )
    assert question_kind("Describe a task you found boring and how you got it done well.") is (
        BEHAVIOURAL
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await fresh_database(tmp_path)
    yield database
    await database.close()


async def test_a_servers_own_question_is_what_its_bank_says(database: Database) -> None:
    bank = Questions(database)
    own = Draft.read(text="What is a bowline?", kind="situational", looks_for="A loop.").made()
    plain = Draft.read(text="Why do you want to sail with us?").made()
    await bank.change(ANN.guild_id, lambda _: Change(added=(own, plain)))
    found = await about_question(bank, ANN.guild_id, "  what is a BOWLINE")
    assert (found.kind, found.looks_for) == (SITUATIONAL, "A loop.")
    found = await about_question(bank, ANN.guild_id, "Why do you want to sail with us?")
    assert (found.kind, found.looks_for) == (OPENER, "")
    elsewhere = await about_question(bank, ANN.guild_id + 1, "What is a bowline?")
    assert (elsewhere.kind, elsewhere.looks_for) == (TECHNICAL, "")
    starter = await about_question(bank, ANN.guild_id, "Tell me about yourself")
    assert starter.kind is OPENER
    assert starter.looks_for.startswith("Who you are")


@pytest.mark.parametrize("piece", ["how do you ", "tell me about a ", "a time ", "you ", ". ", "a"])
def test_no_wording_takes_long(piece: str) -> None:
    began = time.perf_counter()
    kind_by_wording((piece * 300)[:300])
    assert time.perf_counter() - began < 0.5
