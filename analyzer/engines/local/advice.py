"""Names one strength and one next step among what was measured, each with its moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.engines.local.picture.findings import HeadDirection
from analyzer.scoring import bands
from analyzer.scoring.stretches import Contour, longest_without, melodies, nearest_pace
from analyzer.scoring.wording import pace_text, percent
from core.assessment import Delivery, Metric, Word

ARRIVED = "Your clip arrived whole and could be opened."

_STRENGTH_FROM, _FINE_FROM = 8.0, 9.0
_ONE_NOTE = 2.0  # semitones; the least lively speakers of Hincks 2005 had about 1.8


@dataclass(frozen=True, slots=True)
class Advice:
    """What stands out, in words for the member. `None`: no moment shows it more than others."""

    strength: str
    next_step: str
    strength_at: float | None = None
    next_step_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    """One measured thing: its practice band's score, and what to say if it stands out."""

    metric: Metric  # the one it belongs to
    score: float
    strength: str
    next_step: str
    strength_at: float | None = None
    next_step_at: float | None = None


def advise(
    delivery: Delivery,
    words: Sequence[Word],
    contour: Contour,
    head: HeadDirection | None,
    off: frozenset[Metric],
    *,
    scores_pace: bool = True,
) -> Advice:
    """Name the best and the weakest measured thing that is not `off`; nothing about content."""
    if not bands.enough_speech(delivery):
        return Advice(
            f"You spoke up: {delivery.words} {'word was' if delivery.words == 1 else 'words were'}"
            " heard.",
            f"Answer with at least {bands.MIN_WORDS} words and {bands.MIN_SPEECH_SECONDS:.0f}"
            " seconds of speech, so that there is enough to measure.",
            strength_at=words[0].start if words else None,
        )
    found = [
        *(_pace_finding(delivery, words) if scores_pace else ()),
        *_voice_finding(delivery, words, contour),
        *_pause_finding(delivery, words),
        *_filler_finding(delivery, words),
        *_head_finding(head),
    ]
    findings = [finding for finding in found if finding.metric not in off]
    kept_going = f"You kept an answer going for {delivery.span_seconds:.0f} seconds."
    return _chosen(findings, head, kept_going, off)


def advise_unheard(
    next_step: str, head: HeadDirection | None, off: frozenset[Metric] = frozenset()
) -> Advice:
    """The strength that the picture shows where nothing could be heard; what to do is given."""
    findings = [] if Metric.EYE_CONTACT in off else list(_head_finding(head))
    chosen = _chosen(findings, None, ARRIVED, off)
    return Advice(chosen.strength, next_step, strength_at=chosen.strength_at)


def _chosen(
    findings: Sequence[_Finding],
    head: HeadDirection | None,
    fallback: str,
    off: frozenset[Metric],
) -> Advice:
    strength, strength_at = fallback, None
    next_step = "Nothing measured in your delivery stands out: next, work on what you say."
    next_step_at = None
    if head and head.picture and head.picture.advice and Metric.EYE_CONTACT not in off:
        next_step = head.picture.advice[0]
    if findings:
        best = max(findings, key=lambda finding: finding.score)
        weakest = min(findings, key=lambda finding: finding.score)
        if best.score >= _STRENGTH_FROM:
            strength, strength_at = best.strength, best.strength_at
        if weakest.score < _FINE_FROM:
            next_step, next_step_at = weakest.next_step, weakest.next_step_at
    return Advice(strength, next_step, strength_at, next_step_at)


def _pace_finding(delivery: Delivery, words: Sequence[Word]) -> Iterator[_Finding]:
    pace = delivery.words_per_minute
    if pace is None:
        return
    low, high = bands.COMFORTABLE_PACE
    slow = pace < low
    how, was = ("Speak a little faster", "slow") if slow else ("Slow down a little", "fast")
    shows = delivery.slowest if slow else delivery.fastest
    good = nearest_pace(words, (low + high) / 2)
    yield _Finding(
        Metric.SPEECH_RATE,
        bands.pace_score(pace),
        f"Your pace was easy to follow ({pace:.0f} words per minute).",
        f"{how}: your pace was {was} ({pace:.0f} words per minute; {low}-{high} is comfortable).",
        strength_at=good.start if good else None,
        next_step_at=shows.start if shows else _longest_pause(delivery) if slow else None,
    )


