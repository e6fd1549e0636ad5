"""Makes attempts and assessments for the tests of how they look, with ordinary or any text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from core.assessment import (
    AnswerPart,
    Assessment,
    BetterWording,
    Delivery,
    EngineName,
    Filler,
    KeyPoint,
    Metric,
    PartName,
    Pause,
    Picture,
    Score,
    Sentence,
    Stretch,
    Structure,
)
from core.models import Attempt, AttemptState, ClipSource, Failure, Owner

# Without `explain`: a failure is found, made smaller and shown within seconds
BOUNDED = settings(
    deadline=None,
    max_examples=100,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)

FEWER = settings(BOUNDED, max_examples=50)  # where one example is some 40 texts

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
MEMBER = 77

HOSTILE = (
    "@everyone", "@here", "@EVERYONE", "<@1>", "<@!1>", "<@&1>", "<#1>", "</analyze:1>",
    "<:wave:1>", "<a:wave:1>", "<t:0:R>", "<id:customize>", "[click](https://evil.example)",
    "](", "https://a.example", "<https://a.example>", "discord.gg/abc", "# ", "### ", "-# ",
    "- ", "+ ", "* ", "1. ", "1) ", "> ", ">>> ", "```py\n", "`", "``", "**", "__", "~~", "||",
    "\\", "\\\\", "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\u200b", "\u200d", "\u202e",
    "\u2066", "\ufeff", "\u0301" * 50, "e\u0301", "\u2028", "\u3164", "\u2800", "\ud7ff",
    "\ue000", "\uffff", "\U00010000", "\U0010ffff", "👩\u200d👩\u200d👧\u200d👦", "👋🏽", "🇩🇪",
    "مرحبا", ":wave:", "&lt;", "&#64;everyone", "<b>", "...", "…", " ", "a", "7",
    "\u0628\u200c\u0628", "é\u200d*", "é\u200d@everyone", "é\u200d\\", "---", "===",
)  # fmt: skip

CHARACTERS = st.characters(exclude_categories=["Cs"])  # pydantic refuses lone surrogates itself

LONG = st.sampled_from(HOSTILE).map(lambda unit: (unit * 10_000)[:10_000])

ANY_TEXT = (
    st.lists(
        st.one_of(st.sampled_from(HOSTILE), st.text(CHARACTERS, max_size=20)), max_size=10
    ).map("".join)
    | LONG
)

ANY_QUESTION = ANY_TEXT.map(lambda text: text[:300]).filter(bool)

SOME_SECONDS = st.floats(0, 1e6)


@st.composite
def scores(draw: st.DrawFn) -> dict[Metric, Score]:
    """A score for every metric, with a value or a reason."""
    made = {}
    for metric in Metric:
        value = draw(st.none() | st.integers(1, 10))
        made[metric] = Score(
            value=value,
            reason=draw(ANY_TEXT) if value is None else None,
            evidence=draw(ANY_TEXT),
            at_seconds=draw(st.none() | SOME_SECONDS),
        )
    return made


STRETCHES = st.builds(Stretch, start=SOME_SECONDS, end=SOME_SECONDS, value=st.floats(-1000, 1000))

DELIVERIES = st.builds(
    Delivery,
    words=st.integers(0, 10_000),
    span_seconds=SOME_SECONDS,
    words_per_minute=st.none() | st.floats(0, 1000),
    pauses=st.lists(st.builds(Pause, start=SOME_SECONDS, seconds=SOME_SECONDS), max_size=4).map(
        tuple
    ),
    longest_pause_seconds=st.none() | SOME_SECONDS,
    talk_ratio=st.none() | st.floats(0, 1),
    fillers=st.lists(st.builds(Filler, text=ANY_TEXT, at_seconds=SOME_SECONDS), max_size=6).map(
        tuple
    ),
    fillers_counted=st.booleans(),
    pitch_variation_semitones=st.none() | st.floats(0, 100),
    fastest=st.none() | STRETCHES,
    slowest=st.none() | STRETCHES,
    flattest=st.none() | STRETCHES,
)

ASSESSMENTS = st.builds(
    Assessment,
    engine=st.sampled_from(EngineName),
    engine_version=ANY_TEXT,
    rubric_version=st.integers(1, 2),
    scores=scores(),
    strength=ANY_TEXT,
    next_step=ANY_TEXT,
    key_points=st.lists(
        st.builds(KeyPoint, text=ANY_TEXT, at_seconds=st.none() | SOME_SECONDS), max_size=8
    ).map(tuple),
    delivery=st.none() | DELIVERIES,
    transcript=st.lists(
        st.builds(Sentence, text=ANY_TEXT, start=SOME_SECONDS, end=SOME_SECONDS), max_size=4
    ).map(tuple),
    notes=st.lists(ANY_TEXT, max_size=5).map(tuple),
    strength_at=st.none() | SOME_SECONDS,
    next_step_at=st.none() | SOME_SECONDS,
    not_heard=st.lists(ANY_TEXT, max_size=6).map(tuple),
    parts=st.lists(
        st.builds(AnswerPart, name=st.sampled_from(PartName), at_seconds=st.none() | SOME_SECONDS),
        max_size=4,
    ).map(tuple),
    structure=st.none() | st.builds(Structure),
    follow_up=ANY_TEXT,
    better=st.none() | st.builds(BetterWording, quote=ANY_TEXT, better=ANY_TEXT),
    looks_for=ANY_TEXT,
    picture=st.none()
    | st.builds(
        Picture,
        pictures=st.integers(0, 1200),
        face_share=st.floats(0, 1),
        toward_share=st.none() | st.floats(0, 1),
        away=st.lists(STRETCHES, max_size=6).map(tuple),
        several_faces=st.booleans(),
        advice=st.lists(ANY_TEXT, max_size=3).map(tuple),
    ),
    language=st.none() | st.sampled_from(["en", "de", "xx"]) | ANY_TEXT,
    judge=st.none() | ANY_TEXT,
)

ATTEMPTS = st.builds(
    Attempt,
    id=st.just("0123456789abcdef"),
    owner=st.just(Owner(guild_id=5, user_id=MEMBER)),
    channel_id=st.just(3),
    question=ANY_QUESTION,
    shared=st.booleans(),
    source=st.builds(ClipSource, url=ANY_TEXT, name=ANY_TEXT, size_bytes=st.just(1)),
    engine=st.sampled_from(EngineName),
    state=st.sampled_from(AttemptState),
    created_at=st.just(DAY),
    assessment=st.none() | ASSESSMENTS,
    failure=st.none() | st.builds(Failure, code=ANY_TEXT, sentence=ANY_TEXT),
)

ASSESSED = st.tuples(ATTEMPTS, ASSESSMENTS).map(
    lambda pair: pair[0].model_copy(update={"assessment": pair[1]})
)


def attempt(assessment: Assessment | None = None, **changes: Any) -> Attempt:
    """An ordinary attempt."""
    values: dict[str, Any] = {
        "id": "0123456789abcdef",
        "owner": Owner(guild_id=5, user_id=MEMBER),
        "channel_id": 3,
        "question": "Tell me about yourself",
        "shared": False,
        "source": ClipSource(url="https://cdn.example/a.mp4", name="a.mp4", size_bytes=1),
        "engine": EngineName.TWELVELABS if assessment is None else assessment.engine,
        "state": AttemptState.QUEUED if assessment is None else AttemptState.DELIVERED,
        "created_at": DAY,
        "assessment": assessment,
    }
    return Attempt(**values | changes)


def assessment(values: dict[Metric, int] | None = None, **changes: Any) -> Assessment:
    """An ordinary assessment: 6 for every metric that `values` says nothing about.

    A value of 0 stands for "not assessed: no audio track".
    """
    made = {}
    for metric in Metric:
        value = (values or {}).get(metric, 6)
        made[metric] = (
            Score(value=value, evidence=f"Seen for {metric}", at_seconds=65)
            if value
            else Score(reason="not assessed: no audio track")
        )
    facts: dict[str, Any] = {
        "engine": EngineName.TWELVELABS,
        "engine_version": "pegasus1.5",
        "rubric_version": 1,
        "scores": made,
        "strength": "You came to the point at once.",
        "next_step": "Pause after the result.",
    }
    return Assessment(**facts | changes)


def delivery(**changes: Any) -> Delivery:
    """An ordinary delivery of 148 words per minute."""
    facts: dict[str, Any] = {"words": 70, "span_seconds": 28.3, "words_per_minute": 148.4}
    return Delivery(**facts | changes)
