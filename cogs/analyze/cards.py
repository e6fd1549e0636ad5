"""The small cards around a result: consent, progress, failure, history, and one-sentence notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import discord

from cogs.analyze.result_card import pace_text
from cogs.ui.embeds import ATTENTION, QUIET, WORKING, FittedEmbed
from cogs.ui.text import moment, plain, sentence
from core.models import Attempt, AttemptState, EngineName

QUESTION_LIMIT = 200
SENTENCE_LIMIT = 1000
OPERATOR_LIMIT = 400  # in UTF-16 units, escapes included
HISTORY_QUESTION_LIMIT = 100

_ENGINE_TITLES = {EngineName.TWELVELABS: "TwelveLabs", EngineName.LOCAL: "local engine"}

_CLIP_GOES = {
    EngineName.TWELVELABS: (
        "Your clip and the question are sent to TwelveLabs, Inc. (US), whose AI model analyses "
        "them. Your Discord name and id are not sent. The clip is deleted there right afterwards, "
        "and this bot keeps no copy."
    ),
    EngineName.LOCAL: (
        "Your clip is analysed on the server that runs this bot, and sent to nobody. It is "
        "deleted there right afterwards."
    ),
}
_SCORED = {
    EngineName.TWELVELABS: (
        "What can be seen and heard: structure, pace, voice, gestures, looking toward the camera, "
        "steady delivery, and whether the question is answered. Never feelings or personality."
    ),
    EngineName.LOCAL: (
        "Your pace and how much your voice varies. Pauses and fillers are counted, and your words "
        "are written down. Your picture and what you say are not judged."
    ),
}
_KNOWN_ERRORS = {
    EngineName.TWELVELABS: (
        "Dim light, the camera's position, a noisy room, an accent, a stutter or another "
        "disability can lower a score unfairly. Treat every number as a rough estimate."
    ),
    EngineName.LOCAL: (
        "A noisy room, a poor microphone, an accent, a stutter or another disability can lower a "
        "score unfairly. Treat every number as a rough estimate. Light and camera play no part."
    ),
}

_DURATION = {
    EngineName.TWELVELABS: "It usually takes one to three minutes.",
    EngineName.LOCAL: "It usually takes less time than the clip is long.",
}
_STEPS: dict[EngineName, dict[str, frozenset[AttemptState]]] = {
    EngineName.TWELVELABS: {
        "Check": frozenset({AttemptState.QUEUED}),
        "Upload": frozenset({AttemptState.FETCHED}),
        "Assessment": frozenset({AttemptState.UPLOADED, AttemptState.ANALYZING}),
        "Result": frozenset({AttemptState.ASSESSED}),
    },
    EngineName.LOCAL: {
        "Check": frozenset({AttemptState.QUEUED}),
        "Measuring": frozenset(
            {AttemptState.FETCHED, AttemptState.UPLOADED, AttemptState.ANALYZING}
        ),
        "Result": frozenset({AttemptState.ASSESSED}),
    },
}
"""The steps after "Received", each with the states in which it is under way."""

_MUST, _MAY = 20, 10


def consent_card(
    *,
    engine: EngineName,
    retention_days: int,
    operator: str | None = None,
    shared: bool = False,
) -> discord.Embed:
    """What a member agrees to before their first clip.

    Args:
        engine: where the clip would go.
        retention_days: how long attempts are kept, in days.
        operator: who runs this bot, as the operator wrote it.
        shared: whether this request's result would be shown to everyone, by the member's own
            choice or by the server's default.
    """
    days = "1 day" if retention_days == 1 else f"{retention_days} days"
    card = FittedEmbed("Before your first clip", WORKING).say(
        "Greenroom helps you practise interview answers. Nothing is fetched until you agree. A "
        "clip is a video you attach, or an answer you record in the studio.",
        weight=_MUST,
    )
    for name, text in {
        "Where your clip goes": _CLIP_GOES[engine],
        "What is scored": _SCORED[engine],
        "Where it goes wrong": (
            f"{_KNOWN_ERRORS[engine]} `/metrics` switches off what would judge you unfairly."
        ),
        "What is kept": (
            f"The question, the result and the transcript, for {days}. In Discord only you see "
            "them, unless you share a result. `Delete` under a result removes it at once; "
            "`/privacy` shows and deletes everything."
        ),
        "Practice only": "Never for hiring, admission or any other decision about a person.",
        "By agreeing you say": (
            "The clip is yours and shows only you, and you are at least 13 and old enough in your "
            "country to decide this yourself."
        ),
    }.items():
        card.field(name, [text], weight=_MUST)
    if shared:
        card.field(
            "Who sees this result",
            [
                "Everyone in this channel. To keep it to yourself, press `Not now` and run "
                "`/analyze` with `share: False`."
            ],
            weight=_MUST,
        )
    if operator and (name := plain(operator, OPERATOR_LIMIT)):
        card.field("Who runs this bot", [name], weight=_MUST)
    return card.build()


def progress_embed(attempt: Attempt, *, now: datetime) -> discord.Embed:
    """How far an attempt has come, as a short checklist, with the time since it was submitted."""
    elapsed = moment((now - attempt.created_at).total_seconds())
    return (
        FittedEmbed("Working on your answer", WORKING)
        .say(plain(attempt.question, QUESTION_LIMIT), weight=_MAY)
        .say(*_checklist(attempt), weight=_MUST)
        .say(f"{elapsed} so far. {_DURATION[attempt.engine]}", weight=_MUST)
        .say(
            "You can close Discord; the result will be here and in `/history`.",
            weight=_MUST,
            gap=False,
        )
        .build()
    )


def failure_embed(attempt: Attempt) -> discord.Embed:
    """Why there is no result, and what to do next. The reference finds it in the operator's log."""
    why = attempt.failure.sentence if attempt.failure else "This attempt could not be finished."
    return (
        FittedEmbed("No result this time", ATTENTION)
        .say(sentence(why, SENTENCE_LIMIT), weight=_MUST)
        .say(
            "Nothing was scored and your clip is not kept. You can run `/analyze` again whenever "
            "you like.",
            weight=_MUST,
        )
        .say(
            f"If it keeps happening, give this reference to whoever runs the bot: `{attempt.id}`",
            weight=_MUST,
        )
        .field("Question", [plain(attempt.question, QUESTION_LIMIT)], weight=_MAY)
        .build()
    )


