"""The starter set and the rules of a bank: what fits in, and what is asked next."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from analyzer.questions.bank import (
    BANK_MAX,
    STARTERS,
    Filter,
    add_to,
    edit_in,
    find,
    merge_into,
    pick,
    pool,
    starter,
    starters_with,
)
from analyzer.questions.draft import TAG_MAX, TAGS_MAX, Draft, read_looks_for, read_tags, read_text
from cogs.ui.text import plain
from core.errors import Refused
from core.models import QUESTION_MAX
from core.questions import Question, QuestionKind, QuestionLevel, question_key


def made(text: str, **parts: str) -> Question:
    return Draft.read(text=text, **parts).made()


def content(questions: list[Question]) -> list[tuple[object, ...]]:
    return [(one.text, one.kind, one.level, one.tags) for one in questions]


# The starter set


def test_starters_keep_the_rules_of_a_bank() -> None:
    assert len(STARTERS) >= 60
    assert len({question_key(question.text) for question in STARTERS}) == len(STARTERS)
    assert len({question.id for question in STARTERS}) == len(STARTERS)
    for question in STARTERS:
        assert read_text(question.text) == question.text
        assert 1 <= len(question.tags) <= 3
        assert read_tags(list(question.tags)) == question.tags
        assert len(plain(question.text, 1000)) <= 110, "short enough to be suggested and read"
        assert question.looks_for
        assert read_looks_for(question.looks_for) == question.looks_for
    assert len({question.looks_for for question in STARTERS}) == len(STARTERS)


def test_starters_cover_every_kind_at_every_level() -> None:
    found = Counter((question.kind, question.level) for question in STARTERS)
    assert all(found[kind, level] >= 5 for kind in QuestionKind for level in QuestionLevel)


def test_every_starter_tag_is_worth_a_filter() -> None:
    tags = Counter(tag for question in STARTERS for tag in question.tags)
    assert min(tags.values()) >= 2


def test_a_starters_id_comes_from_its_text_alone() -> None:
    assert STARTERS[0].text == "Tell me about yourself."
    assert STARTERS[0].id == "046169357d81e2fb"
    assert starter("046169357d81e2fb") == STARTERS[0]
    assert starter("0" * 16) is None


def test_starters_are_found_whatever_the_case_and_spacing() -> None:
    assert STARTERS[0] in starters_with("  TELL me   about ")
    assert starters_with("no such question at all") == []


# What fits in


@pytest.mark.parametrize(
    ("given_tags", "read"),
    [
        ("Teamwork, data science;  , teamwork", ("teamwork", "data-science")),
        (["Führung", "面接"], ("führung", "面接")),
        ("", ()),
        ("-", ()),
    ],
)
def test_tags_are_tidied(given_tags: object, read: tuple[str, ...]) -> None:
    assert read_tags(given_tags) == read


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"text": " \u200b "}, "The question has no text."),
        ({"text": "x" * (QUESTION_MAX + 1)}, "301 characters"),
        ({"text": 7}, "The text should be text."),
        ({"kind": "funny"}, "The kind “funny” should be one of behavioural, technical"),
        ({"level": "boss"}, "The level “boss” should be one of entry, middle, senior"),
        ({"tags": "c++"}, "The tag “c++” should be letters, digits and hyphens"),
        ({"tags": "x" * (TAG_MAX + 1)}, "20 at most"),
        ({"tags": "a,b,c,d,e,f"}, f"There are 6 tags; use {TAGS_MAX} at most."),
        ({"tags": [["a"]]}, "The tag should be text."),
    ],
)
def test_what_is_wrong_gets_one_sentence(parts: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        Draft.read(**parts)
    assert sentence in caught.value.sentence


def test_what_is_not_said_is_behavioural_middle_and_without_tags() -> None:
    question = made(" Why \n this? ")
    assert content([question]) == [
        ("Why this?", QuestionKind.BEHAVIOURAL, QuestionLevel.MIDDLE, ())
    ]


def test_the_same_question_is_not_added_twice() -> None:
    bank = [made("Why this?")]
    with pytest.raises(Refused) as caught:
        add_to(bank, Draft(text="WHY  this"))
    assert caught.value.code == "question_known"


def test_a_full_bank_takes_no_more_but_can_be_changed() -> None:
    bank = [made(f"Question {number}?") for number in range(BANK_MAX)]
    with pytest.raises(Refused) as caught:
        add_to(bank, Draft(text="One more?"))
    assert "501" in caught.value.sentence
    change = merge_into(bank, [Draft(text="Question 1", level=QuestionLevel.SENIOR)])
    assert [one.id for one in change.changed] == [bank[1].id]


def test_editing_changes_only_what_is_said() -> None:
    bank = [made("Why this?", tags="a, b", kind="technical"), made("Why that?")]
    [edited] = edit_in(bank, bank[0].id, Draft(level=QuestionLevel.SENIOR)).changed
    assert edited == bank[0].model_copy(update={"level": QuestionLevel.SENIOR})
    [edited] = edit_in(bank, "why this", Draft(tags=())).changed
    assert edited == bank[0].model_copy(update={"tags": ()})
    [edited] = edit_in(bank, bank[0].id, Draft(text="Why THIS?")).changed
    assert edited.text == "Why THIS?"


def test_editing_makes_no_question_the_same_as_another() -> None:
    bank = [made("Why this?"), made("Why that?")]
    with pytest.raises(Refused) as caught:
        edit_in(bank, bank[0].id, Draft(text="why that"))
    assert caught.value.code == "question_known"
    with pytest.raises(Refused) as caught:
        find(bank, "Why?")
    assert caught.value.code == "question_unknown"


def test_importing_adds_what_is_new_and_changes_what_is_there() -> None:
    bank = [made("Why this?"), made("Why that?", tags="a"), made("Why?")]
    change = merge_into(
        bank,
        [
            Draft.read(text="Why this?"),
            Draft.read(text="WHY THAT?", tags=""),
            Draft.read(text="New?", kind="technical"),
        ],
    )
    assert change.same == (bank[0],)
    assert [(one.id, one.text, one.tags) for one in change.changed] == [
        (bank[1].id, "WHY THAT?", ())
    ]
    assert [(one.text, one.kind) for one in change.added] == [("New?", QuestionKind.TECHNICAL)]


# What is asked next


def test_a_servers_own_question_stands_in_for_the_starter() -> None:
    own = made("TELL ME ABOUT YOURSELF")
    questions = pool([own], Filter())
    assert questions[0] == own
    assert len(questions) == len(STARTERS)
    assert STARTERS[0] not in questions


def test_filters_hold_together() -> None:
    wanted = Filter.read(" Planning", "situational", "senior")
    found = pool([], wanted)
    assert found
    for question in found:
        assert "planning" in question.tags
        assert (question.kind, question.level) == ("situational", "senior")
    assert pool([], Filter.read("no-such-tag")) == []


def test_never_the_same_question_twice_in_a_row() -> None:
    questions = [made(f"Question {number}?") for number in range(3)]
    chance = random.Random(1)  # noqa: S311 - the same chance every time is what a test wants
    asked: list[Question] = []
    for _ in range(200):
        last = asked[-1].id if asked else None
        asked.append(pick(questions, last, chance.choice))
    assert all(one.id != other.id for one, other in pairwise(asked))
    assert len({one.id for one in asked}) == 3


def test_the_only_question_is_asked_again_and_none_is_refused() -> None:
    only = made("Why?")
    assert pick([only], only.id) == only
    with pytest.raises(Refused) as caught:
        pick([], None)
    assert caught.value.code == "no_question"
