"""The studio over HTTP: one page for everybody, its few files, and the calls they make."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from analyzer.dependencies import Dependencies
from analyzer.services.studio import StudioService
from web.app import RouteInstaller
from web.callers import CALLERS
from web.studio.handlers import Calls
from web.studio.interview_handlers import InterviewCalls
from web.studio.middleware import add_headers, answer_errors
from web.studio.rate_limits import RateLimiter
from web.studio.request_bodies import ReadTimeouts
from web.studio.rights import Rights

STATIC = Path(__file__).resolve().parents[1] / "static"
PAGE = "studio.html"

_MOUNT = "/studio"
_FILES = "/static/"

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_TEXT = ("text/", "image/svg")


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    content_type: str
    etag: str


def studio_routes(
    studio: StudioService,
    deps: Dependencies,
    *,
    static: Path = STATIC,
    read_timeouts: ReadTimeouts | None = None,
) -> RouteInstaller:
    """What adds the studio to the application, under `/studio`.

    The files of `static` are read once, when the application starts; no other file is ever served.
    """

    def add_to(app: web.Application) -> None:
        rate_limiter = RateLimiter(app[CALLERS])
        rights = Rights(studio, rate_limiter)
        timeouts = read_timeouts or ReadTimeouts()
        calls = Calls(
            studio,
            limits=deps.limits,
            engine=deps.engine_shown,
            judge_host=deps.judge_host,
            retention=deps.policy.retention,
            clock=deps.clock,
            rate_limiter=rate_limiter,
            read_timeouts=timeouts,
        )
        interview_calls = InterviewCalls(
            studio.interviews, clock=deps.clock, rate_limiter=rate_limiter, read_timeouts=timeouts
        )
        subapp = web.Application(middlewares=[answer_errors])
        subapp.on_response_prepare.append(add_headers)
        subapp.on_shutdown.append(calls.stop)
        files = _Files(static)
        subapp.on_startup.append(files.read)
        subapp.router.add_get("", files.page)
        subapp.router.add_get(_FILES + "{path:.+}", files.file)
        calls.add_to(subapp, rights, interview_calls.show)
        interview_calls.add_to(subapp, rights)
        app.add_subapp(_MOUNT, subapp)

    return add_to


class _Files:
    """The page and what belongs to it, in memory, by path below the folder (`steps/check.js`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: Mapping[str, _File] = {}

    async def read(self, _app: web.Application) -> None:
        """Read all of them; they are a few, and small."""
        self._files = await asyncio.to_thread(_read, self._folder)

    async def page(self, request: web.Request) -> web.Response:
        """The page: the same for everybody, since the link's token never reaches us with it."""
        return self._answer(request, PAGE)

    async def file(self, request: web.Request) -> web.Response:
        """One of its files; only under the path as it is written here, without any escape in it."""
        return self._answer(request, request.rel_url.raw_path.removeprefix(_MOUNT + _FILES))

    def _answer(self, request: web.Request, path: str) -> web.Response:
        found = self._files.get(path)
        if found is None:
            raise web.HTTPNotFound
        headers = {"ETag": f'"{found.etag}"', "Cache-Control": "no-cache"}
        if any(tag.value == found.etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        is_text = found.content_type.startswith(_TEXT)
        return web.Response(
            body=found.body,
            content_type=found.content_type,
            charset="utf-8" if is_text else None,
            headers=headers,
        )


def _read(folder: Path) -> dict[str, _File]:
    """Every file that may be served, by its path below the folder, with `/` on every system.

    Left out are types that the page has no use for, hidden files, and links that lead elsewhere.
    """
    folder = folder.resolve()
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix not in _TYPES or any(part.startswith(".") for part in name.parts):
            continue
        if path.is_file() and path.resolve().is_relative_to(folder):
            body = path.read_bytes()
            etag = hashlib.sha256(body).hexdigest()[:32]
            files[name.as_posix()] = _File(body, _TYPES[path.suffix], etag)
    return files
