"""The stand-in's analyses keep the vendor's rules, as the real SDK sees them."""

from __future__ import annotations

import json
import math

import pytest
from twelvelabs.core.api_error import ApiError

from tests.fakes.test_twelvelabs_schema import VALID
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_client import Client, asks_for, code_of


async def _statuses(client: Client, task_id: str, looks: int) -> list[str]:
    return [(await client.tasks.retrieve(task_id)).status for _ in range(looks)]


async def test_a_task_walks_its_statuses_and_stays_at_the_end(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses = ("queued", "validating", "processing", "ready", "processing")
    task_id = await client.begin(asset_id)
    assert await _statuses(client, task_id, 6) == [
        "queued",
        "validating",
        "processing",
        "ready",
        "ready",
        "ready",
    ]


async def test_a_task_can_be_stuck(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses = ("queued", "processing")
    assert (await _statuses(client, await client.begin(asset_id), 20))[-1] == "processing"


async def test_result_and_end_appear_only_when_the_task_is_ready(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses = ("processing", "ready")
    task_id = await client.begin(asset_id)
    early = await client.tasks.retrieve(task_id)
    assert {"custom_id"} <= early.model_fields_set  # there, and null
    assert not {"result", "completed_at", "error"} & early.model_fields_set
    ready = await client.tasks.retrieve(task_id)
    assert ready.result is not None
    assert ready.result.finish_reason == "stop"
    assert ready.completed_at is not None
    assert ready.error is None


async def test_the_default_result_follows_the_schema_that_was_asked_for(
    client: Client, asset_id: str
) -> None:
    with_schema = await client.tasks.retrieve(await client.begin(asset_id, **asks_for(VALID)))
    assert with_schema.result is not None
    assert list(json.loads(with_schema.result.data)) == list(VALID["properties"])
    prose = await client.tasks.retrieve(await client.begin(asset_id))
    assert prose.result is not None
    assert prose.result.data.startswith("The speaker")


async def test_a_result_can_be_scripted_for_each_task(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.result = lambda task: f"{task.number}: {task.prompt}"
    first, second = await client.begin(asset_id), await client.begin(asset_id, prompt="Again.")
    results = [(await client.tasks.retrieve(task_id)).result for task_id in (first, second)]
    vendor.result = "fixed"
    results.append((await client.tasks.retrieve(await client.begin(asset_id))).result)
    assert [result and result.data for result in results] == [
        "1: Assess the answer.",
        "2: Again.",
        "fixed",
    ]


async def test_a_truncated_result_is_cut_and_carries_a_warning(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.finish_reason = lambda task: "length" if task.number == 1 else "stop"
    cut = await client.tasks.retrieve(await client.begin(asset_id, **asks_for(VALID)))
    assert cut.status == "ready"
    assert cut.result is not None
    assert cut.result.finish_reason == "length"
    assert cut.error is not None
    assert cut.error.code is None
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.result.data)
    whole = await client.tasks.retrieve(await client.begin(asset_id, **asks_for(VALID)))
    assert whole.result is not None
    assert json.loads(whole.result.data)


@pytest.mark.parametrize(
    "error",
    [{"message": "Video duration exceeds maximum allowed duration"}, {"code": "x", "message": "y"}],
)
async def test_a_task_can_fail_with_and_without_a_code(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, error: dict[str, str]
) -> None:
    vendor.task_statuses, vendor.task_error = ("failed",), error
    failed = await client.tasks.retrieve(await client.begin(asset_id))
    assert (failed.status, failed.result) == ("failed", None)
    assert failed.completed_at is not None
    assert failed.error is not None
    assert failed.error.model_dump(exclude_none=True) == error


async def test_a_task_can_be_canceled_by_the_platform_without_a_reason(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses, vendor.task_error = ("canceled",), None
    canceled = await client.tasks.retrieve(await client.begin(asset_id))
    assert (canceled.status, canceled.error) == ("canceled", None)


@pytest.mark.parametrize("looks", [0, 1, 2, 3])
async def test_a_running_task_can_be_canceled_again_and_again(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, looks: int
) -> None:
    vendor.task_statuses = ("queued", "pending", "processing", "ready")
    task_id = await client.begin(asset_id)
    await _statuses(client, task_id, looks)
    assert (await client.tasks.cancel(task_id)).status == "canceled"
    assert (await client.tasks.cancel(task_id)).status == "canceled"
    task = await client.tasks.retrieve(task_id)
    assert task.status == "canceled"
    assert task.error is not None
    assert task.error.code == "user_canceled"
    await client.tasks.delete(task_id)


@pytest.mark.parametrize("status", ["ready", "failed"])
async def test_an_ended_task_cannot_be_canceled(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str, status: str
) -> None:
    vendor.task_statuses = (status,)
    task_id = await client.begin(asset_id)
    await client.tasks.retrieve(task_id)
    with pytest.raises(ApiError) as error:
        await client.tasks.cancel(task_id)
    assert error.value.status_code == 409


async def test_a_task_cannot_be_deleted_before_it_has_ended(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses = ("processing", "ready")
    task_id = await client.begin(asset_id)
    await client.tasks.retrieve(task_id)
    with pytest.raises(ApiError) as error:
        await client.tasks.delete(task_id)
    assert (error.value.status_code, code_of(error.value)) == (409, "task_cannot_be_deleted")
    await client.tasks.retrieve(task_id)
    await client.tasks.delete(task_id)
    assert vendor.tasks[task_id].deleted
    assert vendor.live_tasks() == []
    assert vendor.tasks_created == 1
    for call in (client.tasks.retrieve, client.tasks.cancel, client.tasks.delete):
        with pytest.raises(ApiError) as error:
            await call(task_id)
        assert error.value.status_code == 404


@pytest.mark.parametrize("failure", [None, "video_file_broken"])
async def test_an_asset_that_is_not_ready_cannot_be_analyzed(
    vendor: TwelveLabsStandIn, client: Client, failure: str | None
) -> None:
    vendor.asset_polls, vendor.asset_failure = (math.inf if failure is None else 0), failure
    with pytest.raises(ApiError) as error:
        await client.begin(await client.upload())
    assert (error.value.status_code, code_of(error.value)) == (409, "asset_not_ready")


async def test_an_idempotency_key_makes_one_task_of_equal_requests(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    first = await client.begin(asset_id, key="once", custom_id="mine")
    assert await client.begin(asset_id, key="once", custom_id="mine") == first
    with pytest.raises(ApiError) as error:
        await client.begin(asset_id, key="once", custom_id="other")
    assert error.value.status_code == 409
    assert await client.begin(asset_id, key="twice", custom_id="mine") != first
    assert await client.begin(asset_id) != await client.begin(asset_id)
    assert vendor.tasks_created == 4
    assert vendor.tasks[first].idempotency_key == "once"


async def test_tasks_are_listed_newest_first_and_found_by_asset(
    client: Client, asset_id: str
) -> None:
    long_prompt = "Assess the answer to the question that follows."
    mine = [await client.begin(asset_id, custom_id=f"n-{n}", prompt=long_prompt) for n in range(3)]
    await client.begin(await client.upload())
    await client.tasks.retrieve(mine[0])
    page = await client.tasks.list(asset_id=asset_id, page=1, page_limit=2)
    assert [task.task_id for task in page.data] == mine[:0:-1]
    assert [task.custom_id for task in page.data] == ["n-2", "n-1"]
    assert page.data[0].request_params is not None
    assert page.data[0].request_params.prompt == long_prompt[:30]
    assert (page.page_info.total_page, page.page_info.total_results) == (2, 3)
    rest = await client.tasks.list(asset_id=asset_id, page=2, page_limit=2)
    assert [task.task_id for task in rest.data] == mine[:1]
    assert len((await client.tasks.list()).data) == 4


async def test_a_list_by_status_is_a_look_at_each(
    vendor: TwelveLabsStandIn, client: Client, asset_id: str
) -> None:
    vendor.task_statuses = ("processing", "ready")
    mine = [await client.begin(asset_id) for _ in range(2)]
    await client.tasks.retrieve(mine[0])
    for ready in (mine[:1], mine[::-1]):
        listed = (await client.tasks.list(status="ready")).data
        assert [task.task_id for task in listed] == ready
