"""The cards about questions hold Discord's limits and keep a bank's texts dead, at their worst."""

from __future__ import annotations

import pytest

from analyzer.questions.bank import Filter
from analyzer.questions.draft import TAG_MAX, TAGS_MAX, Draft
from analyzer.questions.file_format import parse
from cogs.questions.cards import (
    PAGE,
    bank_embed,
    filter_of,
    filter_text,
    import_embed,
    list_page,
    problems_card,
    question_card,
)
from cogs.ui.modals import UploadLimit
from core.errors import FileRefused, Refused
from core.models import QUESTION_MAX
from core.questions import Question, QuestionKind, QuestionLevel
from storage.repositories.questions import Change
from tests.cogs.ui.limits_checker import check_embed

TAGS = ",".join(letter * TAG_MAX for letter in "abcdefgh"[:TAGS_MAX])
LIMIT = UploadLimit(discord=10 * 2**20, ours=200_000_000, studio=False)
WANTED = Filter("a" * TAG_MAX, QuestionKind.BEHAVIOURAL, QuestionLevel.MIDDLE)


def bank(text: str) -> list[Question]:
    texts = (f"{number:03}{text}"[:QUESTION_MAX] for number in range(500))
    return [Draft.read(text=one, tags=TAGS).made() for one in texts]


@pytest.mark.parametrize(
    "text",
    ["*" * 300, "🙂" * 300, "@everyone <@1> [x](https://x.example) `x` ||x|| " * 9, "x" * 300],
)
def test_the_worst_questions_fit_and_stay_text(text: str) -> None:
    questions = bank(text)
    own = {question.id for question in questions}
    check_embed(question_card(questions[0], WANTED, only=False, limit=LIMIT).embed)
    check_embed(question_card(questions[0], WANTED, only=True, limit=LIMIT).embed)
    check_embed(bank_embed("Added", questions[0]))
    check_embed(import_embed(Change(tuple(questions), tuple(questions), tuple(questions))))
    page = list_page(questions, own, WANTED, 50).embed
    check_embed(page)
    lines = (page.description or "").splitlines()
    assert sum(line.startswith("**") for line in lines) == PAGE
    assert sum("this server's own" in line for line in lines) == PAGE


def test_a_question_of_letters_that_show_nothing_still_makes_a_card() -> None:
    question = Draft.read(text="\u3164").made()
    check_embed(question_card(question, Filter(), only=False, limit=LIMIT).embed)
    check_embed(list_page([question], set(), Filter(), 1).embed)


def test_problems_fit_and_stay_text() -> None:
    with pytest.raises(FileRefused) as caught:
        parse(b"text,kind\n" + b"x,@everyone **x** [x](https://x.example)\n" * 40)
    embed, files = problems_card(caught.value)
    check_embed(embed)
    assert len(files) == 1


@pytest.mark.parametrize("wanted", [Filter(), WANTED, Filter("data-science"), Filter("führung")])
def test_a_filter_comes_back_from_its_custom_id(wanted: Filter) -> None:
    assert len(filter_text(wanted)) <= 39
    assert filter_of(filter_text(wanted)) == wanted


@pytest.mark.parametrize("text", ["funny..", ".boss.", "..a_b", "..x" + "x" * 40])
def test_a_custom_id_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        filter_of(text)
    assert caught.value.code == "bad_filter"
