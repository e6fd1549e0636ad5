"""Draws the measures of an interview as small panels of SVG, side by side on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from analyzer.interviews.markup import tag
from analyzer.interviews.report import Series
from analyzer.scoring.progress import Line

_FEW = 4  # answers, which fit into a panel of which a phone shows two side by side
_COLUMN, _HEIGHT = 33, 104  # CSS pixels: the width of an answer, and the height of a panel
_SIDE, _TOP, _BOTTOM = 18, 24, 26  # room for a number above a mark, and for the answers' names
_LOW, _HIGH = 1.0, 10.0  # of every score


def panels(series: Sequence[Series], columns: Sequence[str]) -> Element:
    """A panel for each measure, and what its marks mean.

    Every mark has its number beside it, and scores are circles and measures squares, so that
    nothing is told by a colour alone.

    Args:
        series: of the same interview.
        columns: what the answers are called along the axis, such as "2" and "2+".
    """
    width = 2 * _SIDE + _COLUMN * max(_FEW, len(columns))
    kind = "panels few" if len(columns) <= _FEW else "panels"
    drawn = [
        tag("li", tag("p", _title(one.line), class_="title"), _panel(one, columns, width, place))
        for place, one in enumerate(series)
    ]
    return tag("div", tag("ul", *drawn, class_=kind), tag("p", _key(series, columns)))


def _title(line: Line) -> str:
    unit = line.measure.unit.strip()
    return f"{line.measure.title} ({unit})" if unit else line.measure.title


def _key(series: Sequence[Series], columns: Sequence[str]) -> str:
    """What the numbers and marks mean, in a sentence or two."""
    said = ["The numbers along the bottom are the questions"]
    if any("+" in column for column in columns):
        said.append("; “+” is a follow-up")
    said.append(".")
    if any(one.line.measure.is_score for one in series):
        said.append(" Circles are scores from 1 to 10, squares are what was measured.")
    if any(value is None for one in series for value in one.line.values):
        said.append(" “–” stands where there is no number.")
    return "".join(said)


def _panel(one: Series, columns: Sequence[str], width: int, place: int) -> Element:
    line, name = one.line, f"panel-{place}"
    kind = "score" if line.measure.is_score else "measured"
    step = (width - 2 * _SIDE) / max(len(columns), 1)
    across = [_SIDE + step * (at + 0.5) for at in range(len(columns))]
    return tag(
        "svg",
        tag("title", _title(line), id=f"{name}-title"),
        tag("desc", one.words, id=f"{name}-words"),
        *_guides(line, width),
        *_connections(line, across),
        *_marks(line, across),
        *(
            tag("text", column, x=f"{x:.1f}", y=f"{_HEIGHT - 7}", class_="column")
            for x, column in zip(across, columns, strict=True)
        ),
        viewBox=f"0 0 {width} {_HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-words",
        class_=kind,
    )


def _guides(line: Line, width: int) -> Iterator[Element]:
    """The ends of the scale: 1 and 10 for a score, else the bottom alone."""
    ends = (_LOW, _HIGH) if line.measure.is_score else (_scale(line)[0],)
    for value in ends:
        y = f"{_y(line, value):.1f}"
        yield tag("line", x1=f"{_SIDE / 2}", x2=f"{width - _SIDE / 2}", y1=y, y2=y, class_="guide")


def _connections(line: Line, across: Sequence[float]) -> Iterator[Element]:
    """A line from each number to the next; none over an answer that has no number."""
    spots = list(zip(across, line.values, strict=True))
    for (x1, before), (x2, after) in pairwise(spots):
        if before is not None and after is not None:
            y1, y2 = (f"{_y(line, value):.1f}" for value in (before, after))
            yield tag("line", x1=f"{x1:.1f}", x2=f"{x2:.1f}", y1=y1, y2=y2, class_="path")


def _marks(line: Line, across: Sequence[float]) -> Iterator[Element]:
    for x, value in zip(across, line.values, strict=True):
        if value is None:
            y = (_TOP + _HEIGHT - _BOTTOM) / 2
            yield tag("text", "–", x=f"{x:.1f}", y=f"{y:.1f}", class_="none")
            continue
        y = _y(line, value)
        if line.measure.is_score:
            yield tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4", class_="mark")
        else:
            left, top = f"{x - 3.5:.1f}", f"{y - 3.5:.1f}"
            yield tag("rect", x=left, y=top, width="7", height="7", class_="mark")
        number = f"{value:.{line.measure.decimals}f}"
        yield tag("text", number, x=f"{x:.1f}", y=f"{y - 8:.1f}", class_="number")


def _scale(line: Line) -> tuple[float, float]:
    """What stands at the bottom and at the top of a panel."""
    if line.measure.is_score:
        return _LOW, _HIGH
    least, most = min(line.known), max(line.known)
    room = max((most - least) * 0.3, line.measure.steady)
    return least - room, most + room


def _y(line: Line, value: float) -> float:
    low, high = _scale(line)
    share = (value - low) / (high - low)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)
