"""The cards of `/privacy`: what is held about a member, what a deletion did, what an export is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from analyzer.scoring.rubric import METRIC_NAMES
from analyzer.services.deletion import Deleted
from analyzer.services.privacy import MemberDataSummary
from cogs.ui.embeds import ATTENTION, QUIET, WORKING, FittedEmbed
from cogs.ui.text import counted, plain
from core.assessment import EngineName
from core.models import DIRECT_MESSAGES, Attempt, Consent
from storage.leaderboard.repository import Membership

ALIAS_LIMIT = 100
HOST_LIMIT = 100
QUESTION_LIMIT = 200
LINKS = 10
"""Public messages that are named by a link; more would fill the card."""

_MUST = 20
_MAY = 10

ALLOWANCE_STAYS = (
    "One thing stays, for at most 24 hours: that you used the bot and when, without server, "
    "question or result. It keeps the daily allowance from being given out twice."
)


def held_embed(held: MemberDataSummary, *, guild_id: int, details: bool = False) -> discord.Embed:
    """What is held about a member here, in numbers and dates; with `details` all of it."""
    where = "in direct messages" if guild_id == DIRECT_MESSAGES else "in this server"
    card = FittedEmbed(f"What is kept about you {where}", WORKING)
    card.say(
        "Only you see this. Other servers and direct messages are separate: use `/privacy` there.",
        weight=_MAY,
    )
    card.field("Attempts", [*_attempts(held)], weight=_MUST)
    card.field("Your clips", [_copies(held.attempts.copies_left)], weight=_MUST)
    card.field("Consent", [_consent(held.consent)], weight=_MUST)
    if not details:
        card.say(
            "`Details` shows the rest: interviews, board, switched-off metrics, and what stays for "
            "a day.",
            weight=_MAY,
        )
        return card.build()
    interviews = f"{counted(held.interviews, 'interview')}, kept as long as attempts."
    card.field("Interviews", [interviews if held.interviews else "None."], weight=_MUST)
    card.field("Practice board", [_board(held.board)], weight=_MUST)
    names = ", ".join(METRIC_NAMES[metric] for metric in held.metrics_off)
    card.field("Metrics you switched off", [names or "None."], weight=_MUST)
    card.field("For a day at most", [*_short_lived(held)], weight=_MUST)
    return card.build()


def ask_all_embed(engine: EngineName) -> discord.Embed:
    """What deleting everything means, before it is done."""
    return (
        FittedEmbed("Delete everything?", ATTENTION)
        .say(
            "This deletes all that is kept about you here: attempts with their results and "
            "transcripts, interviews, shared results, your place on the board, your settings and "
            "your consent. Whatever is under way is cancelled.",
            weight=_MUST,
        )
        .say(_vendor_too(engine), weight=_MUST)
        .say(ALLOWANCE_STAYS, weight=_MUST)
        .say("It cannot be undone. `/privacy export` gives you a copy first.", weight=_MUST)
        .build()
    )


def ask_one_embed(attempt: Attempt) -> discord.Embed:
    """What deleting one attempt means, before it is done."""
    made = f"<t:{_stamp(attempt.created_at)}:f>"
    return (
        FittedEmbed("Delete this attempt?", ATTENTION)
        .say(plain(attempt.question, QUESTION_LIMIT), made, weight=_MUST)
        .say(
            "Its scores, transcript and key points are deleted, and its public message if you "
            f"shared it. {_vendor_too(attempt.engine)} It cannot be undone.",
            weight=_MUST,
        )
        .build()
    )


def deleted_embed(deleted: Deleted, *, everything: bool) -> discord.Embed:
    """What is gone, what is not yet, and what the member has to do themselves."""
    trouble = deleted.copies_left > 0 or len(deleted.out_of_reach) > 0
    card = FittedEmbed("Deleted", ATTENTION if trouble else QUIET)
    if everything:
        card.say(
            f"Everything kept about you here is deleted: {counted(deleted.attempts, 'attempt')} "
            "with results and transcripts, your settings, your place on the board and your "
            "consent.",
            weight=_MUST,
        )
    else:
        card.say("The attempt and all that belonged to it is deleted.", weight=_MUST)
    if deleted.copies_left:
        card.say(
            "The analysis service could not be reached to delete its copies of "
            f"{counted(deleted.copies_left, 'clip')}. Only the numbers that find these copies are "
            "kept, without your name; Greenroom tries again every hour until they are gone.",
            weight=_MUST,
        )
    else:
        card.say(
            "No copy of a clip is left, neither here nor with an analysis service.", weight=_MUST
        )
    if deleted.out_of_reach:
        card.say(
            "I can't delete these public messages; please use each message's own menu:",
            *_links(deleted.out_of_reach),
            weight=_MUST,
        )
    if everything:
        card.say(ALLOWANCE_STAYS, weight=_MUST)
    return card.build()


def withdrawn_embed(consent: Consent | None, cancelled: int) -> discord.Embed:
    """From when nothing is fetched any more, and what stays."""
    card = FittedEmbed("Consent withdrawn", QUIET)
    if consent is None or consent.withdrawn_at is None:
        card.say("You have not agreed to anything here, so nothing is fetched.", weight=_MUST)
    else:
        was = "was" if cancelled == 1 else "were"
        stopped = (
            f" {counted(cancelled, 'attempt')} under way {was} cancelled." if cancelled else ""
        )
        card.say(
            f"Withdrawn <t:{_stamp(consent.withdrawn_at)}:f>.{stopped} Nothing of yours is fetched "
            "until you agree again.",
            weight=_MUST,
        )
    card.say(
        "Results you already have stay until they expire or you delete them, with "
        "`/privacy delete`.",
        weight=_MUST,
    )
    return card.build()


def export_embed(*, without_transcripts: bool) -> discord.Embed:
    """What is in the file."""
    card = FittedEmbed("Your data", QUIET).say(
        "`greenroom.json` has everything kept about you here, `scores.csv` your scores for a "
        "spreadsheet.",
        weight=_MUST,
    )
    if without_transcripts:
        card.say(
            "With the transcripts it would be larger than a file Discord takes, so they are left "
            "out; `Transcript` under a result gives you each.",
            weight=_MUST,
        )
    return card.build()


def _attempts(held: MemberDataSummary) -> Iterator[str]:
    counts = held.attempts
    if not counts.total or counts.oldest is None or counts.newest is None:
        yield "None."
        return
    yield (
        f"{counted(counts.total, 'attempt')}: {counts.assessed} with a result, "
        f"{counts.shared} shared, {counts.under_way} under way."
    )
    first, last = _stamp(counts.oldest), _stamp(counts.newest)
    yield f"The first is from <t:{first}:D>, the latest from <t:{last}:D>."
    yield (
        f"Each is deleted {counted(held.kept.days, 'day')} after it was made: the first "
        f"<t:{_stamp(counts.oldest + held.kept)}:D>, the latest "
        f"<t:{_stamp(counts.newest + held.kept)}:D>."
    )


def _consent(consent: Consent | None) -> str:
    if consent is None:
        return "You have not agreed to anything here."
    agreed = f"<t:{_stamp(consent.agreed_at)}:f> (version {consent.version})"
    if consent.judge_host is not None:
        agreed += f", with your words judged on {plain(consent.judge_host, HOST_LIMIT)}"
    if consent.withdrawn_at is not None:
        return f"Given {agreed}, withdrawn <t:{_stamp(consent.withdrawn_at)}:f>."
    return f"Given {agreed}."


def _board(board: Membership | None) -> str:
    if board is None:
        return "You are not on it."
    name = "your own name" if board.alias is None else plain(board.alias, ALIAS_LIMIT)
    private = "count" if board.counts_private else "do not count"
    return f"On it since <t:{_stamp(board.joined_at)}:D> as {name}; private results {private}."


def _copies(left: int) -> str:
    if not left:
        return "No copy of a clip is left of the attempts that have ended."
    clips = counted(left, "clip")
    return f"The copies of {clips} are still to be deleted; Greenroom tries every hour."


def _short_lived(held: MemberDataSummary) -> Iterator[str]:
    yield f"{counted(held.uses, 'use')} of your daily allowance."
    yield f"{counted(held.waiting, 'request')} waiting for your consent or your question."
    yield f"{counted(held.studio_links, 'studio link')}."


def _vendor_too(engine: EngineName) -> str:
    if engine is EngineName.LOCAL:
        return "No copy of a clip stays anywhere."
    return (
        "Copies of your clips at TwelveLabs are deleted too; where it cannot be reached you are "
        "told so, and it is finished later."
    )


def _links(attempts: Sequence[Attempt]) -> Iterator[str]:
    for attempt in attempts[:LINKS]:
        guild = attempt.owner.guild_id or "@me"
        channel = attempt.shared_channel_id or attempt.channel_id
        message = attempt.shared_message_id or (attempt.reply and attempt.reply.message_id)
        yield f"https://discord.com/channels/{guild}/{channel}/{message}"
    if len(attempts) > LINKS:
        yield f"and {len(attempts) - LINKS} more."


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())
