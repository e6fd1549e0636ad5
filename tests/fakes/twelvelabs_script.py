"""What a test may set on the TwelveLabs stand-in, and what the stand-in remembers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.twelvelabs_example import example
from tests.fakes.twelvelabs_plan import Plan

TERMINAL = frozenset({"ready", "failed", "canceled"})
"""The statuses an analysis never leaves."""


@dataclass(slots=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str  # below /v1.3
    query: list[tuple[str, str]]
    headers: dict[str, str]  # names in lower case, without the key
    at: float  # seconds, time.monotonic()
    body_bytes: int = 0
    body_sha256: str = ""  # of an upload: of the file in it; empty when no body was read
    json: Any = None
    status: int | None = None  # None: the connection ended without an answer


@dataclass(frozen=True, slots=True)
class ClipMetadata:
    """What the stand-in pretends to find in an uploaded file: it stores none, so it reads none."""

    duration: float = 12.3  # seconds
    width: int = 1280
    height: int = 720
    has_audio: bool = True


@dataclass(slots=True)
class AssetRecord:
    """One uploaded file."""

    account: str
    clip: ClipMetadata
    polls_left: float  # the look that takes this to 0 shows how it ended
    failure: str | None  # the message it fails with instead of becoming ready
    transcription_statuses: list[str]  # what is left to walk
    fields: dict[str, str] = field(default_factory=dict)  # the form as it was sent
    filename: str = ""
    part_filename: str = ""
    part_content_type: str = ""
    size: int = 0  # bytes
    sha256: str = ""
    deleted: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def status(self) -> str:
        """What the next answer says about it."""
        if self.polls_left > 0:
            return "processing"
        return "ready" if self.failure is None else "failed"


@dataclass(slots=True)
class TaskRecord:
    """One analysis."""

    account: str
    number: int  # counts from 1 over the stand-in's life
    body: dict[str, Any]  # the request as it was sent
    idempotency_key: str | None
    asset: AssetRecord | None  # None: the video came inline
    statuses: list[str]  # what is left to walk, one look each
    status: str = "queued"
    data: str | None = None  # set when it becomes ready
    finish_reason: str = "stop"
    error: dict[str, str] | None = None
    completed_at: datetime | None = None
    ready_at: datetime | None = None  # None: `statuses` say when
    deleted: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def custom_id(self) -> str | None:
        """What the client calls it."""
        value: str | None = self.body.get("custom_id")
        return value

    @property
    def asset_id(self) -> str | None:
        """The asset it analyzes."""
        return None if self.asset is None else self.asset.id

    @property
    def prompt(self) -> str:
        """The prompt as it was sent."""
        return str(self.body.get("prompt") or self.body.get("prompt_v2", {}).get("input_text", ""))

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema the answer was asked to follow."""
        schema: Mapping[str, Any] | None = (self.body.get("response_format") or {}).get(
            "json_schema"
        )
        return schema

    @property
    def duration(self) -> float:
        """Seconds of the clip it analyzes."""
        return self.asset.clip.duration if self.asset is not None else ClipMetadata().duration


SPOKEN = (
    "Well I led the move of our billing service to a queue. "
    "We lost no payment and the pages became twice as fast."
)


def words_of(
    text: str = SPOKEN, *, start: float = 0.5, step: float = 0.4
) -> list[tuple[str, float, float]]:
    """Give the words of a text times: `(word, start, end)` in seconds, evenly spaced."""
    return [
        (word, round(start + i * step, 3), round(start + i * step + 0.75 * step, 3))
        for i, word in enumerate(text.split())
    ]


def example_result(task: TaskRecord) -> str:
    """A valid answer to whatever the task asked for."""
    if task.schema is None:
        return "The speaker names a project, what they did in it, and what came of it."
    return example(task.schema, task.duration)


Scripted = str | Callable[[TaskRecord], str]


@dataclass(kw_only=True, eq=False)
class Script:
    """Everything a test may set.

    A clip, a failure, polls and statuses count for things made afterwards, all else at once.
    """

    clip: ClipMetadata = ClipMetadata()
    asset_polls: float = 1
    """The look that shows an asset ready. 0: already the POST answer does; `math.inf`: none."""
    asset_failure: str | None = None
    """Makes assets fail instead: a vendor code (its message is used), or any message."""
    asset_limit_bytes: int = 200_000_000
    """The largest file that is taken; a larger one gets 413."""

    task_statuses: Sequence[str] = ("queued", "pending", "processing", "ready")
    """What each look shows, one after another; the last one stays, and so does a terminal one."""
    analysis_seconds: Callable[[TaskRecord], float] | None = None
    """How long an analysis takes, asked when it is made; it is `ready` then, whoever looks. `None`:
    `task_statuses` say when."""
    task_error: dict[str, str] | None = field(
        default_factory=lambda: {"message": "Video duration exceeds maximum allowed duration"}
    )
    """The `error` of a task that walks to `failed` or `canceled`: a message, maybe a code."""
    result: Scripted = example_result
    """The `data` of a finished analysis; asked for once, when the task becomes ready."""
    finish_reason: Scripted = "stop"
    """With `length`, `data` is cut to its first half and the task carries a warning."""

    plan: Plan | None = None
    """What the account may do; `None`: anything."""

    on_create: Callable[[TaskRecord], Awaitable[None]] | None = None
    """Awaited when an analysis was made and its creator has not heard of it yet."""

    transcription_statuses: Sequence[str] = ("ready",)
    """What each look shows, one after another; the last one stays. Empty: 404, there is none."""
    words: Sequence[tuple[str, float, float]] | None = field(default_factory=words_of)
    """The transcript: `(word, start, end)`. `None`: ready, but without the arrays asked for."""
    speakers: bool = True
    """Whether utterances name their speaker."""

    extra_keys: dict[str, Any] = field(default_factory=lambda: {"shard": {"region": "made-up"}})
    """Put into every asset and task: what the vendor adds one day must not break a client."""
    dropped_keys: set[str] = field(default_factory=set)
    """Left out of every asset and task, as if the vendor's schema had drifted."""
    nulled_keys: set[str] = field(default_factory=set)
    """Sent as `null` where they would have a value."""

    assets: dict[str, AssetRecord] = field(default_factory=dict, init=False)
    """Every asset ever made, oldest first."""
    tasks: dict[str, TaskRecord] = field(default_factory=dict, init=False)
    """Every task ever made, oldest first."""

    def live_assets(self) -> list[AssetRecord]:
        """The assets that were not deleted."""
        return [asset for asset in self.assets.values() if not asset.deleted]

    def live_tasks(self) -> list[TaskRecord]:
        """The tasks that were not deleted."""
        return [task for task in self.tasks.values() if not task.deleted]

    @property
    def tasks_created(self) -> int:
        """How many analyses were ever begun: what a client that repeats itself pays for."""
        return len(self.tasks)

    def shape(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let an answer drift as the script says."""
        body = {**body, **self.extra_keys}
        body = {key: None if key in self.nulled_keys else body[key] for key in body}
        return {key: body[key] for key in body if key not in self.dropped_keys}
