"""Which page of a list there is; pages are counted from 1."""

from __future__ import annotations


def nearest_page(number: int, total: int, size: int) -> tuple[int, int]:
    """The page that is nearest to the one with this number, and how many there are: at least one.

    `total` things are listed, `size` on a page.
    """
    pages = max(1, -(-total // size))
    return min(max(1, number), pages), pages
