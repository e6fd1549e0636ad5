"""Writes the local engine's assessment: from measured delivery to scores and advice, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from analyzer.scoring import bands
from analyzer.scoring.delivery import measure, sentences, without
from analyzer.scoring.rubric import NO_AUDIO, NOT_ASSESSED_LOCALLY, RUBRIC_VERSION, SWITCHED_OFF
from core.models import Assessment, Delivery, EngineName, Metric, Model, Score, Word

NO_SPEECH = "not assessed: no speech was heard"
LITTLE_SPEECH = (
    f"not assessed: fewer than {bands.MIN_WORDS} words"
    f" or {bands.MIN_SPEECH_SECONDS:.0f} seconds of speech"
)
NO_PITCH = "not assessed: the pitch of the voice could not be followed"

ENGLISH_ASSUMED = "English was assumed."
MAY_BE_MISHEARD = "Words may be misheard."
MAY_BE_MISSED = "Words may be misheard, and fillers missed."
HARD_TO_HEAR = "Many words were hard to make out: take all that was measured with care."

_UNSURE_PROBABILITY = 0.6  # not calibrated: far below the .94 of clear English speech
_STRENGTH_FROM, _FINE_FROM = 8.0, 9.0


class Heard(Model):
    """What the child heard; times in seconds from the start of the clip."""

    words: tuple[Word, ...]
    fillers: tuple[Word, ...] | None  # None: no second pass was made
    speech: tuple[tuple[float, float], ...]
    pitch_semitones: float | None
    sound_seconds: float
    stage_seconds: dict[str, float]
    peak_bytes: int | None


@dataclass(frozen=True, slots=True)
class _Finding:
    """One measured thing: its practice band's score, and what to say if it stands out."""

    metric: Metric  # the one it belongs to
    score: float
    strength: str
    next_step: str


def write_report(
    heard: Heard, *, engine_version: str, off: frozenset[Metric] = frozenset()
) -> Assessment:
    """Turn what was heard into an assessment. Without words the two metrics have a reason.

    Of a metric that is `off` nothing is scored, measured or said.
    """
    delivery = measure(
        heard.words,
        fillers=heard.fillers,
        pitch_variation_semitones=heard.pitch_semitones,
        speech=heard.speech,
    )
    if delivery is None:
        return _unassessed(
            engine_version,
            off,
            reason=NO_SPEECH,
            next_step="No speech was heard: check the microphone and record again.",
            notes=(ENGLISH_ASSUMED,),
        )
    strength, next_step = _advice(delivery, off)
    return _assessment(
        engine_version,
        off,
        pace=_pace(delivery, heard.words),
        voice=_voice(delivery),
        strength=strength,
        next_step=next_step,
        notes=_notes(heard.words, off),
        delivery=without(delivery, off),
        transcript_of=heard.words,
    )


def without_audio(*, engine_version: str, off: frozenset[Metric] = frozenset()) -> Assessment:
    """The assessment of a clip without sound: nothing could be measured."""
    return _unassessed(
        engine_version,
        off,
        reason=NO_AUDIO,
        next_step="Your clip has no audio track: switch the microphone on and record again.",
        notes=(),
    )


def _unassessed(
    engine_version: str,
    off: frozenset[Metric],
    *,
    reason: str,
    next_step: str,
    notes: tuple[str, ...],
) -> Assessment:
    return _assessment(
        engine_version,
        off,
        pace=Score(reason=reason),
        voice=Score(reason=reason),
        strength="Your clip arrived whole and could be opened.",
        next_step=next_step,
        notes=notes,
    )


def _assessment(
    engine_version: str,
    off: frozenset[Metric],
    *,
    pace: Score,
    voice: Score,
    strength: str,
    next_step: str,
    notes: tuple[str, ...],
    delivery: Delivery | None = None,
    transcript_of: Sequence[Word] = (),
) -> Assessment:
    scores = {metric: Score(reason=NOT_ASSESSED_LOCALLY) for metric in Metric}
    scores |= {Metric.SPEECH_RATE: pace, Metric.VOICE_TONE: voice}
    scores |= {metric: Score(reason=SWITCHED_OFF) for metric in off}
    return Assessment(
        engine=EngineName.LOCAL,
        engine_version=engine_version,
        rubric_version=RUBRIC_VERSION,
        scores=scores,
        strength=strength,
        next_step=next_step,
        delivery=delivery,
        transcript=sentences(transcript_of),
        notes=notes,
    )


def _pace(delivery: Delivery, words: Sequence[Word]) -> Score:
    pace = delivery.words_per_minute
    if pace is None or not bands.enough_speech(delivery):
        return Score(reason=LITTLE_SPEECH)
    low, high = bands.COMFORTABLE_PACE
    return Score(
        value=bands.rounded(bands.pace_score(pace)),
        evidence=f"{pace:.0f} words per minute; {low}-{high} is a comfortable pace.",
        at_seconds=_pace_moment(delivery, pace, words),
    )


def _pace_moment(delivery: Delivery, pace: float, words: Sequence[Word]) -> float | None:
    """The moment that shows a pace off the band: the fastest sentence, or the longest pause."""
    low, high = bands.COMFORTABLE_PACE
    if pace > high:
        rates = {
            sentence.start: len(sentence.text.split()) / (sentence.end - sentence.start)
            for sentence in sentences(words)
            if sentence.end - sentence.start >= 2
        }
        return max(rates, key=lambda start: rates[start], default=None)
    if pace < low and delivery.pauses:
        return max(delivery.pauses, key=lambda pause: pause.seconds).start
    return None


