"""Log lines: text for people or one JSON object each, every line of an attempt with its id."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

import stamina

from core.errors import error_location

_attempt: ContextVar[str | None] = ContextVar("greenroom_attempt", default=None)

OURS = frozenset({"analyzer", "app", "bot", "cogs", "core", "demo", "storage", "web"})
"""Our packages, which are our loggers too: each module logs as `getLogger(__name__)`. What they
log was written to be read; of all others only a part is shown."""

# These log URLs at INFO: a webhook's URL carries the interaction token, a clip's URL its signature.
_TALKATIVE = (
    "httpx",
    "httpcore",
    "aiohttp.access",
    "discord.http",
    "discord.webhook.async_",
    "alembic",
    "procrastinate",  # names members
)

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/?#@]*@)?([^\s/?#'\"]*)\S*", re.IGNORECASE)
"""A URL: scheme and host may be shown, a user, path and query may not."""

_SECRET = re.compile(r"[\w.-]{32,}")
"""What may be a token or key: those of Discord and TwelveLabs are longer, snowflakes shorter."""


@contextmanager
def attempt_in_logs(attempt_id: str) -> Iterator[None]:
    """Put the attempt's id on every line logged inside, in child tasks too."""
    token = _attempt.set(attempt_id)
    try:
        yield
    finally:
        _attempt.reset(token)


def set_up_logging(level: str, style: Literal["text", "json"]) -> None:
    """Send all logs to standard error in one style, and an error that ends the process too.

    `level` is for our own lines. Libraries say nothing below INFO: at DEBUG they log what they send
    and receive, with tokens, keys and what members wrote.
    """
    handler = _StandardError()
    handler.addFilter(_add_attempt)
    handler.setFormatter(_JsonLines() if style == "json" else _TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    sys.excepthook = _log_the_end


def quiet_retries() -> None:
    """Make stamina's line about a retry ours: its own prints the error, which may hold anything."""

    def retry(details: stamina.instrumentation.RetryDetails) -> None:
        logging.getLogger(__name__).info(
            "%s: try %d again in %.1f s",
            type(details.caused_by).__name__,
            details.retry_num,
            details.wait_for,
        )

    stamina.instrumentation.set_on_retry_hooks([retry])


def _add_attempt(record: logging.LogRecord) -> bool:
    record.attempt = _attempt.get()
    return True


def _log_the_end(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    """Log what ends the process; Python itself would print the error's text."""
    logging.getLogger(__name__).critical("ended by %s", error_location(error))


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to standard error. A line that cannot be made is dropped."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say so, without its arguments, which logging itself would print."""
        sys.stderr.write(f"a log line of {record.name} could not be written\n")


class _TextLines(logging.Formatter):
    """`2026-11-22 10:00:00,000 INFO app.worker: [attempt] text (error and its frames)`."""

    def format(self, record: logging.LogRecord) -> str:
        attempt, error = getattr(record, "attempt", None), _error_in(record)
        return (
            f"{self.formatTime(record)} {record.levelname} {record.name}: "
            + (f"[{attempt}] " if attempt else "")
            + _text_of(record)
            + (f" ({error})" if error else "")
        )


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, attempt, error's type and place."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _text_of(record),
        }
        if attempt := getattr(record, "attempt", None):
            line["attempt"] = attempt
        if error := _error_in(record):
            line["error"] = error
        return json.dumps(line)


def _text_of(record: logging.LogRecord) -> str:
    """What a line says, on one line, with errors named by their type alone.

    Of a library's line only the first, since asyncio puts whole errors on the others; addresses by
    their host, and nothing that may be a token.
    """
    text, args = str(record.msg), record.args
    if isinstance(args, tuple):
        args = tuple(type(a).__name__ if isinstance(a, BaseException) else a for a in args)
    if args:
        text %= args
    if record.name.split(".", 1)[0] not in OURS:
        text = _SECRET.sub("…", _ADDRESS.sub(r"\1\2/…", text.split("\n", 1)[0]))
    return "".join(c if c.isprintable() else " " for c in text)


def _error_in(record: logging.LogRecord) -> str | None:
    """The error that was logged: its type and place. Its text may hold anything."""
    error = record.exc_info[1] if record.exc_info else None
    return None if error is None else error_location(error)
