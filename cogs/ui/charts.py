"""Draws charts as PNG, off the event loop: lines over attempts or answers, and two side by side.

Matplotlib is imported by the first chart, in the drawing thread: it takes about a second. It keeps
its font list in the user's cache folder, or in a temporary one where that can't be written.
"""

from __future__ import annotations

import asyncio
import io
import logging
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from analyzer.scoring.progress import Change, Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

log = logging.getLogger(__name__)

BACKGROUND = "#313338"  # a card of its own, so the text is as readable in a light theme
INK = "#DBDEE1"
FAINT = "#B5BAC1"
GRID = "#4E5058"
NOW = "#3D8BD9"
BEFORE = "#D06A1E"
"""Blue and orange, which all kinds of colour blindness tell apart; 3 to 1 and more on dark and
white alike, as WCAG 2.1 asks of graphics (1.4.11). Text keeps 4.5 to 1 (1.4.3)."""

DRAW_SECONDS = 20.0
"""How long a member waits for a picture before the words are sent without one."""

_DRAWER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
"""One at a time: Matplotlib is not thread-safe (its FAQ), and holds Python's lock as it draws."""

_DPI = 200
_WIDTH = 5.4  # inches, 1080 pixels: a phone shows them at about a third
_COLUMNS = 2
_PANEL_HEIGHT = 1.35
_ROW_HEIGHT = 0.52
_TITLE, _SMALL, _LATEST = 10.5, 8.5, 13.0  # points; 8.5 are 9 pixels on a phone
_TITLE_FITS = 22  # characters beside the latest number
_LOW, _HIGH = 1, 10  # of every score
_MARKERS_UP_TO = 20  # beyond it the markers would touch
_NUMBERS_UP_TO = 6  # beyond it the numbers beside them would


