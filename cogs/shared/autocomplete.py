"""What members pick from their own attempts while they type: a question, or an attempt."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from cogs.client import Interaction
from cogs.shared.submission import owner_of
from cogs.ui.text import CHOICE_NAME_LIMIT, raw
from core.errors import Refused
from core.models import EngineName
from storage.repositories.history import Entry, latest_at

Choice = app_commands.Choice[str]

CHOICES = 25  # Discord shows at most as many


async def own_questions(interaction: Interaction, typed: str) -> list[Choice]:
    """The member's own questions with a result that contain what was typed, latest first."""
    entries = await interaction.client.app.deps.history.outline(owner_of(interaction))
    latest: dict[str, Entry] = {}
    for entry in entries:
        latest.setdefault(entry.question_key, entry)
    fitting = [e for e in latest.values() if typed.casefold() in e.question.casefold()]
    return [_question_choice(entry) for entry in fitting[:CHOICES]]


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
    name = f"{entry.created_at:%Y-%m-%d %H:%M} UTC · {score} · {entry.question}"
    return app_commands.Choice(name=raw(name, CHOICE_NAME_LIMIT), value=entry.id)


def _question_choice(entry: Entry) -> Choice:
    """A question in a menu. Where its text is too long for a value, its code stands for it."""
    name = raw(entry.question, CHOICE_NAME_LIMIT)
    value = entry.question if name == entry.question else entry.code
    return app_commands.Choice(name=name or "…", value=value)
