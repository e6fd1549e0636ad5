"""What a manager writes becomes a question, or one sentence that says why it cannot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar

from core.errors import Refused
from core.models import new_id
from core.questions import (
    LOOKS_FOR_MAX,
    Question,
    QuestionKind,
    QuestionLevel,
    clean_question,
)

TAGS_MAX = 5
TAG_MAX = 20
"""Most tags of a question, and most characters of a tag."""

NO_TAGS = "-"
"""What stands for no tags, or no other such part, where nothing means: as it was."""

_TAG = re.compile(r"[^\W_]+(-[^\W_]+)*")  # letters and digits of any script
_BETWEEN_TAGS = re.compile(r"[,;\n]")
_SHOWN_OF_A_MISTAKE = 40  # characters
_LOOKED_AT = 100  # tags, and times the longest one's characters: more is nobody's mistake

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as a manager wrote it. `None`: not said, so it stays, or becomes the default."""

    text: str | None = None
    kind: QuestionKind | None = None
    level: QuestionLevel | None = None
    tags: tuple[str, ...] | None = None
    looks_for: str | None = None

    @classmethod
    def read(cls, **given: object) -> Self:
        """The draft a manager has given part by part; what is `None` was not said.

        Raises:
            Refused: the first part that is wrong.
        """
        said = {name: value for name, value in given.items() if value is not None}
        return cls(**{name: READERS[name](value) for name, value in said.items()})

    def made(self) -> Question:
        """A new question; unless said otherwise it is behavioural, of the middle level."""
        return Question(
            id=new_id(),
            text=self.text or "",
            kind=self.kind or QuestionKind.BEHAVIOURAL,
            level=self.level or QuestionLevel.MIDDLE,
            tags=self.tags or (),
            looks_for=self.looks_for or "",
        )

    def onto(self, question: Question) -> Question:
        """The question with all that is said here."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return question.model_copy(update=said)


def read_text(value: object) -> str:
    """A question's text, cleaned.

    Raises:
        Refused: it is not text, empty, or longer than 300 characters.
    """
    try:
        return clean_question(_string("text", value))
    except Refused as refused:
        if refused.code == "question_empty":
            raise Refused(refused.code, "The question has no text.") from None
        raise


def read_kind(value: object) -> QuestionKind | None:
    """A kind by its name; nothing means not said.

    Raises:
        Refused: there is no such kind.
    """
    return _word(QuestionKind, "kind", value)


def read_level(value: object) -> QuestionLevel | None:
    """A level by its name; nothing means not said.

    Raises:
        Refused: there is no such level.
    """
    return _word(QuestionLevel, "level", value)


def read_tags(value: object) -> tuple[str, ...]:
    """Tags from a list, or from a text that has commas between them; each once, in order.

    Raises:
        Refused: one has other characters or is too long, or they are too many.
    """
    given = value if isinstance(value, list) else _BETWEEN_TAGS.split(_string("tags", value))
    if given == [NO_TAGS]:
        return ()
    if len(given) > _LOOKED_AT:
        raise _too_many(len(given))
    tags = [tag for item in given if (tag := _clean_tag(_string("tag", item)))]
    for tag in tags:
        if len(tag) > TAG_MAX or not _TAG.fullmatch(tag):
            raise Refused(
                "bad_tag",
                f"The tag “{_shown(tag)}” should be letters, digits and hyphens, "
                f"{TAG_MAX} at most.",
            )
    tags = list(dict.fromkeys(tags))
    if len(tags) > TAGS_MAX:
        raise _too_many(len(tags))
    return tuple(tags)


def read_looks_for(value: object) -> str:
    """The line of what a good answer contains, cleaned; nothing or a hyphen is none.

    Raises:
        Refused: it is not text, or longer than 160 characters.
    """
    given = _string("looks_for", value)
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in given).split())
    if len(cleaned) > LOOKS_FOR_MAX:
        raise Refused(
            "looks_for_too_long",
            f"What the question looks for has {len(cleaned)} characters; please use "
            f"{LOOKS_FOR_MAX} at most.",
        )
    return "" if cleaned == NO_TAGS else cleaned


READERS: dict[str, Callable[[object], Any]] = {
    "text": read_text,
    "kind": read_kind,
    "level": read_level,
    "tags": read_tags,
    "looks_for": read_looks_for,
}
"""Reads each part of a question that a manager can write; raises only `Refused`."""


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refused("not_text", f"The {name} should be text.")
    return value


def _word(words: type[_Word], name: str, value: object) -> _Word | None:
    wanted = _string(name, value).strip().lower()
    if not wanted:
        return None
    try:
        return words(wanted)
    except ValueError:
        raise Refused(
            f"bad_{name}", f"The {name} “{_shown(wanted)}” should be one of {', '.join(words)}."
        ) from None


def _too_many(count: int) -> Refused:
    return Refused("too_many_tags", f"There are {count} tags; use {TAGS_MAX} at most.")


def _clean_tag(tag: str) -> str:
    """Lower case, with a hyphen for white space; NFKC joins what only looks different.

    Of a text that is far too long only the beginning: NFKC makes up to 18 characters of one.
    """
    text = " ".join(tag.split())[: TAG_MAX * _LOOKED_AT]
    return "-".join(unicodedata.normalize("NFKC", text).lower().split())


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_OF_A_MISTAKE else text[:_SHOWN_OF_A_MISTAKE] + "…"
