"""The consent card: whether a member has agreed to it, and how they are asked."""

from __future__ import annotations

import discord

from analyzer.consent import agrees
from analyzer.dependencies import JudgeInUse
from cogs.client import Interaction
from cogs.shared.interactions import owner_of
from cogs.shared.place import AllowedPlace
from cogs.ui.buttons import Action, buttons
from cogs.ui.embeds import WORKING, FittedEmbed
from cogs.ui.error_replies import answer_privately
from cogs.ui.text import plain
from core.assessment import EngineName
from core.models import THIS_MACHINE, Request

OPERATOR_LIMIT = 400  # in UTF-16 units, escapes included
NAME_LIMIT = 100  # of a judge's host or model, likewise

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
        "Your pace, how much your voice varies, and how much of the time your head is toward the "
        "camera. Pauses and fillers are counted. Your words are written down, and key points and "
        "parts of an answer are looked for in them, which no score comes from."
    ),
}
_KNOWN_ERRORS = {
    EngineName.TWELVELABS: (
        "Dim light, the camera's position, a noisy room, an accent, a stutter or another "
        "disability can lower a score unfairly. Treat every number as a rough estimate."
    ),
    EngineName.LOCAL: (
        "A noisy room, a poor microphone, an accent, a stutter or another disability can lower a "
        "score unfairly, and so can dim light and a camera at the side. Treat every number as a "
        "rough estimate."
    ),
}

_WORDS_STAY = (
    "Your words, as text, and the question are also read by a language model ({model}) on the "
    "server that runs this bot, and go nowhere else for that."
)
_WORDS_GO = (
    "Your words, as text, and the question go to {host}, where a language model ({model}) reads "
    "them. Your picture, your voice, your Discord name and id do not."
)
_SCORED_WITH_JUDGE = (
    "Your pace, how much your voice varies, and how much of the time your head is toward the "
    "camera are measured, pauses and fillers counted. What you say is judged from the transcript: "
    "finished sentences, structure, and whether the question is answered. Never feelings or "
    "personality."
)
_ERRORS_OF_JUDGE = " Words that are misheard are misjudged, and a judge can be wrong by itself."

_INSTEAD = (
    "This bot has used up what it may spend on TwelveLabs for now. Until it goes on there, clips "
    "are measured on the bot's own server: fewer things are scored, and there is no overall."
)

_MUST = 20


async def has_agreed(interaction: Interaction) -> bool:
    """Whether the member has agreed to the consent card as it is now.

    Raises:
        Refused: `vendor_cap`; nothing assesses a clip now.
    """
    deps = interaction.client.app.deps
    engine, consent = await deps.engine_now(), await deps.consents.get(owner_of(interaction))
    return agrees(consent, engine, deps.judge_host, instead=engine is not deps.engine)


async def ask_consent(interaction: Interaction, place: AllowedPlace, request: Request) -> None:
    """Keep a request and show the consent card; agreeing goes on from it."""
    deps = interaction.client.app.deps
    await deps.requests.add(request)
    await answer_privately(
        interaction,
        card_for(interaction, place, request, await deps.engine_now()),
        buttons(request.id, Action.CONSENT_AGREE, Action.CONSENT_NOT_NOW, Action.CONSENT_MORE),
    )


def card_for(
    interaction: Interaction, place: AllowedPlace, request: Request, engine: EngineName
) -> discord.Embed:
    """The consent card as it is now, for this request and for the engine in use."""
    deps = interaction.client.app.deps
    return consent_card(
        engine=engine,
        instead=engine is not deps.engine,
        judge=deps.judge,
        retention_days=deps.policy.retention_with(place.settings).days,
        shared=request.shared and bool(request.clips),  # the studio asks when it is sent in
        operator=deps.operator,
    )


def still_says(card: discord.Embed, engine: EngineName, judge: JudgeInUse | None) -> bool:
    """Whether a card that was shown names where clip and words go now: it may be days old."""
    return any(field.value == where_it_goes(engine, judge) for field in card.fields)


def where_it_goes(engine: EngineName, judge: JudgeInUse | None) -> str:
    """Where the clip goes, and where the words of it go, in a card's words."""
    if judge is None:
        return _CLIP_GOES[engine]
    host, model = (plain(text, NAME_LIMIT) for text in (judge.host, judge.model))
    stays = judge.host == THIS_MACHINE
    words = (_WORDS_STAY if stays else _WORDS_GO).format(host=host, model=model)
    if engine is EngineName.LOCAL and not stays:
        clip = "Your clip is analysed on the server that runs this bot, and deleted there right "
        return f"{clip}afterwards. {words}"
    return f"{_CLIP_GOES[engine]} {words}"


def consent_card(
    *,
    engine: EngineName,
    retention_days: int,
    judge: JudgeInUse | None = None,
    operator: str | None = None,
    shared: bool = False,
    instead: bool = False,
) -> discord.Embed:
    """What a member agrees to before their first clip: where it goes, what stays, how it ends.

    What is scored and how wrong that can be is behind a button: see `scoring_card`.

    Args:
        engine: where the clip would go.
        judge: where its words would go as well.
        retention_days: how long attempts are kept, in days.
        operator: who runs this bot, as the operator wrote it.
        shared: whether this request's result would be shown to everyone, by the member's own
            choice or by the server's default.
        instead: whether the engine takes the vendor's place because the operator's cap is used up.
    """
    days = "1 day" if retention_days == 1 else f"{retention_days} days"
    card = FittedEmbed("Before your first clip", WORKING).say(
        "Greenroom helps you practise interview answers. Nothing is fetched until you agree. A "
        "clip is a video you attach, or an answer you record in the studio.",
        weight=_MUST,
    )
    if instead:
        card.say(_INSTEAD, weight=_MUST)
    for name, text in {
        "Where your clip goes": where_it_goes(engine, judge),
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


def scoring_card(engine: EngineName, judge: JudgeInUse | None = None) -> discord.Embed:
    """What is scored, and how that goes wrong: what the consent card leaves to its button."""
    judged = judge is not None and engine is EngineName.LOCAL
    scored = _SCORED_WITH_JUDGE if judged else _SCORED[engine]
    card = FittedEmbed("What is scored", WORKING).say(scored, weight=_MUST)
    errors = f"{_KNOWN_ERRORS[engine]}{_ERRORS_OF_JUDGE if judged else ''}"
    card.field(
        "Where it goes wrong",
        [f"{errors} `/metrics` switches off what would judge you unfairly."],
        weight=_MUST,
    )
    return card.build()
