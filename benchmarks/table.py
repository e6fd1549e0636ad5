"""Prints a table line by line, each as soon as it is known."""

from __future__ import annotations

WIDTH = 9
"""Characters of a column, unless its name needs more."""


class Table:
    """A table on standard output; making it prints the head.

    Args:
        columns: their names, with the unit.
        label_width: makes the first column a label: left-aligned, and this wide.
    """

    def __init__(self, *columns: str, label_width: int = 0) -> None:
        self._label_width = label_width
        self._widths = [max(WIDTH, len(column) + 2) for column in columns]
        self.row(*columns)

    def row(self, *cells: str) -> None:
        """Print a line; one text for each column."""
        line = ""
        for number, (cell, width) in enumerate(zip(cells, self._widths, strict=True)):
            is_label = number == 0 and self._label_width
            line += f"{cell:<{self._label_width}}" if is_label else f"{cell:>{width}}"
        print(line, flush=True)
