"""Turns what was measured into practice scores by published findings; never judges content.

The points named in a source are the source's. The exact knots between them are Greenroom's own, so
these are practice bands: they say "no problem found in this measure", not "a great interview".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from core.assessment import Delivery

Knots = Sequence[tuple[float, float]]

MIN_WORDS = 20
MIN_SPEECH_SECONDS = 8.0
"""With less speech than this a rate is an accident of one sentence. Greenroom's own limits."""

MAX_PLAUSIBLE_SEMITONES = 8.0
"""Twice what lively speakers reach (Hincks 2005): beyond it the tracker, not the voice, jumped."""

PACE_ERROR = 0.06
"""The share within which 95 % of the local engine's words per minute are right on clean speech.

Measured by `python -m benchmarks.truth` on 72 clips of known pace (docs/truth.md): 5.8 %.
"""

MIN_PICTURES = 20
MIN_FACE_SHARE = 0.8
"""With fewer pictures, or a face in fewer of them, a share says little. Greenroom's own limits."""

COMFORTABLE_PACE = (140, 165)
LIVELY_PITCH = (3.5, 5.5)

_PACE: Knots = (
    (60, 1),
    (90, 4),
    (110, 7),
    (130, 9),
    (140, 10),
    (165, 10),
    (180, 8),
    (200, 6),
    (260, 1),
)
_PITCH: Knots = ((0.5, 1), (1.5, 3), (2, 5), (2.5, 7), (3, 9), (3.5, 10), (5.5, 10), (8, 8))
_PAUSES: Knots = ((0, 10), (2, 8), (4, 5), (8, 1))
_LONGEST_PAUSE: Knots = ((1.2, 10), (2, 8), (5, 2), (8, 1))
_FILLERS: Knots = ((2, 10), (5, 8), (12, 2), (20, 1))
_HEAD: Knots = ((0.1, 1), (0.3, 3), (0.7, 7), (0.95, 10))


def pace_score(words_per_minute: float) -> float:
    """Score the pace, 1-10, from words per minute over first to last word.

    Conversational English runs at about 110-150 words per minute and well-liked talks at 154-201;
    fewer words per minute read as anxious in interviews (Feiler & Powell 2016, J Bus Psych 31:155),
    while understanding holds well above 150 (Peelle et al. 2004). So slow costs more than fast.
    """
    return _on(_PACE, words_per_minute)


def pitch_score(semitones: float) -> float:
    """Score the pitch variation, 1-10, from its standard deviation in semitones.

    Perceived liveliness goes with the spread of pitch (Hincks 2005, r = .83; the speakers there
    spread about 1.8-3.8 semitones); in semitones it is about equal for women and men
    (Traunmueller & Eriksson 1995). A wide spread is no fault in these sources, so the top falls
    off slowly.
    """
    return _on(_PITCH, semitones)


def pauses_score(per_minute: float) -> float:
    """Score the number of pauses over one second per minute, 1-10.

    A few long pauses are normal in spontaneous speech (Campione & Veronis 2002); many of them
    predict low fluency ratings (Bosker et al. 2013, Language Testing 30:159).
    """
    return _on(_PAUSES, per_minute)


def longest_pause_score(seconds: float) -> float:
    """Score the longest pause, 1-10, from its seconds.

    About 0.6 s is rated most natural (Liu et al. 2022, Front Psych 778018).
    """
    return _on(_LONGEST_PAUSE, seconds)


def fillers_score(per_minute: float) -> float:
    """Score fillers such as "um" per minute, 1-10.

    Up to 5 a minute did no harm to speakers' ratings, 12 did (Laske & DiGennaro Reed 2024, JABA).
    """
    return _on(_FILLERS, per_minute)


def head_score(toward_share: float) -> float:
    """Score the share of pictures with the head toward the camera, 1-10.

    Looking off the camera lowers the ratings of recorded interviews (Basch & Melchers 2024; Shinya
    et al. 2024, Scientific Reports, 60371). They name no share: the whole curve is Greenroom's own,
    and so is that looks away in a twentieth of the pictures cost nothing.
    """
    return _on(_HEAD, toward_share)


def rounded(score: float) -> int:
    """Round a band's score to the whole 1-10 that is shown; halves go up."""
    return min(10, max(1, int(score + 0.5)))


def enough_speech(delivery: Delivery) -> bool:
    """Whether there is enough speech to score pace or pitch at all."""
    speech_seconds = delivery.span_seconds * (delivery.talk_ratio or 0.0)
    return delivery.words >= MIN_WORDS and speech_seconds >= MIN_SPEECH_SECONDS


def _on(knots: Knots, value: float) -> float:
    """Interpolate linearly between knots; beyond the outer ones their score holds."""
    right = bisect_right([x for x, _ in knots], value)
    if right == 0:
        return knots[0][1]
    if right == len(knots):
        return knots[-1][1]
    (x0, y0), (x1, y1) = knots[right - 1], knots[right]
    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
