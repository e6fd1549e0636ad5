"""Drops sentences that must not be shown, whatever the model was told.

Two kinds: remarks Greenroom never makes (emotion, personality, honesty, health, age, gender,
origin, accent, looks and hiring: the reasons are Discord's developer policy (16), the EU AI Act
(5(1)(f)) and plain fairness), and mentions of a metric that somebody has switched off.

This is a net under the prompt, for English, which the prompt asks for. It rather drops a harmless
sentence than lets one of these through, but ordinary coaching about voice, pace, camera and
structure survives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.models import Metric

_STRONG = (
    # emotion
    r"anxious\w*|anxiety|nervous\w*|nerves|scared|afraid|frightened|fearful|sad|sadness|angry|anger",
    r"annoyed|irritated|embarrass\w*|ashamed|shame|insecur\w*|depress\w*|joyful|cheerful|gloomy",
    r"emotion\w*|moods?|feelings?|stressed out|self[- ](?:esteem|doubt|confidence)",
    r"lack(?:s|ed|ing)?(?: of| in)? confidence",
    # personality
    r"personality|charisma\w*|introver\w*|extr[ao]ver\w*|arrogan\w*|narcissis\w*|neurotic\w*",
    r"lik(?:e)?able|likability|timid\w*|shy|shyness|lazy|laziness|charming",
    # honesty
    r"honest|honesty|dishonest\w*|deceptive\w*|decei\w*|insincer\w*|sincer\w*|(?:un)?truthful\w*",
    r"(?:un)?trustworth\w*|evasive\w*|liar|lied|lying (?:about|to)|(?:is|are|was|were) lying",
    r"(?:speak|spoke|answer|answered) honestly",
    # health
    r"autis\w*|asperger\w*|adhd|dyslexi\w*|stutter\w*|stammer\w*|lisp\w*|deaf\w*|disorders?",
    r"disabilit\w*|disabled (?:person|speaker|candidate)|illness\w*|mental health|medicat\w*",
    r"pregnan\w*",
    r"(?:your|his|her|their) health|impediment\w*|neurodiver\w*|neurotypical|wheelchair|overweight",
    r"obes\w*|unhealthy|unwell|tics",
    # age
    r"(?:your|his|her|their) age|age of (?:\d+|the speaker)|elderly|middle[- ]aged|youthful\w*",
    r"(?:young|old)(?:er|est)? (?:person|adult|people|guy|speaker|candidate|applicant)",
    r"teen\w*|\d+[- ]years?[- ]old|in (?:your|his|her|their) (?:early |mid |late )?"
    r"(?:twenties|thirties|forties|fifties|sixties|[2-6]0s)",
    # gender
    r"man|woman|men|women|male|female|lady|ladies|gentlem[ae]n|boys?|girls?|masculin\w*|feminin\w*",
    r"gender\w*|transgender|non[- ]?binary",
    # origin and religion
    r"ethnic\w*|racial\w*|(?:your|his|her|their) race|nationalit\w*|immigrant\w*|foreigners?",
    r"(?:asian|african|indian|chinese|hispanic|latin[oa]|caucasian|arab\w*|black|white) "
    r"(?:person|people|speaker|candidate|descent|origin|background|heritage)",
    r"non[- ]native|native (?:english )?speakers?|mother tongue|(?:first|second) language",
    r"caucasian|hispanic|relig\w*|muslim|jewish|hindu|hijab\w*|headscar\w*|turban\w*",
    # accent
    r"accent|accents|accented",
    # looks
    r"attractiveness|handsome|ugly|good[- ]looking|clothes|clothing|outfits?|attire|wear(?:s|ing)?",
    r"(?:your|his|her|their|physical|personal) appearance|wore|groomed|grooming|makeup|make-up",
    r"hairstyle|haircut|beard\w*|tattoo\w*|jewel\w*|eyeglasses|skin (?:tone|colou?r)",
    # hiring
    r"hire?able|employab\w*|shortlist\w*|(?:be|get|getting|being) hired",
    r"(?:should|would|recommend) (?:not )?hir(?:e|ing)|hire (?:you|this|the)",
    r"hiring (?:decision|recommendation|manager)s?",
    r"(?:strong|good|great|weak|poor|ideal|suitable|promising|excellent) (?:candidate|hire)",
    r"(?:cultur(?:e|al)|good|great|strong|poor|bad|perfect) fit|fit for (?:the|this|a) \w+",
    r"(?:un)?suitable for (?:the|this|a) (?:role|job|position|post)|qualified for",
    r"(?:get|got|land|landed|win|won|deserve|deserves) the (?:job|role|position|offer)|job offer",
    r"recommend(?:ed|ing)? (?:you|the (?:candidate|speaker|applicant))|next (?:hiring )?round",
)
"""Dropped wherever they stand."""

_STATES = (
    r"happy|unhappy|excited|calm|relaxed|comfortable|uncomfortable|tense|bored|confused|frustrated|"
    r"enthusiastic|passionate|stressed|worried|surprised|proud|upset|glad|disappointed|uneasy|"
    r"tired|exhausted|sick|ill|healthy|blind|young|old|older|younger|mature|immature|"
    r"smart|intelligent|clever|friendly|warm|cold|kind|authentic|genuine|credible|humble|"
    r"attractive|beautiful|pretty|foreign|indian|chinese|asian|african|american|european|british"
)
"""Dropped when they are said of the person: "you seem tense", but not "the past tense"."""

_PERSON = r"(?:you|he|she|they|the (?:speaker|candidate|person|applicant|interviewee))"
_OFTEN = (
    r"(?:also|often|sometimes|clearly|visibly|still|always|may|might|could|can|have|had|do|did)"
)
_LINK = (
    r"(?:look|looks|looked|seem|seems|seemed|sound|sounds|sounded|appear|appears|appeared|feel|"
    r"feels|felt|are|were|is|was|be|been|became|become|(?:comes?|came|coming) across)"
)
_DEGREE = (
    r"(?:a|an|as|like|bit|little|very|quite|somewhat|rather|more|most|too|so|slightly|really|visibly|"
    r"not|to|be|and|or|less|pretty|\w+ly)"
)
_OF_A_PERSON = (
    rf"{_PERSON}(?:\s+{_OFTEN}){{0,2}}\s+{_LINK}(?:\s+{_DEGREE}){{0,4}}\s+(?:{_STATES})(?!\s+\w+ly\b)"
    rf"|(?:(?:seem|appear|sound)(?:s|ed|ing)?|(?:comes?|came|coming) across)(?:\s+{_DEGREE}){{0,4}}"
    rf"\s+(?:{_STATES})"
    r"|(?:your|his|her|their) (?:enthusiasm|passion|excitement|happiness|frustration|intelligence|"
    r"sincerity|character|temperament|nationality|looks|suit|dress|glasses|hair (?:is|was|looks))"
)

_FORBIDDEN = re.compile(rf"\b(?:{'|'.join(_STRONG)}|{_OF_A_PERSON})\b", re.IGNORECASE)
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
    return _FORBIDDEN.search(text) is not None


def without_forbidden(text: str) -> str:
    """Return text without the sentences that hold such a remark; maybe nothing is left."""
    return " ".join(part for part in _SENTENCE_END.split(text) if not forbidden(part)).strip()


def without_mentions(text: str, off: frozenset[Metric]) -> str:
    """Return text without the sentences about a metric that is `off`; maybe nothing is left."""
    if not off:
        return text
    return " ".join(
        sentence
        for sentence in _SENTENCE_END.split(text)
        if not any(_MENTIONS[metric].search(sentence) for metric in off)
    ).strip()
