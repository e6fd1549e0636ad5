"""The analyses of a clip at TwelveLabs: created once, looked at, and deleted."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from twelvelabs.core.api_error import ApiError
from twelvelabs.types import AnalyzeTaskResponse, AsyncResponseFormat, VideoContext_AssetId

from analyzer.engines import Job
from analyzer.engines.twelvelabs.client import CallFailed, Vendor, checked_id
from analyzer.engines.twelvelabs.deadlines import Deadline, Deadlines, within
from analyzer.engines.twelvelabs.errors import (
    CALL_ERRORS,
    failure_of_task,
    problem_of,
    transient_or_missing,
)
from analyzer.engines.twelvelabs.prompt import build_prompt, build_schema
from core.errors import EngineError

_FIRST_TOKENS = 4096
_REPEAT_TOKENS = 8192
_TEMPERATURE = 0.2
_PAGE = 50
_PAGES = 4


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one look at an analysis showed."""

    ended: bool
    data: str = ""
    cut: bool = False  # the answer reached its longest length
    failure: EngineError | None = None
    seconds: float | None = None  # from its creation to its end, by the vendor's clock
    held_up: float = 0.0  # seconds that the look waited in line


class Tasks:
    """Calls about analyses."""

    def __init__(self, vendor: Vendor, model: str, deadlines: Deadlines) -> None:
        self._vendor = vendor
        self._sdk = vendor.sdk.analyze_async.tasks
        self._model = model
        self._deadlines = deadlines

    async def create(self, job: Job, asset_id: str, *, look_first: bool) -> str:
        """Create a clip's next analysis, unless an earlier try has, and return its id.

        `custom_id` and the idempotency key depend on attempt and number alone, so they are the
        same over retries and restarts. What a key does at the vendor is not documented in full:
        after any answer that was lost, the analysis is looked for before it is created again.

        Args:
            job: The attempt; `job.refs.task_ids` are the analyses it has.
            asset_id: The clip at the vendor.
            look_first: An earlier try may have created it.

        Raises:
            CallFailed: the vendor refused it or did not answer.
        """
        number = len(job.refs.task_ids) + 1
        custom_id = f"{job.attempt_id}-{number}"
        has_audio, has_picture = job.facts.has_audio, job.facts.has_picture
        off = job.metrics_off
        prompt = build_prompt(
            job.question,
            has_audio=has_audio,
            has_picture=has_picture,
            off=off,
            language=job.language,
            kind=job.kind,
        )
        schema = build_schema(has_audio=has_audio, has_picture=has_picture, off=off, kind=job.kind)

        async def send() -> str:
            nonlocal look_first
            if look_first:
                for listed in await self._list(asset_id):
                    if listed.custom_id == custom_id:
                        return checked_id(listed.task_id)
            before, look_first = look_first, True  # as long as nothing says that it did not arrive
            try:
                created = await self._sdk.create(
                    model_name=self._model,
                    custom_id=custom_id,
                    video=VideoContext_AssetId(asset_id=asset_id),
                    prompt=prompt,
                    response_format=AsyncResponseFormat(type="json_schema", json_schema=schema),
                    temperature=_TEMPERATURE,
                    max_tokens=_FIRST_TOKENS if number == 1 else _REPEAT_TOKENS,
                    request_options={"additional_headers": {"Idempotency-Key": custom_id}},
                )
                return checked_id(created.task_id)
            except CALL_ERRORS as error:
                look_first = before or problem_of(error).may_have_arrived
                raise

        return await self._vendor.call("analyze", send, until=within(self._deadlines.start))

    async def look(self, task_id: str) -> Analysis:
        """Look at an analysis once.

        Raises:
            CallFailed: the vendor no longer has it, or did not answer.
        """

        async def send() -> AnalyzeTaskResponse:
            return await self._sdk.retrieve(task_id)

        until = within(self._deadlines.poll)
        task = await self._vendor.call("look", send, until=until, retry=transient_or_missing)
        if task.status != "ready":  # a status we do not know is one on the way
            failure = failure_of_task(task.status, task.error.code if task.error else None)
            return Analysis(ended=failure is not None, failure=failure, held_up=until.put_off_by)
        if task.result is None:
            return Analysis(ended=True)
        return Analysis(
            ended=True,
            data=task.result.data,
            cut=task.result.finish_reason == "length",
            seconds=_seconds_of(task),
        )

    async def ended(self) -> frozenset[str] | None:
        """List the analyses of this key that are ready or have failed.

        `None` where they fill more than `_PAGES`, as where another program deletes none. One that
        somebody has cancelled at the vendor is not among them.

        Raises:
            CallFailed: the vendor did not answer.
        """
        task_ids = set[str]()
        for status in ("ready", "failed"):
            for page in range(1, _PAGES + 1):
                listed = await self._page(status, page)
                task_ids.update(task.task_id for task in listed)
                if len(listed) < _PAGE:
                    break
            else:
                return None
        return frozenset(task_ids)

    async def of_asset(self, asset_id: str, until: Deadline) -> list[str]:
        """List the analyses of a clip.

        Raises:
            CallFailed: the vendor did not answer by `until`.
        """

        async def send() -> list[str]:
            return [checked_id(task.task_id) for task in await self._list(asset_id)]

        try:
            return await self._vendor.call("list_tasks", send, until=until)
        except CallFailed as failed:
            if failed.problem.missing:
                return []
            raise

    async def delete(self, task_id: str, until: Deadline) -> None:
        """Delete an analysis, after cancelling it where it still runs.

        Raises:
            CallFailed: it could not be deleted by `until`.
        """

        async def send() -> None:
            try:
                await self._sdk.delete(task_id)
            except ApiError as error:
                if not _still_runs(error):
                    raise
                with contextlib.suppress(ApiError):  # it may have ended by now: deleting tells
                    await self._sdk.cancel(task_id)
                await self._sdk.delete(task_id)

        try:
            await self._vendor.call("delete_task", send, until=until)
        except CallFailed as failed:
            if not failed.problem.missing:
                raise

    async def _page(self, status: str, page: int) -> list[AnalyzeTaskResponse]:
        async def send() -> list[AnalyzeTaskResponse]:
            return (await self._sdk.list(status=status, page=page, page_limit=_PAGE)).data

        return await self._vendor.call("list_ended", send, until=within(self._deadlines.poll))

    async def _list(self, asset_id: str) -> list[AnalyzeTaskResponse]:
        return (await self._sdk.list(asset_id=asset_id, page_limit=_PAGE)).data


def _seconds_of(task: AnalyzeTaskResponse) -> float | None:
    if task.completed_at is None:
        return None
    try:
        return (task.completed_at - task.created_at).total_seconds()
    except TypeError:  # one of them without a time zone
        return None


def _still_runs(error: ApiError) -> bool:
    problem = problem_of(error)
    return problem.status == 409 or problem.code == "task_cannot_be_deleted"
