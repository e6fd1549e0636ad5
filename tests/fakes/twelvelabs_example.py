"""Makes up a plausible JSON document for any schema the TwelveLabs stand-in accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

_SENTENCES = (
    "The speaker looks into the camera and names the project first.",
    "A short pause comes before the result is told.",
    "The voice rises when the outcome is described.",
    "Both hands stay in view and mark the main points.",
    "The answer names a figure but not how it was measured.",
)
_FORMATS = {
    "uuid": "5f0c8a52-8f0b-4a6e-9d7b-0f4f5a1c2b3d",
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
}


def example(schema: Mapping[str, Any], duration: float) -> str:
    """Return a JSON text that follows `schema`; numbers and timestamps lie in `duration` seconds.

    The same schema and duration always give the same text.

    Raises:
        ValueError: a string is bound to a `pattern`; such a result has to be written by hand.
    """
    return json.dumps(_Maker(schema, duration).make(schema))


class _Maker:
    def __init__(self, root: Mapping[str, Any], duration: float) -> None:
        self._root = root
        self._duration = duration
        self._turn = count()

    def make(self, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            return self.make(self._root["$defs"][schema["$ref"].removeprefix("#/$defs/")])
        if "anyOf" in schema:
            options = schema["anyOf"]
            return self.make(next((o for o in options if o.get("type") != "null"), options[0]))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        maker = getattr(self, f"_{schema['type']}")
        return maker(schema)

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        names = list(properties)
        required = [name for name in names if name in schema.get("required", ())]
        if required and names[0] != required[0]:  # the vendor moves the first required one up
            names.remove(required[0])
            names.insert(0, required[0])
        return {name: self.make(properties[name]) for name in names}

    def _array(self, schema: Mapping[str, Any]) -> list[Any]:
        return [self.make(schema["items"]) for _ in range(2)] if "items" in schema else []

    def _integer(self, schema: Mapping[str, Any]) -> int:
        lows = [schema[k] + n for k, n in (("minimum", 0), ("exclusiveMinimum", 1)) if k in schema]
        highs = [schema[k] - n for k, n in (("maximum", 0), ("exclusiveMaximum", 1)) if k in schema]
        low: int = max(lows) if lows else min([0, *highs])
        high: int = min(highs) if highs else low + 9
        return low + (next(self._turn) * 3 + 5) % (high - low + 1)

    def _number(self, _: Mapping[str, Any]) -> float:
        return round(self._duration * ((next(self._turn) * 0.17 + 0.1) % 1), 1)

    def _string(self, schema: Mapping[str, Any]) -> str:
        if "pattern" in schema:
            raise ValueError("cannot make up a string for a pattern: set `result` yourself")
        if "format" in schema:
            return _FORMATS[schema["format"]]
        return _SENTENCES[next(self._turn) % len(_SENTENCES)]

    def _boolean(self, _: Mapping[str, Any]) -> bool:
        return True

    def _null(self, _: Mapping[str, Any]) -> None:
        return None

    def _timestamp(self, schema: Mapping[str, Any]) -> float | str:
        seconds = self._number(schema)
        if schema["format"] == "seconds":
            return seconds
        clock = f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}"
        if schema["format"] == "hh:mm:ss":
            return f"{clock}:{int(seconds % 60):02}"
        return f"{clock}:{seconds % 60:06.3f}"
