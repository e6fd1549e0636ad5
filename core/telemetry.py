"""What is counted and timed, for `/metrics`: never an id of a server, a member or an attempt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY = CollectorRegistry(auto_describe=True)
"""Everything of this process. A registry of our own: libraries may use the default one."""

ProcessCollector(registry=REGISTRY)  # memory, processor time and open files; on Linux only
PlatformCollector(registry=REGISTRY)

build = Info("greenroom_build", "Which Greenroom this is", registry=REGISTRY)

attempts = Gauge(
    "greenroom_attempts",
    "Attempts of all processes that have not ended, by state, as the database says",
    ("state",),
    registry=REGISTRY,
)

left_to_delete = Gauge(
    "greenroom_left_to_delete",
    "Ended or deleted attempts whose copies are not known to be gone, as the database says",
    registry=REGISTRY,
)

database_up = Gauge(
    "greenroom_database_up",
    "1 when the database could be asked for this answer, else 0",
    registry=REGISTRY,
)

in_flight = Gauge(
    "greenroom_in_flight",
    "Attempts that this process works on, or that wait in it for a slot",
    registry=REGISTRY,
)

attempts_ended = Counter(
    "greenroom_attempts_ended",
    "Attempts that have ended in this process, by how; a failed one with its code",
    ("engine", "outcome", "code"),
    registry=REGISTRY,
)

step_seconds = Histogram(
    "greenroom_step_seconds",
    "How long each step of an attempt took, waiting included, by the state it began in",
    ("engine", "at"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800),
    registry=REGISTRY,
)

vendor_calls = Counter(
    "greenroom_vendor_calls",
    "Tries of calls to the vendor: ok, the HTTP status of an error, or what else went wrong",
    ("call", "status"),
    registry=REGISTRY,
)

vendor_waits = Gauge(
    "greenroom_vendor_waits",
    "Calls of all processes that wait for the vendor's limits, as this process last saw it",
    registry=REGISTRY,
)

vendor_minutes = Gauge(
    "greenroom_vendor_minutes",
    "Minutes of clips that the vendor was asked to analyze this day and this month, in UTC",
    ("period",),
    registry=REGISTRY,
)

webhooks = Counter(
    "greenroom_webhooks",
    "Webhooks received, by what became of them",
    ("result",),
    registry=REGISTRY,
)

turned_away = Counter(
    "greenroom_web_turned_away",
    "Connections and requests over HTTP that were not served, by why",
    ("why",),
    registry=REGISTRY,
)

loop_lag = Histogram(
    "greenroom_event_loop_lag_seconds",
    "How late the event loop came back to a task that slept: what everything waits at least",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)

_CODES_MAX = 100
"""Codes of failures are ours or the vendor's known ones, about 60. This holds if that changes."""

_codes: set[str] = set()


@contextmanager
def timed(engine: str, at: str) -> Iterator[None]:
    """Time the step of an attempt that begins in a state; one that raises is not counted."""
    began = perf_counter()
    yield
    step_seconds.labels(engine, at).observe(perf_counter() - began)


def count_ended(engine: str, outcome: str, code: str = "") -> None:
    """Count an attempt's end: `delivered`, `cancelled`, or `failed` with its code."""
    if len(_codes) < _CODES_MAX:
        _codes.add(code)
    attempts_ended.labels(engine, outcome, code if code in _codes else "other").inc()
