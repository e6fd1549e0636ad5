"""Text from outside: cleaned, escaped, and clipped without breaking what it is made of."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simcord.preview._markdown import markdown_tokens

from cogs.ui.text import (
    bar,
    day_text,
    moment,
    plain,
    raw,
    seconds_text,
    sentence,
    shorten,
    unclipped,
    units,
    unmarked,
)
from tests.cogs.ui.limits_checker import INVISIBLE, KNOWN, check_dead, shown
from tests.cogs.ui.samples import ANY_TEXT, BOUNDED, HOSTILE

ANYTHING = ANY_TEXT | st.text(st.characters(), max_size=50)  # lone surrogates too
LIMITS = st.integers(1, 4096)


@BOUNDED
@given(ANYTHING, LIMITS)
@example("*" * 10_000, 256)
@example("@everyone" * 1000, 80)
def test_plain_text_fits_and_nothing_in_it_is_alive(text: str, limit: int) -> None:
    made = plain(text, limit)
    assert len(made.encode("utf-16-le")) <= 2 * limit
    check_dead("description", made)


@BOUNDED
@given(ANYTHING)
def test_a_reader_sees_exactly_the_cleaned_text(text: str) -> None:
    seen = shown(markdown_tokens(plain(text, 100_000), "embed_description", context=KNOWN))
    assert seen.replace("\u200b", "") == unclipped(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reader_sees_each_hostile_text_as_it_is(text: str) -> None:
    around = f"{text} a{text}1 b{text}"
    seen = shown(markdown_tokens(plain(around, 10_000), "embed_description", context=KNOWN))
    assert seen.replace("\u200b", "") == unclipped(around)


@BOUNDED
@given(ANYTHING)
def test_unmarked_is_what_a_reader_sees(text: str) -> None:
    assert unmarked(f"**{plain(text, 100_000)}** `code`") == f"{unclipped(text)} code"


@BOUNDED
@given(ANYTHING, st.integers(1, 300))
def test_a_cut_leaves_the_beginning_of_the_text(text: str, limit: int) -> None:
    whole, made = unclipped(text), unmarked(plain(text, limit))
    assert made == whole or (made.endswith("…") and whole.startswith(made[:-1]))


@BOUNDED
@given(ANYTHING, LIMITS)
def test_raw_text_fits_on_one_visible_line(text: str, limit: int) -> None:
    made = raw(text, limit)
    assert len(made.encode("utf-16-le")) <= 2 * limit
    assert not INVISIBLE.search(made)
    assert "\n" not in made
    assert made == made.strip()


@BOUNDED
@given(ANYTHING, st.integers(1, 300))
def test_shortening_marked_text_never_cuts_inside_an_escape(text: str, limit: int) -> None:
    made = shorten(plain(text, 4096), limit)
    assert units(made) <= limit
    check_dead("description", made)


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_is_dead_at_every_length(text: str) -> None:
    for limit in range(1, 30):
        made = plain(f"{text}1 {text}", limit)
        assert units(made) <= limit
        check_dead("description", made)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a *b* _c_ ~d~ `e`", r"a \*b\* \_c\_ \~d\~ \`e\`"),
        ("[x](https://y.example)", r"\[x\](https\:\/\/y.example)"),
        ("# no heading", r"\# no heading"),
        ("-# no small print", r"\-\# no small print"),
        ("12. no list", r"12\. no list"),
        (". ) 12. no list", ". ) 12. no list"),
        ("+ no list", r"\+ no list"),
        ("a - b, 3.5", "a - b, 3.5"),
        ("@everyone", "@\u200beveryone"),
        ("<@1>", "\\<@\u200b1\\>"),
        ("two\n\nlines", "two lines"),
        ("It's 100%, really (yes)!", "It's 100%, really (yes)!"),
    ],
)
def test_only_what_discord_would_render_is_escaped(text: str, escaped: str) -> None:
    assert plain(text, 100) == escaped


def test_a_cut_never_halves_what_the_reader_sees_as_one() -> None:
    assert plain("aa**", 4) == "aa…"
    assert plain("aa**", 5) == r"aa\*…"
    assert plain("aa**", 6) == r"aa\*\*"
    assert raw("a😀😀", 4) == "a😀…"
    assert raw("ae\u0301xy", 3) == "a…"
    assert raw("ae\u0301xyz", 4) == "ae\u0301…"
    family = "👩\u200d👩\u200d👧\u200d👦"
    assert raw(f"a{family}b", 8) == "a…"
    assert raw(f"a{family}", 12) == f"a{family}"


def test_clean_text_keeps_its_language_and_loses_what_is_invisible() -> None:
    assert unclipped("\u202eabc\x00\u2066d\ufeff") == "abcd"
    assert unclipped("@\u200beveryone") == "@everyone"
    assert unclipped("می\u200cخواهم 👩\u200d🚀") == "می\u200cخواهم 👩\u200d🚀"
    assert unclipped("a\u200db") == "ab"
    assert unclipped("a \u0301b \t\n c") == "a b c"
    assert unclipped("\ud800a\udc00") == "a"
    assert unclipped("\u3164\u2800\u200b") == ""
    zalgo = unclipped("Z" + "\u0301" * 40 + "a")
    assert zalgo == "Z" + "\u0301" * 4 + "a"
    assert all(unicodedata.category(char) != "Cf" for char in unclipped("a\u00adb\u2060c"))


def test_our_own_sentences_keep_commands_and_times_and_nothing_else() -> None:
    ours = "Run `/analyze` again <t:1767225600:R>."
    assert sentence(ours, 100) == ours
    assert sentence("<@1> [x](y) `/a` **b**", 100) == "\\<@\u200b1\\> \\[x\\](y) `/a` \\*\\*b\\*\\*"
    assert sentence("ab `/analyze`", 8) == "ab…"


def test_moments_and_lengths_read_as_people_say_them() -> None:
    assert [moment(s) for s in (0, 9.99, 65, 3600, -1)] == ["0:00", "0:09", "1:05", "60:00", "0:00"]
    assert seconds_text(1.41) == "1.4 s"
    assert seconds_text(3) == "3 s"
    assert seconds_text(59.96) == "1 min"
    assert seconds_text(605) == "10 min 5 s"
    assert day_text(datetime(2026, 3, 2, tzinfo=UTC)) == "2 March 2026"


@pytest.mark.parametrize("value", range(11))
def test_a_bar_has_ten_steps_and_says_its_number(value: int) -> None:
    made = bar(value)
    assert made.count("█") == value
    assert made.count("█") + made.count("░") == 10
    assert made.endswith(f"` {value}/10")