def _voice(delivery: Delivery) -> Score:
    semitones = delivery.pitch_variation_semitones
    if not bands.enough_speech(delivery):
        return Score(reason=LITTLE_SPEECH)
    if semitones is None or semitones > bands.MAX_PLAUSIBLE_SEMITONES:
        return Score(reason=NO_PITCH)
    low, high = bands.LIVELY_PITCH
    return Score(
        value=bands.rounded(bands.pitch_score(semitones)),
        evidence=f"Your pitch varied by {semitones:.1f} semitones; {low}-{high} sounds lively.",
    )


def _notes(words: Sequence[Word], off: frozenset[Metric]) -> tuple[str, ...]:
    sure = [word.probability for word in words if word.probability is not None]
    hard = (HARD_TO_HEAR,) if sure and fmean(sure) < _UNSURE_PROBABILITY else ()
    unsure = MAY_BE_MISHEARD if Metric.SPEECH_RATE in off else MAY_BE_MISSED
    return (ENGLISH_ASSUMED, unsure, *hard)


def _advice(delivery: Delivery, off: frozenset[Metric]) -> tuple[str, str]:
    """Name the best and the weakest measured thing that is not `off`; nothing about content."""
    if not bands.enough_speech(delivery):
        return (
            f"You spoke up: {delivery.words} {'word was' if delivery.words == 1 else 'words were'}"
            " heard.",
            f"Answer with at least {bands.MIN_WORDS} words and {bands.MIN_SPEECH_SECONDS:.0f}"
            " seconds of speech, so that there is enough to measure.",
        )
    findings = [
        finding
        for finding in (
            _pace_finding(delivery),
            _voice_finding(delivery),
            _pause_finding(delivery),
            _filler_finding(delivery),
        )
        if finding is not None and finding.metric not in off
    ]
    strength = f"You kept an answer going for {delivery.span_seconds:.0f} seconds."
    next_step = "Nothing measured in your delivery stands out: next, work on what you say."
    if findings:
        best = max(findings, key=lambda finding: finding.score)
        weakest = min(findings, key=lambda finding: finding.score)
        strength = best.strength if best.score >= _STRENGTH_FROM else strength
        next_step = weakest.next_step if weakest.score < _FINE_FROM else next_step
    return strength, next_step


def _pace_finding(delivery: Delivery) -> _Finding | None:
    pace = delivery.words_per_minute
    if pace is None:
        return None
    low, high = bands.COMFORTABLE_PACE
    how = "Speak a little faster" if pace < low else "Slow down a little"
    return _Finding(
        Metric.SPEECH_RATE,
        bands.pace_score(pace),
        f"Your pace was easy to follow: {pace:.0f} words per minute.",
        f"{how}: you spoke {pace:.0f} words per minute, and {low}-{high} is comfortable.",
    )


def _voice_finding(delivery: Delivery) -> _Finding | None:
    semitones = delivery.pitch_variation_semitones
    if semitones is None or semitones > bands.MAX_PLAUSIBLE_SEMITONES:
        return None
    low, high = bands.LIVELY_PITCH
    step = (
        f"Let your voice move more: its pitch varied by {semitones:.1f} semitones, and {low}-{high}"
        " sounds lively. Stress the one word that matters in each sentence."
        if semitones < low
        else f"Keep your pitch a little steadier: it varied by {semitones:.1f} semitones."
    )
    return _Finding(
        Metric.VOICE_TONE,
        bands.pitch_score(semitones),
        f"Your voice was lively: its pitch varied by {semitones:.1f} semitones.",
        step,
    )


def _pause_finding(delivery: Delivery) -> _Finding | None:
    if delivery.longest_pause_seconds is None or delivery.span_seconds == 0:
        return None
    count, longest = len(delivery.pauses), delivery.longest_pause_seconds
    score = min(
        bands.pauses_score(count / delivery.span_seconds * 60), bands.longest_pause_score(longest)
    )
    if not count:
        went_on = "You kept going: no pause was longer than a second."
        return _Finding(Metric.SPEECH_RATE, score, went_on, "")
    at = max(delivery.pauses, key=lambda pause: pause.seconds).start
    many = "One pause was" if count == 1 else f"{count} pauses were"
    return _Finding(
        Metric.SPEECH_RATE,
        score,
        f"You paused little: the longest pause was {longest:.1f} seconds.",
        f"{many} over a second, the longest {longest:.1f} seconds at {_clock(at)}: note three"
        " keywords before you start, and go to the next one instead of searching.",
    )


def _filler_finding(delivery: Delivery) -> _Finding | None:
    if not delivery.fillers_counted or delivery.span_seconds == 0:
        return None
    count = len(delivery.fillers)
    score = bands.fillers_score(count / delivery.span_seconds * 60)
    if not count:
        none = 'No fillers such as "um" were heard.'
        return _Finding(Metric.SPEECH_RATE, score, none, "")
    first = delivery.fillers[0]
    many = "One filler was" if count == 1 else f"At least {count} fillers were"
    return _Finding(
        Metric.SPEECH_RATE,
        score,
        f"You used few fillers: {count} {'was' if count == 1 else 'were'} heard.",
        f'{many} heard, the first ("{first.text}") at {_clock(first.at_seconds)}: leave a short'
        " silence there instead.",
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
