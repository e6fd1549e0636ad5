"""Refuses a message that Discord would refuse: too long, too many, or empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.discord_wire import Refusal

_EMBED_TEXTS = {
    ("title",): 256,
    ("description",): 4096,
    ("footer", "text"): 2048,
    ("author", "name"): 256,
}
_FIELD_TEXTS = {"name": 256, "value": 1024}
_COMPONENT_TEXTS = {"label": 80, "custom_id": 100, "placeholder": 150}
_EMBEDS_TOTAL = 6000

_Problem = tuple[tuple[str, ...], str]


def check_message(payload: Mapping[str, Any], *, files: int = 0, new: bool = True) -> None:
    """Check a message that is sent (`new`) or edited.

    Raises:
        Refusal: 50035 with every place that is wrong, or 50006 for an empty message.
    """
    errors: dict[str, Any] = {}
    for place, text in _problems(payload):
        leaf = errors
        for key in place:
            leaf = leaf.setdefault(key, {})
        leaf["_errors"] = [{"code": "BASE_TYPE_BAD_LENGTH", "message": text}]
    if errors:
        raise Refusal(400, 50035, "Invalid Form Body", errors)
    if new and not files and not any(payload.get(k) for k in ("content", "embeds", "components")):
        raise Refusal(400, 50006, "Cannot send an empty message")


def _problems(payload: Mapping[str, Any]) -> Iterator[_Problem]:
    yield from _too_long(("content",), payload.get("content"), 2000)
    embeds = payload.get("embeds") or []
    yield from _too_many(("embeds",), embeds, 10)
    total = 0
    for number, embed in enumerate(embeds):
        for text_place, text, limit in _embed_texts(embed):
            yield from _too_long(("embeds", str(number), *text_place), text, limit)
            total += len(text or "")
        yield from _too_many(("embeds", str(number), "fields"), embed.get("fields") or [], 25)
    if total > _EMBEDS_TOTAL:
        yield ("embeds",), f"Embed size exceeds maximum size of {_EMBEDS_TOTAL}."
    rows = payload.get("components") or []
    yield from _too_many(("components",), rows, 5)
    for row_number, row in enumerate(rows):
        row_place = ("components", str(row_number), "components")
        items = row.get("components", [])
        yield from _too_many(row_place, items, 5)
        if not items:
            yield row_place, "Must be between 1 and 5 in length."
        for number, item in enumerate(items):
            for name, limit in _COMPONENT_TEXTS.items():
                yield from _too_long((*row_place, str(number), name), item.get(name), limit)


def _embed_texts(embed: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str | None, int]]:
    for place, limit in _EMBED_TEXTS.items():
        text: Any = embed
        for key in place:
            text = (text or {}).get(key)
        yield place, text, limit
    for number, entry in enumerate(embed.get("fields") or []):
        for name, limit in _FIELD_TEXTS.items():
            yield ("fields", str(number), name), entry.get(name) or "", limit


def _too_long(place: tuple[str, ...], text: str | None, limit: int) -> Iterator[_Problem]:
    if text is not None and len(text) > limit:
        yield place, f"Must be {limit} or fewer in length."
    if text == "" and place[-1] in _FIELD_TEXTS:
        yield place, "This field is required"


def _too_many(place: tuple[str, ...], items: list[Any], limit: int) -> Iterator[_Problem]:
    if len(items) > limit:
        yield place, f"Must be {limit} or fewer in length."
