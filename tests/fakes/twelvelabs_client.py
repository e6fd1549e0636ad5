"""The real SDK pointed at the TwelveLabs stand-in, for tests that need no engine around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import httpx
import pytest
from twelvelabs import AsyncTwelveLabs
from twelvelabs.core.api_error import ApiError

from tests.fakes.twelvelabs import TwelveLabsStandIn


class Client:
    """The SDK, and the few calls most tests make with it."""

    def __init__(self, sdk: AsyncTwelveLabs) -> None:
        self.sdk = sdk
        self.assets = sdk.assets
        self.tasks = sdk.analyze_async.tasks

    async def upload(
        self, data: bytes = b"not really a film", name: str = "clip.mp4", **form: Any
    ) -> str:
        """Upload a file and return the asset's id."""
        file = (name, BytesIO(data), "video/mp4")
        asset = await self.assets.create(method="direct", file=file, **form)
        assert asset.id is not None
        return asset.id

    async def begin(self, asset_id: str, *, key: str | None = None, **body: Any) -> str:
        """Begin an analysis and return the task's id; `key` is the idempotency key."""
        body = {"model_name": "pegasus1.5", "prompt": "Assess the answer.", **body}
        body.setdefault("video", {"type": "asset_id", "asset_id": asset_id})
        headers = {} if key is None else {"Idempotency-Key": key}
        options = {"additional_headers": headers}
        return (await self.tasks.create(**body, request_options=options)).task_id  # type: ignore[arg-type]  # a TypedDict, built in two steps


@asynccontextmanager
async def client_of(vendor: TwelveLabsStandIn, key: str | None = None) -> AsyncIterator[Client]:
    """Make the SDK with a connection pool of its own; `key` defaults to the stand-in's."""
    async with httpx.AsyncClient(follow_redirects=False, timeout=10) as http:
        with pytest.MonkeyPatch.context() as patch:
            # The SDK prefers this variable to `base_url`: with it, tests would leave the machine.
            patch.delenv("TWELVELABS_BASE_URL", raising=False)
            sdk = AsyncTwelveLabs(
                api_key=vendor.key if key is None else key, base_url=vendor.url, httpx_client=http
            )
        yield Client(sdk)


def asks_for(schema: Any) -> dict[str, Any]:
    """Return the part of a body that asks for an answer after a schema."""
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def code_of(error: ApiError) -> str:
    """Read the vendor's code out of either shape of error body."""
    assert isinstance(error.body, dict)
    return str(error.body.get("error", error.body)["code"])
