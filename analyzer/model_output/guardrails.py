"""Drops sentences that must not be shown, whatever the model was told.

Two kinds: remarks Greenroom never makes (emotion, personality, honesty, health, age, gender,
origin, accent, looks and hiring: the reasons are Discord's developer policy (16), the EU AI Act
(5(1)(f)) and plain fairness), and mentions of a metric that somebody has switched off.

This is a net under the prompt, for English, which the prompt asks for. Coaching about voice, pace,
camera and structure survives, and so does what the answer was about: `remarks` tells a remark about
the speaker from an angry customer in the speaker's story.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.model_output.remarks import is_remark
from core.assessment import Metric

LANGUAGES = frozenset({"en"})
"""What the guardrails can read (ISO 639-1): a text in another language passes unread."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

_METRIC_WORDS: Mapping[Metric, str] = {
    Metric.CONFIDENCE: (
        r"(?:self-)?confiden\w*|assured\w*|assurance|trail(?:s|ed|ing)? off|hesita\w*|falter\w*"
        r"|apologi[sz]\w*|restart\w*|start(?:s|ed|ing)? over|steady volume"
    ),
    Metric.CLARITY: (
        r"clarity|clear(?:er|ly)?|unclear|structur\w*|(?:well|un|dis)[- ]?organi[sz]ed|rambl\w*"
        r"|hard to follow|easy to follow|order of"
    ),
    Metric.SPEECH_RATE: (
        r"pac(?:e|es|ed|ing)|speech rate|speaking rate|tempo|words (?:per|a) minute|wpm"
        r"|speed\w*|fast(?:er)?|slow(?:er|ly|ed)?|rush\w*|hurr(?:y|ied|ies)|quick(?:ly|er)?"
        r"|paus\w*|silences?|fillers?|filler words?|um+s?|uh+s?"
    ),
    Metric.EYE_CONTACT: (
        r"eyes?|eye[- ]contact|gaz(?:e|es|ed|ing)|glanc\w*|camera|lens|webcam"
        r"|look(?:s|ed|ing)? (?:away|down|up|off|aside|toward|towards|at|into|directly|straight)"
    ),
    Metric.BODY_LANGUAGE: (
        r"body|gestur\w*|postur\w*|hands?|arms?|shoulders?|upright|slouch\w*|fidget\w*|lean\w*"
        r"|sway\w*|nod(?:s|ded|ding)?|sit(?:s|ting)?|movements?|upper body"
    ),
    Metric.VOICE_TONE: (
        r"voices?|vocal\w*|ton(?:e|es|al)|pitch\w*|intonation|monoton\w*|inflections?|loud\w*"
        r"|volume|melody"
    ),
    Metric.RELEVANCE: (
        r"relevan\w*|irrelevan\w*|off[- ]topic|on topic|(?:answer\w*|address\w*) the question"
    ),
}
_MENTIONS = {
    metric: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for metric, words in _METRIC_WORDS.items()
}
"""What a sentence about a metric has in it."""


def forbidden(text: str) -> bool:
    """Whether text holds a remark Greenroom never makes."""
    return any(is_remark(sentence) for sentence in _SENTENCE_END.split(text))


def without_forbidden(text: str) -> str:
    """Return text without the sentences that hold such a remark; maybe nothing is left."""
    return " ".join(part for part in _SENTENCE_END.split(text) if not is_remark(part)).strip()


def without_mentions(text: str, off: frozenset[Metric]) -> str:
    """Return text without the sentences about a metric that is `off`; maybe nothing is left."""
    if not off:
        return text
    return " ".join(
        sentence
        for sentence in _SENTENCE_END.split(text)
        if not any(_MENTIONS[metric].search(sentence) for metric in off)
    ).strip()
