"""Refuses what TwelveLabs refuses in a `response_format.json_schema`.

The rules are those of the SDK's own documentation (`twelvelabs/types/async_response_format.py`,
1.3.6). Where it leaves something open, this linter refuses: a permissive stand-in would let an
illegal schema ship.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_UNPROCESSABLE = frozenset(
    {"additionalProperties", "minLength", "maxLength", "maxItems", "uniqueItems"}
)
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_BY_TYPE: Mapping[str, frozenset[str]] = {
    "array": frozenset({"items", "minItems"}),
    "boolean": frozenset(),
    "integer": _BOUNDS,
    "null": frozenset(),
    "number": frozenset(),
    "object": frozenset({"properties", "required"}),
    "string": frozenset({"pattern", "format"}),
    "timestamp": frozenset({"format"}),
}
_EVERYWHERE = frozenset({"type", "enum", "const", "anyOf", "$ref"})
_IGNORED = frozenset({"title", "description", "$comment", "$comments"})
_STRING_FORMATS = ("uuid", "date-time", "date", "time")
_TIMESTAMP_FORMATS = ("seconds", "hh:mm:ss", "hh:mm:ss.fff")
_TIMESTAMP_PLACE = re.compile(r"properties\.[^.]+(\.items\.properties\.[^.]+)?")
_CLOCK_NAMES = ("start_time", "end_time")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal: the HTTP status, where in the schema, and what is wrong there."""

    status: int
    place: str
    message: str


def lint(schema: object) -> list[Problem]:
    """Return everything TwelveLabs would refuse in `schema`, those it answers 422 first."""
    if not isinstance(schema, dict):
        return [Problem(400, "", "json_schema must be an object")]
    names = schema.get("$defs", {})
    if not isinstance(names, dict):
        return [Problem(400, "$defs", "$defs must be an object")]
    linter = _Linter(frozenset(names))
    problems = list(linter.schema({k: v for k, v in schema.items() if k != "$defs"}, ""))
    for name, definition in names.items():
        problems += linter.schema(definition, f"$defs.{name}")
    return sorted(problems, key=lambda problem: -problem.status)


class _Linter:
    def __init__(self, definitions: frozenset[str]) -> None:
        self._definitions = definitions

    def schema(self, schema: object, place: str) -> Iterator[Problem]:
        """Check one schema and everything below it."""
        if not isinstance(schema, dict):
            yield Problem(400, place, "a schema must be an object")
            return
        yield from self._keywords(schema, place)
        yield from self._values(schema, place)
        yield from self._composition(schema, place)
        match schema.get("type"):
            case "integer":
                yield from self._integer(schema, place)
            case "string":
                yield from self._string(schema, place)
            case "timestamp":
                yield from self._timestamp(schema, place)
            case "array":
                yield from self._array(schema, place)
            case "object":
                yield from self._object(schema, place)

    def _keywords(self, schema: Schema, place: str) -> Iterator[Problem]:
        kind = schema.get("type")
        if "type" in schema and (not isinstance(kind, str) or kind not in _BY_TYPE):
            yield Problem(400, place, f"type must be one of {', '.join(_BY_TYPE)}")
        if not _EVERYWHERE & set(schema):
            yield Problem(400, place, "type is required")
        allowed = _BY_TYPE.get(kind, frozenset()) if isinstance(kind, str) else frozenset[str]()
        for keyword in schema:
            if keyword in _UNPROCESSABLE:
                yield Problem(422, place, f"{keyword} is not supported")
            elif keyword not in allowed | _EVERYWHERE | _IGNORED:
                yield Problem(400, place, f"{keyword} is not supported for type {kind}")

    def _values(self, schema: Schema, place: str) -> Iterator[Problem]:
        if "enum" not in schema and "const" not in schema:
            return
        values = schema.get("enum", [schema.get("const")])
        if not isinstance(values, list) or not values:
            yield Problem(400, place, "enum must be a list of values")
            return
        number = schema.get("type") == "number"
        for value in values:
            whole = isinstance(value, int) and not isinstance(value, bool)
            if (whole and not number) or isinstance(value, list | dict):
                yield Problem(400, place, "enum and const hold boolean, null, number or string")
        if schema.get("type") in ("integer", "object", "array", "timestamp"):
            yield Problem(400, place, f"enum and const are not supported for {schema['type']}")

    def _composition(self, schema: Schema, place: str) -> Iterator[Problem]:
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix("#/$defs/")
            if schema["$ref"] != f"#/$defs/{name}" or name not in self._definitions:
                yield Problem(400, place, "$ref must point into $defs")
        if "anyOf" in schema:
            options = schema["anyOf"]
            if not isinstance(options, list) or not options:
                yield Problem(400, place, "anyOf must be a list of schemas")
                return
            for number, option in enumerate(options):
                yield from self.schema(option, _below(place, f"anyOf.{number}"))

    def _integer(self, schema: Schema, place: str) -> Iterator[Problem]:
        for keyword in _BOUNDS & set(schema):
            value = schema[keyword]
            if not isinstance(value, int) or isinstance(value, bool):
                yield Problem(400, place, f"{keyword} must be an integer")

    def _string(self, schema: Schema, place: str) -> Iterator[Problem]:
        if "format" in schema and schema["format"] not in _STRING_FORMATS:
            yield Problem(400, place, f"format must be one of {', '.join(_STRING_FORMATS)}")
        if "pattern" in schema:
            try:
                re.compile(schema["pattern"])
            except (re.error, TypeError):
                yield Problem(400, place, "pattern must be a regular expression")

    def _timestamp(self, schema: Schema, place: str) -> Iterator[Problem]:
        if not _TIMESTAMP_PLACE.fullmatch(place):
            yield Problem(400, place, "timestamp is not supported at this place")
        if schema.get("format") not in _TIMESTAMP_FORMATS:
            yield Problem(
                400,
                f"{place}.format",
                "format is required for timestamp type; "
                f"allowed values: {', '.join(_TIMESTAMP_FORMATS)}",
            )

    def _array(self, schema: Schema, place: str) -> Iterator[Problem]:
        if schema.get("minItems", 0) not in (0, 1):
            yield Problem(400, place, "minItems accepts only 0 or 1")
        if "items" in schema:
            yield from self.schema(schema["items"], _below(place, "items"))

    def _object(self, schema: Schema, place: str) -> Iterator[Problem]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        if not isinstance(properties, dict) or not isinstance(required, list):
            yield Problem(400, place, "properties must be an object and required a list")
            return
        for name in required:
            if name not in list(properties):
                yield Problem(400, place, f"required names {name}, which is not a property")
        for name, below in properties.items():
            inner = _below(place, f"properties.{name}")
            yield from self.schema(below, inner)
            if name in _CLOCK_NAMES and not _fits_clock(below):
                yield Problem(400, inner, "must be number, integer, timestamp or a plain string")


def _fits_clock(schema: object) -> bool:
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type")
    return kind in ("number", "integer", "timestamp") or (
        kind == "string" and "format" not in schema
    )


def _below(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step