def cancelled_embed(attempt: Attempt) -> discord.Embed:
    """The member's own cancelling, confirmed."""
    return (
        FittedEmbed("Cancelled", QUIET)
        .say(
            "Nothing was scored and your clip is not kept. Run `/analyze` whenever you like.",
            weight=_MUST,
        )
        .field("Question", [plain(attempt.question, QUESTION_LIMIT)], weight=_MAY)
        .build()
    )


def history_embed(
    attempts: Sequence[Attempt],
    page: int,
    pages: int,
    *,
    question: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> discord.Embed:
    """One page of a member's attempts, numbered from 1 on each page like the buttons below it.

    `page` counts from 1; `question`, `since` and `until` say what the list was narrowed to.
    """
    footer = f"Page {page} of {pages}" if pages > 1 else ""
    card = FittedEmbed("Your practice so far", WORKING, footer=footer)
    narrowed = [f"from {since}" if since else "", f"up to {until}" if until else ""]
    if question:
        narrowed.insert(0, f"at “{plain(question, HISTORY_QUESTION_LIMIT)}”")
    if any(narrowed):
        card.say(f"Only attempts {' '.join(filter(None, narrowed))}", weight=_MUST)
    if not attempts and any(narrowed):
        card.say("There are none. Leave a filter out to see more.", weight=_MUST)
    elif not attempts:
        card.say("Nothing here yet. Run `/analyze` with a clip to begin.", weight=_MUST)
    for number, attempt in enumerate(attempts, start=1):
        asked = plain(attempt.question, HISTORY_QUESTION_LIMIT)
        when = f"<t:{int(attempt.created_at.timestamp())}:d>"
        facts = f"{when} · {_outcome(attempt)} · {_ENGINE_TITLES[attempt.engine]}"
        card.say(f"**{number}.** {asked}", facts, weight=_MUST)
    return card.build()


def refusal_embed(text: str) -> discord.Embed:
    """One sentence of ours that says why not, and what to do next."""
    return FittedEmbed("", ATTENTION).say(sentence(text, SENTENCE_LIMIT), weight=_MUST).build()


def note_embed(text: str) -> discord.Embed:
    """One sentence of ours that asks or confirms something."""
    return FittedEmbed("", QUIET).say(sentence(text, SENTENCE_LIMIT), weight=_MUST).build()


def _checklist(attempt: Attempt) -> list[str]:
    """The steps: done, under way, to come. An ended attempt has done them all."""
    steps = _STEPS[attempt.engine]
    doing = [attempt.state in states for states in steps.values()]
    current = doing.index(True) if True in doing else len(doing)
    lines = ["✓ Received"]
    for index, name in enumerate(steps):
        if index < current:
            lines.append(f"✓ {name}")
        else:
            lines.append(f"**▸ {name}**" if index == current else f"· {name}")
    return lines


def _outcome(attempt: Attempt) -> str:
    """The overall score, else the measured pace, else how the attempt stands."""
    found = attempt.assessment
    if found is not None:
        if found.overall is not None:
            return f"overall {found.overall} of 10"
        return pace_text(found.delivery) or "assessed"
    if attempt.state is AttemptState.CANCELLED:
        return "cancelled"
    return "no result" if attempt.state.ended else "still working"
