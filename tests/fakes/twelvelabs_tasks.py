"""The `/analyze/tasks` part of the TwelveLabs stand-in."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.fakes.twelvelabs_faults import Refusal
from tests.fakes.twelvelabs_limits import check_clip, check_task
from tests.fakes.twelvelabs_script import (
    TERMINAL,
    AssetRecord,
    ClipMetadata,
    Script,
    Scripted,
    TaskRecord,
)
from tests.fakes.twelvelabs_wire import ACCOUNT, page_of, rfc3339

_TRUNCATED = {
    "message": "output truncated: the generation reached the configured max_tokens. "
    "The partial output is returned; raise max_tokens if you need a longer response."
}
_CANCELED = {"code": "user_canceled", "message": "The task was canceled by the user."}
_LISTED_PROMPT_LENGTH = 30


class TaskRoutes:
    """Handlers over one script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._by_idempotency_key: dict[tuple[str, str], tuple[str, TaskRecord]] = {}

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes, below `base`."""
        one = f"{base}/analyze/tasks/{{task_id}}"
        return [
            web.post(f"{base}/analyze/tasks", self._create),
            web.get(f"{base}/analyze/tasks", self._list, allow_head=False),
            web.get(one, self._retrieve, allow_head=False),
            web.delete(one, self._delete),
            web.post(f"{one}/cancel", self._cancel),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            body = json.loads(raw)
        except ValueError:
            raise Refusal(400, "parameter_invalid", "The body is not JSON.") from None
        account = request[ACCOUNT]
        key = request.headers.get("Idempotency-Key")
        digest = hashlib.sha256(raw).hexdigest()
        if key is not None and (account, key) in self._by_idempotency_key:
            known, task = self._by_idempotency_key[account, key]
            if known != digest:
                raise Refusal(409, "idempotency_conflict", "The key was used for another body.")
        else:
            task = self._begin(account, check_task(body), key)
            if key is not None:
                self._by_idempotency_key[account, key] = digest, task
            if self._script.on_create is not None:
                await self._script.on_create(task)
        return web.json_response({"task_id": task.id, "status": task.status}, status=202)

    def _begin(self, account: str, body: dict[str, Any], key: str | None) -> TaskRecord:
        asset = self._source(account, body["video"])
        check_clip(asset.clip if asset is not None else ClipMetadata(), body)
        script = self._script
        task = TaskRecord(
            account=account,
            number=len(script.tasks) + 1,
            body=body,
            idempotency_key=key,
            asset=asset,
            statuses=list(script.task_statuses),
        )
        if script.analysis_seconds is not None:
            task.ready_at = task.created_at + timedelta(seconds=script.analysis_seconds(task))
        script.tasks[task.id] = task
        return task

    def _source(self, account: str, video: dict[str, Any]) -> AssetRecord | None:
        if video["type"] == "url":
            raise Refusal(501, "not_reproduced", "The stand-in fetches no URLs.")
        if video["type"] == "base64_string":
            return None
        asset = self._script.assets.get(video["asset_id"])
        if asset is None or asset.deleted or asset.account != account:
            raise Refusal(404, "resource_not_exist", "The asset does not exist.")
        if asset.status != "ready":
            raise Refusal(409, "asset_not_ready", f"The asset is {asset.status}.")
        return asset

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        if "status" in query:
            for task in self._script.tasks.values():
                self._walk(task)
        found = [
            self._script.shape(_as_listed(task))
            for task in reversed(self._script.tasks.values())
            if task.account == request[ACCOUNT]
            and not task.deleted
            and query.get("asset_id", task.asset_id) == task.asset_id
            and query.get("status", task.status) == task.status
        ]
        return web.json_response(page_of(found, request, frozenset({"asset_id", "status"})))

    async def _retrieve(self, request: web.Request) -> web.Response:
        task = self._find(request)
        self._walk(task)
        return web.json_response(self._script.shape(_as_retrieved(task)))

    async def _cancel(self, request: web.Request) -> web.Response:
        task = self._find(request)
        if task.status in TERMINAL - {"canceled"}:
            raise Refusal(409, "task_cannot_be_canceled", f"The task is {task.status}.")
        if task.status != "canceled":
            _end(task, "canceled", _CANCELED)
        return web.json_response({"task_id": task.id, "status": task.status})

    async def _delete(self, request: web.Request) -> web.Response:
        task = self._find(request)
        if task.status not in TERMINAL:
            raise Refusal(409, "task_cannot_be_deleted", f"The task is {task.status}.")
        task.deleted = True
        return web.Response(status=204)

    def _find(self, request: web.Request) -> TaskRecord:
        task = self._script.tasks.get(request.match_info["task_id"])
        if task is None or task.deleted or task.account != request[ACCOUNT]:
            raise Refusal(404, "resource_not_exist", "The task does not exist.")
        return task

    def _walk(self, task: TaskRecord) -> None:
        """Go one status on; a terminal one is never left."""
        if task.status in TERMINAL:
            return
        if task.ready_at is not None:
            status = "ready" if datetime.now(UTC) >= task.ready_at else "processing"
        elif task.statuses:
            status = task.statuses.pop(0)
        else:
            return
        if status == "ready":
            task.finish_reason = _scripted(self._script.finish_reason, task)
            data = _scripted(self._script.result, task)
            cut = task.finish_reason == "length"
            task.data = data[: len(data) // 2] if cut else data
            _end(task, status, _TRUNCATED if cut else None)
        elif status in TERMINAL:
            _end(task, status, self._script.task_error)
        else:
            task.status = status


def _end(task: TaskRecord, status: str, error: dict[str, str] | None) -> None:
    task.status = status
    task.error = error
    task.completed_at = task.ready_at if status == "ready" and task.ready_at else datetime.now(UTC)


def _scripted(value: Scripted, task: TaskRecord) -> str:
    return value if isinstance(value, str) else value(task)


def _as_retrieved(task: TaskRecord) -> dict[str, Any]:
    source: dict[str, Any] = {"type": task.body["video"]["type"]}
    if task.asset_id is not None:
        source["asset_id"] = task.asset_id
    if task.status in TERMINAL:
        source["system_metadata"] = {"duration": task.duration}
    body: dict[str, Any] = {
        "task_id": task.id,
        "custom_id": task.custom_id,
        "video_source": source,
        "request_params": {
            "analysis_mode": "general",
            "prompt": task.prompt,
            "temperature": task.body.get("temperature", 0.2),
            "max_tokens": task.body.get("max_tokens", 4096),
        },
        "status": task.status,
        "created_at": rfc3339(task.created_at),
    }
    if task.completed_at is not None:
        body["completed_at"] = rfc3339(task.completed_at)
    if task.error is not None:
        body["error"] = task.error
    if task.data is not None:
        body["result"] = {
            "generation_id": task.id[::-1],
            "data": task.data,
            "finish_reason": task.finish_reason,
            "usage": {"output_tokens": len(task.data) // 4, "input_tokens": 9000},
        }
    return body


def _as_listed(task: TaskRecord) -> dict[str, Any]:
    body = _as_retrieved(task)
    body["request_params"]["prompt"] = task.prompt[:_LISTED_PROMPT_LENGTH]
    return body
