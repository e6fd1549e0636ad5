"""The `/assets` part of the TwelveLabs stand-in: uploads, their lifecycle and their transcript."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.twelvelabs_faults import VENDOR_MESSAGES, Refusal
from tests.fakes.twelvelabs_script import AssetRecord, Script
from tests.fakes.twelvelabs_wire import ACCOUNT, SEEN, page_of, rfc3339

_CHUNK_BYTES = 65_536
_FIELDS = frozenset(
    {"method", "url", "filename", "enable_hls", "enable_thumbnail", "user_metadata"}
)


class AssetRoutes:
    """Handlers over one script."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes, below `base`."""
        one = f"{base}/assets/{{asset_id}}"
        return [
            web.post(f"{base}/assets", self._create),
            web.get(f"{base}/assets", self._list, allow_head=False),
            web.get(one, self._retrieve, allow_head=False),
            web.delete(one, self._delete),
            web.get(f"{one}/transcription", self._transcription, allow_head=False),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        script = self._script
        if request.content_type != "multipart/form-data":
            raise _missing("method")
        if request.content_length is None:
            raise Refusal(411, "parameter_invalid", "Content-Length is required.")
        asset = AssetRecord(
            account=request[ACCOUNT],
            clip=script.clip,
            polls_left=script.asset_polls,
            failure=script.asset_failure,
            transcription_statuses=list(script.transcription_statuses),
        )
        has_file = await _read_form(request, asset, script.asset_limit_bytes)
        _check_form(asset.fields, has_file=has_file)
        asset.filename = asset.fields.get("filename", asset.part_filename)
        script.assets[asset.id] = asset
        return web.json_response(script.shape(_summary(asset)), status=201)

    async def _list(self, request: web.Request) -> web.Response:
        needle = request.query.get("filename", "").lower()
        wanted = set(request.query.getall("asset_ids", []))
        found = [
            self._script.shape(_detail(asset))
            for asset in reversed(self._script.assets.values())
            if asset.account == request[ACCOUNT]
            and not asset.deleted
            and needle in asset.filename.lower()
            and (not wanted or asset.id in wanted)
        ]
        return web.json_response(page_of(found, request, frozenset({"filename", "asset_ids"})))

    async def _retrieve(self, request: web.Request) -> web.Response:
        asset = self._find(request)
        asset.polls_left = max(asset.polls_left - 1, 0)
        return web.json_response(self._script.shape(_detail(asset)))

    async def _delete(self, request: web.Request) -> web.Response:
        self._find(request).deleted = True
        return web.Response(status=204)

    async def _transcription(self, request: web.Request) -> web.Response:
        asset = self._find(request)
        include = ",".join(request.query.getall("include", ["words"])).split(",")
        if not set(include) <= {"words", "sentences", "utterances"}:
            raise Refusal(400, "parameter_invalid", "include: unknown segmentation")
        left = asset.transcription_statuses
        if not left:
            raise Refusal(404, "resource_not_exist", "The asset has no transcription.")
        status = left.pop(0) if len(left) > 1 else left[0]
        body: dict[str, Any] = {"status": status}
        if status == "failed":
            body["error"] = {"message": "The audio could not be transcribed."}
        if status == "ready" and self._script.words is not None:
            words = list(self._script.words)
            body |= {name: _segments(words, name, self._script) for name in include}
        return web.json_response(body)

    def _find(self, request: web.Request) -> AssetRecord:
        asset = self._script.assets.get(request.match_info["asset_id"])
        if asset is None or asset.deleted or asset.account != request[ACCOUNT]:
            raise Refusal(404, "resource_not_exist", "The asset does not exist.")
        return asset


async def _read_form(request: web.Request, asset: AssetRecord, limit_bytes: int) -> bool:
    """Read the form as it comes in, counting and hashing the file without keeping it."""
    has_file = False
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise Refusal(400, "parameter_invalid", "The form is malformed.")
            if part.name == "file":
                has_file = True
                await _read_file(part, asset, limit_bytes)
                seen = request[SEEN]
                seen.body_bytes, seen.body_sha256 = asset.size, asset.sha256
            elif part.name in _FIELDS:
                asset.fields[part.name] = await part.text()
            else:
                raise Refusal(400, "parameter_unknown", f"The parameter {part.name} is unknown.")
    except ValueError:
        raise Refusal(400, "parameter_invalid", "The form is malformed.") from None
    return has_file


async def _read_file(part: BodyPartReader, asset: AssetRecord, limit_bytes: int) -> None:
    asset.part_filename = part.filename or ""
    asset.part_content_type = part.headers.get("Content-Type", "")
    digest = hashlib.sha256()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        digest.update(chunk)
        asset.size += len(chunk)
        if asset.size > limit_bytes:
            raise Refusal(413, *_code("video_filesize_too_large"))
    asset.sha256 = digest.hexdigest()


def _check_form(fields: dict[str, str], *, has_file: bool) -> None:
    match fields.get("method"):
        case None:
            raise _missing("method")
        case "direct" if not has_file:
            raise _missing("file")
        case "url" if not fields.get("url"):
            raise _missing("url")
        case "url":
            raise Refusal(501, "not_reproduced", "The stand-in fetches no URLs.")
        case "direct":
            pass
        case _:
            raise Refusal(400, "parameter_invalid", "method must be direct or url")
    for name in ("enable_hls", "enable_thumbnail"):
        if fields.get(name, "true") not in ("true", "false"):
            raise Refusal(400, "parameter_invalid", f"{name} must be true or false")
    _check_metadata(fields.get("user_metadata", "{}"))


def _check_metadata(text: str) -> None:
    try:
        metadata = json.loads(text)
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str | int | float)
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
        for value in metadata.values()
    ):
        raise Refusal(400, "parameter_invalid", "user_metadata must be a flat JSON object")


