"""Refuses what Discord would refuse: messages, forms, choices and commands against its limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.fakes import discord_limits as limits
from tests.fakes.discord_wire import Refusal

Problem = tuple[tuple[str, ...], str]
"""Where something is wrong, and what."""

Payload = Mapping[str, Any]


def check_message(payload: Payload, *, files: int = 0, new: bool = True) -> None:
    """Check a message that is sent (`new`) or edited.

    Raises:
        Refusal: 50035 with every place that is wrong, or 50006 for an empty message.
    """
    refuse(message_problems(payload))
    if new and not files and not any(payload.get(k) for k in ("content", "embeds", "components")):
        raise Refusal(400, 50006, "Cannot send an empty message")


def check_callback(kind: int, data: Payload, *, files: int = 0) -> None:
    """Check what answers an interaction; `kind` is the callback's type.

    Raises:
        Refusal: Discord would refuse it.
    """
    if kind in (4, 7):
        check_message(data, files=files, new=kind == 4)
    elif kind == 8:
        refuse(choice_problems(("choices",), data.get("choices") or []))
    elif kind == 9:
        refuse(modal_problems(data))


def refuse(problems: Iterable[Problem]) -> None:
    """Refuse what has problems, with each in its place as Discord nests them.

    Raises:
        Refusal: there is one.
    """
    errors: dict[str, Any] = {}
    for place, text in problems:
        leaf = errors
        for key in place:
            leaf = leaf.setdefault(key, {})
        leaf.setdefault("_errors", []).append({"code": "BASE_TYPE_INVALID", "message": text})
    if errors:
        raise Refusal(400, 50035, "Invalid Form Body", errors)


def message_problems(payload: Payload) -> Iterator[Problem]:
    """What is wrong with a message."""
    yield from too_long(("content",), payload.get("content"), limits.CONTENT)
    yield from _embed_problems(payload.get("embeds") or [])
    attachments = payload.get("attachments") or []
    yield from too_many(("attachments",), attachments, limits.ATTACHMENTS)
    for number, one in enumerate(attachments):
        place = ("attachments", str(number), "description")
        yield from too_long(place, one.get("description"), limits.ALT_TEXT)
    nonce = payload.get("nonce")
    yield from too_long(("nonce",), None if nonce is None else str(nonce), limits.NONCE)
    rows, v2 = payload.get("components") or [], payload.get("flags", 0) & limits.COMPONENTS_V2
    if v2:
        yield from _v2_problems(payload, rows)
    else:
        yield from too_many(("components",), rows, limits.ROWS)
        yield from _row_problems(rows)
    yield from _id_problems(rows)


def _embed_problems(embeds: list[Payload]) -> Iterator[Problem]:
    yield from too_many(("embeds",), embeds, limits.EMBEDS)
    total = 0
    for number, embed in enumerate(embeds):
        for text_place, text, limit in _embed_texts(embed):
            place = ("embeds", str(number), *text_place)
            yield from too_long(place, text, limit)
            if text == "" and text_place[0] == "fields":
                yield place, "This field is required"
            total += len(text or "")
        fields = embed.get("fields") or []
        yield from too_many(("embeds", str(number), "fields"), fields, limits.EMBED_FIELDS)
    if total > limits.EMBEDS_TOTAL:
        yield ("embeds",), f"Embed size exceeds maximum size of {limits.EMBEDS_TOTAL}."


def _embed_texts(embed: Payload) -> Iterator[tuple[tuple[str, ...], str | None, int]]:
    for place, limit in limits.EMBED_TEXTS.items():
        text: Any = embed
        for key in place:
            text = (text or {}).get(key)
        yield place, text, limit
    for number, entry in enumerate(embed.get("fields") or []):
        for name, limit in limits.FIELD_TEXTS.items():
            yield ("fields", str(number), name), entry.get(name) or "", limit


def _row_problems(rows: list[Payload], *, inside: tuple[str, ...] = ()) -> Iterator[Problem]:
    for row_number, row in enumerate(rows):
        place = (*inside, "components", str(row_number))
        if row.get("type") != limits.ROW:
            yield (*place, "type"), "Value must be one of (1,)."
            continue
        items = row.get("components", [])
        place = (*place, "components")
        yield from too_many(place, items, limits.IN_ROW)
        if not items:
            yield place, "Must be between 1 and 5 in length."
        if len(items) > 1 and any(item.get("type") in limits.SELECTS for item in items):
            yield place, "A select menu is alone in its row."
        for number, item in enumerate(items):
            if item.get("type") not in limits.IN_MESSAGES - {limits.ROW}:
                yield (*place, str(number), "type"), "This component is for forms only."
            yield from component_problems((*place, str(number)), item, in_modal=False)


def _v2_problems(payload: Payload, items: list[Payload]) -> Iterator[Problem]:
    for name in ("content", "embeds", "poll", "stickers"):
        if payload.get(name):
            yield (name,), "Not with Components V2."
    everything = list(_walk(items))
    yield from too_many(("components",), everything, limits.ALL_COMPONENTS)
    texts = (item.get("content") or "" for item in everything)
    if sum(map(len, texts)) > limits.ALL_TEXT:
        yield ("components",), f"Must be {limits.ALL_TEXT} or fewer characters in all."
    rows = [item for item in everything if item.get("type") == limits.ROW]
    yield from _row_problems(rows)


def modal_problems(data: Payload) -> Iterator[Problem]:
    """What is wrong with a form."""
    yield from required(("title",), data.get("title"), limits.MODAL_TITLE)
    yield from required(("custom_id",), data.get("custom_id"), limits.CUSTOM_ID)
    items = data.get("components") or []
    yield from too_many(("components",), items, limits.MODAL_ITEMS)
    if not items:
        yield ("components",), "Must be between 1 and 5 in length."
    for number, item in enumerate(items):
        place = ("components", str(number))
        kind = item.get("type")
        if kind not in limits.IN_MODALS:
            yield (*place, "type"), f"{kind} cannot stand at the top of a form."
        if kind == limits.LABEL:
            yield from required((*place, "label"), item.get("label"), limits.LABEL_TEXTS["label"])
            about = item.get("description")
            yield from too_long((*place, "description"), about, limits.LABEL_TEXTS["description"])
            inner = item.get("component") or {}
            if inner.get("type") not in limits.IN_LABELS:
                yield (*place, "component", "type"), "This component cannot stand in a label."
            yield from component_problems((*place, "component"), inner, in_modal=True)
        if kind == limits.ROW:
            for inner in item.get("components") or []:
                yield from component_problems((*place, "components"), inner, in_modal=True)
    yield from _id_problems(items)


def component_problems(
    place: tuple[str, ...], item: Payload, *, in_modal: bool
) -> Iterator[Problem]:
    """What is wrong with a button, a menu or a form's field."""
    kind = item.get("type", 0)
    if kind == limits.BUTTON:
        yield from _button_problems(place, item)
        return
    if kind in limits.IN_LABELS:
        yield from required((*place, "custom_id"), item.get("custom_id"), limits.CUSTOM_ID)
    if kind in limits.PLACEHOLDER:
        text = item.get("placeholder")
        yield from too_long((*place, "placeholder"), text, limits.PLACEHOLDER[kind])
    if kind == limits.TEXT_INPUT:
        yield from _text_input_problems(place, item)
    if kind in limits.OPTIONS:
        yield from _option_problems(place, item)
    if kind in limits.MOST_VALUES:
        yield from _values_problems(place, item, in_modal=in_modal)
    if kind == limits.CHANNEL_SELECT:
        for number, channel_type in enumerate(item.get("channel_types") or []):
            if channel_type not in limits.CHANNEL_TYPES:
                where = (*place, "channel_types", str(number))
                yield where, f"Value must be one of {sorted(limits.CHANNEL_TYPES)}."
    if in_modal and item.get("disabled"):
        yield (*place, "disabled"), "Nothing in a form can be disabled."


