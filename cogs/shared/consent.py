"""The consent card: whether a member has agreed to it, and how they are asked."""

from __future__ import annotations

import discord

from analyzer.consent import holds
from cogs.client import Interaction
from cogs.shared.interactions import owner_of
from cogs.shared.place import AllowedPlace
from cogs.ui.buttons import Action, buttons
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.error_replies import answer_privately
from cogs.ui.text import plain
from core.models import EngineName, Request

OPERATOR_LIMIT = 400  # in UTF-16 units, escapes included

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

_MUST = 20


async def has_agreed(interaction: Interaction) -> bool:
    """Whether the member has agreed to the consent card as it is now."""
    app = interaction.client.app
    return holds(await app.deps.consents.get(owner_of(interaction)), app.deps.engine)


async def ask_consent(interaction: Interaction, place: AllowedPlace, request: Request) -> None:
    """Keep a request and show the consent card; agreeing goes on from it."""
    app = interaction.client.app
    await app.deps.requests.add(request)
    await answer_privately(
        interaction,
        consent_card(
            engine=app.deps.engine,
            retention_days=app.deps.policy.retention_with(place.settings).days,
            shared=request.shared and bool(request.clips),  # the studio asks when it is sent in
            operator=app.deps.operator,
        ),
        buttons(request.id, Action.CONSENT_AGREE, Action.CONSENT_NOT_NOW, Action.CONSENT_MORE),
    )


def consent_card(
    *,
    engine: EngineName,
    retention_days: int,
    operator: str | None = None,
    shared: bool = False,
) -> discord.Embed:
    """What a member agrees to before their first clip: where it goes, what stays, how it ends.

    What is scored and how wrong that can be is behind a button: see `scoring_card`.

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
        "What is kept": (
            f"The question, the result and the transcript, for {days}. In Discord only you see "
            "them, unless you share a result. `Delete` under a result removes it at once; "
            "`/privacy` shows and deletes everything, and takes your consent back."
        ),
        "Practice only": (
            "Scores are rough estimates, and unfair to an accent, a stutter or another disability "
            "at times; `What is scored?` says more. Never for hiring, admission or any other "
            "decision about a person."
        ),
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


def scoring_card(engine: EngineName) -> discord.Embed:
    """What is scored, and how that goes wrong: what the consent card leaves to its button."""
    card = FittedEmbed("What is scored", WORKING).say(_SCORED[engine], weight=_MUST)
    card.field(
        "Where it goes wrong",
        [f"{_KNOWN_ERRORS[engine]} `/metrics` switches off what would judge you unfairly."],
        weight=_MUST,
    )
    return card.build()
