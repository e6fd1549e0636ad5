"""A stand-in for an OpenAI-compatible server on a loopback socket, to be spoken to by the real SDK.

It streams what it is told to, and can be scripted to break in every way a judge must survive:

    async with JudgeStandIn() as server:
        server.say(answer())                 # the next answers, one a call; the last one is kept
        server.fail(Fault(status=429, headers={"Retry-After": "1"}))   # one-shot
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web

from tests.fakes.serving import serve_here

How = Literal[
    "status", "cut", "silence", "redirect", "endless", "huge", "packed", "garbage", "odd type"
]

Say = str | Callable[[dict[str, Any]], str]
"""An answer, or what makes one from the request's body."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong, once."""

    how: How = "status"
    status: int = 500
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: str = ""  # what is streamed before it is cut


@dataclass(frozen=True, slots=True)
class Seen:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.body["messages"])


class JudgeStandIn:
    """The stand-in.

    Args:
        knows: the formats it takes: others are answered with 400, as servers do.
        ignores_format: takes any format and does not keep to it.
        streams: whether it streams; some servers never do.
        wants_key: answers 401 to any other.
        knows_lengths: whether its schemas may limit texts; OpenAI's may not.
        reasoning: takes `max_completion_tokens` and no temperature, as OpenAI's newer models do.
    """

    def __init__(
        self,
        *,
        knows: frozenset[str] = frozenset({"json_schema", "json_object"}),
        streams: bool = True,
        wants_key: str | None = None,
        knows_lengths: bool = True,
        reasoning: bool = False,
        model: str = "test-model",
    ) -> None:
        self.url = ""
        self.model = model
        self.requests: list[Seen] = []
        self.elsewhere: list[Mapping[str, str]] = []
        self.delay = 0.0  # seconds before each answer
        self.most_at_once = 0
        self.asked = asyncio.Event()
        self._at_once = 0
        self._knows, self._streams, self._key = knows, streams, wants_key
        self._knows_lengths, self._reasoning = knows_lengths, reasoning
        self._answers: deque[Say] = deque(["{}"])
        self._faults: deque[Fault] = deque()
        self._released = asyncio.Event()
        self._exits = contextlib.AsyncExitStack()

    def say(self, *answers: Say) -> None:
        """What is answered from now on, one a call; the last one to all calls after it."""
        self._answers = deque(answers)

    def fail(self, *faults: Fault) -> None:
        """Queue faults for requests to come."""
        self._faults.extend(faults)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4_000_000)
        app.router.add_post("/v1/chat/completions", self._serve)
        other = web.Application()
        other.router.add_route("*", "/{path:.*}", self._note_elsewhere)
        self.url = await serve_here(app, self._exits) + "/v1"
        self._elsewhere_url = await serve_here(other, self._exits)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        await self._exits.aclose()

    async def _note_elsewhere(self, request: web.Request) -> web.Response:
        self.elsewhere.append(dict(request.headers))
        return web.json_response({})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._answer(request)
        finally:
            self._at_once -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Seen(request.path, headers, body))
        self.asked.set()
        await asyncio.sleep(self.delay)
        if self._faults:
            return await self._go_wrong(request, self._faults.popleft())
        if refusal := self._refusal(headers, body):
            return refusal
        said = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        text = said if isinstance(said, str) else said(body)
        if not self._streams or not body.get("stream"):
            message = {"role": "assistant", "content": text}
            return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})
        response = await _begin(request)
        for at in range(0, len(text), 12):
            await response.write(_event(text[at : at + 12]))
        await response.write(_event(None, "stop") + b"data: [DONE]\n\n")
        return response

    def _refusal(self, headers: Mapping[str, str], body: dict[str, Any]) -> web.Response | None:
        if self._key is not None and headers.get("authorization") != f"Bearer {self._key}":
            return _error(401, "Incorrect API key provided: sk-no.", "invalid_api_key")
        if body["model"] != self.model:
            return _error(404, f"The model `{body['model']}` does not exist", "model_not_found")
        if self._reasoning and "max_tokens" in body:
            return _error(400, "Unsupported parameter: use 'max_completion_tokens' instead.")
        if self._reasoning and "temperature" in body:
            return _error(400, "Unsupported value: 'temperature' does not support 0.2")
        kind = body.get("response_format", {}).get("type")
        if kind is not None and kind not in self._knows:
            return _error(400, f"response_format.type {kind} is not supported")
        if not self._knows_lengths and "maxLength" in json.dumps(body.get("response_format")):
            return _error(400, "Invalid schema for response_format: 'maxLength' is not permitted.")
        return None

    async def _go_wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.how == "status":
            if isinstance(fault.body, str):
                return web.Response(
                    status=fault.status,
                    text=fault.body,
                    headers=fault.headers,
                    content_type="text/html",
                )
            return web.json_response(fault.body, status=fault.status, headers=fault.headers)
        if fault.how == "redirect":
            raise web.HTTPTemporaryRedirect(f"{self._elsewhere_url}/v1/chat/completions")
        if fault.how == "silence":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._released.wait(), 30)
            return web.Response()
        if fault.how == "huge":
            return web.Response(
                body=b'{"a": "' + bytes(20_000_000), content_type="application/json"
            )
        if fault.how == "packed":
            return web.Response(
                body=secrets.token_bytes(64),
                headers={"Content-Encoding": "br", "Content-Type": "text/event-stream"},
            )
        if fault.how == "odd type":
            return web.Response(body=b"{}", headers={"Content-Type": "a/b" + ";" * 4000})
        if fault.how == "garbage":
            response = await _begin(request)
            await response.write(b"data: {]\n\ndata: [1, 2]\n\ndata: \xff\xfe\n\n")
            return response
        response = await _begin(request)
        await response.write(_event(fault.after))
        if fault.how == "endless":
            with contextlib.suppress(ConnectionError):
                while not self._released.is_set():
                    await response.write(_event("and so on and so on " * 20))
                    await asyncio.sleep(0)
            return response
        _reset(request)
        return response


def answer(**changes: Any) -> str:
    """A judge's whole answer about `tests.analyzer.judge.setup.SAID`, with changes to it."""
    document: dict[str, Any] = {
        "confidence": _scored(
            8, "I wrote down each step for one week", "You finish each sentence."
        ),
        "clarity": _scored(7, "Now the report takes an hour", "The steps follow in order."),
        "relevance": _scored(9, "Most of the time went into copying", "You name the cause."),
        "strength": {
            "text": "You say what came of it.",
            "quote": "Now the report takes an hour",
        },
        "next_step": {"text": "Begin with the result, then tell how.", "quote": ""},
        "key_points": [
            {"text": "Looked for the cause first.", "quote": "I wrote down each step"},
            {"text": "Gives the result.", "quote": "the report takes an hour"},
        ],
        "missing": ["What you would do in another way"],
        "parts": {
            "situation": "our weekly report took two days",
            "task": "",
            "action": "I asked both teams for one shared table",
            "result": "Now the report takes an hour",
        },
        "follow_up": "How did you get both teams to agree to one table?",
        "better": {
            "quote": "I asked both teams for one shared table",
            "better": "I got both teams to agree to one shared table",
        },
    }
    return json.dumps(document | changes)


def _scored(value: object, quote: str, evidence: str) -> dict[str, Any]:
    return {"quote": quote, "evidence": evidence, "score": value}


def _error(status: int, message: str, code: str | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code}}, status=status)


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


def _event(text: str | None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _reset(request: web.Request) -> None:
    """Break the connection, as when a server dies."""
    transport = request.transport
    assert transport is not None
    found = transport.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