def _button_problems(place: tuple[str, ...], item: Payload) -> Iterator[Problem]:
    style = item.get("style")
    yield from too_long((*place, "label"), item.get("label"), limits.BUTTON_LABEL)
    if style not in limits.BUTTON_STYLES:
        yield (*place, "style"), f"Value must be one of {sorted(limits.BUTTON_STYLES)}."
    elif style == limits.LINK:
        yield from required((*place, "url"), item.get("url"), limits.BUTTON_URL)
        if item.get("custom_id"):
            yield (*place, "custom_id"), "A custom id and url cannot both be specified."
    elif style != limits.PREMIUM:
        yield from required((*place, "custom_id"), item.get("custom_id"), limits.CUSTOM_ID)
        if item.get("url"):
            yield (*place, "url"), "A custom id and url cannot both be specified."
        if not item.get("label") and not item.get("emoji"):
            yield (*place, "label"), "A button has a label or an emoji."


def _text_input_problems(place: tuple[str, ...], item: Payload) -> Iterator[Problem]:
    if item.get("style") not in limits.TEXT_INPUT_STYLES:
        yield (*place, "style"), "Value must be one of (1, 2)."
    least, most = item.get("min_length") or 0, item.get("max_length")
    most = limits.TEXT_INPUT_LENGTH if most is None else most
    if not 0 <= least <= most or not 1 <= most <= limits.TEXT_INPUT_LENGTH:
        yield (*place, "max_length"), "Must be between 1 and 4000, and not below min_length."
    yield from too_long((*place, "value"), item.get("value"), most)


