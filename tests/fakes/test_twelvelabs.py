"""The TwelveLabs stand-in's keys, records and gaps, as the real SDK sees them."""

from __future__ import annotations

import hashlib

import pytest
from pydantic import ValidationError
from twelvelabs.core.api_error import ApiError

from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, client_of


async def test_requests_are_recorded_without_the_key(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    asset_id = await client.upload(b"film")
    await client.begin(asset_id, key="mine")
    upload, begin = vendor.requests
    assert (upload.method, upload.path, upload.status) == ("POST", "/assets", 201)
    assert (upload.body_bytes, upload.body_sha256) == (4, hashlib.sha256(b"film").hexdigest())
    assert (begin.path, begin.status, begin.json["prompt"]) == (
        "/analyze/tasks",
        202,
        "Assess the answer.",
    )
    assert begin.headers["idempotency-key"] == "mine"
    assert begin.at >= upload.at
    assert vendor.key not in repr(vendor.requests)
    assert vendor.calls("POST", "/analyze/*") == [begin]


async def test_a_key_sees_nothing_of_another_account(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    asset_id = await client.upload()
    task_id = await client.begin(asset_id, key="same")
    async with client_of(vendor, vendor.other_key) as stranger:
        assert [asset async for asset in await stranger.assets.list()] == []
        assert (await stranger.tasks.list()).data == []
        for call, id_ in (
            (stranger.assets.retrieve, asset_id),
            (stranger.assets.delete, asset_id),
            (stranger.begin, asset_id),
            (stranger.tasks.retrieve, task_id),
            (stranger.tasks.cancel, task_id),
            (stranger.tasks.delete, task_id),
        ):
            with pytest.raises(ApiError) as error:
                await call(id_)
            assert error.value.status_code == 404
        theirs = await stranger.begin(await stranger.upload(), key="same")
    assert theirs != task_id
    assert not vendor.tasks[task_id].deleted


async def test_a_wrong_key_is_unauthorized_everywhere(vendor: TwelveLabsStandIn) -> None:
    async with client_of(vendor, "wrong") as stranger:
        for call in (
            stranger.upload(),
            stranger.assets.retrieve("a" * 24),
            stranger.begin("a" * 24),
            stranger.tasks.retrieve("a" * 24),
            stranger.tasks.cancel("a" * 24),
        ):
            with pytest.raises(ApiError) as error:
                await call
            assert error.value.status_code == 401
    assert not vendor.assets


@pytest.mark.parametrize("key", ["created_at", "task_id"])
async def test_a_drifting_schema_breaks_the_sdk_as_it_really_would(
    vendor: TwelveLabsStandIn, client: Client, key: str
) -> None:
    task_id = await client.begin(await client.upload())
    for knob in (vendor.dropped_keys, vendor.nulled_keys):
        knob.add(key)
        with pytest.raises(ValidationError):
            await client.tasks.retrieve(task_id)
        knob.clear()
    task = await client.tasks.retrieve(task_id)
    assert task.model_extra == {"shard": {"region": "made-up"}}


async def test_what_is_left_out_says_so(vendor: TwelveLabsStandIn, client: Client) -> None:
    with pytest.raises(ApiError) as error:
        await client.assets.create(method="url", url="https://example.com/a.mp4")
    assert error.value.status_code == 501
    with pytest.raises(ApiError) as error:
        await client.begin("", video={"type": "url", "url": "https://example.com/a.mp4"})
    assert error.value.status_code == 501
    with pytest.raises(ApiError) as error:
        await client.sdk.analyze(prompt="p", video={"type": "asset_id", "asset_id": "a" * 24})  # type: ignore[arg-type]  # the SDK takes dicts too
    assert error.value.status_code == 501
    with pytest.raises(ApiError) as error:
        await client.sdk.indexes.list()
    assert error.value.status_code == 404


def test_a_knob_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TypeError):
        TwelveLabsStandIn(asset_poll=1)
