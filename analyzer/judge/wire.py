"""The one way to call a judge: the official SDK over our HTTP client, with limits on everything.

Imported when a judge is first asked, in a thread, and never without one: the SDK takes about two
seconds and 30 MB.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2
import openai
from pydantic_core import from_json

from analyzer.judge.exchange import Question, Reply
from analyzer.judge.failures import JudgeFailed
from core.network import UNPACKED, UnusableAnswer, bounded, refuse_packed, retry_after
from core.telemetry import vendor_calls

log = logging.getLogger(__name__)

ANSWER_MAX_BYTES = 4_000_000
"""A streamed word costs a few hundred bytes, so this is some ten thousand words."""

TEXT_MAX = 40_000
"""Characters of an answer that are read: one that goes on is cut there."""

TRIES = 3
"""Of one call; a failure that lasts is not tried again."""

_CONNECT_SECONDS = 10.0
_FIRST_WAIT = 0.5  # seconds before the second try; doubled for each one after it
_SENT = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-length", "content-type"}
)
_FOR_THINKING = 8  # times the tokens, where those a model thinks with count as well
_LEAST_ROOM = 0.25
_TOO_LONG = re.compile(
    r"context[\W_]+(?:length|window|size)|exceeds?\b.{0,20}\bcontext", re.IGNORECASE
)
_FORMATS = ("schema with lengths", "schema", "object", "none")
_TRANSIENT = frozenset({408, 409, 425, 429})
_CODES: Mapping[int, str] = {401: "key_refused", 403: "forbidden", 404: "not_found", 429: "busy"}

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Manner:
    """How this server wants to be asked; found out by asking, and kept for the process."""

    format: int = 0  # in `_FORMATS`
    tokens_name: str = "max_tokens"
    with_temperature: bool = True

    def body(self, question: Question, room: float) -> dict[str, Any]:
        """What is sent beside model and messages; `room` is the share of tokens that fits."""
        tokens = question.tokens * (1 if self.tokens_name == "max_tokens" else _FOR_THINKING)
        kept: dict[str, Any] = {self.tokens_name: int(tokens * room)}
        if self.with_temperature:
            kept["temperature"] = 0.2
        if self.format < 2:
            schema = question.schema if self.format else question.schema_with_lengths
            kept["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "feedback", "strict": True, "schema": schema},
            }
        elif self.format == 2:
            kept["response_format"] = {"type": "json_object"}
        return kept

    def give_way(self, complaint: str) -> bool:
        """Leave out what a server may have refused; `False` when there is nothing left."""
        if "max_completion_tokens" in complaint and self.tokens_name == "max_tokens":
            self.tokens_name = "max_completion_tokens"  # OpenAI's reasoning models
        elif "temperature" in complaint and self.with_temperature:
            self.with_temperature = False
        elif self.format + 1 < len(_FORMATS):
            self.format += 1
        else:
            return False
        return True


class Wire:
    """One judge's server.

    Args:
        url: the base, mostly with `/v1`.
        model: as the server calls it.
        api_key: goes into the request header and nowhere else.
        through_proxy: whether proxies of the environment are used; not for this machine.
        sleep: waits before another try.
    """

    def __init__(
        self,
        *,
        url: str,
        model: str,
        api_key: str | None,
        through_proxy: bool = True,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._model = model
        self._sleep = sleep
        self._key = (api_key or "").strip()
        self._manner = _Manner()
        # Our own client: the SDK's follows redirects, with the words and the key.
        self._http = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=through_proxy,
            # a small server may read for a minute before its first word: the caller's time counts
            timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
            event_hooks={"request": [self._only_what_is_needed], "response": [_bound]},
            limits=httpx2.Limits(max_connections=16, max_keepalive_connections=2),
        )
        self._sdk = openai.AsyncOpenAI(
            api_key="unused",  # the hook sets the header, so that no variable of the SDK's does
            admin_api_key="unused",
            organization="",
            project="",
            base_url=url,
            http_client=self._http,
            max_retries=0,
            timeout=None,
        )
        self._completions = self._sdk.chat.completions  # imports a second half of the SDK
        for name in ("openai", "httpx2", "httpcore2"):  # OPENAI_LOG=debug logs what members said
            logging.getLogger(name).setLevel(logging.WARNING)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, question: Question, *, until: float) -> Reply:
        """Ask until there is an answer, it fails for good, or the time is up.

        What has been answered when the time is up, or when the connection breaks, is returned as
        far as it goes.

        Args:
            question: what is asked.
            until: when to give up, in the loop's time.

        Raises:
            JudgeFailed: nothing at all was answered.
        """
        best, room = Reply(), 1.0
        failed = JudgeFailed("timeout")
        tries = 0
        while tries < TRIES:
            reply = Reply()
            try:
                async with asyncio.timeout_at(until):
                    await self._one_try(question, reply, room)
            except openai.APIStatusError as error:
                failed = _of_status(error)
                vendor_calls.labels("judge", str(error.status_code)).inc()
                complaint = _text_of(error) if error.status_code in (400, 422, 501) else ""
                if _TOO_LONG.search(complaint):  # vLLM counts question and answer together
                    if room <= _LEAST_ROOM:
                        raise failed from None
                    room /= 2
                    continue
                if complaint and self._manner.give_way(complaint):
                    log.info("judge: asked in another way from now on")
                    continue
                if not _is_transient(error.status_code):
                    raise failed from None
            except TimeoutError:  # the caller's: the client has none of its own but for connecting
                vendor_calls.labels("judge", "timeout").inc()
                return _best_of(best, reply, JudgeFailed("timeout"))
            except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError) as error:
                failed = _of_connection(error, begun=reply.pieces > 0)
                vendor_calls.labels("judge", failed.code).inc()
                if failed.code == "tls":
                    raise failed from None
            except (ValueError, RecursionError, AttributeError, TypeError):
                # no event stream, packed, endless, or nested too deeply for the SDK
                failed = JudgeFailed("unusable")
                vendor_calls.labels("judge", "unusable").inc()
            except asyncio.CancelledError:
                vendor_calls.labels("judge", "cut_off").inc()
                raise
            else:
                vendor_calls.labels("judge", "ok").inc()
                if reply.text.strip():
                    return reply
                failed = JudgeFailed("unusable")
            log.info("judge: %s", failed.code)
            best = max(best, reply, key=lambda one: len(one.text))
            tries += 1
            if tries < TRIES and not await self._waited(failed, tries, until):
                break
        return _best_of(best, best, failed)

    async def _one_try(self, question: Question, reply: Reply, room: float) -> None:
        """Ask once. The answer is added to `reply` as it comes."""
        stream = await self._completions.create(
            model=self._model,
            messages=cast("Any", list(question.messages)),
            stream=True,
            **self._manner.body(question, room),
        )
        async with stream:
            kind = stream.response.headers.get("Content-Type", "")
            if "json" in kind and "stream" not in kind:  # a server that doesn't stream
                _read_whole(await stream.response.aread(), reply)
                return
            async for chunk in stream:
                piece, ended = _piece_of(chunk)
                reply.pieces += bool(piece)
                reply.text += piece
                reply.whole = reply.whole or ended
                if len(reply.text) > TEXT_MAX:
                    reply.text = reply.text[:TEXT_MAX]
                    return

    async def _waited(self, failed: JudgeFailed, tries: int, until: float) -> bool:
        """Wait before another try; `False` where that would be too late."""
        wait = _FIRST_WAIT * 2 ** (tries - 1)
        if failed.retry_after is not None:
            wait = max(failed.retry_after, _FIRST_WAIT)
        if asyncio.get_running_loop().time() + wait >= until:
            return False
        await self._sleep(wait)
        return True

    async def _only_what_is_needed(self, request: httpx2.Request) -> None:
        """Send no header but these: the SDK adds some about this machine and from variables."""
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        request.headers["User-Agent"] = "greenroom"
        request.headers["Accept-Encoding"] = UNPACKED
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"


async def _bound(response: httpx2.Response) -> None:
    """Refuse a packed answer, and bound any other as it comes.

    httpx unpacks whatever it is given, on the event loop and without a bound.

    Raises:
        UnusableAnswer: it is packed, or its type is no type; later, from reading it, it is too
            long.
    """
    refuse_packed(response.headers)
    response.stream = _Bounded(cast("httpx2.AsyncByteStream", response.stream))


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return bounded(aiter(self._stream), ANSWER_MAX_BYTES)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _best_of(one: Reply, other: Reply, failed: JudgeFailed) -> Reply:
    reply = max(one, other, key=lambda one: len(one.text))
    if not reply.text.strip():
        raise failed
    return reply


def _piece_of(chunk: object) -> tuple[str, bool]:
    """The text in a chunk, and whether it ends the answer; servers leave out what they like."""
    choices = getattr(chunk, "choices", None)
    if not isinstance(choices, list) or not choices:
        return "", False
    content = getattr(getattr(choices[0], "delta", None), "content", None)
    ended = getattr(choices[0], "finish_reason", None) not in (None, "length")
    return (content if isinstance(content, str) else ""), ended


def _read_whole(body: bytes, reply: Reply) -> None:
    """Read an answer that came in one piece.

    Raises:
        ValueError: it is no JSON.
    """
    found: Any = from_json(body)
    try:
        choice = found["choices"][0]
        content, ended = choice["message"]["content"], choice.get("finish_reason") != "length"
    except (KeyError, IndexError, TypeError, AttributeError):
        return
    if isinstance(content, str):
        reply.text, reply.whole = content[:TEXT_MAX], ended
        reply.pieces = len(content) // 4 + 1


def _of_status(error: openai.APIStatusError) -> JudgeFailed:
    status = error.status_code
    if 300 <= status < 400:
        code = "redirected"
    else:
        code = _CODES.get(status) or ("server_error" if status >= 500 else "request_refused")
    return JudgeFailed(code, retry_after=retry_after(error.response.headers))


def _is_transient(status: int) -> bool:
    return status in _TRANSIENT or status >= 500


def _of_connection(error: Exception, *, begun: bool) -> JudgeFailed:
    """What was wrong with the connection; the SDK's error names the one that caused it."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return JudgeFailed("tls")
        if isinstance(cause, UnusableAnswer):
            return JudgeFailed("unusable")
        if isinstance(cause, UnicodeEncodeError):  # the key cannot even be put into a header
            return JudgeFailed("key_refused")
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            tls = any(isinstance(deeper, ssl.SSLError) for deeper in _causes(cause))
            return JudgeFailed("tls" if tls else "unreachable")
    if begun or isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        return JudgeFailed("cut")
    return JudgeFailed("server_error")  # an error in the middle of an answer


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what caused it, and so on."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _text_of(error: openai.APIStatusError) -> str:
    """What a server complains of: only looked through for words, never shown or logged."""
    return str(error.body)[:2000]
