"""The words of the design as frozen, typed models; imports nothing of ours."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from statistics import fmean
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

QUESTION_MAX = 300
"""Longest question, in characters."""

DIRECT_MESSAGES = 0
"""The `guild_id` of everything that happens outside a server."""

THIS_MACHINE = "localhost"
"""The `judge_host` of a judge that runs where the bot does: nothing leaves the machine."""

MIN_METRICS_FOR_OVERALL = 4
"""With fewer assessed metrics a mean would claim more than was seen."""

Seconds = Annotated[float, Field(ge=0)]


def new_id() -> str:
    """A random id for an attempt, request or question: 16 hex digits that say nothing about it."""
    return secrets.token_hex(8)


class Model(BaseModel):
    """Base of every model: immutable, and unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(StrEnum):
    """One line of the rubric, in the order results show it."""

    CONFIDENCE = "confidence"
    CLARITY = "clarity"
    SPEECH_RATE = "speech_rate"
    EYE_CONTACT = "eye_contact"
    BODY_LANGUAGE = "body_language"
    VOICE_TONE = "voice_tone"
    RELEVANCE = "relevance"


class EngineName(StrEnum):
    """What assesses a clip."""

    TWELVELABS = "twelvelabs"
    LOCAL = "local"


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


class Score(Model):
    """One metric's score: a `value` of 1-10, or `None` with the `reason` it was not assessed."""

    value: int | None = Field(default=None, ge=1, le=10)
    reason: str | None = None  # a whole phrase: "not assessed locally"
    evidence: str = ""  # what was seen or heard
    at_seconds: Seconds | None = None  # the moment in the clip that shows it

    @model_validator(mode="after")
    def _value_or_reason(self) -> Self:
        if (self.value is None) == (self.reason is None):
            raise ValueError("a score has either a value or a reason")
        return self


class KeyPoint(Model):
    """Something the answer said, or left out, with respect to the question."""

    text: str
    at_seconds: Seconds | None = None


class Word(Model):
    """One heard word; times are seconds from the start of the clip."""

    text: str
    start: Seconds
    end: Seconds
    probability: float | None = Field(default=None, ge=0, le=1)


class Sentence(Model):
    """One line of a transcript; times are seconds from the start of the clip."""

    text: str
    start: Seconds
    end: Seconds
    fillers: tuple[tuple[int, int], ...] = ()  # where they stand in `text`: [from, to)


class Stretch(Model):
    """A part of the clip in which one thing was measured."""

    start: Seconds
    end: Seconds
    value: float  # in the unit of what was measured


class Pause(Model):
    """A silence between two words."""

    start: Seconds
    seconds: Seconds


class Filler(Model):
    """A filled pause such as "um"."""

    text: str
    at_seconds: Seconds


class Delivery(Model):
    """What was measured, not judged. `None` means: could not be measured."""

    words: int = Field(ge=0)
    span_seconds: Seconds  # first word's start to last word's end
    words_per_minute: float | None = Field(default=None, ge=0)
    words_per_minute_error: float | None = Field(default=None, ge=0)  # 95 % are within
    pauses: tuple[Pause, ...] = ()  # those longer than one second
    longest_pause_seconds: Seconds | None = None
    talk_ratio: float | None = Field(default=None, ge=0, le=1)  # share of the span with speech
    fillers: tuple[Filler, ...] = ()  # at least these: recognisers drop some
    fillers_counted: bool = True  # False where the engine's transcript cannot show fillers
    pitch_variation_semitones: float | None = Field(default=None, ge=0)
    fastest: Stretch | None = None  # words per minute, of the stretches long enough to have a pace
    slowest: Stretch | None = None
    flattest: Stretch | None = None  # semitones, of the sentences long enough to have a melody


class PartName(StrEnum):
    """One piece that an answer to some kind of question has, in the order they are told."""

    SITUATION = "situation"  # behavioural: what happened in the past
    TASK = "task"
    ACTION = "action"
    RESULT = "result"
    APPROACH = "approach"  # technical: knowledge, and how it is used
    REASONS = "reasons"  # and trade-offs
    EXAMPLE = "example"  # or a check
    LIMITS = "limits"
    FACTS = "facts"  # situational: what to find out first
    OPTIONS = "options"
    DECISION = "decision"  # and why
    CHECK = "check"  # how one would know that it worked
    NOW = "now"  # an opener: who one is, how one came here, why this
    BEFORE = "before"
    REASON = "reason"


