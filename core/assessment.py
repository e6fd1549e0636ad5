"""What a finished result is made of: scores, moments, words and measures, as frozen models."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from statistics import fmean
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MIN_METRICS_FOR_OVERALL = 4
"""With fewer assessed metrics a mean would claim more than was seen."""

Seconds = Annotated[float, Field(ge=0)]


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


class Score(Model):
    """One metric's score: a `value` of 1-10, or `None` with the `reason` it was not assessed."""

    value: int | None = Field(default=None, ge=1, le=10)
    reason: str | None = None  # a whole phrase: "not assessed locally"
    evidence: str = ""  # what was seen or heard
    at_seconds: Seconds | None = None  # the moment in the clip that shows it
    give_or_take: int | None = Field(default=None, ge=1, le=9)  # points by which repeats differ

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
    away: tuple[Stretch, ...] = ()  # when the head was turned: degrees, left is negative
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
