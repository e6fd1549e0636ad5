"""Chooses the next question for a member."""

from __future__ import annotations

from analyzer.questions.bank import Filter, pick, pool
from cogs.client import Interaction
from cogs.shared.interactions import owner_of
from core.questions import Question


async def next_question(interaction: Interaction, wanted: Filter) -> tuple[Question, bool]:
    """A question by chance, another one than the last, and whether it is the only one that fits.

    Raises:
        Refused: there is no such question.
    """
    deps, owner = interaction.client.app.deps, owner_of(interaction)
    questions = pool(await deps.questions.all(owner.guild_id), wanted)
    question = pick(questions, (await deps.member_settings.get(owner)).last_question_id)
    await deps.member_settings.change(owner, last_question_id=question.id)
    return question, len(questions) == 1
