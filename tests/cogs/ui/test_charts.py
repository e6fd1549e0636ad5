"""Charts: pictures of a sensible size, readable colours, and words for who does not see them."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from analyzer.scoring.measures import OVERALL, PACE
from analyzer.scoring.progress import Line, compare, progress_of
from cogs.compare.cards import compare_alt, compare_card
from cogs.progress.cards import progress_alt, progress_card
from cogs.ui import charts
from cogs.ui.charts import comparison_chart, drawn, interview_chart, picture, progress_chart
from core.assessment import EngineName, Filler, KeyPoint, Metric
from core.models import Attempt
from tests.cogs.ui.limits_checker import check_dead, check_embed
from tests.cogs.ui.samples import ASSESSED, BOUNDED, DAY, assessment, attempt, delivery

STAMP = f"<t:{int(DAY.timestamp())}"
OURS = frozenset({f"{STAMP}:d>", f"{STAMP}:f>"})


def series(count: int, **changes: Any) -> list[Attempt]:
    """Attempts on days in a row, newest first; their scores rise."""
    made = []
    for day in range(count):
        values = {metric: 3 + day * 6 // count + place % 2 for place, metric in enumerate(Metric)}
        fillers = tuple(Filler(text="um", at_seconds=1) for _ in range(day % 3))
        spoken = delivery(words_per_minute=180 - day * 30 / count, fillers=fillers)
        facts = {"delivery": spoken} | changes
        made.append(attempt(assessment(values, **facts), created_at=DAY + timedelta(days=day)))
    return made[::-1]


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio of two colours, 1-21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [charts.NOW, charts.BEFORE])
@pytest.mark.parametrize("theme", ["#313338", "#FFFFFF", charts.BACKGROUND])
def test_marks_stand_out_in_both_themes(colour: str, theme: str) -> None:
    assert contrast(colour, theme) >= 3


@pytest.mark.parametrize("colour", [charts.INK, charts.FAINT])
def test_text_stands_out_on_the_chart(colour: str) -> None:
    assert contrast(colour, charts.BACKGROUND) >= 4.5


@pytest.mark.parametrize("count", [2, 12, 50])
def test_a_progress_chart_shows_every_line_in_a_phones_shape(count: int) -> None:
    found = progress_of(series(count))
    assert len(found.lines) == 10
    image = opened(progress_chart(found.lines))
    assert image.width == 1080
    assert 1080 < image.height < 1500
    colours = {colour for _, colour in image.getcolors(1 << 24) or []}
    assert {(0x3D, 0x8B, 0xD9), (0xD0, 0x6A, 0x1E), (0x31, 0x33, 0x38)} <= colours


def test_higher_scores_are_drawn_higher() -> None:
    def middle_of_blue(values: tuple[float, float]) -> float:
        found = progress_of(series(2))
        line = next(each for each in found.lines if each.measure.title == "Overall")
        image = opened(progress_chart([type(line)(line.measure, values)]))
        rows = [y for y in range(image.height) for x in range(0, image.width, 4)
                if image.getpixel((x, y)) == (0x3D, 0x8B, 0xD9)]  # fmt: skip
        return sum(rows) / len(rows)

    assert middle_of_blue((9, 9)) < middle_of_blue((5, 5)) < middle_of_blue((2, 2))


@pytest.mark.parametrize("columns", [("1", "2", "2+"), ("1", "1+", "2", "2+", "3", "3+", "4")])
def test_an_interviews_chart_joins_no_answers_over_one_without_a_number(
    columns: tuple[str, ...],
) -> None:
    def blue(*values: float | None) -> set[int]:
        """In which places along the panel something is drawn in blue."""
        image = opened(interview_chart([Line(OVERALL, values)], columns))
        assert (image.width, image.height) == (1080, 290)
        return {
            x
            for x in range(image.width)
            for y in range(image.height)
            if image.getpixel((x, y)) == (0x3D, 0x8B, 0xD9)
        }

    rest = (None,) * (len(columns) - 3)
    whole, gap = blue(7.0, 7.0, 7.0, *rest), blue(7.0, None, 7.0, *rest)
    middle = (min(whole) + max(whole)) // 2
    assert middle in whole
    assert middle not in gap
    assert min(whole) in gap  # the first answer's mark is where it was


def test_an_interviews_chart_writes_each_number() -> None:
    def drawn_in_ink(*values: float) -> int:
        image = opened(interview_chart([Line(PACE, values)], ("1", "2", "3")))
        return sum(n for n, c in image.getcolors(1 << 24) or [] if c == (0xDB, 0xDE, 0xE1))

    one_digit, three_digits = drawn_in_ink(0, 4, 8), drawn_in_ink(100, 104, 108)
    assert three_digits > one_digit * 1.2


def test_a_comparison_has_a_row_for_each_score() -> None:
    few = compare(*series(2))
    some = opened(comparison_chart(few.scores[:3]))
    whole = opened(comparison_chart(few.scores))
    assert whole.width == some.width == 1080
    assert whole.height > some.height


async def test_charts_are_drawn_in_one_thread_of_their_own_one_at_a_time() -> None:
    running, most, names = 0, 0, set()

    def draw() -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        names.add(threading.current_thread().name)
        time.sleep(0.01)
        running -= 1
        return b"png"

    assert await asyncio.gather(*(drawn(draw) for _ in range(4))) == [b"png"] * 4
    assert most == 1
    assert threading.current_thread().name not in names


async def test_charts_drawn_at_the_same_time_do_not_mix() -> None:
    kinds: list[Callable[[], bytes]] = []
    for count in (2, 7, 12):
        lines = progress_of(series(count)).lines
        kinds.append(lambda lines=lines: progress_chart(lines))  # type: ignore[misc]  # early binding
    alone = [draw() for draw in kinds]
    assert await asyncio.gather(*(drawn(draw) for draw in kinds)) == alone


async def test_a_chart_that_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "DRAW_SECONDS", 0.01)
    release = threading.Event()
    try:
        assert await drawn(lambda: b"late" if release.wait(5) else b"") is None
    finally:
        release.set()
    embed = discord.Embed(title="In words")
    assert picture(embed, None, "progress.png", "…") == []
    assert embed.image.url is None


async def test_a_failure_to_draw_reaches_the_caller() -> None:
    def draw() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await drawn(draw)


def test_matplotlib_is_not_imported_before_the_first_chart_and_pyplot_never() -> None:
    code = (
        "import sys, cogs.progress.cog, cogs.compare.cog\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from cogs.ui.charts import comparison_chart\n"
        "from analyzer.scoring.measures import OVERALL\n"
        "from analyzer.scoring.progress import Change\n"
        "assert comparison_chart([Change(OVERALL, 3.0, 5.0)])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter


def test_a_progress_card_says_all_that_the_chart_shows() -> None:
    found = progress_of(series(12))
    embed = progress_card(found, question="Why us?", total=14, streak=3)
    text = f"{embed.description}\n" + "\n".join(field.value or "" for field in embed.fields)
    overall = next(each for each in found.lines if each.measure.title == "Overall")
    assert f"Best: {max(overall.known)}" in text
    assert f"Latest: {overall.known[-1]}" in text
    assert "Since the first: up 5.0" in text
    assert "3 weeks in a row" in text
    assert "latest 12 of 14" in text
    for line in found.lines:
        assert f"• {line.measure.title}: " in text
    assert "Words per minute: 152, at first 180 (down 28); falling" in text


def test_alt_text_tells_each_trend() -> None:
    words = progress_alt(progress_of(series(12)))
    assert words.startswith("Line charts of 12 attempts, 2 March 2026 to 13 March 2026.")
    assert "Overall: rising, from 3.4 to 8.4." in words
    assert "Words per minute: falling, from 180 to 152." in words
    assert len(words) <= 1024


def test_a_comparison_is_said_in_whole_lines() -> None:
    before = attempt(assessment({Metric.SPEECH_RATE: 4}, delivery=delivery()))
    points = (KeyPoint(text="Gives the *result*", at_seconds=65),)
    after = assessment(
        {Metric.SPEECH_RATE: 6, Metric.CLARITY: 5},
        delivery=delivery(words_per_minute=130),
        key_points=points,
    )
    found = compare(before, attempt(after, created_at=DAY + timedelta(days=1)))
    fields = {field.name: field.value or "" for field in compare_card(found).fields}
    assert "• Speech rate: 6, before 4 (up 2)" in fields["Up"]
    assert fields["Down"] == "• Clarity: 5, before 6 (down 1)"
    assert "• Voice tone: 6, before 6 (no change)" in fields["The same"]
    assert "• Words per minute: 130, before 148 (down 18)" in fields["Measured in your delivery"]
    assert fields["Key points only in the later one"] == "• Gives the \\*result\\* (1:05)"
    assert "matched by their wording" in fields["Good to know"]
    assert "Speech rate: 6, before 4 (up 2)." in compare_alt(found)


def test_what_cannot_be_compared_in_numbers_shows_none() -> None:
    local = attempt(assessment(engine=EngineName.LOCAL), created_at=DAY + timedelta(days=1))
    embed = compare_card(compare(attempt(assessment()), local))
    assert "can't be compared in numbers" in (embed.description or "")
    assert not embed.fields


@settings(BOUNDED, max_examples=25)
@given(st.lists(ASSESSED, min_size=2, max_size=3), st.booleans())
def test_cards_of_any_attempts_hold_every_limit(attempts: list[Attempt], one: bool) -> None:
    found = progress_of(attempts)
    if found.lines:
        question = attempts[0].question if one else None
        check_embed(progress_card(found, question=question, total=99, streak=1), ours=OURS)
        check_alt(progress_alt(found))
    compared = compare(attempts[0], attempts[-1])
    check_embed(compare_card(compared), ours=OURS)
    check_alt(compare_alt(compared))


def check_alt(text: str) -> None:
    assert 0 < len(text.encode("utf-16-le")) // 2 <= 1024
    check_dead("footer", text)
