"""What a judge writes beside its answer."""

from __future__ import annotations

import re

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)


def without_thoughts(text: str) -> str:
    """Drop what a reasoning model thinks aloud before its answer."""
    return _THOUGHTS.sub(" ", text)
