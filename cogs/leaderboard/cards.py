"""How a server's practice board looks: one page of it, and what joining and leaving mean."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from cogs.ui.embeds import QUIET, RESULT, FittedEmbed
from cogs.ui.text import plain
from core.assessment import EngineName
from storage.leaderboard.pages import LeaderboardQuery, Page, Place
from storage.leaderboard.repository import Membership
from storage.leaderboard.standings import Ranking, Window

FOOTER = (
    "Practice only: AI estimates, for your own progress. Everybody here has chosen to be. "
    "A name without @ is an alias."
)

ALIAS_LIMIT = 100  # an alias has 32 characters at most; escaped they are more
QUESTION_LIMIT = 200

RANKING_TITLES: Mapping[Ranking, str] = {
    Ranking.BEST: "Best overall",
    Ranking.BEST_THREE: "Average of the best three",
    Ranking.IMPROVEMENT: "Improvement since the first attempt",
    Ranking.ATTEMPTS: "Attempts made",
}

WINDOW_TITLES: Mapping[Window, str] = {
    Window.WEEK: "This week",
    Window.MONTH: "This month",
    Window.ALL: "All time",
}

_SINCE: Mapping[Window, str] = {
    Window.WEEK: " (since Monday, UTC)",
    Window.MONTH: " (since its first day, UTC)",
    Window.ALL: "",
}

_MEANINGS: Mapping[Ranking, str] = {
    Ranking.BEST: "The highest overall score, of 10.",
    Ranking.BEST_THREE: "The average of the three highest overall scores, of 10.",
    Ranking.IMPROVEMENT: (
        "How far the best later attempt is above the first one at the same question."
    ),
    Ranking.ATTEMPTS: "Answers that were assessed.",
}

_NEEDED: Mapping[Ranking, str] = {
    Ranking.BEST: "it takes one counted attempt with an overall score",
    Ranking.BEST_THREE: "it takes three counted attempts with an overall score",
    Ranking.IMPROVEMENT: "it takes a later attempt at a question that scores above your first",
    Ranking.ATTEMPTS: "it takes one counted attempt",
}

# What stays when room runs out: the highest. Ten lines of 100 characters never get that far.
_LEAD, _PLACES, _OWN = range(30, 0, -10)


def board_embed(page: Page, query: LeaderboardQuery, asker_id: int) -> discord.Embed:
    """One page of a board, with the asker's own place wherever that is.

    A mention inside an embed shows a name and pings nobody.
    """
    footer = (f"Page {page.number} of {page.pages}. " if page.pages > 1 else "") + FOOTER
    embed = FittedEmbed(f"Practice board: {RANKING_TITLES[query.ranking]}", RESULT, footer=footer)
    window = f"**{WINDOW_TITLES[query.window]}**{_SINCE[query.window]}"
    embed.say(f"{window} · {_question(page, query)}", weight=_LEAD)
    embed.say(_MEANINGS[query.ranking], weight=_LEAD, gap=False)
    if query.engine is EngineName.LOCAL and query.judge is None:
        embed.say(
            "The engine in use gives no overall score, so only the attempts made are ranked.",
            weight=_LEAD,
            gap=False,
        )
    lines = [_line(place, query.ranking, asker_id) for place in page.places]
    embed.say(*(lines or ["Nobody is ranked here yet."]), weight=_PLACES)
    return embed.say(_own(page, query.ranking), weight=_OWN).build()


def joined_embed(membership: Membership) -> discord.Embed:
    """What is shown of a member who has joined, to whom, and how to leave."""
    if membership.alias is None:
        name = "Under your own name. `/leaderboard join` with `alias` shows another one."
    else:
        name = f"Under the alias **{plain(membership.alias, ALIAS_LIMIT)}**."
    if membership.counts_private:
        counted = (
            "Shared **and private** results. A private result itself stays private, but its "
            "overall score can be the one the board shows."
        )
    else:
        counted = "Only results you have shared. Private ones change nothing here."
    return (
        FittedEmbed("You are on this server's practice board", RESULT, footer=FOOTER)
        .field("How you appear", [name], weight=_LEAD)
        .field("What counts", [counted], weight=_LEAD)
        .field(
            "What is shown to whom",
            [
                "Everybody in this server can see your rank, the overall score or improvement that "
                "earned it, and how many attempts you made. Who filters by a question they know "
                "sees your place at it. Answers, transcripts and comments are never shown."
            ],
            weight=_LEAD,
        )
        .field(
            "How to leave",
            [
                "`/leaderboard leave` deletes everything the board keeps about you, at once. "
                "`/leaderboard join` again changes the alias or what counts."
            ],
            weight=_LEAD,
        )
        .build()
    )


def left_embed(*, was_member: bool) -> discord.Embed:
    """That nothing of the member is on the board."""
    text = (
        "You have left: the board keeps nothing about you any more. Your attempts are still in "
        "`/history`."
        if was_member
        else "You are not on this server's board: there is nothing to delete."
    )
    return FittedEmbed("", QUIET).say(text, weight=_LEAD).build()


def _question(page: Page, query: LeaderboardQuery) -> str:
    if not query.question:
        return "all questions"
    key = plain(page.question_key[:1].upper() + page.question_key[1:], QUESTION_LIMIT)
    return f"“{key}”" if key else "one question"


def _line(place: Place, ranking: Ranking, asker_id: int) -> str:
    alias = plain(place.alias, ALIAS_LIMIT) if place.alias is not None else ""
    you = " (you)" if place.user_id == asker_id else ""
    name = alias or f"<@{place.user_id}>"
    return f"**{place.rank}.** {name}{you} · {_value(place.value, ranking)}"


def _own(page: Page, ranking: Ranking) -> str:
    if not page.member:
        return "You are not on this board. `/leaderboard join` puts you on it."
    if page.own is None:
        return f"You are not ranked here yet: {_NEEDED[ranking]}."
    value = _value(page.own.value, ranking)
    return f"**Your place: {page.own.rank} of {page.ranked}** · {value}"


def _value(value: float, ranking: Ranking) -> str:
    if ranking is Ranking.ATTEMPTS:
        return "1 attempt" if value == 1 else f"{value:.0f} attempts"
    if ranking is Ranking.IMPROVEMENT:
        return f"+{value:.1f}"
    return f"{value:.1f}"
