"""The stand-in's uploads keep the vendor's rules, as the real SDK sees them."""

from __future__ import annotations

import hashlib
import math
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twelvelabs.core.api_error import ApiError

from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, code_of
from tests.fakes.twelvelabs_faults import VENDOR_MESSAGES


async def test_an_asset_is_processing_until_its_last_poll(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.asset_polls = 3
    asset_id = await client.upload()
    seen = [await client.assets.retrieve(asset_id) for _ in range(4)]
    assert [asset.status for asset in seen] == ["processing", "processing", "ready", "ready"]
    assert not {"technical_metadata", "size", "duration"} & seen[1].model_fields_set
    assert seen[2].technical_metadata is not None
    assert seen[2].technical_metadata.has_audio is True
    assert seen[2].duration == vendor.clip.duration


async def test_an_asset_can_be_ready_in_the_answer_to_its_upload(client: Client) -> None:
    file = ("a.mp4", b"film", "video/mp4")
    raw = await client.assets.with_raw_response.create(method="direct", file=file)
    assert raw.data.status == "ready"
    assert raw.headers["x-ratelimit-request-remaining"] == "41"


async def test_an_asset_can_stay_processing_for_ever(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.asset_polls = math.inf
    asset_id = await client.upload()
    assert {(await client.assets.retrieve(asset_id)).status for _ in range(30)} == {"processing"}


async def test_an_asset_can_fail_for_every_reason(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.asset_polls = 1
    for code, (_, message) in VENDOR_MESSAGES.items():
        vendor.asset_failure = code
        asset = await client.assets.retrieve(await client.upload())
        assert asset.status == "failed"
        assert asset.error is not None
        assert asset.error.message == message
        assert asset.size is None


async def test_an_upload_is_recorded_with_its_form(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    asset_id = await client.upload(
        b"film", "part.mp4", filename="named.mp4", enable_hls=False, user_metadata='{"a": ["b"]}'
    )
    record = vendor.assets[asset_id]
    assert (record.part_filename, record.part_content_type) == ("part.mp4", "video/mp4")
    assert record.fields["enable_hls"] == "false"
    assert (record.size, record.sha256) == (4, hashlib.sha256(b"film").hexdigest())
    asset = await client.assets.retrieve(asset_id)
    assert (asset.filename, asset.user_metadata) == ("named.mp4", {"a": ["b"]})
    assert asset.hls is None
    assert asset.thumbnail is not None  # the vendor's default, unless it is switched off


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"method": "direct"}, "parameter_not_provided"),
        ({"method": "url"}, "parameter_not_provided"),
        ({"method": "carrier-pigeon"}, "parameter_invalid"),
        ({"method": "direct", "file": b"x", "enable_hls": "maybe"}, "parameter_invalid"),
        ({"method": "direct", "file": b"x", "user_metadata": "[1]"}, "parameter_invalid"),
        ({"method": "direct", "file": b"x", "user_metadata": '{"a": {}}'}, "parameter_invalid"),
    ],
)
async def test_a_wrong_upload_form_is_a_bad_request(
    vendor: TwelveLabsStandIn, client: Client, form: dict[str, Any], code: str
) -> None:
    with pytest.raises(ApiError) as error:
        await client.assets.create(**form)
    assert (error.value.status_code, code_of(error.value)) == (400, code)
    assert not vendor.assets


