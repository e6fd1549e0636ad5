"""A process that has read the libraries already, and forks a child of its own for each clip.

Run by `analyzer.media.forked` as `python -m analyzer.confinement.fork_server SOCKET MODULES…`.
Each message on the socket is a request: JSON with four descriptors, which are the child's standard
input, output and error output, and a socket for what becomes of it. On that one the server writes
the exit code of the child, and kills the child once the other side closes it or shuts it down.

The server meets no file of a member. It has one thread only, since a lock that another thread holds
while a process forks stays locked in the child; and it never leaves more of itself to a child than
memory: no descriptor, no secret. It ends with the process that started it, or when it has had
nothing to do for a while, which gives its memory back.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from analyzer.confinement.child import become, end_with
from core.linux import PR_SET_DUMPABLE, prctl

REQUEST_BYTES = 100_000
"""Most that a request may have."""

_IDLE_SECONDS = 600
_DESCRIPTORS = 4
_OPEN_FILES = 1024
_HAS_THREADS = 3  # an exit code


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._woken, waking = socket.socketpair()
        for end in (self._woken, waking):
            end.setblocking(False)
        self._waking = waking
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without one nothing wakes `poll`
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        self._poll.register(self._woken, select.POLLIN)
        self._children: dict[int, int] = {}  # the socket of each, as a descriptor, and its number

    def serve(self) -> None:
        """Fork what is asked for until nobody can ask any more, or nobody has for a while."""
        while True:
            wait = None if self._children else 1000 * _IDLE_SECONDS
            events = self._poll.poll(wait)
            if not events and not self._children:
                return
            for descriptor, _ in events:
                if descriptor == self._control.fileno():
                    if not self._take():
                        return
                elif descriptor == self._woken.fileno():
                    with suppress(BlockingIOError):
                        self._woken.recv(4096)
                elif descriptor in self._children:
                    self._poll.unregister(descriptor)
                    _kill(self._children[descriptor])
            self._reap()

    def _take(self) -> bool:
        """Fork for one request; whether there was one."""
        message, descriptors, _, _ = socket.recv_fds(self._control, REQUEST_BYTES, _DESCRIPTORS)
        if not message:
            return False
        *standard, answer = descriptors
        server = os.getpid()
        child = os.fork()
        if child == 0:
            _be_child(server, json.loads(message), standard)
        for descriptor in standard:
            os.close(descriptor)
        self._children[answer] = child
        self._poll.register(answer, select.POLLIN)
        return True

    def _reap(self) -> None:
        with suppress(ChildProcessError):  # there is none
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                child, status = ended
                [answer] = [one for one, number in self._children.items() if number == child]
                del self._children[answer]
                with suppress(KeyError):  # it was to be killed
                    self._poll.unregister(answer)
                with suppress(OSError):  # nobody wants to know
                    os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(answer)


def _kill(child: int) -> None:
    """Kill a child, which has not been waited for, and what it has started."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with suppress(OSError):  # no group of its own yet
        os.killpg(child, signal.SIGKILL)


def _be_child(server: int, request: dict[str, Any], standard: Sequence[int]) -> None:
    """Never returns: whatever happens here, the child goes no further in the server's code."""
    code = 1
    try:
        end_with(server)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for number, descriptor in enumerate(standard):
            os.dup2(descriptor, number)
        os.closerange(len(standard), os.sysconf("SC_OPEN_MAX"))
        become(request["limits"], request["module"], request["arguments"])
        sys.stdout.flush()
        code = 0
    except SystemExit as end:
        with suppress(OSError):
            sys.stdout.flush()
        code = 0 if end.code is None else end.code & 0xFF if isinstance(end.code, int) else 1
    finally:
        # an error's text would go to nobody; threads and libraries are not waited for
        os._exit(code)


def _main() -> None:
    end_with(os.getppid())
    prctl(PR_SET_DUMPABLE, 0)  # no child reads the server, nor another child
    # some builds of Python close the numbers up to the limit one by one, and it can be 2 ** 30
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    _, control, *modules = sys.argv
    for module in modules:
        with suppress(ImportError):  # the child that needs it says that it is missing
            importlib.import_module(module)
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - as in the manual
        sys.exit(_HAS_THREADS)
    gc.collect()
    gc.freeze()  # else every child copies the pages that its collector marks
    _Server(socket.socket(fileno=int(control))).serve()
    os._exit(0)


if __name__ == "__main__":
    _main()
