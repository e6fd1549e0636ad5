"""What is suggested while a member types: questions, tags, and their own attempts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from discord import app_commands

from analyzer.questions.bank import Filter, pool, starters_with
from analyzer.scoring.languages import LANGUAGES, Language, matching
from cogs.client import Interaction
from cogs.shared.interactions import owner_of
from cogs.ui.text import CHOICE_NAME_LIMIT, CHOICES_LIMIT, raw
from core.assessment import EngineName
from core.errors import Refused
from storage.repositories.history import Entry, latest_at

Choice = app_commands.Choice[str]

LANGUAGE_MAX = 40
"""Longest name of a language that may be typed, in characters."""


async def suggest_questions(interaction: Interaction, typed: str) -> list[Choice]:
    """The member's own earlier questions first, then the server's bank, then the starters."""
    owner, deps = owner_of(interaction), interaction.client.app.deps
    own = await deps.attempts.questions(owner, typed, CHOICES_LIMIT)
    bank = await deps.questions.search(owner.guild_id, typed, CHOICES_LIMIT)
    return text_choices([*own, *(question.text for question in bank + starters_with(typed))])


async def suggest_own_and_starters(interaction: Interaction, typed: str) -> list[Choice]:
    """The member's own questions first, then the starters; never what others have asked."""
    deps = interaction.client.app.deps
    own = await deps.attempts.questions(owner_of(interaction), typed, CHOICES_LIMIT)
    return text_choices([*own, *(question.text for question in starters_with(typed))])


async def suggest_tags(interaction: Interaction, typed: str) -> list[Choice]:
    """The tags there are here that contain what was typed, the most used first."""
    bank = await interaction.client.app.deps.questions.all(owner_of(interaction).guild_id)
    uses = Counter(tag for question in pool(bank, Filter()) for tag in question.tags)
    by_use = sorted(uses, key=lambda tag: (-uses[tag], tag))
    return text_choices(tag for tag in by_use if typed.strip().lower() in tag)


async def suggest_answered_questions(interaction: Interaction, typed: str) -> list[Choice]:
    """The member's own questions with a result that contain what was typed, latest first."""
    entries = await interaction.client.app.deps.history.outline(owner_of(interaction))
    latest: dict[str, Entry] = {}
    for entry in entries:
        latest.setdefault(entry.question_key, entry)
    fitting = [e for e in latest.values() if typed.casefold() in e.question.casefold()]
    return [_question_choice(entry) for entry in fitting[:CHOICES_LIMIT]]


def suggest_languages(typed: str) -> list[Choice]:
    """The languages whose name or code fits what was typed."""
    return [
        app_commands.Choice(name=language.name, value=language.code)
        for language in matching(typed)[:CHOICES_LIMIT]
    ]


def language_meant(given: str) -> Language:
    """The language that was chosen from the list, or typed by its name or code.

    Raises:
        Refused: there is no such language.
    """
    wanted = given.strip().casefold()
    for language in LANGUAGES.values():
        if wanted in (language.code, language.name.casefold()):
            return language
    raise Refused(
        "language_unknown",
        "I don't know that language. Pick one from the list that appears while you type.",
    )


def question_meant(entries: Sequence[Entry], given: str | None) -> Entry | None:
    """The latest attempt at the question that was given, `None` when none was.

    Raises:
        Refused: the member has no result for such a question.
    """
    if given is None:
        return None
    found = latest_at(entries, given)
    if found is None:
        raise Refused(
            "question_unknown",
            "You have no result for that question here. Pick one of yours from the list that "
            "appears while you type, or leave the question out.",
        )
    return found


def attempt_choice(entry: Entry) -> Choice:
    """One attempt in a menu, where Discord renders no timestamps."""
    if entry.overall is not None:
        score = f"overall {entry.overall:.1f}"
    else:
        score = "measured locally" if entry.engine is EngineName.LOCAL else "no overall"
    asked = f"follow-up: {entry.question}" if entry.parent_id else entry.question
    name = f"{entry.created_at:%Y-%m-%d %H:%M} UTC · {score} · {asked}"
    return app_commands.Choice(name=raw(name, CHOICE_NAME_LIMIT), value=entry.id)


def text_choices(texts: Iterable[str]) -> list[Choice]:
    """Texts that stand for themselves, each once.

    A choice's value is cut off at 100 characters too, which would make another text of a longer
    one: those are left out.
    """
    fitting = [text for text in dict.fromkeys(texts) if raw(text, CHOICE_NAME_LIMIT) == text]
    return [app_commands.Choice(name=text, value=text) for text in fitting[:CHOICES_LIMIT]]


def _question_choice(entry: Entry) -> Choice:
    """A question in a menu. Where its text is too long for a value, its code stands for it."""
    name = raw(entry.question, CHOICE_NAME_LIMIT)
    value = entry.question if name == entry.question else entry.code
    return app_commands.Choice(name=name or "…", value=value)
