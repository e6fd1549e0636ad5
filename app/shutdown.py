"""How a process is told to stop: it ends within ten seconds, whatever hangs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections import Counter

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""From being told to the end of the process; supervisors kill after ten (Docker) or more."""


def install_signal_handlers() -> asyncio.Event:
    """Hear SIGINT and SIGTERM from now on; the first one sets the event.

    From then on this process has ten seconds. What has not ended by then, and all at once at a
    second signal, is cut off with exit code 0: the rows say where the next start goes on.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def hear() -> None:
        if told.is_set():
            _cut_off(loop, "told to stop twice")
        told.set()
        # a thread, because what hangs may be the loop, its threads, or Python's own ending
        timer = threading.Timer(STOP_SECONDS, _cut_off, (loop, "not stopped in time"))
        timer.daemon = True
        timer.start()

    for name in ("SIGINT", "SIGTERM"):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C ends asyncio.run itself
            loop.add_signal_handler(getattr(signal, name), hear)
    return told


def _cut_off(loop: asyncio.AbstractEventLoop, why: str) -> None:
    """End this process on the spot, and say what was still going on."""
    tasks = Counter(getattr(task.get_coro(), "__qualname__", "?") for task in _tasks(loop))
    going_on = ", ".join(f"{count} {name}" for name, count in tasks.most_common(10))
    log.warning("%s: cut off %s; nothing is lost", why, going_on or "what Python still waits for")
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _tasks(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[object]]:
    with contextlib.suppress(RuntimeError):  # the loop goes on meanwhile, in another thread
        return asyncio.all_tasks(loop)
    return set()
