"""What is counted and timed, for `/metrics`: never an id of a server, a member or an attempt."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)
"""Everything of this process. A registry of our own: libraries may use the default one."""

attempts_ended = Counter(
    "greenroom_attempts_ended",
    "Attempts that have ended, by how",
    ("engine", "outcome"),
    registry=REGISTRY,
)

step_seconds = Histogram(
    "greenroom_step_seconds",
    "How long each step of an attempt took",
    ("engine", "step"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800),
    registry=REGISTRY,
)