def _voice_finding(
    delivery: Delivery, words: Sequence[Word], contour: Contour
) -> Iterator[_Finding]:
    semitones = delivery.pitch_variation_semitones
    if semitones is None or semitones > bands.MAX_PLAUSIBLE_SEMITONES:
        return
    liveliest = max(melodies(words, contour), key=lambda one: one.value, default=None)
    flattest = delivery.flattest
    low = semitones < bands.LIVELY_PITCH[0]
    shows = flattest if low else liveliest
    what_to_do = "Keep your voice a little steadier"
    if low:
        what_to_do = "Stress the one word that matters in each sentence"
    yield _Finding(
        Metric.VOICE_TONE,
        bands.pitch_score(semitones),
        f"Your voice was lively ({semitones:.1f} semitones).",
        f"{what_to_do}: {_voice_said(semitones)} ({semitones:.1f} semitones).",
        strength_at=liveliest.start if liveliest else None,
        next_step_at=shows.start if shows else None,
    )


def voice_words(semitones: float) -> str:
    """How much a voice moved, in plain words with the figure behind them."""
    low, high = bands.LIVELY_PITCH
    said = _voice_said(semitones)
    return f"{said[0].upper()}{said[1:]} ({semitones:.1f} semitones; {low}-{high} sounds lively)."


def _voice_said(semitones: float) -> str:
    low, high = bands.LIVELY_PITCH
    if semitones < _ONE_NOTE:
        return "your voice stayed on nearly one note"
    if semitones < low:
        return "your voice moved little"
    return "your voice moved a lot" if semitones <= high else "your voice jumped up and down"


def pace_words(delivery: Delivery, words_per_minute: float) -> str:
    """How fast somebody spoke, in plain words with the figure behind them."""
    low, high = bands.COMFORTABLE_PACE
    if words_per_minute < low:
        said = "You spoke slowly"
    elif words_per_minute <= high:
        said = "You spoke at a comfortable pace"
    elif bands.rounded(bands.pace_score(words_per_minute)) == 10:
        said = "You spoke a little faster than most"  # too little to cost a point
    else:
        said = "You spoke fast"
    return f"{said} ({pace_text(delivery)}; {low}-{high} is comfortable)."


def _pause_finding(delivery: Delivery, words: Sequence[Word]) -> Iterator[_Finding]:
    if delivery.longest_pause_seconds is None or delivery.span_seconds == 0:
        return
    count, longest = len(delivery.pauses), delivery.longest_pause_seconds
    score = min(
        bands.pauses_score(count / delivery.span_seconds * 60), bands.longest_pause_score(longest)
    )
    ends = [pause.start + pause.seconds for pause in delivery.pauses]
    fluent_from = _longest_run(words, ends)
    if not count:
        went_on = "You kept going (no pause was longer than a second)."
        yield _Finding(Metric.SPEECH_RATE, score, went_on, "", strength_at=fluent_from)
        return
    many = "one pause was" if count == 1 else f"{count} pauses were"
    yield _Finding(
        Metric.SPEECH_RATE,
        score,
        f"You paused little (the longest pause was {longest:.1f} seconds).",
        f"Pause for less long ({many} over a second, the longest {longest:.1f} seconds): note three"
        " keywords before you start, and go to the next one instead of searching.",
        strength_at=fluent_from,
        next_step_at=_longest_pause(delivery),
    )


def _filler_finding(delivery: Delivery, words: Sequence[Word]) -> Iterator[_Finding]:
    if not delivery.fillers_counted or delivery.span_seconds == 0:
        return
    count = len(delivery.fillers)
    score = bands.fillers_score(count / delivery.span_seconds * 60)
    times = [filler.at_seconds for filler in delivery.fillers]
    free_from = _longest_run(words, times)
    if not count:
        none = 'No fillers such as "um" were heard.'
        yield _Finding(Metric.SPEECH_RATE, score, none, "", strength_at=free_from)
        return
    many = "one was" if count == 1 else f"at least {count} were"
    yield _Finding(
        Metric.SPEECH_RATE,
        score,
        f"You used few fillers ({count} {'was' if count == 1 else 'were'} heard).",
        f'Leave a short silence instead of fillers such as "{delivery.fillers[0].text}" ({many}'
        " heard).",
        strength_at=free_from,
        next_step_at=times[0],
    )


def _head_finding(head: HeadDirection | None) -> Iterator[_Finding]:
    if head is None or head.picture is None or head.picture.toward_share is None:
        return
    share = f"{percent(head.picture.toward_share)} of the pictures"
    yield _Finding(
        Metric.EYE_CONTACT,
        bands.head_score(head.picture.toward_share),
        f"You kept your head toward the camera ({share}).",
        f"Keep your head toward the camera for longer (it was in {share}): put your notes and the"
        " question close to it.",
        strength_at=head.steadiest_at,
        next_step_at=head.score.at_seconds,
    )


def _longest_pause(delivery: Delivery) -> float | None:
    longest = max(delivery.pauses, key=lambda pause: pause.seconds, default=None)
    return longest.start if longest else None


def _longest_run(words: Sequence[Word], events: Sequence[float]) -> float | None:
    if not words:
        return None
    return longest_without(events, words[0].start, max(word.end for word in words))