def _option_problems(place: tuple[str, ...], item: Payload) -> Iterator[Problem]:
    kind, options = item["type"], item.get("options") or []
    place = (*place, "options")
    yield from too_many(place, options, limits.OPTIONS[kind])
    if len(options) < limits.LEAST_OPTIONS[kind]:
        yield place, f"Must be {limits.LEAST_OPTIONS[kind]} or more in length."
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        yield place, "The specified option value is already used."
    for number, option in enumerate(options):
        for name, limit in limits.OPTION_TEXTS.items():
            where, text = (*place, str(number), name), option.get(name)
            check = too_long if name == "description" else required
            yield from check(where, text, limit)


def _values_problems(place: tuple[str, ...], item: Payload, *, in_modal: bool) -> Iterator[Problem]:
    kind = item["type"]
    least, most = item.get("min_values", 1), item.get("max_values", 1)
    if not 0 <= least <= limits.MOST_VALUES[kind] or least > most:
        yield (*place, "min_values"), "Must not be above max_values."
    if not 1 <= most <= limits.MOST_VALUES[kind]:
        yield (*place, "max_values"), f"Must be between 1 and {limits.MOST_VALUES[kind]}."
    if in_modal and item.get("required", True) and least < 1:
        yield (*place, "min_values"), "Must be at least 1 where an answer is required."
    options = item.get("options")
    if options is not None and most > len(options):
        yield (*place, "max_values"), "Must not be above the number of options."
    chosen = [option for option in options or [] if option.get("default")]
    given = item.get("default_values") or []
    for number, value in enumerate(given):
        if value.get("type") not in limits.DEFAULT_VALUE_TYPES.get(kind, ()):
            yield (*place, "default_values", str(number)), "Not of a type for this menu."
    if len(given) + len(chosen) > most or (given and len(given) < least):
        yield (*place, "default_values"), "Must be between min_values and max_values in number."


def _id_problems(items: list[Payload]) -> Iterator[Problem]:
    ids = [item["custom_id"] for item in _walk(items) if item.get("custom_id")]
    if len(set(ids)) < len(ids):
        yield ("components",), "Component custom id cannot be duplicated."


def _walk(items: Iterable[Payload]) -> Iterator[Payload]:
    """Components and what is inside them."""
    for item in items:
        yield item
        yield from _walk(item.get("components") or ())
        for name in ("component", "accessory"):
            if item.get(name):
                yield from _walk([item[name]])


def choice_problems(place: tuple[str, ...], choices: list[Payload]) -> Iterator[Problem]:
    """What is wrong with the choices of an option, or those that an autocomplete suggests."""
    yield from too_many(place, choices, limits.CHOICES)
    for number, choice in enumerate(choices):
        where = (*place, str(number))
        yield from required((*where, "name"), choice.get("name"), limits.CHOICE_TEXT)
        if isinstance(value := choice.get("value"), str):
            yield from required((*where, "value"), value, limits.CHOICE_TEXT)


def too_long(place: tuple[str, ...], text: str | None, limit: int) -> Iterator[Problem]:
    """A text over its limit, in UTF-16 units as Discord counts some of them."""
    if text is not None and len(text.encode("utf-16-le")) // 2 > limit:
        yield place, f"Must be {limit} or fewer in length."


def required(place: tuple[str, ...], text: str | None, limit: int) -> Iterator[Problem]:
    """A text that must be there, over its limit or missing."""
    yield from too_long(place, text, limit)
    if not text:
        yield place, "This field is required"


def too_many(place: tuple[str, ...], items: list[Any], limit: int) -> Iterator[Problem]:
    """More of something than there may be."""
    if len(items) > limit:
        yield place, f"Must be {limit} or fewer in length."