async def drawn(draw: Callable[[], bytes]) -> bytes | None:
    """Draw in the drawing thread. `None` when it takes too long: then the words must do."""
    try:
        async with asyncio.timeout(DRAW_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(_DRAWER, draw)
    except TimeoutError:
        log.warning("a chart was not drawn within %.0f s", DRAW_SECONDS)
        return None


def picture(embed: discord.Embed, chart: bytes | None, name: str, alt: str) -> list[discord.File]:
    """Put a chart into an embed; returns what to attach. `alt` says what it shows."""
    if chart is None:
        return []
    embed.set_image(url=f"attachment://{name}")
    return [discord.File(io.BytesIO(chart), filename=name, description=alt)]


def progress_chart(lines: Sequence[Line], *, step: str = "attempt") -> bytes:
    """A small panel for each line, all over the same steps, as PNG. Blocks.

    Scores share a scale of 1-10; what is measured has a scale of its own. `step` is what one
    number belongs to.
    """
    return _panels(lines, lambda axes, line: _draw_line(axes, line, step))


def interview_chart(lines: Sequence[Line], columns: Sequence[str]) -> bytes:
    """A small panel for each line, all over the same answers, as PNG. Blocks.

    Each mark has its number beside it, as long as there is room for that: unlike attempts at one
    question, no answer counts more than another.

    Args:
        lines: over the answers, in their order.
        columns: what the answers are called along the axis, such as "2" and "2+".
    """
    numbered = len(columns) <= _NUMBERS_UP_TO

    def draw(axes: Axes, line: Line) -> None:
        _draw_line(axes, line, "", numbered=numbered)
        axes.set_xticks(range(1, len(columns) + 1), columns)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("center")
        _write_ticks(axes, y_size=_SMALL)

    return _panels(lines, draw)


def _panels(lines: Sequence[Line], draw: Callable[[Axes, Line], None]) -> bytes:
    rows = math.ceil(len(lines) / _COLUMNS)
    figure = _figure(rows * _PANEL_HEIGHT + 0.1)
    for place, line in enumerate(lines, start=1):
        draw(figure.add_subplot(rows, _COLUMNS, place), line)
    figure.tight_layout(pad=0.6, w_pad=1.4, h_pad=1.0)
    return _png(figure)


def comparison_chart(changes: Sequence[Change]) -> bytes:
    """The scores of two attempts, each pair on a line of its own from 1 to 10, as PNG. Blocks."""
    figure = _figure(len(changes) * _ROW_HEIGHT + 0.75)
    axes = figure.add_subplot(1, 1, 1)
    _strip(axes)
    for row, change in enumerate(changes):
        _draw_pair(axes, row, change)
    axes.set_xlim(_LOW - 0.6, _HIGH + 1.6)
    axes.set_ylim(len(changes) - 0.4, -1.1)
    axes.set_xticks([_LOW, 5, _HIGH])
    axes.set_yticks(range(len(changes)), [change.measure.title for change in changes])
    axes.grid(visible=True, axis="x", color=GRID, linewidth=0.8)
    _write_ticks(axes, y_size=_TITLE)
    _draw_key(axes)
    figure.tight_layout(pad=0.6)
    return _png(figure)


def _draw_line(axes: Axes, line: Line, step: str, *, numbered: bool = False) -> None:
    numbers = range(1, len(line.values) + 1)
    values = [math.nan if value is None else value for value in line.values]
    colour, shape = (NOW, "o") if line.measure.is_score else (BEFORE, "s")
    size = 5.0 if len(values) <= _MARKERS_UP_TO else 2.5
    axes.plot(numbers, values, color=colour, linewidth=2, marker=shape, markersize=size)
    _strip(axes)
    title = _TITLE if len(line.measure.title) <= _TITLE_FITS else _SMALL
    axes.set_title(line.measure.title, loc="left", color=INK, fontproperties=_font(title))
    axes.set_xlim(0.5, len(values) + 0.5)
    axes.set_xticks([1, len(values)], [f"{step} 1".strip(), str(len(values))])
    if line.measure.is_score:
        axes.set_ylim(_LOW - 0.7, _HIGH + 0.7)
        axes.set_yticks([_LOW, 5, _HIGH])
    else:
        least, most = min(line.known), max(line.known)
        room = max((most - least) * 0.2, line.measure.steady / 2)
        axes.set_ylim(least - room, most + room)
        axes.set_yticks(
            sorted({least, most}), [line.measure.text(v) for v in sorted({least, most})]
        )
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    _write_ticks(axes, y_size=_SMALL)
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.get_xticklabels()[1].set_horizontalalignment("right")
    if numbered:
        _number_each(axes, line)
    else:
        _stress_latest(axes, line, shape, size + 2)


def _stress_latest(axes: Axes, line: Line, shape: str, size: float) -> None:
    last = max(at for at, value in enumerate(line.values) if value is not None)
    value = line.known[-1]
    axes.plot([last + 1], [value], shape, color=INK, markersize=size, clip_on=False)
    axes.text(
        1.0,
        1.04,
        line.measure.text(value),
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        color=INK,
        fontproperties=_font(_LATEST, bold=True),
    )


def _number_each(axes: Axes, line: Line) -> None:
    """Write each number above its mark, and leave room for that under the title."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + (high - low) * 0.25)
    if not line.measure.is_score:
        axes.set_yticks([min(line.known)], [""])  # the numbers say where the ends are
    for at, value in enumerate(line.values, start=1):
        if value is not None:
            axes.annotate(
                line.measure.text(value),
                (at, value),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=INK,
                fontproperties=_font(_SMALL, bold=True),
            )


def _draw_pair(axes: Axes, row: int, change: Change) -> None:
    axes.plot([change.before, change.now], [row, row], color=FAINT, linewidth=2, zorder=2)
    axes.plot([change.before], [row], "D", color=BEFORE, markersize=7, zorder=3)
    axes.plot([change.now], [row], "o", color=NOW, markersize=10, zorder=3 if change.by else 2.5)
    sign = f"{change.by:+.{change.measure.decimals}f}" if change.by else "same"
    axes.text(
        _HIGH + 1.5,
        row,
        sign,
        ha="right",
        va="center",
        color=INK,
        fontproperties=_font(_TITLE, bold=True),
    )


def _draw_key(axes: Axes) -> None:
    """Say what the two marks mean, above the first row."""
    for x, marker, size, colour, words in (
        (_LOW, "D", 7, BEFORE, "earlier"),
        (_LOW + 3.2, "o", 10, NOW, "later"),
    ):
        axes.plot([x], [-0.8], marker, color=colour, markersize=size)
        axes.text(x + 0.4, -0.8, words, va="center", color=INK, fontproperties=_font(_TITLE))


def _figure(height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)  # the figure keeps it; pyplot would keep every figure for ever
    return figure


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _strip(axes: Axes) -> None:
    """Leave nothing of Matplotlib's box."""
    axes.set_facecolor(BACKGROUND)
    axes.set_frame_on(False)
    axes.tick_params(length=0, colors=FAINT)


def _write_ticks(axes: Axes, *, y_size: float) -> None:
    for label in axes.get_xticklabels():
        label.set_fontproperties(_font(_SMALL))
    for label in axes.get_yticklabels():
        label.set_fontproperties(_font(y_size))
        label.set_color(INK if y_size == _TITLE else FAINT)


def _font(size: float, *, bold: bool = False) -> FontProperties:
    """Matplotlib's own font by its file, so that no font of this machine gets into a picture."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(get_data_path(), "fonts", "ttf", name), size=size)
