"""Drops sentences about a metric that is switched off, whatever the model was told.

A net under the prompt, for English. It rather drops a harmless sentence than lets through a remark
that somebody has asked not to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from analyzer.scoring.guardrails import SENTENCE_END
from core.models import Metric

_WORDS: Mapping[Metric, str] = {
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
    metric: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for metric, words in _WORDS.items()
}


def without_mentions(text: str, off: frozenset[Metric]) -> str:
    """Return text without the sentences about a metric that is `off`; maybe nothing is left."""
    if not off:
        return text
    sentences = SENTENCE_END.split(text)
    return " ".join(
        sentence
        for sentence in sentences
        if not any(_MENTIONS[metric].search(sentence) for metric in off)
    ).strip()
