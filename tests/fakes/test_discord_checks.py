"""The stand-in refuses what Discord's documents say it refuses, each at its place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.discord_checks import check_callback, check_message
from tests.fakes.discord_command_checks import check_commands, requests_refused
from tests.fakes.discord_wire import Refusal

MENU = {"type": 3, "custom_id": "m", "options": [{"label": "A", "value": "a"}]}
CHANNELS = {"type": 8, "custom_id": "c", "channel_types": [0, 5, 15]}
BUTTON = {"type": 2, "style": 2, "label": "Go", "custom_id": "go"}
FIELD = {"type": 4, "custom_id": "t", "style": 1}
OPTION = {"type": 3, "name": "question", "description": "What it answers"}
COMMAND = {"type": 1, "name": "analyze", "description": "Assess a clip", "options": [OPTION]}


def row(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(items)}


def form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    labels = [{"type": 18, "label": "Field", "component": item} for item in items]
    return {"title": "Form", "custom_id": "f", "components": labels} | more


def test_what_is_as_documented_passes() -> None:
    upload = {"type": 19, "custom_id": "u", "max_values": 1}
    check_message({"content": "x", "components": [row(BUTTON), row(MENU), row(CHANNELS)]})
    check_message({"flags": 1 << 15, "components": [{"type": 17, "components": [row(BUTTON)]}]})
    check_callback(9, form(FIELD, upload))
    check_callback(8, {"choices": [{"name": "x" * 100, "value": "x" * 100}] * 25})
    check_commands([COMMAND, {"type": 3, "name": "Assess answer"}])


@pytest.mark.parametrize(
    ("components", "place"),
    [
        ([row(CHANNELS | {"channel_types": [0, 16]})], "channel_types"),
        ([row(BUTTON | {"label": "x" * 81})], "label"),
        ([row(BUTTON | {"label": "\U0001f600" * 41})], "label"),  # counted in UTF-16 units
        ([row(BUTTON | {"style": 7})], "style"),
        ([row(BUTTON | {"style": 5})], "url"),
        ([row({"type": 2, "style": 1, "label": "Go"})], "custom_id"),
        ([row(BUTTON, BUTTON)], "duplicated"),
        ([row(MENU, BUTTON)], "alone"),
        ([row(*({**BUTTON, "custom_id": str(n)} for n in range(6)))], "5 or fewer"),
        ([row()], "between 1 and 5"),
        ([row({**BUTTON, "custom_id": str(n)}) for n in range(6)], "5 or fewer"),
        ([row(MENU | {"max_values": 2})], "number of options"),
        ([row(MENU | {"options": MENU["options"] * 2})], "already used"),  # type: ignore[operator] # a list
        ([row(MENU | {"options": []})], "1 or more"),
        ([row(MENU | {"placeholder": "x" * 151})], "placeholder"),
        ([row(CHANNELS | {"default_values": [{"id": "1", "type": "role"}]})], "default_values"),
        ([row(CHANNELS | {"default_values": [{"id": "1", "type": "channel"}] * 2})], "in number"),
        ([row(FIELD)], "forms only"),
        ([BUTTON], "Value must be one of"),
    ],
)
def test_components_that_are_not_are_refused(components: Any, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_message({"content": "x", "components": components})
    assert (refused.value.code, place in str(refused.value.errors)) == (50035, True)


@pytest.mark.parametrize(
    ("modal", "place"),
    [
        (form(FIELD, title="x" * 46), "title"),
        (form(*({**FIELD, "custom_id": str(n)} for n in range(6))), "5 or fewer"),
        (form(), "between 1 and 5"),
        (form(FIELD | {"value": "x" * 5, "max_length": 4}), "value"),
        (form(FIELD | {"max_length": 4001}), "max_length"),
        (form(FIELD | {"placeholder": "x" * 101}), "placeholder"),
        (form(MENU | {"min_values": 0}), "where an answer is required"),
        (form(BUTTON), "stand in a label"),
        (form(FIELD) | {"components": [FIELD]}, "top of a form"),
    ],
)
def test_forms_that_are_not_are_refused(modal: Any, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_callback(9, modal)
    assert place in str(refused.value.errors)


@pytest.mark.parametrize(
    "command",
    [
        COMMAND | {"name": "Analyze"},
        COMMAND | {"name": "two words"},
        COMMAND | {"description": ""},
        COMMAND | {"description": "x" * 101},
        COMMAND | {"options": [OPTION, OPTION | {"name": "clip", "required": True}]},
        COMMAND | {"options": [OPTION, OPTION]},
        COMMAND | {"options": [OPTION | {"type": 12}]},
        COMMAND | {"options": [OPTION | {"type": 7, "channel_types": [16]}]},
        COMMAND
        | {"options": [OPTION | {"autocomplete": True, "choices": [{"name": "a", "value": "a"}]}]},
        COMMAND | {"options": [OPTION | {"min_value": 1}]},
        COMMAND | {"contexts": [3]},
        {"type": 3, "name": "Assess", "description": "no"},
        {"type": 3, "name": "x" * 33},
    ],
)
def test_commands_that_are_not_are_refused(command: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        check_commands([command])


def test_commands_are_counted_together() -> None:
    with pytest.raises(Refusal, match="Invalid Form Body"):
        check_commands([COMMAND, COMMAND])
    with pytest.raises(Refusal, match="Invalid Form Body"):
        check_commands([{"type": 3, "name": f"Menu {number}"} for number in range(16)])


def test_a_bots_requests_are_looked_through() -> None:
    wrong = {"components": [row(CHANNELS | {"channel_types": [16]})]}
    requests = [
        ("POST", "/interactions/1/token/callback", {"type": 4, "data": wrong}),
        ("PATCH", "/webhooks/1/token/messages/@original", wrong),
        ("POST", "/channels/1/messages", wrong),
        ("POST", "/interactions/1/token/callback", {"type": 9, "data": form(BUTTON)}),
        ("PUT", "/applications/1/commands", [COMMAND | {"name": "No"}]),
        ("POST", "/interactions/1/token/callback", {"type": 5}),
        ("GET", "/channels/1/messages", None),
    ]
    assert len(requests_refused(requests)) == 5
