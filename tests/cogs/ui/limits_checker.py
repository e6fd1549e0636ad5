"""Checks a finished embed against Discord's rules, without the code that is meant to hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
from simcord.components import validate_embeds
from simcord.preview._markdown import markdown_tokens

LIMITS = {"title": 256, "description": 4096, "name": 256, "value": 1024, "footer": 2048}

ALIVE = {
    "everyone": re.compile(r"@(everyone|here)", re.IGNORECASE),
    "mention": re.compile(r"<(@[!&]?|#)\d+>"),
    "masked link": re.compile(r"\[[^\]]*\]\("),
    "address": re.compile(r"\w+://"),
    "code fence": re.compile(r"``"),
    "heading": re.compile(r"^\s*#{1,3} |^\s*-# ", re.MULTILINE),
    "quote": re.compile(r"^\s*>{1,3} ", re.MULTILINE),
    "list": re.compile(r"^\s*([-*+]|\d+[.)]) ", re.MULTILINE),
    "spoiler": re.compile(r"\|\|"),
    "tag": re.compile(r"<(t|id|a?:\w+|/[^:]+):"),
    "emoji name": re.compile(r":\w+:"),
}

INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

# Mentions and commands that SimCord's renderer would bring to life if it found them unescaped
KNOWN = {
    "everyone": True,
    "users": {"1": "alice"},
    "roles": {"1": "staff"},
    "channels": {"1": "general"},
    "commands": {"1": "analyze"},
    "emojis": {"1": {"name": "wave", "animated": False}},
}

# SimCord looks for "-# " after it has undone escapes, unlike Discord: ALIVE finds the real ones
OUR_MARKUP = {
    "text", "code", "break", "inline", "paragraph", "strong_open", "strong_close", "subtext",
}  # fmt: skip


def check_embed(embed: discord.Embed, *, ours: frozenset[str] = frozenset()) -> None:
    """Fail unless the embed is within every limit and nothing from outside is alive in it.

    `ours` are live pieces that are meant: a timestamp, the name of who shared.
    """
    payload: dict[str, Any] = dict(embed.to_dict())
    validate_embeds([payload])
    check_limits(payload)
    for kind, text in texts(payload):
        check_dead(kind, text, ours)


def check_limits(payload: dict[str, Any]) -> None:
    """Discord's limits, in characters and in UTF-16 units; the units are never fewer."""
    total = 0
    for kind, text in texts(payload):
        size = len(text.encode("utf-16-le")) // 2  # fails for a lone surrogate
        assert len(text) <= size <= LIMITS[kind], kind
        assert text.strip(), f"{kind} is empty, which Discord refuses"
        total += size
    assert total <= 6000
    assert len(payload.get("fields", [])) <= 25
    assert total > 0


def check_dead(kind: str, text: str, ours: frozenset[str] = frozenset()) -> None:
    """Nothing in a text links, pings, or renders as anything but text, bold and short code."""
    assert not INVISIBLE.search(text)
    if kind == "footer":  # Discord renders a footer as it is
        return
    for piece in ours:
        text = text.replace(piece, "")
    assert not ALIVE["everyone"].search(text)
    assert not ALIVE["mention"].search(text)
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "\ue000", text)  # Discord's own rule for escapes
    for name, pattern in ALIVE.items():
        assert not pattern.search(unescaped), name
    found = set(kinds(markdown_tokens(text, "message", context=KNOWN)))
    assert found <= OUR_MARKUP, found - OUR_MARKUP


def texts(payload: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of an embed that counts, with the kind of limit it has."""
    for kind in ("title", "description"):
        if kind in payload:
            yield kind, payload[kind]
    for field in payload.get("fields", []):
        yield "name", field["name"]
        yield "value", field["value"]
    if "footer" in payload:
        yield "footer", payload["footer"]["text"]


def kinds(tokens: list[dict[str, Any]]) -> Iterator[str]:
    """What SimCord's renderer made of a text, at every depth."""
    for token in tokens:
        yield token["type"]
        yield from kinds(token.get("children", []))


def shown(tokens: list[dict[str, Any]]) -> str:
    """The text a reader of SimCord's page would see."""
    return "".join(token.get("content", "") + shown(token.get("children", [])) for token in tokens)
