"""Reads attachments from Discord's hosts, and from nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
)
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import aiohttp
from yarl import URL

from core.errors import ClipRefused, UserFacingError
from core.network import UNPACKED

DISCORD_ORIGINS = frozenset({"https://cdn.discordapp.com", "https://media.discordapp.net"})

_CHUNK_BYTES = 65_536


class Fetcher(Protocol):
    """Streams the bytes of an attachment."""

    def __call__(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open `url`; entering and iterating raise only `ClipRefused` and `UserFacingError`.

        `UserFacingError` with the code `clip_unreachable` means that another try may help.
        """
        ...


class HttpFetcher:
    """Fetches attachments from Discord's hosts over https, and from nowhere else."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        other_origins: Collection[str] = (),
        connect_seconds: float = 10,
        idle_seconds: float = 20,
        total_seconds: float = 300,
    ) -> None:
        """Use a session of the caller's, who closes it.

        `other_origins`, such as "http://127.0.0.1:8080", are trusted beside Discord's own.
        """
        self._session = session
        self._origins = DISCORD_ORIGINS | {str(URL(one).origin()) for one in other_origins}
        self._timeout = aiohttp.ClientTimeout(
            total=total_seconds, connect=connect_seconds, sock_read=idle_seconds
        )

    @contextlib.asynccontextmanager
    async def __call__(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an attachment.

        Raises:
            ClipRefused: it is not an attachment of Discord's, or Discord no longer serves it.
            UserFacingError: `clip_unreachable`; Discord did not answer, or not with the file.
        """
        address = self._checked(url)
        async with contextlib.AsyncExitStack() as stack:
            with _translate_fetch_errors():
                response = await stack.enter_async_context(
                    self._session.get(
                        address,
                        allow_redirects=False,
                        timeout=self._timeout,
                        headers={"Accept-Encoding": UNPACKED},
                        auto_decompress=False,  # a few kB may unpack to GBs, on the event loop
                    )
                )
            if response.status in (403, 404, 410):
                raise ClipRefused(
                    "clip_gone",
                    "Discord no longer serves that file: links to files end after a while. "
                    "Attach it again.",
                )
            if response.status != 200 or _is_packed(response):
                raise _unreachable()
            yield await stack.enter_async_context(contextlib.aclosing(_chunks(response)))

    def _checked(self, url: str) -> URL:
        try:
            address = URL(url)
            if str(address.origin()) in self._origins:
                return address
        except ValueError:
            pass
        raise ClipRefused(
            "clip_foreign", "I only read files attached in Discord. Attach the clip and try again."
        )


class RefreshingFetcher:
    """Asks for a fresh link, once, where Discord says that the one it gave no longer works.

    A link to an attachment is signed for some hours, and in practice may end sooner.
    """

    def __init__(self, fetcher: Fetcher, refresh: Callable[[str], Awaitable[str | None]]) -> None:
        """Fetch through `fetcher`; `refresh` gives a fresh link for an old one, or `None`."""
        self._fetcher = fetcher
        self._refresh = refresh

    @contextlib.asynccontextmanager
    async def __call__(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an attachment; raises what the fetcher does."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                chunks = await stack.enter_async_context(self._fetcher(url))
            except ClipRefused as refused:
                if refused.code != "clip_gone" or (fresh := await self._refresh(url)) is None:
                    raise
                chunks = await stack.enter_async_context(self._fetcher(fresh))
            yield chunks


def _is_packed(response: aiohttp.ClientResponse) -> bool:
    """Whether this is not the file's own bytes, although they were asked for."""
    encoding: str = response.headers.get("Content-Encoding", UNPACKED)
    return encoding.strip().lower() != UNPACKED


async def _chunks(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes]:
    with _translate_fetch_errors():
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            yield chunk


@contextlib.contextmanager
def _translate_fetch_errors() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError):
        raise _unreachable() from None  # their texts hold the signed URL


def _unreachable() -> UserFacingError:
    return UserFacingError(
        "clip_unreachable", "I couldn't get that file from Discord. Try again in a few minutes."
    )
