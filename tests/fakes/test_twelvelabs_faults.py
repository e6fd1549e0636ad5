"""Each fault of the TwelveLabs stand-in reaches the real SDK the way the vendor's would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from twelvelabs.core.api_error import ApiError

from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, client_of, code_of
from tests.fakes.twelvelabs_faults import (
    MISSING_ONCE,
    VENDOR_MESSAGES,
    Answer,
    BodyShape,
    CloseEarly,
    LostAnswer,
    Redirect,
    Reset,
    Silence,
    rate_limited,
    vendor_error,
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(20_000_000)
    return film


@pytest.mark.parametrize("shape", ["flat", "nested"])
async def test_every_vendor_code_can_be_answered_in_both_shapes(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, shape: BodyShape
) -> None:
    for code, (status, _) in VENDOR_MESSAGES.items():
        vendor.fail("POST", "/analyze/tasks", vendor_error(code, shape))
        with pytest.raises(ApiError) as error:
            await client.begin(asset_id)
        assert isinstance(error.value.body, dict)
        assert ("error" in error.value.body) == (shape == "nested")
        assert (error.value.status_code, code_of(error.value)) == (status, code)
    assert vendor.tasks_created == 0


@pytest.mark.parametrize("retry_after", [1, 31, 40_000])
async def test_a_rate_limit_has_its_headers_and_an_empty_body(
    vendor: TwelveLabsStandIn, client: Client, retry_after: int
) -> None:
    vendor.fail("POST", "/assets", rate_limited(retry_after))
    with pytest.raises(ApiError) as error:
        await client.upload(b"x" * 1_000_000)
    assert (error.value.status_code, error.value.body) == (429, "")
    assert error.value.headers is not None
    assert error.value.headers["retry-after"] == str(retry_after)
    assert error.value.headers["x-ratelimit-request-remaining"] == "0"
    assert not vendor.assets


async def test_faults_are_met_once_and_in_order(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.fail("*", "/assets/*", Answer(502, shape="html"), Answer(503, shape="empty"))
    vendor.fail("GET", "/assets/*/transcription", vendor_error("internal_server_error"))
    for status in (502, 503):
        with pytest.raises(ApiError) as error:
            await client.assets.retrieve(asset_id)
        assert error.value.status_code == status
    assert (await client.assets.retrieve(asset_id)).status == "ready"
    assert vendor.faults_left == 1
    with pytest.raises(ApiError):
        await client.assets.retrieve_transcription(asset_id)
    assert vendor.faults_left == 0
    assert [seen.status for seen in vendor.calls("GET", "/assets/*")] == [502, 503, 200]


async def test_a_new_thing_may_be_missing_once(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.fail("GET", "/assets/*", MISSING_ONCE)
    with pytest.raises(ApiError) as error:
        await client.assets.retrieve(asset_id)
    assert error.value.status_code == 404
    assert (await client.assets.retrieve(asset_id)).id == asset_id


async def test_a_connection_can_be_reset(vendor: TwelveLabsStandIn, client: Client) -> None:
    vendor.fail("POST", "/assets", Reset())
    with pytest.raises(httpx.NetworkError):
        await client.upload()
    assert not vendor.assets
    assert await client.upload()
    assert [seen.status for seen in vendor.requests] == [None, 201]


async def test_the_answer_can_be_lost_after_the_work_is_done(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.fail("POST", "/analyze/tasks", LostAnswer())
    with pytest.raises(httpx.RemoteProtocolError):
        await client.begin(asset_id, key="same")
    (lost,) = vendor.tasks
    assert await client.begin(asset_id, key="same") == lost
    vendor.fail("POST", "/assets", LostAnswer())
    with pytest.raises(httpx.RemoteProtocolError):
        await client.upload(name="lost.mp4")
    assert [asset.filename async for asset in await client.assets.list(filename="lost")]


async def test_an_error_can_come_although_the_work_was_done(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.fail("POST", "/analyze/tasks", Answer(400, "parameter_invalid", done=True))
    with pytest.raises(ApiError) as error:
        await client.begin(asset_id)
    assert error.value.status_code == 400
    assert vendor.tasks_created == 1


@pytest.mark.parametrize("done", [False, True])
async def test_an_answer_can_stay_away_until_the_stand_in_closes(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, done: bool
) -> None:
    vendor.fail("POST", "/analyze/tasks", Silence(done=done))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.begin(asset_id)
    assert vendor.tasks_created == done
    assert await client.begin(asset_id)


async def test_closing_ends_a_silent_answer() -> None:
    async with TwelveLabsStandIn(instant=True) as vendor, client_of(vendor) as client:
        vendor.fail("GET", "/assets/*", Silence())
        waiting = asyncio.create_task(client.assets.retrieve("a" * 24))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
        await vendor.__aexit__(None, None, None)
        with pytest.raises(httpx.TransportError):
            await waiting


async def test_a_redirect_leads_to_a_host_that_records_what_it_gets(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    vendor.fail("GET", "/assets/*", Redirect(), Redirect(302))
    for status in (307, 302):
        with pytest.raises(ApiError) as error:
            await client.assets.retrieve("a" * 24)
        assert error.value.status_code == status
    assert vendor.elsewhere_headers == []
    vendor.fail("GET", "/assets", Redirect())
    async with httpx.AsyncClient(follow_redirects=True) as careless:
        await careless.get(f"{vendor.url}/assets", headers={"x-api-key": vendor.key})
    assert vendor.elsewhere_headers[0]["x-api-key"] == vendor.key


async def test_an_upload_can_be_refused_before_it_has_arrived(
    vendor: TwelveLabsStandIn, client: Client, film: Path
) -> None:
    vendor.fail("POST", "/assets", CloseEarly())
    with film.open("rb") as file, pytest.raises(httpx.NetworkError):
        await client.assets.create(method="direct", file=("film.mp4", file, "video/mp4"))
    assert not vendor.assets
    assert vendor.requests[0].status == 413
    assert await client.upload()


async def test_an_upload_that_breaks_off_leaves_nothing(
    vendor: TwelveLabsStandIn, client: Client
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nfilm'
        raise ConnectionAbortedError

    headers = {
        "x-api-key": vendor.key,
        "content-type": "multipart/form-data; boundary=x",
        "content-length": "1000000",
    }
    async with httpx.AsyncClient() as http:
        with pytest.raises(ConnectionAbortedError):
            await http.post(f"{vendor.url}/assets", content=broken(), headers=headers)
    assert await client.upload()
    assert len(vendor.assets) == 1


async def test_while_the_vendor_is_down_every_connection_is_reset(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, film: Path
) -> None:
    vendor.down = True
    for call in (client.assets.retrieve, client.begin, client.assets.delete):
        with pytest.raises(httpx.NetworkError):
            await call(asset_id)
    with film.open("rb") as file, pytest.raises(httpx.NetworkError):
        await client.assets.create(method="direct", file=("film.mp4", file, "video/mp4"))
    vendor.down = False
    assert (await client.assets.retrieve(asset_id)).status == "ready"
