"""The board's embeds: the words that matter, and that no alias or question can break them."""

from __future__ import annotations

import re
from itertools import product

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.leaderboard.cards import board_embed, joined_embed, left_embed
from core.assessment import EngineName
from storage.leaderboard.pages import LeaderboardQuery, Page, Place
from storage.leaderboard.repository import Membership
from storage.leaderboard.standings import Ranking, Window
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.samples import ANY_QUESTION, ANY_TEXT, BOUNDED, DAY

MEMBER = 77

PLACES = st.lists(
    st.builds(
        Place,
        rank=st.integers(1, 10**6),
        user_id=st.just(MEMBER),
        alias=st.none() | ANY_TEXT,
        value=st.floats(0, 1e6),
    ),
    max_size=10,
)


def sight(
    ranking: Ranking = Ranking.BEST, window: Window = Window.ALL, **others: str
) -> LeaderboardQuery:
    return LeaderboardQuery(EngineName.TWELVELABS, 1, ranking, window, **others)


def page(*places: Place, own: Place | None = None, member: bool = True, question: str = "") -> Page:
    return Page(1, 3, 25, places, member, own, question)


def text_of(embed: discord.Embed) -> str:
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([embed.title or "", embed.description or "", *fields, embed.footer.text or ""])


@BOUNDED
@given(PLACES, ANY_QUESTION, st.sampled_from(Ranking), st.sampled_from(Window))
def test_any_page_is_an_embed_discord_takes_with_nothing_alive_in_it(
    places: list[Place], question: str, ranking: Ranking, window: Window
) -> None:
    shown = page(*places, own=places[0] if places else None, question=question)
    embed = board_embed(shown, sight(ranking, window, question="0" * 16), MEMBER)
    check_embed(embed, ours=frozenset({f"<@{MEMBER}>"}))


@BOUNDED
@given(ANY_TEXT)
def test_any_alias_is_confirmed_as_text(alias: str) -> None:
    check_embed(joined_embed(Membership(alias, counts_private=True, joined_at=DAY)))


def test_a_line_says_rank_name_and_value_and_who_asks_is_marked() -> None:
    places = (Place(1, 5, "Fox", 9.0), Place(2, MEMBER, None, 8.25))
    embed = board_embed(page(*places, own=places[1]), sight(), MEMBER)
    lines = (embed.description or "").splitlines()
    assert "**1.** Fox · 9.0" in lines
    assert f"**2.** <@{MEMBER}> (you) · 8.2" in lines
    assert "**Your place: 2 of 25** · 8.2" in lines
    assert (embed.footer.text or "").startswith("Page 1 of 3. Practice only")


@pytest.mark.parametrize("ranking", Ranking)
def test_who_is_not_ranked_reads_what_it_takes(ranking: Ranking) -> None:
    inside = board_embed(page(), sight(ranking), MEMBER).description or ""
    assert "You are not ranked here yet: it takes " in inside
    outside = board_embed(page(member=False), sight(ranking), MEMBER).description or ""
    assert "`/leaderboard join` puts you on it" in outside


def test_no_embed_speaks_of_hiring() -> None:
    embeds = [board_embed(page(), sight(*kind), MEMBER) for kind in product(Ranking, Window)]
    for private, alias in product((True, False), (None, "Fox")):
        embeds.append(joined_embed(Membership(alias, private, DAY)))
    embeds += [left_embed(was_member=True), left_embed(was_member=False)]
    for embed in embeds:
        assert not re.search("shortlist|hir(e|ing)|candidate", text_of(embed), re.IGNORECASE)
