"""Members, attempts and clips as frozen, typed models; a result's own are in `core.assessment`."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from core.assessment import Assessment, EngineName, Metric, Model, Seconds

QUESTION_MAX = 300
"""Longest question, in characters."""

DIRECT_MESSAGES = 0
"""The `guild_id` of everything that happens outside a server."""

THIS_MACHINE = "localhost"
"""The `judge_host` of a judge that runs where the bot does: nothing leaves the machine."""


def new_id() -> str:
    """A random id for an attempt, request or question: 16 hex digits that say nothing about it."""
    return secrets.token_hex(8)


class AttemptState(StrEnum):
    """Where an attempt is on its way; docs/design.md says when each is reached."""

    QUEUED = "queued"
    FETCHED = "fetched"
    UPLOADED = "uploaded"
    ANALYZING = "analyzing"
    ASSESSED = "assessed"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether no further step follows."""
        return self in (AttemptState.DELIVERED, AttemptState.FAILED, AttemptState.CANCELLED)


class DeliveredVia(StrEnum):
    """How the member was told about the end of an attempt."""

    REPLY = "reply"  # the deferred reply was edited
    CHANNEL = "channel"  # a shared result was sent to the channel
    BUTTON = (
        "button"  # the reply can no longer be edited; it waits behind `Get result` and /history
    )


class Owner(Model):
    """The member an attempt belongs to, in the server where it was made.

    Every look-up of member data takes one, so an id from another server or member finds nothing.
    """

    guild_id: int = Field(ge=0)  # DIRECT_MESSAGES outside servers
    user_id: int = Field(gt=0)


class ClipKind(StrEnum):
    """Which way a clip came."""

    DISCORD = "discord"  # a file in Discord: `url` says where
    STUDIO = "studio"  # recorded in the studio: in the clip store, under the attempt's own id


class ClipSource(Model):
    """Where a clip comes from, as Discord declared it: nothing here is verified."""

    kind: ClipKind = ClipKind.DISCORD
    url: str  # empty for a recording: no address of a member's can lead into the clip store
    name: str
    size_bytes: int = Field(ge=0)


class ClipFacts(Model):
    """What the probe found in the file itself. Width and height are as shown, rotation applied."""

    size_bytes: int = Field(ge=0)
    duration_seconds: Seconds
    width: int = Field(ge=0)  # 0 by 0: it is sound without a picture
    height: int = Field(ge=0)
    has_audio: bool
    container: str
    video_codec: str  # empty without a picture
    has_duration: bool = True  # in its header, where a vendor looks for it
    cut_short: bool = False  # the file breaks off before its end
    expected_seconds: Seconds | None = None  # of the work on it, as it was said before it began

    @model_validator(mode="after")
    def _both_sides(self) -> Self:
        if (self.width == 0) != (self.height == 0):
            raise ValueError("a picture has two sides")
        return self

    @property
    def has_picture(self) -> bool:
        """Whether there is anything to be seen."""
        return self.width > 0


class AnalysisUnderWay(Model):
    """When the vendor took an analysis, and how long that was expected to take then."""

    since: datetime
    expected_seconds: Seconds  # as likely longer as shorter
    latest_seconds: Seconds  # seldom longer


class VendorRefs(Model):
    """What an engine needs to find, and to delete, its own copies."""

    asset_id: str | None = None
    task_ids: tuple[str, ...] = ()  # in the order they were made: a repeat adds one
    analysis: AnalysisUnderWay | None = None  # the latest of them

    def __bool__(self) -> bool:
        """Whether anything was left with the vendor."""
        return self.asset_id is not None or bool(self.task_ids)


class ReplyAddress(Model):
    """Which reply to edit, and until when Discord allows it. The token is a credential."""

    application_id: int
    token: str = Field(repr=False)
    message_id: int | None = None  # None: the interaction's original response
    dies_at: datetime


class Failure(Model):
    """Why an attempt failed: a code for the operator, a sentence for the member."""

    code: str
    sentence: str


class Waiting(Model):
    """What an attempt that waits for the vendor's limits, or for the operator's cap, is told."""

    until: datetime  # when it goes on, as things stood when it was written
    place: int | None = Field(default=None, ge=1)  # in line; None: there is none, only a time


class Attempt(Model):
    """One clip and one question by one member: the unit of work and of history."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    owner: Owner
    channel_id: int
    question: str = Field(min_length=1, max_length=QUESTION_MAX)
    shared: bool
    source: ClipSource
    engine: EngineName
    state: AttemptState
    created_at: datetime
    reply: ReplyAddress | None = None  # cleared when the attempt has ended
    facts: ClipFacts | None = None
    refs: VendorRefs = VendorRefs()
    assessment: Assessment | None = None
    failure: Failure | None = None
    metrics_off: frozenset[Metric] = frozenset()  # as it was when the attempt was submitted
    language: str | None = None  # that the member said they speak in it; None: it is found out
    interview_id: str | None = None  # that it is an answer in
    position: int | None = None  # of its question there
    parent_id: str | None = None  # the attempt whose follow-up question it answers
    delivered_via: DeliveredVia | None = None
    shared_message_id: int | None = None  # the public copy that `Unshare` takes back
    shared_channel_id: int | None = None
    cleaned_at: datetime | None = None  # when the vendor's copies and our file were gone
    waiting: Waiting | None = None  # as long as it waits for the vendor's limits


class Request(Model):
    """What a member asked for that is not an attempt yet: it waits for consent or a question."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    owner: Owner
    channel_id: int
    question: str | None = Field(default=None, min_length=1, max_length=QUESTION_MAX)
    clips: tuple[ClipSource, ...] = ()  # empty: it is to be recorded in the studio
    shared: bool = False
    language: str | None = None
    interview_id: str | None = None  # that begins when its member has agreed
    parent_id: str | None = None  # the attempt whose follow-up question it is
    created_at: datetime


class Consent(Model):
    """A member's agreement to one version of the consent card."""

    version: int
    agreed_at: datetime
    withdrawn_at: datetime | None = None
    judge_host: str | None = None  # where the words may go to be judged; None: nowhere
    local_card: bool = False  # the local engine's own card was read and agreed to as well


class ServerSettings(Model):
    """What a server's managers have chosen; `None` and empty mean: the operator's default."""

    share_by_default: bool = False
    channels: frozenset[int] = frozenset()  # where the bot may be used; empty: everywhere
    roles: frozenset[int] = frozenset()  # who may use it; empty: everybody
    daily_attempts: int | None = Field(default=None, ge=1)  # at most the operator's limit counts
    retention_days: int | None = Field(default=None, ge=1)  # at most the operator's limit counts
    board: bool = True
    metrics_off: frozenset[Metric] = frozenset()


class MemberSettings(Model):
    """What a member has chosen for themselves in a server."""

    metrics_off: frozenset[Metric] = frozenset()
    last_question_id: str | None = None  # so that the same one is not asked twice in a row
    language: str | None = Field(default=None, max_length=8)  # they speak; None: it is found out
