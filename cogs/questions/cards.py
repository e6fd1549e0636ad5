"""How questions look: one to answer, a page of a bank, and what managing a bank says."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any

import discord

from analyzer.questions.bank import Filter
from cogs.ui.buttons import Action, PracticeButton, view_of
from cogs.ui.embeds import ATTENTION, QUIET, WORKING, Card, FittedEmbed, practice_question
from cogs.ui.modals import UploadLimit
from cogs.ui.pagination import PageButton, page_buttons
from cogs.ui.text import plain, unclipped
from core.errors import FileRefused, Refused
from core.models import QUESTION_MAX
from core.questions import Question
from storage.paging import nearest_page
from storage.repositories.questions import Change

PAGE = 10
"""Questions on a page."""

LIST, ASK = "questions", "ask"
"""The names of the list's and the card's page buttons; they are in custom ids: keep them."""

_TEXT_LIMIT = 2 * QUESTION_MAX  # room for an escape before every character
_LISTED_LIMIT = 240  # ten of these and of what is below fit into a description
_FACTS_LIMIT = 160
_NAMED_LIMIT = 100
_NAMED = 10
_PROBLEM_LIMIT = 300
_PROBLEMS = 10
_MUST, _MAY = 20, 10


def question_card(question: Question, wanted: Filter, *, only: bool, limit: UploadLimit) -> Card:
    """A question to answer. `only`: no other one fits, so there is no button for another."""
    card = practice_question(question.text, weight=_MUST, footer=_facts(question))
    if limit.studio:
        card.say("Press `Answer it` to record your answer in the studio.", weight=_MUST)
    else:
        how = "Record your answer as a video, then press `Answer it` to send it."
        card.say(how, limit.sentence, weight=_MUST)
    items: list[discord.ui.Item[Any]] = [PracticeButton(Action.QUESTION_ANSWER, question.id)]
    if only:
        card.say("This is the only question that fits.", weight=_MAY, gap=False)
    else:
        # The page does not matter: any press shows another question
        items.append(PageButton(ASK, 1, filter_text(wanted), label="Another one"))
    return Card(card.build(), view_of(*items))


def list_page(
    questions: Sequence[Question], own: Collection[str], wanted: Filter, page: int
) -> Card:
    """A page of questions, as near to the wanted one as there is; `own` are the server's ids."""
    page, pages = nearest_page(page, len(questions), PAGE)
    first = (page - 1) * PAGE
    counted = "1 question" if len(questions) == 1 else f"{len(questions)} questions"
    card = FittedEmbed("Questions", WORKING, footer=f"Page {page} of {pages} · {counted}")
    if not questions:
        card.say("No question fits that. Try it with fewer options.", weight=_MUST)
    for number, question in enumerate(questions[first : first + PAGE], start=first + 1):
        facts = _facts(question) + (" · this server's own" if question.id in own else "")
        text = plain(question.text, _LISTED_LIMIT)
        card.say(f"**{number}.** {text}", plain(facts, _FACTS_LIMIT), weight=_MUST)
    turns = page_buttons(LIST, page=page, pages=pages, argument=filter_text(wanted))
    return Card(card.build(), view_of(*turns))


def bank_embed(title: str, question: Question) -> discord.Embed:
    """One question of a bank, under what has happened to it or what is asked about it."""
    card = FittedEmbed(title, QUIET, footer=_facts(question))
    card.say(plain(question.text, _TEXT_LIMIT), weight=_MUST)
    if question.looks_for:
        card.say(f"Looks for: {plain(question.looks_for, _TEXT_LIMIT)}", weight=_MUST)
    return card.build()


def import_embed(change: Change) -> discord.Embed:
    """What an import has done to a bank."""
    card = FittedEmbed("Import finished", QUIET)
    groups = {
        "Added": change.added,
        "Changed": change.changed,
        "In the bank already": change.same,
    }
    counts = [f"{name}: {len(questions)}." for name, questions in groups.items()]
    card.say(" ".join(counts), weight=_MUST)
    for name, questions in groups.items():
        lines = [f"• {plain(question.text, _NAMED_LIMIT)}" for question in questions[:_NAMED]]
        if len(questions) > _NAMED:
            lines.append(f"and {len(questions) - _NAMED} more")
        card.field(name, lines, weight=_MAY)
    return card.build()


def problems_card(error: FileRefused) -> tuple[discord.Embed, list[discord.File]]:
    """Why a file was not taken; the reasons are in a file where a card has no room."""
    listed, count = len(error.problems), len(error.problems) + error.unlisted
    shown = [plain(problem, _PROBLEM_LIMIT) for problem in error.problems[:_PROBLEMS]]
    card = FittedEmbed("Nothing was imported", ATTENTION)
    card.say(*shown, weight=_MAY)
    files = []
    if count > _PROBLEMS:
        lines = [unclipped(problem) for problem in error.problems]
        which = f"all {count:,} problems"
        if error.unlisted:
            lines.append(f"and {error.unlisted:,} more")
            which = f"the first {listed:,} of {count:,} problems"
        text = "\n".join(lines).encode()
        files = [text_file("problems.txt", text, f"{which[0].upper()}{which[1:]}, by line.")]
        card.say(f"The file has {which}.", weight=_MUST)
    card.say("Correct the file and import it again.", weight=_MUST)
    return card.build(), files


def text_file(name: str, data: bytes, description: str) -> discord.File:
    """A file to attach, with its alt text."""
    return discord.File(io.BytesIO(data), filename=name, description=description)


def filter_text(wanted: Filter) -> str:
    """A filter as custom ids carry it: kind, level and tag, at most 39 characters."""
    return ".".join((wanted.kind or "", wanted.level or "", wanted.tag or ""))


def filter_of(text: str) -> Filter:
    """The filter in a custom id.

    Raises:
        Refused: it is none of ours.
    """
    kind, _, rest = text.partition(".")
    level, _, tag = rest.partition(".")
    try:
        return Filter.read(tag, kind, level)
    except Refused:
        raise Refused("bad_filter", "That list has changed. Use the command again.") from None


def _facts(question: Question) -> str:
    return " · ".join(filter(None, (question.kind, question.level, ", ".join(question.tags))))
