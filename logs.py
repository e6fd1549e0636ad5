"""Log lines: text for people or one JSON object each, every line of an attempt with its id."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

import stamina

_attempt: ContextVar[str | None] = ContextVar("greenroom_attempt", default=None)

# These log URLs at INFO: a webhook's URL carries the interaction token, a clip's URL its signature.
_TALKATIVE = (
    "httpx",
    "httpcore",
    "aiohttp.access",
    "discord.http",
    "discord.webhook.async_",
    "alembic",
)


@contextmanager
def attempt_in_logs(attempt_id: str) -> Iterator[None]:
    """Put the attempt's id on every line logged inside, in child tasks too."""
    token = _attempt.set(attempt_id)
    try:
        yield
    finally:
        _attempt.reset(token)


def set_up_logging(level: str, style: Literal["text", "json"]) -> None:
    """Send all logs to standard error in one style."""
    handler = logging.StreamHandler()
    handler.addFilter(_add_attempt)
    handler.setFormatter(_JsonLines() if style == "json" else _TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def quiet_retries() -> None:
    """Make stamina's line about a retry ours: its own prints the error, which may hold anything."""

    def retry(details: stamina.instrumentation.RetryDetails) -> None:
        logging.getLogger("greenroom.retry").info(
            "%s: try %d again in %.1f s",
            type(details.caused_by).__name__,
            details.retry_num,
            details.wait_for,
        )

    stamina.instrumentation.set_on_retry_hooks([retry])


def _add_attempt(record: logging.LogRecord) -> bool:
    record.attempt = _attempt.get()
    return True


class _TextLines(logging.Formatter):
    """`2026-11-22 10:00:00 INFO greenroom: [attempt] text`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(attempt_mark)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        attempt = getattr(record, "attempt", None)
        record.attempt_mark = f"[{attempt}] " if attempt else ""
        return super().format(record)


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, attempt, and an error's type."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if attempt := getattr(record, "attempt", None):
            line["attempt"] = attempt
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)
