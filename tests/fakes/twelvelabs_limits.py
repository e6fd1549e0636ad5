"""Refuses a `POST /analyze/tasks` body that TwelveLabs would refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.twelvelabs_faults import VENDOR_MESSAGES, Refusal
from tests.fakes.twelvelabs_schema import lint
from tests.fakes.twelvelabs_script import ClipMetadata

MODELS = ("pegasus1.5", "pegasus1.6")
_PARAMETERS = frozenset(
    {
        "model_name",
        "custom_id",
        "video",
        "prompt",
        "prompt_v2",
        "analysis_mode",
        "temperature",
        "max_tokens",
        "response_format",
        "start_time",
        "end_time",
    }
)
_SOURCES = ("url", "asset_id", "base64_string")
_CUSTOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKENS = range(512, 98_304 + 1)
_BASE64_LIMIT = 30_000_000
_LONGEST_SECONDS = 4 * 3600
_LONGEST_WINDOW_SECONDS = 2 * 3600


def check_task(body: object) -> dict[str, Any]:
    """Return the body when it is within the rules; a `null` counts as not given.

    Raises:
        Refusal: with the status and code of the first rule that is broken.
    """
    if not isinstance(body, dict):
        raise Refusal(400, "parameter_invalid", "The body must be a JSON object.")
    given = {name: value for name, value in body.items() if value is not None}
    for name in given.keys() - _PARAMETERS:
        raise Refusal(400, "parameter_unknown", f"The parameter {name} is unknown.")
    if given.get("model_name", MODELS[0]) not in MODELS:
        raise _invalid("model_name", f"must be one of {', '.join(MODELS)}")
    if given.get("analysis_mode", "general") != "general":
        raise Refusal(501, "not_reproduced", "The stand-in knows general analysis only.")
    _check_prompt(given)
    _check_source(given.get("video"))
    _check_numbers(given)
    custom_id = given.get("custom_id", "x")
    if not isinstance(custom_id, str) or not _CUSTOM_ID.fullmatch(custom_id):
        raise _invalid("custom_id", "must be 1-64 letters, digits, hyphens or underscores")
    if "response_format" in given:
        _check_format(given["response_format"])
    return given


def check_clip(clip: ClipMetadata, body: Mapping[str, Any]) -> None:
    """Check the clip itself, and the window that is asked of it.

    Raises:
        Refusal: with the status and code of the first limit that is passed.
    """
    start, end = body.get("start_time", 0.0), body.get("end_time", clip.duration)
    if not 0 <= start < end <= clip.duration:
        raise _invalid("start_time", "the window must lie in the video")
    if end - start < 1:
        raise _refused("video_duration_too_short")
    if clip.duration > _LONGEST_SECONDS or end - start > _LONGEST_WINDOW_SECONDS:
        raise _refused("video_duration_too_long")
    short, long = sorted((clip.width, clip.height))
    if short < 360:
        raise _refused("video_resolution_too_low")
    if long > 5184 or short > 2160:
        raise _refused("video_resolution_too_high")
    if long / short > 2.4:
        raise _refused("video_resolution_invalid_aspect_ratio")


def _check_prompt(given: Mapping[str, Any]) -> None:
    if "prompt" in given and "prompt_v2" in given:
        raise _invalid("prompt", "is mutually exclusive with prompt_v2")
    structured = given.get("prompt_v2", {})
    if not isinstance(structured, dict):
        raise _invalid("prompt_v2", "must be an object")
    prompt = given.get("prompt", structured.get("input_text"))
    if not prompt:
        raise Refusal(400, "parameter_not_provided", "The parameter prompt is required.")
    if not isinstance(prompt, str):
        raise _invalid("prompt", "must be a string")


def _check_source(video: object) -> None:
    if video is None:
        raise Refusal(400, "parameter_not_provided", "The parameter video is required.")
    if not isinstance(video, dict) or video.get("type") not in _SOURCES:
        raise _invalid("video", f"needs a type out of {', '.join(_SOURCES)}")
    sources = [name for name in _SOURCES if video.get(name) is not None]
    if sources != [video["type"]] or not isinstance(video[sources[0]], str):
        raise _invalid("video", "must have exactly the one source its type names")
    if len(video.get("base64_string") or "") > _BASE64_LIMIT:
        raise _refused("video_filesize_too_large")


def _check_numbers(given: Mapping[str, Any]) -> None:
    temperature = given.get("temperature", 0.2)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 1:
        raise _invalid("temperature", "must lie between 0 and 1")
    tokens = given.get("max_tokens", 4096)
    if not isinstance(tokens, int) or tokens not in _TOKENS:
        raise _invalid("max_tokens", f"must lie between {_TOKENS[0]} and {_TOKENS[-1]}")
    for name in ("start_time", "end_time"):
        if not isinstance(given.get(name, 0), int | float):
            raise _invalid(name, "must be a number")


def _check_format(form: object) -> None:
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        raise _invalid("response_format", "type must be json_schema")
    if form.get("json_schema") is None:
        raise Refusal(400, "parameter_not_provided", "response_format.json_schema is required.")
    for problem in lint(form["json_schema"]):
        place = f"response_format.json_schema.{problem.place}".rstrip(".")
        raise Refusal(problem.status, "parameter_invalid", f"{place}: {problem.message}")


def _invalid(name: str, rule: str) -> Refusal:
    return Refusal(400, "parameter_invalid", f"The parameter {name} is invalid: {rule}.")


def _refused(code: str) -> Refusal:
    status, message = VENDOR_MESSAGES[code]
    return Refusal(status, code, message)
