"""The custom ids of panels and of menus that choose one thing; both work after a restart."""

from __future__ import annotations

import re

_PANEL_ID = re.compile(r"gr-set:(?P<name>[a-z]{1,16})")
_PICK_ID = re.compile(r"gr-pick:(?P<subject>[0-9a-f]{16})")


def panel_id(name: str) -> str:
    """The custom id of a button or menu of a settings panel."""
    return f"gr-set:{name}"


def read_panel(custom_id: str) -> str | None:
    """The name in a custom id of a panel, `None` when it is something else's."""
    match = _PANEL_ID.fullmatch(custom_id)
    return match["name"] if match else None


def pick_id(subject: str) -> str:
    """The custom id of a menu that chooses one of a request's clips."""
    return f"gr-pick:{subject}"


def read_pick(custom_id: str) -> str | None:
    """The request in a custom id of such a menu, `None` when it is something else's."""
    match = _PICK_ID.fullmatch(custom_id)
    return match["subject"] if match else None
