"""What the net under the prompt catches, and what ordinary coaching it lets through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.model_output.guardrails import forbidden, without_forbidden, without_mentions
from analyzer.scoring.rubric import RUBRIC
from core.assessment import Metric

NEVER = [
    "You seem nervous.",
    "You look a little tense at the start.",
    "The speaker appears to be very happy.",
    "You were clearly frustrated with the question.",
    "Comes across as enthusiastic.",
    "Your passion for the subject shows.",
    "You show signs of anxiety.",
    "There is fear, sadness or other emotion in the voice.",
    "You have a charismatic personality.",
    "You are an introvert.",
    "She sounds arrogant.",
    "You seem smart.",
    "Your answer does not sound honest.",
    "You are lying about the project.",
    "An evasive answer.",
    "You come across as genuine.",
    "You may have ADHD.",
    "You stutter on the first word.",
    "You look tired.",
    "The speaker is in her thirties.",
    "A young person in a dark room.",
    "You look older than you are.",
    "A man sits in front of a wall.",
    "The female speaker nods.",
    "You sound Indian.",
    "As a non-native speaker you did well.",
    "Your accent is strong.",
    "The speaker wears a headscarf.",
    "You are wearing a blue shirt.",
    "Your glasses hide the eyes.",
    "You look very attractive.",
    "You should be hired.",
    "You would be a strong candidate.",
    "This would get you shortlisted.",
    "A good fit for the team.",
    "You are suitable for the role.",
    "I recommend you for the next round.",
    "YOU SEEM NERVOUS",
]

ALWAYS = [
    "You sounded steady from the first word to the last.",
    "Look at the camera when you name the result.",
    "Your voice dropped at the end of three sentences.",
    "You looked pretty steadily into the camera.",
    "You stayed in the past tense when telling the story.",
    "You stressed the key number.",
    "Your shoulders stay relaxed and level.",
    "You smiled once at the greeting.",
    "You touched your hair twice.",
    "The pace was calm and even.",
    "Two pauses of about a second stood inside sentences.",
    'You used "honestly" as a filler three times.',
    "You said the new manager approved the plan.",
    "Missing: how the race condition was found.",
    "Missing: what you learned from the failure.",
    "You described gradient descent with an example.",
    "You mentioned hiring two engineers for the team.",
    "You have ten years of experience and said so first.",
    "The foreign key example explained the schema.",
    "You set SMART goals and named the deadline.",
    "Your page load fell from four seconds to two.",
    "The example suits the question.",
    "Both hands rest on the table and mark the main points.",
    "You managed the human side of the change with a weekly meeting.",
    "The opening came across clearly.",
    "Record again and finish each sentence before you take a breath.",
    "Your eyes moved to the second screen at each number.",
    "You spoke about the healthcare project in order.",
    "The light behind you makes the picture dark.",
]


REMARKS = json.loads(Path(__file__).with_name("remarks.json").read_text("utf-8"))
"""Sentences as models write them: about what was said (harmless), and about the speaker."""


def test_what_the_answer_was_about_survives_and_remarks_about_the_speaker_do_not() -> None:
    dropped = [text for text in REMARKS["harmless"] if forbidden(text)]
    kept = [text for text in REMARKS["harmful"] if not forbidden(text)]
    assert len(dropped) <= 0.02 * len(REMARKS["harmless"]), dropped
    assert kept == []


@pytest.mark.parametrize("contraction", ["You're nervous.", "You’re nervous.", "You'd be hired."])
def test_a_contraction_hides_no_remark(contraction: str) -> None:
    assert forbidden(contraction)


@pytest.mark.parametrize(
    "disguised",
    [
        "You seem n\u00e9rvous.",
        "You seem n\u0435rvous.",
        "You seem ner\u200bvous.",
        "You seem ｎervous.",
    ],
)
def test_odd_letters_hide_no_remark(disguised: str) -> None:
    assert forbidden(disguised)
    assert not forbidden("Your r\u00e9sum\u00e9 project is named first, at Škoda in Plzeň.")


def test_the_story_does_not_cover_for_a_remark_in_the_same_sentence() -> None:
    assert not forbidden("You described how you calmed an angry customer.")
    assert forbidden("You described how you calmed an angry customer and seemed angry yourself.")
    assert forbidden('You said "I was calm", but your nervousness was plain.')


@pytest.mark.parametrize(
    "text", ["you " * 20_000, "your strong " * 10_000, "the customer was " * 8_000, '"' * 50_000]
)
def test_reading_takes_no_longer_than_the_text(text: str) -> None:
    assert forbidden(text) in (True, False)  # a pattern that backtracks would not come back


@pytest.mark.parametrize("text", NEVER)
def test_a_remark_greenroom_never_makes_is_caught(text: str) -> None:
    assert forbidden(text)
    assert without_forbidden(text) == ""


@pytest.mark.parametrize("text", ALWAYS)
def test_ordinary_coaching_survives(text: str) -> None:
    assert not forbidden(text)
    assert without_forbidden(text) == text


def test_only_the_sentence_with_the_remark_is_dropped() -> None:
    text = "You looked at the camera. You seem nervous! The pace was even."
    assert without_forbidden(text) == "You looked at the camera. The pace was even."


def test_our_own_rubric_makes_no_such_remark() -> None:
    for line in RUBRIC.values():
        for text in (line.title, line.observable, line.low, line.middle, line.high):
            assert not forbidden(text), text


@pytest.mark.parametrize(
    ("sentence", "metric"),
    [
        ("You look straight into the lens.", Metric.EYE_CONTACT),
        ("Keep your gaze up.", Metric.EYE_CONTACT),
        ("Your hands mark the main points.", Metric.BODY_LANGUAGE),
        ("Sit upright.", Metric.BODY_LANGUAGE),
        ("Your voice rises at the end.", Metric.VOICE_TONE),
        ("A monotone stretch follows.", Metric.VOICE_TONE),
        ("Slow down at the main points.", Metric.SPEECH_RATE),
        ("Replace each um by a pause.", Metric.SPEECH_RATE),
        ("Sentences trail off.", Metric.CONFIDENCE),
        ("The structure is clear.", Metric.CLARITY),
        ("You answered the question in full.", Metric.RELEVANCE),
    ],
)
def test_the_net_knows_each_metrics_words(sentence: str, metric: Metric) -> None:
    assert without_mentions(f"First. {sentence} Last.", frozenset({metric})) == "First. Last."
    others = frozenset(Metric) - {metric}
    assert without_mentions(sentence, frozenset()) == sentence
    assert "First." in without_mentions(f"First. {sentence}", others)
