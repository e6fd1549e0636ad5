"""Sentences about a result that Discord and the studio's page say in the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from analyzer.scoring.bands import LIVELY_PITCH
from analyzer.scoring.rubric import METRIC_NAMES, NOT_ASSESSED_LOCALLY, PICTURE
from core.assessment import Assessment, Delivery, EngineName, Metric, Score

DISCLAIMER = "AI estimate for practice. Not a hiring assessment."

MADE_BY = {
    EngineName.TWELVELABS: "Estimated by a TwelveLabs video model from picture and sound.",
    EngineName.LOCAL: (
        "Measured on this server. No judge has read the answer: what was heard is shown, "
        "not how good it is."
    ),
}

_FILLER_KINDS = 4

ONE_NOTE_SEMITONES = 2.0
"""Below this a voice earns less than half of the points for its tone (`bands`)."""


def not_looked_at(assessment: Assessment) -> str:
    """One line about the metrics that the engine in use does not look at: why, and what would.

    "" where it looks at all of them, or where what it leaves out is switched off.
    """
    left_out = [
        metric for metric in Metric if assessment.scores[metric].reason == NOT_ASSESSED_LOCALLY
    ]
    needs = [
        f"{_listed(names)} {'needs' if len(names) == 1 else 'need'} {what}"
        for names, what in (
            ([m for m in left_out if m not in PICTURE], "a judge or TwelveLabs"),
            ([m for m in left_out if m in PICTURE], "a video model (TwelveLabs)"),
        )
        if names
    ]
    return f"This server measures on its own machine: {', and '.join(needs)}." if needs else ""


def _listed(metrics: Sequence[Metric]) -> str:
    names = [METRIC_NAMES[metric].lower() for metric in metrics]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def made_by(found: Assessment) -> str:
    """Who made a result, and from what. The judge's model is named as the operator wrote it."""
    if found.judge is None:
        return MADE_BY[found.engine]
    if found.engine is EngineName.LOCAL:
        return f"Measured on this server. Judged by {found.judge} from the transcript."
    return f"{MADE_BY[found.engine]} Completed by {found.judge} from the transcript."


def moment(seconds: float) -> str:
    """A place in a clip, as m:ss; minutes run past 59."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02}"


def range_text(score: Score) -> str:
    """By how much repeats of a score differ, in words; "" where it is steady, or nobody knows."""
    return f"give or take {score.give_or_take}" if score.give_or_take else ""


def percent(share: float) -> str:
    """A share for people, rounded down: "100%" means all of it."""
    return f"{whole_percent(share)}%"


def whole_percent(share: float) -> int:
    """A share from 0 to 1 in whole hundredths, rounded down."""
    return int(share * 100 + 1e-9)


def seconds_text(seconds: float) -> str:
    """A length of time for people: "1.4 s", from a minute on "2 min 5 s"."""
    tenths = round(max(0.0, seconds), 1)
    if tenths < 60:
        return f"{tenths:g} s"
    minutes, rest = divmod(round(tenths), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def pace_text(delivery: Delivery | None) -> str:
    """The pace in words, "" when it was not measured."""
    if delivery is None or delivery.words_per_minute is None:
        return ""
    error = delivery.words_per_minute_error
    give_or_take = "" if error is None else f", ±{max(1, round(error))}"
    return f"{delivery.words_per_minute:.0f} words per minute{give_or_take}"


def delivery_lines(delivery: Delivery | None, clean: Callable[[str], str] = str) -> Iterator[str]:
    """What was measured, a line each, and nothing about what was not.

    `clean` makes what was heard safe for where it is shown.
    """
    if delivery is None:
        return
    if delivery.words == 0:
        yield "No words were heard, so there was nothing to measure."
        return
    if pace := pace_text(delivery):
        yield pace
    if pauses := _pauses(delivery):
        yield pauses
    if delivery.fillers_counted:
        yield _fillers(delivery, clean)
    elif delivery.longest_pause_seconds is not None:  # else the whole metric is switched off
        yield "Fillers not counted"
    if delivery.talk_ratio is not None:
        yield f"Speaking {delivery.talk_ratio:.0%} of the time, from first word to last"
    if delivery.pitch_variation_semitones is not None:
        yield _voice(delivery.pitch_variation_semitones)


def _voice(semitones: float) -> str:
    """How much the pitch varied: plain words by the bands of its score, the figure behind them."""
    least, most = LIVELY_PITCH
    if semitones < ONE_NOTE_SEMITONES:
        words = "Your voice stayed on nearly one note"
    elif semitones < least:
        words = "Your voice moved a little"
    elif semitones <= most:
        words = "Your voice moved as it does with lively speakers"
    else:
        words = "Your voice moved a great deal"
    return f"{words} (pitch variation {semitones:.1f} semitones)"


def _pauses(delivery: Delivery) -> str:
    if delivery.pauses:
        longest = max(delivery.pauses, key=lambda pause: pause.seconds)
        length = f"{seconds_text(longest.seconds)} at {moment(longest.start)}"
        if len(delivery.pauses) == 1:
            return f"1 pause over 1 s: {length}"
        return f"{len(delivery.pauses)} pauses over 1 s, the longest {length}"
    if delivery.longest_pause_seconds is None:
        return ""
    return f"No pause over 1 s, the longest {seconds_text(delivery.longest_pause_seconds)}"


def _fillers(delivery: Delivery, clean: Callable[[str], str]) -> str:
    count = len(delivery.fillers)
    if count == 0:
        return "No fillers noticed"
    kinds = Counter(clean(filler.text.casefold()) for filler in delivery.fillers)
    shown = [f"{kind} {times}×" for kind, times in kinds.most_common(_FILLER_KINDS) if kind]
    examples = f" ({', '.join(shown)})" if shown else ""
    return f"At least {count} {'filler' if count == 1 else 'fillers'}{examples}"
