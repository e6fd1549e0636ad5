"""A result: what it leads with, what it compares, and that no text can break it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.scoring.wording import MADE_BY
from cogs.analyze.result_card import public_result_embed, result_embed, result_text, transcript_text
from cogs.ui.text import unmarked
from core.assessment import (
    AnswerPart,
    Assessment,
    BetterWording,
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
from core.models import Attempt
from tests.cogs.ui.limits_checker import INVISIBLE, check_embed
from tests.cogs.ui.samples import (
    ASSESSED,
    ATTEMPTS,
    DAY,
    FEWER,
    MEMBER,
    assessment,
    attempt,
    delivery,
)


def value_of(given_attempt: Attempt, name: str, previous: Attempt | None = None) -> str:
    """The text of one field as a reader sees it, "" where there is no such field."""
    found = result_embed(given_attempt, previous)
    return unmarked(next((field.value or "" for field in found.fields if field.name == name), ""))


def said(found: Assessment) -> str:
    """The description as a reader sees it."""
    return unmarked(result_embed(attempt(found)).description or "")


def measured(**changes: Any) -> list[str]:
    """The lines about the measured delivery."""
    return value_of(
        attempt(assessment(delivery=delivery(**changes))), "Measured in your delivery"
    ).split("\n")


def change(now: Assessment, before: Assessment) -> list[str]:
    """The lines about the change since the last attempt."""
    name = "Since your last attempt at this question"
    return value_of(attempt(now), name, attempt(before)).split("\n")


@FEWER
@given(ASSESSED, st.none() | ASSESSED, st.none() | st.just(DAY))
def test_any_result_is_an_embed_discord_takes_with_nothing_alive_in_it(
    made: Attempt, previous: Attempt | None, kept_until: datetime | None
) -> None:
    check_embed(result_embed(made, previous, kept_until=kept_until))
    check_embed(public_result_embed(made), ours=frozenset({f"<@{MEMBER}>"}))


@FEWER
@given(ASSESSED)
def test_any_text_rendering_is_free_of_what_steers_a_terminal(made: Attempt) -> None:
    for text in (result_text(made, made), transcript_text(made)):
        assert not INVISIBLE.search(text)


@given(ATTEMPTS.filter(lambda made: made.assessment is None))
@settings(deadline=None, max_examples=5)
def test_an_attempt_without_an_assessment_has_no_result(made: Attempt) -> None:
    for render in (result_embed, public_result_embed, result_text):
        with pytest.raises(ValueError, match="without an assessment"):
            render(made)


def test_a_result_leads_with_a_strength_and_a_next_step_and_then_the_overall() -> None:
    made = result_embed(attempt(assessment({Metric.EYE_CONTACT: 0})))
    assert made.title == "Tell me about yourself"
    assert (made.description or "").split("\n")[:8] == [
        "**One strength**",
        "You came to the point at once.",
        "",
        "**One thing to try next**",
        "Pause after the result.",
        "",
        "**Overall 6.0 of 10, from 6 of 7 metrics**",
        "`██████░░░░` 6/10 **Confidence**",
    ]


def test_a_score_shows_what_earned_it_and_where() -> None:
    found = assessment()
    scores = dict(found.scores)
    scores[Metric.CLARITY] = Score(value=8, evidence="The point came first.")
    scores[Metric.RELEVANCE] = Score(value=3, at_seconds=12)
    text = said(found.model_copy(update={"scores": scores}))
    assert "6/10 Speech rate\nSeen for speech_rate (1:05)\n" in text
    assert "8/10 Clarity\nThe point came first.\n" in text
    assert text.endswith("3/10 Relevance\n(0:12)")


def test_without_enough_metrics_there_is_no_overall() -> None:
    few = assessment(dict.fromkeys([m for m in Metric if m is not Metric.SPEECH_RATE], 0))
    assert "Overall" not in said(few)
    assert "Scores\n██████░░░░ 6/10 Speech rate" in said(few)


def test_metrics_without_a_score_share_one_line_grouped_by_reason() -> None:
    found = assessment({Metric.CONFIDENCE: 0, Metric.CLARITY: 0, Metric.VOICE_TONE: 0})
    scores = {**found.scores, Metric.EYE_CONTACT: Score(reason="not observable: no face")}
    lines = said(found.model_copy(update={"scores": scores})).split("\n")
    assert lines[-1] == (
        "Not scored: Confidence, Clarity, Voice tone "
        "(not assessed: no audio track); Eye contact (not observable: no face)."
    )
    assert "Not scored" not in said(assessment())


def test_the_footer_says_what_it_is_and_until_when_it_is_kept() -> None:
    made = attempt(assessment())
    plain_footer = "AI estimate for practice. Not a hiring assessment."
    assert result_embed(made).footer.text == plain_footer
    kept = result_embed(made, kept_until=DAY).footer.text
    assert kept == plain_footer + " Kept until 2 March 2026."


def test_only_what_was_measured_is_listed() -> None:
    pauses = (Pause(start=12.4, seconds=1.41), Pause(start=20, seconds=2))
    fillers = tuple(Filler(text=text, at_seconds=1) for text in ("Um", "um", "uh"))
    assert measured(
        pauses=pauses,
        longest_pause_seconds=2,
        fillers=fillers,
        talk_ratio=0.95,
        pitch_variation_semitones=3.44,
    ) == [
        "• 148 words per minute",
        "• 2 pauses over 1 s, the longest 2 s at 0:20",
        "• At least 3 fillers (um 2×, uh 1×)",
        "• Speaking 95% of the time, from first word to last",
        "• Your voice moved a little (pitch variation 3.4 semitones)",
    ]
    assert measured(fillers_counted=False) == ["• 148 words per minute"]
    assert measured(words_per_minute=None) == ["• No fillers noticed"]
    assert measured(pauses=pauses[:1], fillers=fillers[:1])[1:] == [
        "• 1 pause over 1 s: 1.4 s at 0:12",
        "• At least 1 filler (um 1×)",
    ]
    assert measured(longest_pause_seconds=0.8)[1] == "• No pause over 1 s, the longest 0.8 s"
    assert measured(words=0) == ["• No words were heard, so there was nothing to measure."]
    assert value_of(attempt(assessment()), "Measured in your delivery") == ""


def test_long_lists_of_key_points_say_how_many_more_there_are() -> None:
    points = tuple(KeyPoint(text=f"point {n}", at_seconds=n) for n in range(7))
    lines = value_of(attempt(assessment(key_points=points)), "Key points").split("\n")
    assert lines[0] == "• point 0 (0:00)"
    assert lines[4:] == ["• point 4 (0:04)", "and 2 more"]


def test_the_change_since_the_last_attempt_names_what_rose_fell_and_stayed() -> None:
    before = assessment(
        {Metric.CLARITY: 5, Metric.VOICE_TONE: 8, Metric.EYE_CONTACT: 0},
        delivery=delivery(words_per_minute=171.0),
    )
    now = assessment({Metric.CLARITY: 8, Metric.BODY_LANGUAGE: 0}, delivery=delivery())
    assert change(now, before) == [
        "• Overall 6.3, before 6.2",
        "• Up: Clarity 5 → 8",
        "• Down: Voice tone 8 → 6",
        "• The same: Confidence, Speech rate, Relevance",
        "• 148 words per minute, before 171",
    ]


@pytest.mark.parametrize("changed", [{"engine": EngineName.LOCAL}, {"rubric_version": 2}])
def test_numbers_of_another_engine_or_rubric_are_not_compared(changed: dict[str, Any]) -> None:
    assert change(assessment({Metric.CLARITY: 8}), assessment(**changed)) == [
        "Your last attempt was assessed in another way, so the two can't be compared."
    ]


def test_the_first_attempt_and_one_after_a_failure_show_no_change() -> None:
    name = "Since your last attempt at this question"
    assert value_of(attempt(assessment()), name) == ""
    assert value_of(attempt(assessment()), name, attempt()) == ""


def test_the_local_result_says_that_nobody_judged_and_where_the_transcript_is() -> None:
    found = assessment(
        {metric: 0 for metric in Metric if metric is not Metric.SPEECH_RATE},
        engine=EngineName.LOCAL,
        transcript=(Sentence(text="Hello.", start=0, end=1),),
        notes=("English was assumed.",),
    )
    assert value_of(attempt(found), "Good to know").split("\n") == [
        MADE_BY[EngineName.LOCAL],
        "English was assumed.",
        "Transcript below shows what was heard.",
    ]


def test_a_shared_result_names_who_shared_it_and_hides_what_only_the_owner_needs() -> None:
    found = assessment(transcript=(Sentence(text="Hello.", start=0, end=1),))
    made = public_result_embed(attempt(found, shared=True))
    assert (made.description or "").startswith(f"Shared by <@{MEMBER}>\n\n**One strength**")
    assert made.footer.text == "AI estimate for practice. Not a hiring assessment."
    assert "Transcript" not in str(made.to_dict())


def test_the_text_rendering_is_the_embed_without_its_markup() -> None:
    found = assessment(strength="You used *two* examples.", delivery=delivery())
    text = result_text(attempt(found, question="Why us? #1"), kept_until=DAY)
    assert text.startswith("Why us? #1\n\nOne strength\nYou used *two* examples.\n\n")
    assert "\nMeasured in your delivery\n• 148 words per minute\n" in text
    assert text.endswith("Not a hiring assessment. Kept until 2 March 2026.")
    assert "Transcript" not in text


def test_a_transcript_has_the_question_on_top_and_the_moment_before_each_sentence() -> None:
    spoken = (
        Sentence(text="Hello\nthere *you*.", start=0.6, end=2),
        Sentence(text="Bye.", start=725, end=726),
    )
    assert transcript_text(attempt(assessment(transcript=spoken))).split("\n") == [
        "Question: Tell me about yourself",
        "Written down by speech recognition, which mishears at times.",
        "",
        " 0:00  Hello there *you*.",
        "12:05  Bye.",
        "",
    ]
    assert transcript_text(attempt(assessment())).endswith("\n\nNo speech was heard.\n")


WHOLE: dict[str, Any] = {
    "strength_at": 5,
    "next_step_at": 65,
    "not_heard": ("How it ended. Did you say it?",),
    "parts": (
        AnswerPart(name=PartName.SITUATION, at_seconds=2),
        AnswerPart(name=PartName.RESULT),
    ),
    "structure": Structure(opening=True, closing=False, signposts=2),
    "better": BetterWording(quote="I did *it*", at_seconds=9, better="I led the work"),
    "follow_up": "What came of it?",
    "looks_for": "A concrete case, and its result.",
    "picture": Picture(
        pictures=60,
        face_share=1,
        toward_share=0.82,
        away=(Stretch(start=12, end=14, value=-30),),
        advice=("Move the lamp in front of you.",),
    ),
    "language": "de",
    "judge": "qwen-3",
    "key_points": (KeyPoint(text="Names the team", at_seconds=3),),
    "delivery": delivery(
        fastest=Stretch(start=40, end=45, value=198.4),
        flattest=Stretch(start=50, end=55, value=0.84),
    ),
    "notes": ("The room was noisy.",),
}


def test_a_whole_result_has_one_order_and_each_remark_its_moment() -> None:
    before = assessment(
        parts=(AnswerPart(name=PartName.SITUATION), AnswerPart(name=PartName.RESULT)),
        picture=Picture(pictures=60, face_share=1, toward_share=0.5),
    )
    made = result_embed(attempt(assessment(**WHOLE)), attempt(before))
    assert [field.name for field in made.fields] == [
        "Key points",
        "Not heard",
        "Parts of your answer",
        "Said better",
        "A follow-up question",
        "Measured in your delivery",
        "Measured in the picture",
        "Since your last attempt at this question",
        "Good to know",
    ]
    values = {str(field.name): unmarked(field.value or "") for field in made.fields}
    text = unmarked(made.description or "")
    assert "You came to the point at once. (0:05)" in text
    assert "Pause after the result. (1:05)" in text
    assert values["Not heard"] == "• How it ended. Did you say it?"
    assert values["Parts of your answer"].split("\n") == [
        "• Situation: heard at 0:02",
        "• Result: not heard",
        "An opening sentence, no closing one; 2 signposts such as “first” or “as a result”.",
    ]
    assert values["Said better"] == "You: “I did *it*” (0:09)\nBetter: “I led the work”"
    assert (
        "• You spoke fastest here: 0:40 (198 words per minute)"
        in values["Measured in your delivery"]
    )
    assert (
        "• Your voice stayed on nearly one note: 0:50 (0.8 semitones)"
        in values["Measured in your delivery"]
    )
    assert values["Measured in the picture"].split("\n") == [
        "• Your head was toward the camera in 82% of the pictures",
        "• Turned away at 0:12",
        "• Move the lamp in front of you.",
    ]
    change_lines = values["Since your last attempt at this question"]
    assert "• Parts of the answer heard: 1 of 2, before 0 of 2" in change_lines
    assert "• Head toward the camera: 82%, before 50%" in change_lines
    assert values["Good to know"].split("\n") == [
        f"{MADE_BY[EngineName.TWELVELABS]} Completed by qwen-3 from the transcript.",
        "You were heard in German.",
        "What this question looks for: A concrete case, and its result.",
        "The room was noisy.",
    ]


def test_what_the_engine_does_not_look_at_is_one_line() -> None:
    found = assessment(engine=EngineName.LOCAL)
    scores = dict(found.scores)
    for metric in (Metric.CONFIDENCE, Metric.CLARITY, Metric.BODY_LANGUAGE):
        scores[metric] = Score(reason="not assessed locally")
    text = said(found.model_copy(update={"scores": scores}))
    assert "not assessed locally" not in text
    assert text.endswith(
        "need a judge or TwelveLabs, and body language needs a video model (TwelveLabs)."
    )
