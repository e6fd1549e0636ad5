"""The builder of embeds: every limit held, the least important given up first."""

from __future__ import annotations

import discord
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.embeds import FittedEmbed, note_embed, refusal_embed
from cogs.ui.text import plain
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.samples import ANY_TEXT, BOUNDED, FEWER

COLOUR = discord.Colour(0)
ESCAPED = ANY_TEXT.map(lambda text: plain(text, 10_000))
LINES = st.lists(st.tuples(ESCAPED, st.integers(0, 3)), max_size=6)
FIELDS = st.lists(st.tuples(ESCAPED, st.lists(ESCAPED, max_size=2), st.integers(0, 3)), max_size=30)


@FEWER
@given(ESCAPED, LINES, FIELDS, ANY_TEXT)
def test_any_amount_of_any_text_becomes_an_embed_discord_takes(
    title: str,
    lines: list[tuple[str, int]],
    fields: list[tuple[str, list[str], int]],
    footer: str,
) -> None:
    embed = FittedEmbed(title or "title", COLOUR, footer=footer)
    embed.say("always here", weight=9)
    for line, weight in lines:
        embed.say(line, weight=weight)
    for name, values, weight in fields:
        embed.field(name, values, weight=weight)
    made = embed.build()
    check_embed(made)
    assert (made.description or "").startswith("always here")


def test_in_a_full_field_the_least_important_line_gives_way_and_the_last_among_equals() -> None:
    made = (
        FittedEmbed("t", COLOUR)
        .field("f", ["a" * 400, "b" * 400], weight=1)
        .field("f", ["c" * 400], weight=2)
        .build()
    )
    first, second, third = (made.fields[0].value or "").split("\n")
    assert first == "a" * 400
    assert second == "b" * (1024 - 803) + "…"
    assert third == "c" * 400


def test_over_6000_in_all_whole_fields_go_in_the_order_of_their_weight() -> None:
    embed = FittedEmbed("t", COLOUR).say("d" * 4000, weight=3)
    for name, weight in (("keep", 2), ("go", 0), ("shrink", 1)):
        embed.field(name, [name[0] * 1000], weight=weight)
    made = embed.build()
    assert [field.name for field in made.fields] == ["keep", "shrink"]
    assert made.description == "d" * 4000
    assert made.fields[0].value == "k" * 1000
    assert (made.fields[1].value or "").endswith("s…")
    assert len(made) == 6000


def test_of_more_than_25_fields_the_lightest_go() -> None:
    embed = FittedEmbed("t", COLOUR)
    for number in range(30):
        embed.field(f"field {number}", ["text"], weight=0 if number < 10 else 1)
    names = [field.name for field in embed.build().fields]
    assert names == [f"field {number}" for number in (*range(5), *range(10, 30))]


def test_nothing_empty_is_sent() -> None:
    made = FittedEmbed("t", COLOUR).say("", weight=1).field("f", ["", " "], weight=1).build()
    assert made.description is None
    assert not made.fields


def test_lines_stand_under_each_other_and_paragraphs_apart() -> None:
    made = (
        FittedEmbed("t", COLOUR)
        .say("a", "b", weight=1)
        .say("c", weight=1)
        .say("d", weight=1, gap=False)
        .build()
    )
    assert made.description == "a\nb\n\nc\nd"


@BOUNDED
@given(ANY_TEXT)
def test_a_sentence_of_ours_is_an_embed_discord_takes(text: str) -> None:
    times = frozenset({"<t:0:R>"})  # in sentences of ours times are meant to be alive
    check_embed(refusal_embed(f"{text}."), ours=times)
    check_embed(note_embed(f"{text}."), ours=times)


def test_sentences_of_ours_keep_their_times_and_commands() -> None:
    said = "Run `/analyze` <t:1767225600:R>."
    for embed in (refusal_embed(said), note_embed(said)):
        assert embed.description == said
        assert embed.title is None
