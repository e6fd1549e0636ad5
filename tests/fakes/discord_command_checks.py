"""Refuses commands that Discord would refuse to register, and what else of a bot's requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.fakes import discord_limits as limits
from tests.fakes.discord_checks import (
    Problem,
    check_callback,
    choice_problems,
    message_problems,
    refuse,
    required,
    too_many,
)
from tests.fakes.discord_wire import Refusal


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Check all commands of an application, as they are registered together.

    Raises:
        Refusal: Discord would refuse them: then no command changes.
    """
    refuse(command_problems(commands))


def command_problems(commands: list[dict[str, Any]]) -> Iterator[Problem]:
    """What is wrong with commands."""
    kinds = Counter(command.get("type", limits.CHAT_INPUT) for command in commands)
    for kind, times in kinds.items():
        if kind not in limits.COMMANDS_OF_TYPE or times > limits.COMMANDS_OF_TYPE[kind]:
            yield ("commands",), f"Too many commands, or none known, of the type {kind}."
    names = Counter((command.get("type", 1), command.get("name")) for command in commands)
    for number, command in enumerate(commands):
        place = (str(number),)
        kind, name = command.get("type", limits.CHAT_INPUT), command.get("name") or ""
        if names[kind, command.get("name")] > 1:
            yield (*place, "name"), "Application command names must be unique."
        if kind == limits.CHAT_INPUT:
            yield from _named(place, command)
            yield from _option_problems((*place, "options"), command.get("options") or [])
        else:
            yield from required((*place, "name"), name, limits.COMMAND_TEXT)
            if command.get("description") or command.get("options"):
                yield (*place, "description"), "A context menu has no description and no options."
        if sum(map(len, _texts(command))) > limits.COMMAND_CHARACTERS:
            yield place, f"Command exceeds maximum size of {limits.COMMAND_CHARACTERS}."
        for field, known in (
            ("contexts", limits.CONTEXTS),
            ("integration_types", limits.INSTALLS),
        ):
            if not known.issuperset(command.get(field) or ()):
                yield (*place, field), f"Value must be one of {sorted(known)}."


def _named(place: tuple[str, ...], thing: Mapping[str, Any]) -> Iterator[Problem]:
    name = thing.get("name") or ""
    if not limits.COMMAND_NAME.match(name) or name != name.lower():
        yield (*place, "name"), "Command name is invalid."
    about = thing.get("description")
    yield from required((*place, "description"), about, limits.COMMAND_DESCRIPTION)


def _option_problems(place: tuple[str, ...], options: list[dict[str, Any]]) -> Iterator[Problem]:
    yield from too_many(place, options, limits.COMMAND_OPTIONS)
    if len({option.get("name") for option in options}) < len(options):
        yield place, "Option names must be unique."
    optional = False
    for number, option in enumerate(options):
        where, kind = (*place, str(number)), option.get("type")
        yield from _named(where, option)
        if kind not in limits.OPTION_TYPES:
            yield (*where, "type"), f"Value must be one of {sorted(limits.OPTION_TYPES)}."
        if option.get("required") and optional:
            yield (*where, "required"), "Required options must be placed before optional ones."
        optional = optional or not option.get("required")
        if choices := option.get("choices"):
            yield from choice_problems((*where, "choices"), choices)
            if option.get("autocomplete") or kind not in limits.WITH_CHOICES:
                yield (*where, "choices"), "Not with autocomplete, nor on this type."
        if option.get("autocomplete") and kind not in limits.WITH_CHOICES:
            yield (*where, "autocomplete"), "Not on this type."
        if kind == limits.CHANNEL_OPTION:
            unknown = set(option.get("channel_types") or ()) - limits.CHANNEL_TYPES
            if unknown:
                yield (*where, "channel_types"), f"Unknown: {sorted(unknown)}."
        for field, kinds in (
            ("min_value", limits.WITH_RANGE),
            ("max_value", limits.WITH_RANGE),
            ("min_length", limits.WITH_LENGTH),
            ("max_length", limits.WITH_LENGTH),
        ):
            if option.get(field) is not None and kind not in kinds:
                yield (*where, field), "Not on this type."
        if (option.get("max_length") or 1) > limits.OPTION_LENGTH:
            yield (*where, "max_length"), f"Must be {limits.OPTION_LENGTH} or fewer."
        if kind in (limits.SUB_COMMAND, limits.SUB_COMMAND_GROUP):
            yield from _option_problems((*where, "options"), option.get("options") or [])


def _texts(thing: Mapping[str, Any]) -> Iterator[str]:
    """What counts into the size of a command."""
    for field in ("name", "description", "value"):
        if isinstance(text := thing.get(field), str):
            yield text
    for field in ("options", "choices"):
        for inner in thing.get(field) or ():
            yield from _texts(inner)


def requests_refused(requests: Iterable[tuple[str, str, Any]]) -> list[str]:
    """Which of a bot's requests Discord would refuse: method, path below the API, and JSON body.

    It knows the requests in which texts and components go out; others pass.
    """
    found = []
    for method, path, body in requests:
        try:
            _check_request(method, path, body)
        except Refusal as refusal:
            found.append(f"{method} {path}: {refusal.message}: {dict(refusal.errors or {})}")
    return found


def _check_request(method: str, path: str, body: Any) -> None:
    parts = path.strip("/").split("/")
    if method == "PUT" and parts[-1] == "commands":
        check_commands(body)
    elif method == "POST" and parts[-1] == "callback":
        # files are not on record here, so a message may be empty
        kind, data = body["type"], body.get("data") or {}
        refuse(message_problems(data)) if kind in (4, 7) else check_callback(kind, data)
    elif method in ("POST", "PATCH") and parts[0] in ("webhooks", "channels") and body:
        refuse(message_problems(body))
