"""The starter questions, and the rules of a server's bank: what fits in, and what is asked next."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from analyzer.questions.draft import Draft, read_kind, read_level, read_tags
from core.errors import Refused
from core.questions import Question, QuestionKind, QuestionLevel, question_key
from storage.repositories.questions import Change

BANK_MAX = 500
"""Most questions a server's bank holds."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which questions are wanted; what is not said may be anything."""

    tag: str | None = None
    kind: QuestionKind | None = None
    level: QuestionLevel | None = None

    @classmethod
    def read(
        cls, tag: str | None = None, kind: str | None = None, level: str | None = None
    ) -> Self:
        """The filter a member has asked for; of several tags the first counts.

        Raises:
            Refused: there is no such kind or level, or that is no tag.
        """
        tags = read_tags(tag or "")
        return cls(tags[0] if tags else None, read_kind(kind or ""), read_level(level or ""))

    def fits(self, question: Question) -> bool:
        """Whether this question is wanted."""
        return (
            self.tag in (None, *question.tags)
            and self.kind in (None, question.kind)
            and self.level in (None, question.level)
        )


def pool(bank: Sequence[Question], wanted: Filter) -> list[Question]:
    """What can be asked: the server's own first, then the starters it does not have itself."""
    own = {question_key(question.text) for question in bank}
    starters = [question for key, question in _STARTERS_BY_KEY.items() if key not in own]
    return [question for question in (*bank, *starters) if wanted.fits(question)]


def pick(
    questions: Sequence[Question],
    last_id: str | None,
    choose: Callable[[Sequence[Question]], Question] = secrets.choice,
) -> Question:
    """One of them by chance, but not the last one again while there is another.

    Raises:
        Refused: there is none.
    """
    if not questions:
        raise Refused(
            "no_question", "No question fits that. Leave an option out of `/question ask`."
        )
    others = [question for question in questions if question.id != last_id]
    return choose(others or questions)


def starter(question_id: str) -> Question | None:
    """The starter question with this id."""
    return next((question for question in STARTERS if question.id == question_id), None)


def starter_like(text: str) -> Question | None:
    """The starter question that is the same as this text, however it is written."""
    return _STARTERS_BY_KEY.get(question_key(text))


def starters_with(typed: str) -> list[Question]:
    """The starter questions that contain what was typed, as `Questions.search` compares it."""
    wanted = question_key(typed)
    return [question for key, question in _STARTERS_BY_KEY.items() if wanted in key]


def find(questions: Sequence[Question], named: str) -> Question:
    """The question with this id, or with this text.

    Raises:
        Refused: there is none.
    """
    key = question_key(named)
    for question in questions:
        if question.id == named or question_key(question.text) == key:
            return question
    raise Refused(
        "question_unknown", "That question isn't in this server's bank. Pick one from the list."
    )


def add_to(bank: Sequence[Question], draft: Draft) -> Change:
    """What taking in one new question does to this bank.

    Raises:
        Refused: it is there already, or the bank is full.
    """
    change = merge_into(bank, [draft])
    if not change.added:
        raise _known()
    return change


def edit_in(bank: Sequence[Question], named: str, draft: Draft) -> Change:
    """What writing this draft over the named question does to this bank.

    Raises:
        Refused: it is not there, or it would become the same as another one.
    """
    question = find(bank, named)
    edited = draft.onto(question)
    key = question_key(edited.text)
    if any(other.id != edited.id and question_key(other.text) == key for other in bank):
        raise _known()
    return Change(changed=(edited,))


def merge_into(bank: Sequence[Question], drafts: Sequence[Draft]) -> Change:
    """What taking in these drafts, no two of the same question, does to this bank.

    A draft of a question that is there already changes that one.

    Raises:
        Refused: the bank would hold more than 500 questions.
    """
    present = {question_key(question.text): question for question in bank}
    added, changed, same = [], [], []
    for draft in drafts:
        question = present.get(question_key(draft.text or ""))
        if question is None:
            added.append(draft.made())
        elif (edited := draft.onto(question)) != question:
            changed.append(edited)
        else:
            same.append(question)
    if len(bank) + len(added) > BANK_MAX:
        raise Refused(
            "bank_full",
            f"A server's bank holds at most {BANK_MAX} questions; with these it would have "
            f"{len(bank) + len(added)}. Remove some first.",
        )
    return Change(tuple(added), tuple(changed), tuple(same))


def _known() -> Refused:
    return Refused("question_known", "That question is in the bank already.")


def _starters() -> tuple[Question, ...]:
    """The starter set. An id comes from the text, so it means the same at every installation."""
    entries = json.loads((Path(__file__).with_name("starter_questions.json")).read_text("utf-8"))
    return tuple(
        Question(id=hashlib.sha256(question_key(entry["text"]).encode()).hexdigest()[:16], **entry)
        for entry in entries
    )


STARTERS = _starters()

_STARTERS_BY_KEY = {question_key(question.text): question for question in STARTERS}