async def test_uploads_must_be_multipart_and_declare_their_length(
    vendor: TwelveLabsStandIn,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"--x--"

    async with httpx.AsyncClient(headers={"x-api-key": vendor.key}) as http:
        as_json = await http.post(f"{vendor.url}/assets", json={"method": "direct"})
        multipart = {"content-type": "multipart/form-data; boundary=x"}
        endless = await http.post(f"{vendor.url}/assets", content=chunks(), headers=multipart)
        garbage = await http.post(f"{vendor.url}/assets", content=b"garbage", headers=multipart)
        unknown = await http.post(f"{vendor.url}/assets", files={"film": b"x"})
    assert (as_json.status_code, as_json.json()["code"]) == (400, "parameter_not_provided")
    assert endless.status_code == 411
    assert garbage.status_code == 400
    assert (unknown.status_code, unknown.json()["code"]) == (400, "parameter_unknown")
    assert not vendor.assets


async def test_a_file_over_the_limit_is_too_large(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.asset_limit_bytes = 1_000_000
    await client.upload(b"x" * 1_000_000)
    with pytest.raises(ApiError) as error:
        await client.upload(b"x" * 1_000_001)
    assert (error.value.status_code, code_of(error.value)) == (413, "video_filesize_too_large")
    assert len(vendor.assets) == 1


async def test_a_large_upload_leaves_the_memory_flat(
    vendor: TwelveLabsStandIn, client: Client, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(50_000_000)
    await client.upload(b"warm-up")
    tracemalloc.start()
    try:
        with film.open("rb") as file:
            await client.assets.create(method="direct", file=("film.mp4", file, "video/mp4"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(vendor.assets.values())[-1].size == 50_000_000
    assert peak < 5_000_000


async def test_a_deleted_asset_is_gone_but_remembered(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    asset_id = await client.upload()
    await client.assets.delete(asset_id, force=True)
    for call in (client.assets.retrieve, client.assets.delete, client.begin):
        with pytest.raises(ApiError) as error:
            await call(asset_id)
        assert (error.value.status_code, code_of(error.value)) == (404, "resource_not_exist")
    assert vendor.assets[asset_id].deleted
    assert vendor.live_assets() == []


async def test_assets_are_listed_newest_first_by_a_part_of_their_name(client: Client) -> None:
    mine = [await client.upload(name=f"Greenroom-{n}.mp4") for n in range(5)]
    await client.upload(name="another.mp4")
    await client.assets.delete(mine[0])
    pager = await client.assets.list(filename="GREENROOM", page_limit=2)
    assert [asset.id async for asset in pager] == mine[:0:-1]
    assert [asset.id async for asset in await client.assets.list(asset_ids=mine[1])] == [mine[1]]
    with pytest.raises(ApiError) as error:
        await client.assets.list(page_limit=51)
    assert error.value.status_code == 400


async def test_a_transcript_comes_in_the_segments_that_were_asked_for(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.transcription_statuses = ("pending", "processing", "ready")
    asset_id = await client.upload()
    for status in vendor.transcription_statuses[:2]:
        early = await client.assets.retrieve_transcription(asset_id, include=["words"])
        assert (early.status, early.words) == (status, None)
    ready = await client.assets.retrieve_transcription(asset_id, include=["words", "utterances"])
    assert ready.words is not None
    assert [word.value for word in ready.words[:2]] == ["Well", "I"]
    assert all(word.start < word.end <= vendor.clip.duration for word in ready.words)
    assert ready.utterances is not None
    assert ready.utterances[0].speaker == "0"
    assert ready.sentences is None
    both = await client.assets.retrieve_transcription(asset_id, include="words,sentences")
    assert both.words is not None
    assert both.sentences is not None
    assert [sentence.value[-6:] for sentence in both.sentences] == ["queue.", " fast."]


async def test_a_clip_may_have_no_transcript(vendor: TwelveLabsStandIn, client: Client) -> None:
    vendor.transcription_statuses = ()
    with pytest.raises(ApiError) as error:
        await client.assets.retrieve_transcription(await client.upload())
    assert error.value.status_code == 404


async def test_a_transcript_may_fail(vendor: TwelveLabsStandIn, client: Client) -> None:
    vendor.transcription_statuses = ("processing", "failed")
    asset_id = await client.upload()
    await client.assets.retrieve_transcription(asset_id)
    failed = await client.assets.retrieve_transcription(asset_id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.words is None


async def test_a_ready_transcript_may_lack_words_or_speakers(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.speakers = False
    asset_id = await client.upload()
    silent = await client.assets.retrieve_transcription(asset_id, include=["utterances"])
    assert silent.utterances is not None
    assert silent.utterances[0].speaker is None
    vendor.words = []
    empty = await client.assets.retrieve_transcription(asset_id, include=["words", "utterances"])
    assert (empty.words, empty.utterances) == ([], [])
    vendor.words = None
    missing = await client.assets.retrieve_transcription(asset_id, include=["words"])
    assert (missing.status, missing.words) == ("ready", None)
    with pytest.raises(ApiError) as error:
        await client.assets.retrieve_transcription(asset_id, include=["syllables"])
    assert error.value.status_code == 400
