"""The bot's side of children that are forked: one server for each kind of work and environment.

See `analyzer.confinement.fork_server` for the other side. A server is started when it is needed
first, and anew when it has ended.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, NamedTuple

from analyzer.confinement.child import Limits

_END_SECONDS = 5.0
_FULL_SECONDS = 0.01


class ServerLost(Exception):
    """The server ended before it said how the child did: it may be run in another way."""


class TooMuchOutput(Exception):
    """The child printed more than it may."""


class Kind(NamedTuple):
    """What the children of one server have in common."""

    root: Path
    modules: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


class _Server:
    def __init__(self, kind: Kind) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.setblocking(False)
        with theirs:
            descriptor = theirs.fileno()
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    *("-m", "analyzer.confinement.fork_server", str(descriptor)),
                    *kind.modules,
                ],
                cwd=kind.root,
                env=dict(kind.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                start_new_session=True,  # Ctrl+C is for the bot, which ends its children in order
            )

    def end(self) -> None:
        """End the server, and with it its children."""
        self.control.close()
        self.process.kill()
        self.process.wait()


_servers: dict[Kind, _Server] = {}


def end_servers() -> None:
    """End every server of this process; the next child starts one anew."""
    while _servers:
        _servers.popitem()[1].end()


atexit.register(end_servers)


def server_pids() -> list[int]:
    """The numbers of the servers that have been started and not ended by us."""
    return [server.process.pid for server in _servers.values()]


async def run_forked(
    kind: Kind,
    module: str,
    arguments: Sequence[str],
    limits: Limits,
    given: bytes,
    output_bytes: int,
) -> tuple[int, bytes]:
    """Have a child forked; returns its exit code, negative for a signal, and what it printed.

    Cancelling this kills the child.

    Raises:
        ServerLost: nobody knows what has become of it.
        TooMuchOutput: it printed more than `output_bytes`.
    """
    message = json.dumps({"limits": limits, "module": module, "arguments": arguments}).encode()
    with ExitStack() as ours:
        answer, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.enter_context(answer)
        answer.setblocking(False)
        with ExitStack() as passed:
            passed.enter_context(theirs)
            reading, writing = os.pipe()
            printed = ours.enter_context(open(reading, "rb", buffering=0))  # noqa: ASYNC230, PTH123
            output = passed.enter_context(open(writing, "wb", buffering=0))  # noqa: ASYNC230, PTH123
            standard_input = passed.enter_context(_holding(given))
            nowhere = passed.enter_context(open(os.devnull, "wb"))  # noqa: ASYNC230, PTH123
            files = (standard_input, output, nowhere, theirs)
            server = await _send(kind, message, [file.fileno() for file in files])
        ended = False
        try:
            text = await _read(printed, output_bytes)
            code = await _exit_code(answer)
            ended = True
        finally:
            if not ended:
                await asyncio.shield(_killed(answer.dup(), server))
    if code is None:
        raise ServerLost
    return code, text


def _holding(given: bytes) -> IO[bytes]:
    """A file in memory with these bytes, so that nobody waits for the child to read them."""
    if not given:
        return open(os.devnull, "rb")  # noqa: PTH123 - the caller closes it
    file = open(os.memfd_create("given"), "w+b")  # noqa: PTH123, SIM115 - as above
    file.write(given)
    file.seek(0)
    return file


async def _send(kind: Kind, message: bytes, descriptors: Sequence[int]) -> _Server:
    for _ in range(2):
        server = _servers.get(kind)
        if server is None:
            try:
                server = _servers[kind] = _Server(kind)
            except OSError:
                raise ServerLost from None
        while True:
            try:
                socket.send_fds(server.control, [message], descriptors)
            except BlockingIOError:  # it is starting, and others wait
                await asyncio.sleep(_FULL_SECONDS)
            except OSError:
                break
            else:
                return server
        # it has ended since the last child: start it anew
        if _servers.get(kind) is server:
            del _servers[kind]
        await asyncio.to_thread(server.end)
    raise ServerLost


async def _read(printed: IO[bytes], most: int) -> bytes:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), printed
    )
    output = bytearray()
    try:
        while chunk := await reader.read(65_536):
            output += chunk
            if len(output) > most:
                raise TooMuchOutput
    finally:
        transport.close()
    return bytes(output)


async def _exit_code(answer: socket.socket) -> int | None:
    """What the server says about a child's end; `None` if the server itself has ended."""
    try:
        said = await asyncio.get_running_loop().sock_recv(answer, 32)
    except ConnectionError:
        return None
    return int(said) if said else None


async def _killed(answer: socket.socket, server: _Server) -> None:
    """Have a child killed and wait for its end; a server that does not do it ends itself."""
    with answer:
        answer.setblocking(False)
        with suppress(OSError):
            answer.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(_END_SECONDS):
                await _exit_code(answer)
        except TimeoutError:
            server.process.kill()