def _summary(asset: AssetRecord) -> dict[str, Any]:
    body: dict[str, Any] = {
        "_id": asset.id,
        "method": "direct",
        "status": asset.status,
        "filename": asset.filename,
        "file_type": asset.part_content_type,
        "created_at": rfc3339(asset.created_at),
    }
    if "user_metadata" in asset.fields:
        body["user_metadata"] = json.loads(asset.fields["user_metadata"])
    return body


def _detail(asset: AssetRecord) -> dict[str, Any]:
    body = _summary(asset)
    for name in ("hls", "thumbnail"):
        if asset.fields.get(f"enable_{name}", "true") == "true":
            body[name] = {"status": "ready" if asset.status == "ready" else "pending"}
    if asset.status == "failed":
        body["error"] = {"message": VENDOR_MESSAGES.get(asset.failure or "", (0, asset.failure))[1]}
        body["technical_metadata"] = {"file_size_bytes": asset.size}
    if asset.status == "ready":
        body |= {"size": asset.size, "duration": asset.clip.duration}
        body["technical_metadata"] = {
            "file_size_bytes": asset.size,
            "file_mime_type": asset.part_content_type,
            "video_width": asset.clip.width,
            "video_height": asset.clip.height,
            "video_duration_seconds": asset.clip.duration,
            "has_audio": asset.clip.has_audio,
        }
    return body


def _segments(
    words: list[tuple[str, float, float]], kind: str, script: Script
) -> list[dict[str, Any]]:
    groups = [[word] for word in words]
    if kind == "utterances":
        groups = [words] if words else []
    if kind == "sentences":
        ends = [i + 1 for i, (word, _, _) in enumerate(words) if word.endswith((".", "?", "!"))]
        cuts = sorted({0, *ends, len(words)})
        groups = [words[a:b] for a, b in pairwise(cuts)]
    segments: list[dict[str, Any]] = [
        {"start": group[0][1], "end": group[-1][2], "value": " ".join(w for w, _, _ in group)}
        for group in groups
    ]
    if kind == "utterances" and script.speakers:
        segments = [{**segment, "speaker": "0"} for segment in segments]
    return segments


def _code(code: str) -> tuple[str, str]:
    return code, VENDOR_MESSAGES[code][1]


def _missing(name: str) -> Refusal:
    return Refusal(400, "parameter_not_provided", f"The parameter {name} is required.")
