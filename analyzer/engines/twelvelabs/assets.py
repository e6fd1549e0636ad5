"""The clip at TwelveLabs: uploaded, waited for, listened to, found again and deleted."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from math import isfinite

from twelvelabs.types import AssetTranscriptionResponse

from analyzer.engines import Job
from analyzer.engines.twelvelabs.client import CallFailed, Vendor, checked_id
from analyzer.engines.twelvelabs.deadlines import Deadline, Deadlines, within
from analyzer.engines.twelvelabs.errors import (
    CALL_ERRORS,
    UNAVAILABLE,
    asset_failure,
    clip_missing,
    problem_of,
    transient_or_missing,
)
from analyzer.media.preflight import opened
from analyzer.model_output.model_text import one_line
from core.assessment import Word
from core.errors import EngineUnavailable

Sleep = Callable[[float], Awaitable[None]]

_FIRST_WAIT, _GROWTH, _LONGEST_WAIT = 1.0, 1.5, 5.0  # seconds between looks
_TRANSCRIPT_WAIT = 1.0
_PAGE = 50  # the vendor's longest
_PAGES_MAX = 100
_WORDS_MAX = 50_000  # seven hours of speech
_WORD_MAX = 100  # characters
_FILE_TYPES = (  # FFmpeg's name of the container, our extension, the content type
    ("mp4", "mp4", "video/mp4"),
    ("webm", "webm", "video/webm"),
    ("matroska", "mkv", "video/x-matroska"),
)


class Assets:
    """Calls about clips. `prefix` begins the names of all clips of this installation."""

    def __init__(self, vendor: Vendor, prefix: str, deadlines: Deadlines, sleep: Sleep) -> None:
        self._vendor = vendor
        self._sdk = vendor.sdk.assets
        self._prefix = prefix
        self._deadlines = deadlines
        self._sleep = sleep

    async def upload(self, job: Job) -> str:
        """Upload a clip, unless an earlier try has brought it there, and return its asset's id.

        Raises:
            EngineRefused: the file is gone.
            CallFailed: the vendor refused it or did not answer.
        """
        extension, content_type = _file_type(job.facts.container)
        filename = f"{self._prefix}{job.attempt_id}.{extension}"
        look_first = job.resumed

        async def send() -> str:
            nonlocal look_first
            if look_first and (found := await self._find(filename)):
                return found
            before, look_first = look_first, True  # as long as nothing says that it did not arrive
            # A real file, opened for each try: httpx streams it; bytes would all be in memory.
            async with opened(lambda: job.clip.open("rb")) as clip:
                try:
                    asset = await self._sdk.create(
                        method="direct",
                        file=(filename, clip, content_type),
                        enable_hls=False,
                        enable_thumbnail=False,
                    )
                    return checked_id(asset.id)
                except CALL_ERRORS as error:
                    look_first = before or problem_of(error).may_have_arrived
                    raise

        try:
            return await self._vendor.call(
                "upload", send, until=within(self._deadlines.upload), upload=True
            )
        except FileNotFoundError:
            raise clip_missing() from None

    async def until_ready(self, asset_id: str) -> None:
        """Wait until an asset can be analyzed.

        Raises:
            EngineRefused: the vendor could not read the clip.
            EngineUnavailable: it did not become ready in time.
            CallFailed: the vendor did not answer.
        """
        until, wait = within(self._deadlines.ready), _FIRST_WAIT

        async def send() -> object:
            return (await self._sdk.retrieve(asset_id)).status

        while True:
            status = await self._vendor.call("asset", send, until=until, retry=transient_or_missing)
            if status == "ready":
                return
            if status == "failed":
                raise asset_failure()
            if not until.allows(wait):
                raise EngineUnavailable("asset_not_ready", UNAVAILABLE)
            await self._sleep(wait)
            wait = min(wait * _GROWTH, _LONGEST_WAIT)

    async def words(self, asset_id: str) -> tuple[Word, ...]:
        """Return the words of a clip's transcript; none when there is none within a few seconds.

        The vendor makes transcripts when and if it likes (404: there is none), so this never fails.
        """
        until = within(self._deadlines.transcription)

        async def send() -> AssetTranscriptionResponse:
            return await self._sdk.retrieve_transcription(asset_id, include=["words"])

        try:
            while True:
                answer = await self._vendor.call("transcription", send, until=until)
                if answer.status == "ready":
                    return _words(answer)
                if answer.status == "failed" or not until.allows(_TRANSCRIPT_WAIT):
                    return ()
                await self._sleep(_TRANSCRIPT_WAIT)
        except CallFailed:
            return ()

    async def ours(self) -> list[tuple[str, str]]:
        """List the clips of this installation as (attempt id, asset id).

        Raises:
            CallFailed: the vendor did not answer.
        """
        return await self._vendor.call(
            "list_assets", self._list_ours, until=within(self._deadlines.discard)
        )

    async def delete(self, asset_id: str, until: Deadline) -> None:
        """Delete an asset; one that is gone already counts as deleted.

        Raises:
            CallFailed: it could not be deleted by `until`.
        """

        async def send() -> None:
            await self._sdk.delete(asset_id, force=True)

        try:
            await self._vendor.call("delete_asset", send, until=until)
        except CallFailed as failed:
            if not failed.problem.missing:
                raise

    async def reachable(self) -> None:
        """Make one cheap call with the key.

        Raises:
            CallFailed: it did not work.
        """

        async def send() -> object:
            return await self._sdk.list(page_limit=1)

        await self._vendor.call("check", send, until=within(self._deadlines.check))

    async def _find(self, filename: str) -> str | None:
        page = await self._sdk.list(filename=filename, page_limit=_PAGE)
        for asset in page.items or ():
            if asset.filename == filename and asset.status != "failed":
                return checked_id(asset.id)
        return None

    async def _list_ours(self) -> list[tuple[str, str]]:
        ours = re.compile(rf"{re.escape(self._prefix)}([0-9a-f]{{16}})\.\w{{1,8}}")
        found: list[tuple[str, str]] = []
        page = await self._sdk.list(filename=self._prefix, page_limit=_PAGE)
        for _ in range(_PAGES_MAX):  # the SDK's pager goes on until a page is empty
            matches = [(ours.fullmatch(a.filename or ""), a.id) for a in page.items or ()]
            # the vendor's filter is a substring, so others' files may be among them
            found += [(match[1], checked_id(asset_id)) for match, asset_id in matches if match]
            following = await page.next_page() if page.items else None
            if following is None:
                break
            page = following
        return found


def _file_type(container: str) -> tuple[str, str]:
    """Return extension and content type for FFmpeg's name of a container ("mov,mp4,m4a,…")."""
    names = container.lower().split(",")
    for name, extension, content_type in _FILE_TYPES:
        if name in names:
            return extension, content_type
    return "mp4", "video/mp4"


def _words(answer: AssetTranscriptionResponse) -> tuple[Word, ...]:
    """Take the words with possible times."""
    return tuple(
        Word(text=text, start=entry.start, end=entry.end)
        for entry in (answer.words or ())[:_WORDS_MAX]
        if (text := one_line(entry.value[:_WORD_MAX]))
        and isfinite(entry.end)
        and 0 <= entry.start <= entry.end
    )