class AnswerPart(Model):
    """One part of an answer: heard at a second, or not heard."""

    name: PartName
    at_seconds: Seconds | None = None


class Structure(Model):
    """How an answer is held together, as measured in its words."""

    opening: bool
    closing: bool
    signposts: int = Field(ge=0)  # "first", "for example", "as a result"


class BetterWording(Model):
    """One passage of an answer, and how it could be said."""

    quote: str  # as it stands in the transcript
    at_seconds: Seconds | None = None
    better: str


class Picture(Model):
    """What was measured in the pictures, two a second. Where the eyes went is never claimed."""

    pictures: int = Field(ge=0)
    face_share: float = Field(ge=0, le=1)  # of the pictures that show a face
    toward_share: float | None = Field(default=None, ge=0, le=1)  # of those, head to the camera
    away: tuple[Stretch, ...] = ()  # head turned: degrees, the picture's left is negative
    several_faces: bool = False
    advice: tuple[str, ...] = ()  # about framing and light: whole sentences, no score


class Assessment(Model):
    """The finished result of an attempt."""

    engine: EngineName
    engine_version: str
    rubric_version: int
    scores: Mapping[Metric, Score]
    strength: str
    next_step: str
    strength_at: Seconds | None = None  # the moment that shows it
    next_step_at: Seconds | None = None
    key_points: tuple[KeyPoint, ...] = ()
    not_heard: tuple[str, ...] = ()  # what an answer to this question has, and this one lacks
    parts: tuple[AnswerPart, ...] = ()  # of its kind of question; empty: they were not looked for
    structure: Structure | None = None
    follow_up: str = ""  # one question about what was missing
    better: BetterWording | None = None
    looks_for: str = ""  # what a good answer to this question of the bank contains
    delivery: Delivery | None = None
    picture: Picture | None = None
    transcript: tuple[Sentence, ...] = ()
    language: str | None = None  # of the speech, as ISO 639-1 has it
    judge: str | None = None  # the language model that read the transcript, where one did
    notes: tuple[str, ...] = ()  # limits of this result, e.g. "English was assumed"

    @model_validator(mode="after")
    def _every_metric(self) -> Self:
        if set(self.scores) != set(Metric):
            raise ValueError("an assessment says something about every metric")
        return self

    @property
    def scored_by_judge(self) -> str | None:
        """The judge's model where scores are its own: other judges' numbers are not comparable.

        For TwelveLabs it only fills in what is no score.
        """
        return self.judge if self.engine is EngineName.LOCAL else None

    @property
    def overall(self) -> float | None:
        """The mean of the assessed metrics to one decimal, `None` when fewer than four were."""
        values = [score.value for score in self.scores.values() if score.value is not None]
        if len(values) < MIN_METRICS_FOR_OVERALL:
            return None
        return round(fmean(values), 1)


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


class VendorRefs(Model):
    """What an engine needs to find, and to delete, its own copies."""

    asset_id: str | None = None
    task_ids: tuple[str, ...] = ()  # in the order they were made: a repeat adds one

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
    delivered_via: DeliveredVia | None = None
    shared_message_id: int | None = None  # the public copy that `Unshare` takes back
    shared_channel_id: int | None = None
    cleaned_at: datetime | None = None  # when the vendor's copies and our file were gone


class Request(Model):
    """What a member asked for that is not an attempt yet: it waits for consent or a question."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    owner: Owner
    channel_id: int
    question: str | None = Field(default=None, min_length=1, max_length=QUESTION_MAX)
    clips: tuple[ClipSource, ...] = ()  # empty: it is to be recorded in the studio
    shared: bool = False
    language: str | None = None
    created_at: datetime


class Consent(Model):
    """A member's agreement to one version of the consent card."""

    version: int
    agreed_at: datetime
    withdrawn_at: datetime | None = None
    judge_host: str | None = None  # where the words may go to be judged; None: nowhere


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
