"""The stand-in refuses the analyses the vendor refuses, as the real SDK sees it."""

from __future__ import annotations

from typing import Any

import pytest
from twelvelabs.core.api_error import ApiError

from tests.fakes.test_twelvelabs_schema import VALID
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, asks_for, code_of
from tests.fakes.twelvelabs_script import ClipMetadata

_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model_name": "pegasus1.2"}, "parameter_invalid"),
    ({"prompt": ""}, "parameter_not_provided"),
    ({"prompt": None}, "parameter_not_provided"),
    ({"prompt_v_2": {"input_text": "p"}}, "parameter_invalid"),
    ({"custom_id": ""}, "parameter_invalid"),
    ({"custom_id": "x" * 65}, "parameter_invalid"),
    ({"custom_id": "a b"}, "parameter_invalid"),
    ({"max_tokens": 511}, "parameter_invalid"),
    ({"max_tokens": 98_305}, "parameter_invalid"),
    ({"max_tokens": "unlimited"}, "parameter_invalid"),
    ({"temperature": 1.1}, "parameter_invalid"),
    ({"video": None}, "parameter_not_provided"),
    ({"video": {"type": "asset_id"}}, "parameter_invalid"),
    ({"video": {"type": "video_id", "video_id": "v"}}, "parameter_invalid"),
    ({"video": {"type": "asset_id", "asset_id": "a", "url": "u"}}, "parameter_invalid"),
    ({"start_time": 5.0, "end_time": 4.0}, "parameter_invalid"),
    ({"start_time": 1.0, "end_time": 100.0}, "parameter_invalid"),
    ({"start_time": 1.0, "end_time": 1.5}, "video_duration_too_short"),
    ({"response_format": {"type": "json_schema"}}, "parameter_not_provided"),
    ({"response_format": {"type": "yaml"}}, "parameter_invalid"),
]


@pytest.mark.parametrize(("body", "code"), _REFUSED)
async def test_a_body_that_breaks_a_rule_is_a_bad_request(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, body: dict[str, Any], code: str
) -> None:
    with pytest.raises(ApiError) as error:
        await client.begin(asset_id, **body)
    assert (error.value.status_code, code_of(error.value)) == (400, code)
    assert vendor.tasks_created == 0


async def test_an_unknown_parameter_is_a_bad_request(client: Client, asset_id: str) -> None:
    with pytest.raises(ApiError) as error:
        await client.tasks.create(
            video={"type": "asset_id", "asset_id": asset_id},  # type: ignore[arg-type]  # the SDK takes dicts too
            prompt="p",
            request_options={"additional_body_parameters": {"stream": False}},
        )
    assert (error.value.status_code, code_of(error.value)) == (400, "parameter_unknown")


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": 512},
        {"max_tokens": 98_304},
        {"temperature": 0},
        {"custom_id": "x" * 64},
        {"prompt": None, "prompt_v_2": {"input_text": "p"}},
    ],
)
async def test_the_edges_of_the_limits_are_taken(
    client: Client, asset_id: str, body: dict[str, Any]
) -> None:
    assert await client.begin(asset_id, **body)


async def test_an_inline_video_is_taken_up_to_its_limit(client: Client) -> None:
    inline = {"type": "base64_string", "base64_string": "AAAA"}
    task = await client.tasks.retrieve(await client.begin("", video=inline))
    assert task.status == "ready"
    with pytest.raises(ApiError) as error:
        await client.begin("", video={**inline, "base64_string": "A" * 30_000_001})
    assert error.value.status_code == 413


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({**VALID, "additionalProperties": False}, 422),
        ({"type": "object", "properties": {"a": {"type": "integer", "enum": [1]}}}, 400),
    ],
)
async def test_the_schema_is_linted(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, schema: Any, status: int
) -> None:
    with pytest.raises(ApiError) as error:
        await client.begin(asset_id, **asks_for(schema))
    assert (error.value.status_code, code_of(error.value)) == (status, "parameter_invalid")
    assert vendor.tasks_created == 0
    assert await client.begin(asset_id, **asks_for(VALID))


@pytest.mark.parametrize(
    ("clip", "code"),
    [
        (ClipMetadata(duration=0.9), "video_duration_too_short"),
        (ClipMetadata(duration=7201), "video_duration_too_long"),
        (ClipMetadata(width=480, height=270), "video_resolution_too_low"),
        (ClipMetadata(width=6000, height=3000), "video_resolution_too_high"),
        (ClipMetadata(width=360, height=900), "video_resolution_invalid_aspect_ratio"),
        (ClipMetadata(duration=1), None),
        (ClipMetadata(duration=7200), None),
        (ClipMetadata(width=360, height=864), None),
        (ClipMetadata(width=2160, height=5184), None),
    ],
)
async def test_the_limits_of_the_clip_are_kept(
    vendor: TwelveLabsStandIn, client: Client, clip: ClipMetadata, code: str | None
) -> None:
    vendor.clip = clip
    asset_id = await client.upload()
    if code is None:
        assert await client.begin(asset_id)
        return
    with pytest.raises(ApiError) as error:
        await client.begin(asset_id)
    assert (error.value.status_code, code_of(error.value)) == (400, code)


async def test_a_window_makes_a_long_clip_acceptable(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.clip = ClipMetadata(duration=10_000)
    asset_id = await client.upload()
    assert await client.begin(asset_id, start_time=0, end_time=7200)
