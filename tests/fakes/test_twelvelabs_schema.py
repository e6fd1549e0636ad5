"""The schema linter takes what TwelveLabs documents and refuses everything else."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.twelvelabs_example import example
from tests.fakes.twelvelabs_schema import lint

_SCORE = {"type": "integer", "minimum": 1, "maximum": 10}
_METRIC = {
    "type": "object",
    "properties": {
        "score": _SCORE,
        "evidence": {"type": "string"},
        "at_seconds": {"type": "number"},
    },
    "required": ["score", "evidence", "at_seconds"],
}
_MOMENT = {"type": "timestamp", "format": "seconds"}
_POINT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "at": _MOMENT},
    "required": ["text", "at"],
}
VALID: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "confidence": _METRIC,
        "eye_contact": {"anyOf": [_METRIC, {"type": "null"}]},
        "key_points": {"type": "array", "minItems": 1, "items": _POINT},
        "improvements": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    },
    "required": ["summary", "confidence", "eye_contact", "key_points", "improvements"],
}


def _with(**properties: Any) -> dict[str, Any]:
    """Return the valid schema with further properties."""
    schema = deepcopy(VALID)
    schema["properties"] |= properties
    return schema


def test_a_schema_within_the_documented_rules_passes() -> None:
    assert lint(VALID) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [_SCORE, {"type": "null"}]},
        {"type": "string", "format": "date-time", "title": "t", "description": "d"},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 11},
        {"type": "string", "enum": ["low", "high"]},
        {"type": "number", "enum": [1, 2.5]},
        {"enum": ["low", None, True, 0.5]},
        {"const": "fixed"},
        {"type": "array", "minItems": 0, "items": {"type": "boolean"}},
        {"type": "timestamp", "format": "hh:mm:ss.fff"},
        {"$ref": "#/$defs/score"},
    ],
)
def test_every_documented_keyword_passes(schema: dict[str, Any]) -> None:
    assert lint({**_with(extra=schema), "$defs": {"score": _SCORE}}) == []


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "object", "properties": {}, "additionalProperties": False}, "additional"),
        ({"type": "string", "minLength": 1}, "minLength"),
        ({"type": "string", "maxLength": 9}, "maxLength"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 5}, "maxItems"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "uniqueItems"),
    ],
)
def test_size_limits_are_unprocessable_at_any_depth(schema: dict[str, Any], keyword: str) -> None:
    nested = {"type": "object", "properties": {"inner": {"anyOf": [schema]}}}
    for place in (schema, nested, {"type": "array", "items": schema}):
        problems = lint(_with(extra=place))
        assert [problem.status for problem in problems] == [422]
        assert keyword in problems[0].message


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "enum": [1, 2]},
        {"enum": [1, 2]},
        {"const": 1},
        {"type": "string", "enum": []},
        {"type": "string", "enum": [["a"]]},
        {"type": "number", "minimum": 0},
        {"type": "integer", "minimum": 0.5},
        {"type": "integer", "multipleOf": 2},
        {"type": "string", "format": "email"},
        {"type": "string", "pattern": "("},
        {"type": "array", "items": {"type": "string"}, "minItems": 2},
        {"type": "string", "default": "x"},
        {"type": ["integer", "null"]},
        {"type": "tuple"},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]},
        {"oneOf": [{"type": "string"}]},
        {"type": "string", "allOf": [{"type": "string"}]},
        {"type": "string", "not": {"const": "x"}},
        {"anyOf": []},
        {"$ref": "#/$defs/absent"},
        {"$ref": "https://example.com/schema"},
        {},
        True,
    ],
)
def test_what_is_not_documented_is_a_bad_request(schema: Any) -> None:
    problems = lint(_with(extra=schema))
    assert problems
    assert {problem.status for problem in problems} == {400}
    assert problems[0].place == "properties.extra"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"at": _MOMENT}},
        {"anyOf": [_MOMENT, {"type": "null"}]},
        {"type": "array", "items": _MOMENT},
        {"type": "array", "items": {"type": "array", "items": _POINT}},
        {"$ref": "#/$defs/moment"},
    ],
)
def test_a_timestamp_is_refused_anywhere_but_in_its_two_places(schema: dict[str, Any]) -> None:
    definitions = {"moment": _MOMENT} if "$ref" in schema else {}
    problems = lint({**_with(extra=schema), "$defs": definitions})
    assert [(problem.status, problem.message) for problem in problems] == [
        (400, "timestamp is not supported at this place")
    ]


@pytest.mark.parametrize("schema", [{"type": "timestamp"}, {"type": "timestamp", "format": "ms"}])
def test_a_timestamp_needs_one_of_its_formats(schema: dict[str, Any]) -> None:
    (problem,) = lint(_with(extra=schema))
    assert (problem.status, problem.place) == (400, "properties.extra.format")


@pytest.mark.parametrize("name", ["start_time", "end_time"])
@pytest.mark.parametrize(
    ("schema", "legal"),
    [
        ({"type": "number"}, True),
        ({"type": "integer"}, True),
        ({"type": "string"}, True),
        (_MOMENT, True),
        ({"type": "string", "format": "time"}, False),
        ({"type": "boolean"}, False),
        ({"type": "null"}, False),
        ({"type": "array", "items": {"type": "string"}}, False),
    ],
)
def test_the_clock_names_are_reserved(name: str, schema: dict[str, Any], legal: bool) -> None:
    assert [problem.status for problem in lint(_with(**{name: schema}))] == [400] * (not legal)


@pytest.mark.parametrize("schema", [None, [], "text", {"type": "string", "$defs": []}])
def test_what_is_no_schema_at_all_is_a_bad_request(schema: Any) -> None:
    assert [problem.status for problem in lint(schema)] == [400]


def test_the_unprocessable_problem_is_told_first() -> None:
    schema = _with(first={"type": "string", "default": ""}, last={"type": "string", "minLength": 1})
    assert [problem.status for problem in lint(schema)] == [422, 400]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "enum", "anyOf", "$ref", "$defs", "format"]
            )
            | st.sampled_from(["required", "minimum", "pattern", "minItems", "start_time"])
            | st.text(max_size=5),
            inner | st.sampled_from(["object", "array", "string", "integer", "timestamp"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_no_document_makes_the_linter_fall_over(schema: Any) -> None:
    assert all(problem.status in (400, 422) for problem in lint(schema))


def test_the_example_follows_its_schema() -> None:
    made = json.loads(example(VALID, duration=12.3))
    assert list(made) == list(VALID["properties"])
    for metric in (made["confidence"], made["eye_contact"]):
        assert isinstance(metric["score"], int)
        assert 1 <= metric["score"] <= 10
        assert metric["evidence"]
        assert 0 <= metric["at_seconds"] <= 12.3
    assert all(0 <= point["at"] <= 12.3 and point["text"] for point in made["key_points"])
    assert example(VALID, duration=12.3) == json.dumps(made)


def test_the_example_moves_the_first_required_property_up() -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": "boolean"} for name in "abc"},
        "required": ["c", "b"],
    }
    assert list(json.loads(example(schema, duration=5))) == ["b", "a", "c"]


@given(st.integers(-50, 50), st.integers(0, 20), st.booleans())
def test_example_integers_stay_within_any_bounds(low: int, span: int, inclusive: bool) -> None:
    high = low + span
    floor = {"minimum": low} if inclusive else {"exclusiveMinimum": low - 1}
    ceiling = {"maximum": high} if inclusive else {"exclusiveMaximum": high + 1}
    made = [
        json.loads(example({"type": "integer", **bounds}, duration=5))
        for bounds in (floor, ceiling, floor | ceiling)
    ]
    assert made[0] >= low
    assert made[1] <= high
    assert low <= made[2] <= high


@pytest.mark.parametrize(
    ("form", "pattern"),
    [("hh:mm:ss", r"01:\d\d:\d\d"), ("hh:mm:ss.fff", r"01:\d\d:\d\d\.\d{3}")],
)
def test_example_timestamps_have_their_format(form: str, pattern: str) -> None:
    schema = {"type": "object", "properties": {"at": {"type": "timestamp", "format": form}}}
    assert re.fullmatch(pattern, json.loads(example(schema, duration=36_000))["at"])


def test_the_example_follows_references_values_and_formats() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"$ref": "#/$defs/level"},
            "b": {"const": "fixed"},
            "c": {"type": "string", "format": "date"},
            "d": {"type": "null"},
            "e": {"type": "array"},
        },
        "$defs": {"level": {"enum": ["low", "high"]}},
    }
    made = json.loads(example(schema, duration=5))
    assert made == {"a": "low", "b": "fixed", "c": "2026-01-02", "d": None, "e": []}


def test_the_example_says_when_it_cannot_follow_a_pattern() -> None:
    with pytest.raises(ValueError, match="set `result` yourself"):
        example({"type": "string", "pattern": "^a+$"}, duration=5)
