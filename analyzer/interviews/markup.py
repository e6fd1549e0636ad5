"""Builds a page as a tree: whatever is put into it as text can come out as nothing but text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Part = Element | str | None
"""What can stand inside an element; `None` leaves no trace."""

_NEVER = frozenset({"script", "iframe", "object", "embed", "link", "base", "form"})
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that turn the direction of what follows, beyond the text they came with."""


def tag(name: str, /, *parts: Part, **attributes: str | None) -> Element:
    """An element with these parts in it.

    Args:
        name: of the element.
        parts: elements, and texts from anywhere: they are cleaned here and escaped by `page`.
        attributes: `_` in a name stands for `-`, and one at its end for nothing (`class_`). An
            attribute that is `None` is left out.

    Raises:
        ValueError: it is an element that runs something or loads something.
    """
    if name in _NEVER:
        raise ValueError(f"no {name} on a page that is kept")
    known = {
        key.rstrip("_").replace("_", "-"): visible(value)
        for key, value in attributes.items()
        if value is not None
    }
    made = Element(name, known)
    last: Element | None = None
    for part in parts:
        if isinstance(part, str):
            if last is None:
                made.text = (made.text or "") + visible(part)
            else:
                last.tail = (last.tail or "") + visible(part)
        elif part is not None:
            made.append(part)
            last = part
    return made


def style(css: str) -> Element:
    """Our own style sheet, the one thing that is not escaped.

    Raises:
        ValueError: it could end the element that it stands in.
    """
    if "<" in css:
        raise ValueError("a style sheet holds no <")
    made = Element("style")
    made.text = css
    return made


def page(html: Element) -> str:
    """The page as text."""
    return f"<!doctype html>\n{tostring(html, encoding='unicode', method='html')}\n"


def listed(name: str, items: Iterable[Part], **attributes: str | None) -> Element | None:
    """A list (`ul` or `ol`) of what is not empty, or `None` where nothing is."""
    found = [tag("li", item) for item in items if item is not None and item != ""]
    return tag(name, *found, **attributes) if found else None


def visible(text: str) -> str:
    """Text without control characters, and without marks that turn what stands around it."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character in _OVERRIDES or category == "Cs":  # half a character: no encoding has it
        return ""
    return " " if category in ("Cc", "Zl", "Zp") else character
