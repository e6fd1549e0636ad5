"""The tables, in Markdown: for each sound a line, with the count behind each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from benchmarks.truth.clips import OTHER_LANGUAGES, SPEEDS
from benchmarks.truth.compare import match_pauses, matched_fillers, word_errors
from benchmarks.truth.conditions import CLEAN
from benchmarks.truth.hearing import Outcome
from benchmarks.truth.intervals import Estimate, mean, ratio, share

Outcomes = Sequence[Outcome]
Lines = Sequence[tuple[str, Outcomes]]
"""A label for each line, and the outcomes it is about."""

NONE = "-"
_PACE, _VOICE = "speech_rate", "voice_tone"


def everything(outcomes: Outcomes) -> Iterator[str]:
    """All tables, one line after the other."""
    english = [one for one in outcomes if one.clip.plan.group != OTHER_LANGUAGES]
    groups = list(dict.fromkeys(one.clip.plan.group for one in english))
    lines = [(group, [one for one in english if one.clip.plan.group == group]) for group in groups]
    for title, columns, figures in _MEASURES:
        yield from _table(title, ("Sound", *columns), ((n, *figures(some)) for n, some in lines))
    clean = [one for one in english if one.clip.plan.group == CLEAN]
    if clean:
        yield from _table(
            "Clean speech, by voice and by speed", ("Clean speech", *_SHORT), _by_kind(clean)
        )
    other = [one for one in outcomes if one.clip.plan.group == OTHER_LANGUAGES]
    if other:
        yield from _table("Other languages", _LANGUAGE_COLUMNS, _languages(other))
    yield from _table("Goals", ("Goal", "Measured", "Met"), goals(clean, other))


def goals(clean: Outcomes, other: Outcomes) -> Iterator[tuple[str, str, str]]:
    """The goals on clean speech, what was measured, and whether they are met."""
    errors = [abs(error) for one in clean for error in _pace_errors([one])]
    found = [match_pauses(one.clip.truth.pauses, one.pauses) for one in clean]
    missed = sum(len(match.missed) for match in found)
    lengths = [abs(error) for match in found for error in match.length_errors]
    pitch = [abs(error) for error in _pitch_errors(clean)]
    precision, recall = _filler_shares(clean)
    scored = share(sum(bool(one.scores) for one in other), len(other))
    yield "pace within 3 %, on average", *_goal(mean(errors), "%", 1, lambda e: e.value <= 3)
    yield (
        "pauses within 0.15 s, on average",
        *_goal(mean(lengths), " s", 2, lambda e: e.value <= 0.15),
    )
    every = len(lengths) + missed
    yield "no pause missed", f"{missed} of {every}", _yes(not missed) if every else NONE
    yield (
        "pitch within 0.1 st of Praat's, on average",
        *_goal(mean(pitch), " st", 2, lambda e: e.value <= 0.1),
    )
    yield "fillers: precision .95", *_goal(precision, "", 2, lambda e: e.value >= 0.95)
    yield "fillers: recall .70", *_goal(recall, "", 2, lambda e: e.value >= 0.70)
    yield "no score for another language", *_goal(scored, "", 2, lambda e: e.value == 0)


def _pace(some: Outcomes) -> tuple[str, ...]:
    errors = _pace_errors(some)
    given = [one for one in some if one.words_per_minute is not None]
    quoted = [one for one in given if one.words_per_minute_error is not None]
    inside = sum(
        abs((one.words_per_minute or 0) - one.clip.truth.words_per_minute)
        <= (one.words_per_minute_error or 0)
        for one in quoted
    )
    return (
        f"{len(given)} of {len(some)}",
        _shown(mean([abs(error) for error in errors]), 1, " %"),
        f"{np.mean(errors):+.1f} %" if errors else NONE,
        f"{np.percentile(np.abs(errors), 95):.1f} %" if errors else NONE,
        f"{max(map(abs, errors)):.0f} %" if errors else NONE,
        f"{sum(abs(error) <= 3 for error in errors)} of {len(errors)}",
        f"{inside} of {len(quoted)}" if quoted else NONE,
    )


def _pauses(some: Outcomes) -> tuple[str, ...]:
    matches = [match_pauses(one.clip.truth.pauses, one.pauses) for one in some]
    count = sum(len(one.clip.truth.pauses) for one in some)
    found = sum(len(match.place_errors) for match in matches)
    places = [abs(error) for match in matches for error in match.place_errors]
    lengths = [abs(error) for match in matches for error in match.length_errors]
    return (
        str(count),
        _shown(share(found, count), 2),
        str(sum(len(match.extra) for match in matches)),
        _shown(mean(places), 2, " s"),
        _shown(mean(lengths), 2, " s"),
        f"{sum(error <= 0.15 for error in lengths)} of {len(lengths)}",
    )


def _fillers(some: Outcomes) -> tuple[str, ...]:
    counted = [one for one in some if one.fillers_counted]
    precision, recall = _filler_shares(some)
    without = [one for one in counted if not one.clip.truth.fillers]
    minutes = sum(one.clip.seconds for one in without) / 60
    invented = sum(len(one.fillers) for one in without)
    return (
        f"{len(counted)} of {len(some)}",
        str(sum(len(one.clip.truth.fillers) for one in counted)),
        str(sum(len(one.fillers) for one in counted)),
        _shown(precision, 2),
        _shown(recall, 2),
        f"{invented} in {minutes:.1f} min",
    )


def _pitch(some: Outcomes) -> tuple[str, ...]:
    errors = _pitch_errors(some)
    return (
        f"{sum(one.semitones is not None for one in some)} of {len(some)}",
        _shown(mean([abs(error) for error in errors]), 2, " st"),
        f"{np.mean(errors):+.2f} st" if errors else NONE,
        f"{max(map(abs, errors)):.2f} st" if errors else NONE,
        f"{sum(abs(error) <= 0.1 for error in errors)} of {len(errors)}",
    )


def _words(some: Outcomes) -> tuple[str, ...]:
    # what was refused shows no transcript, and is no measure of the recogniser
    heard = [one for one in some if one.text]
    errors = [word_errors(one.clip.truth.text, one.text) for one in heard]
    return (
        f"{len(heard)} of {len(some)}",
        str(sum(count for _, count in errors)),
        _shown(ratio(errors), 3),
    )


def _refusals(some: Outcomes) -> tuple[str, ...]:
    """English speech that got no score, though there was enough of it."""
    no_pace = [one for one in some if _PACE not in one.scores]
    no_voice = [one for one in some if _VOICE not in one.scores]
    neither = [one for one in no_pace if _VOICE not in one.scores]
    return (
        str(len(some)),
        _shown(share(len(neither), len(some)), 2),
        str(len(no_pace)),
        str(len(no_voice)),
        _commonest(one.reasons[_PACE] for one in no_pace),
    )


_MEASURES: Sequence[tuple[str, Sequence[str], Callable[[Outcomes], tuple[str, ...]]]] = (
    (
        "Words per minute",
        ("given", "error", "bias", "95 % within", "worst", "within 3 %", "within what it quotes"),
        _pace,
    ),
    (
        "Pauses over a second",
        ("made", "found", "invented", "place", "length", "within 0.15 s"),
        _pauses,
    ),
    (
        "Fillers",
        ("counted in", "made", "reported", "precision", "recall", "invented where none was"),
        _fillers,
    ),
    (
        "Pitch variation, against Praat",
        ("given", "difference", "bias", "worst", "within 0.1 st"),
        _pitch,
    ),
    ("Words", ("transcript in", "words", "word error rate"), _words),
    (
        "English that was refused",
        ("clips", "refused", "no pace", "no voice", "commonest reason for no pace"),
        _refusals,
    ),
)
_SHORT = ("clips", "pace error", "pauses found", "precision", "recall", "pitch", "word errors")
_LANGUAGE_COLUMNS = ("Language", "clips", "any score", "a pace shown", "said about the pace")


def _by_kind(clean: Outcomes) -> Iterator[tuple[str, ...]]:
    voices = list(dict.fromkeys(one.clip.plan.voice for one in clean if one.clip.plan.voice))
    families = list(dict.fromkeys(voice.family for voice in voices))
    for family in families:
        some = [
            one for one in clean if one.clip.plan.voice and one.clip.plan.voice.family == family
        ]
        yield family, *_short(some)
    for speed in SPEEDS:
        some = [one for one in clean if one.clip.plan.speed == speed]
        if some:
            rates = [one.clip.truth.words_per_minute for one in some]
            yield f"speed {speed}: {min(rates):.0f} to {max(rates):.0f} a minute", *_short(some)
    for label, wanted in (("with many numbers", True), ("without", False)):
        some = [one for one in clean if one.clip.plan.numbers is wanted]
        if some:
            yield label, *_short(some)


def _short(some: Outcomes) -> tuple[str, ...]:
    precision, recall = _filler_shares(some)
    return (
        str(len(some)),
        _shown(mean([abs(error) for error in _pace_errors(some)]), 1, " %"),
        _pauses(some)[1],
        _shown(precision, 2),
        _shown(recall, 2),
        _shown(mean([abs(error) for error in _pitch_errors(some)]), 2, " st"),
        _words(some)[2],
    )


def _languages(other: Outcomes) -> Iterator[tuple[str, ...]]:
    languages = list(dict.fromkeys(one.clip.plan.language for one in other))
    for language in [*languages, ""]:
        some = [one for one in other if language in ("", one.clip.plan.language)]
        yield (
            language or "all",
            str(len(some)),
            _shown(share(sum(bool(one.scores) for one in some), len(some)), 2),
            str(sum(one.words_per_minute is not None for one in some)),
            _commonest(one.reasons[_PACE] for one in some if _PACE not in one.scores),
        )


def _pace_errors(some: Outcomes) -> list[float]:
    """In percent of the truth."""
    return [
        (one.words_per_minute / one.clip.truth.words_per_minute - 1) * 100
        for one in some
        if one.words_per_minute is not None
    ]


def _pitch_errors(some: Outcomes) -> list[float]:
    return [
        one.semitones - one.praat_semitones
        for one in some
        if one.semitones is not None and one.praat_semitones is not None
    ]


def _filler_shares(some: Outcomes) -> tuple[Estimate | None, Estimate | None]:
    """Precision and recall, over the clips where fillers were counted."""
    counted = [one for one in some if one.fillers_counted]
    hits = sum(matched_fillers(one.clip.truth.fillers, one.fillers) for one in counted)
    return (
        share(hits, sum(len(one.fillers) for one in counted)),
        share(hits, sum(len(one.clip.truth.fillers) for one in counted)),
    )


def _goal(
    estimate: Estimate | None, unit: str, digits: int, met: Callable[[Estimate], bool]
) -> tuple[str, str]:
    return _shown(estimate, digits, unit), NONE if estimate is None else _yes(met(estimate))


def _yes(met: bool) -> str:
    return "yes" if met else "no"


def _shown(estimate: Estimate | None, digits: int, unit: str = "") -> str:
    return NONE if estimate is None else estimate.shown(digits, unit)


def _commonest(reasons: Iterable[str]) -> str:
    listed = list(reasons)
    return max(listed, key=listed.count) if listed else NONE


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    cells = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    yield f"### {title}"
    yield ""
    for number, row in enumerate(cells):
        yield "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        if not number:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    yield ""
