"""Writes the local engine's assessment: from measured delivery to scores and advice, no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from analyzer.engines.local.withheld import (
    HARD_TO_HEAR,
    LITTLE_SPEECH,
    MAY_BE_MISHEARD,
    MAY_BE_MISSED,
    NO_PITCH,
    NO_SPACES,
    NO_SPEECH,
    OTHER_BAND,
    language_note,
    not_counted_note,
    unheard_reason,
    withheld,
)
from analyzer.scoring import bands
from analyzer.scoring.delivery import measure, sentences, without
from analyzer.scoring.languages import ENGLISH, language_of
from analyzer.scoring.rubric import NO_AUDIO, NOT_ASSESSED_LOCALLY, RUBRIC_VERSION, SWITCHED_OFF
from analyzer.scoring.wording import pace_text
from core.models import Assessment, Delivery, EngineName, Metric, Model, Score, Word

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
    language: str | None = ENGLISH  # None: it could not be told
    language_was_set: bool = False  # by the member
    language_was_found: bool = False  # by a model that knows several
    by_languages_model: bool = False
    doubt: str | None = None  # why nobody can stand for the words, a code of `language`
    unheard: tuple[tuple[float, float], ...] = ()  # speech that got no words


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
    if heard.doubt is not None:
        doubted = withheld(heard.doubt)
        return _unassessed(
            engine_version,
            off,
            reason=doubted.reason,
            next_step=doubted.next_step,
            notes=(),
            language=heard.language if heard.language_was_set else None,
        )
    language = heard.language or ENGLISH
    delivery = measure(
        heard.words,
        fillers=heard.fillers,
        pitch_variation_semitones=heard.pitch_semitones,
        speech=heard.speech,
        language=language,
        pace_error=bands.PACE_ERROR if language == ENGLISH else None,
    )
    if delivery is None:
        return _unassessed(
            engine_version,
            off,
            reason=NO_SPEECH,
            next_step="No speech was heard: check the microphone and record again.",
            notes=(),
        )
    pace, voice = _pace(delivery, heard), _voice(delivery)
    delivery = _without_untrusted(delivery, pace, voice)
    strength, next_step = _advice(delivery, off, scores_pace=pace.value is not None)
    return _assessment(
        engine_version,
        off,
        pace=pace,
        voice=voice,
        strength=strength,
        next_step=next_step,
        notes=_notes(heard, delivery, off),
        delivery=without(delivery, off),
        transcript_of=heard,
        language=language,
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
    language: str | None = None,
) -> Assessment:
    return _assessment(
        engine_version,
        off,
        pace=Score(reason=reason),
        voice=Score(reason=reason),
        strength="Your clip arrived whole and could be opened.",
        next_step=next_step,
        notes=notes,
        language=language,
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
    transcript_of: Heard | None = None,
    language: str | None = None,
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
        transcript=()
        if transcript_of is None
        else sentences(
            transcript_of.words,
            fillers=transcript_of.fillers or (),
            language=language or ENGLISH,
        ),
        language=language,
        notes=notes,
    )


def _pace(delivery: Delivery, heard: Heard) -> Score:
    """Score the pace, or say why it is not scored; the reason also says whether to show it."""
    language = language_of(heard.language or ENGLISH)
    talk = sum(end - start for start, end in heard.speech)
    if (unheard := unheard_reason(heard.unheard, talk)) is not None:
        return Score(reason=unheard)
    if not language.has_spaces:
        return Score(reason=NO_SPACES)
    pace = delivery.words_per_minute
    if pace is None or not bands.enough_speech(delivery):
        return Score(reason=LITTLE_SPEECH)
    if not language.has_pace_band:
        return Score(reason=OTHER_BAND)
    low, high = bands.COMFORTABLE_PACE
    return Score(
        value=bands.rounded(bands.pace_score(pace)),
        evidence=f"{pace_text(delivery)}; {low}-{high} is a comfortable pace.",
        at_seconds=_pace_moment(delivery, pace, heard.words),
    )


def _without_untrusted(delivery: Delivery, pace: Score, voice: Score) -> Delivery:
    """Leave out the numbers that nobody can stand for: the score beside them says why."""
    hidden: dict[str, None] = {}
    if pace.value is None and pace.reason not in (LITTLE_SPEECH, OTHER_BAND):
        hidden |= {"words_per_minute": None, "words_per_minute_error": None}
    if voice.value is None:
        hidden |= {"pitch_variation_semitones": None}
    return delivery.model_copy(update=hidden)


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


def _notes(heard: Heard, delivery: Delivery, off: frozenset[Metric]) -> tuple[str, ...]:
    sure = [word.probability for word in heard.words if word.probability is not None]
    no_pace = Metric.SPEECH_RATE in off
    notes = (
        language_note(
            heard.language, was_set=heard.language_was_set, was_found=heard.language_was_found
        ),
        MAY_BE_MISHEARD if no_pace else MAY_BE_MISSED,
        not_counted_note(heard.language) if not delivery.fillers_counted and not no_pace else "",
        HARD_TO_HEAR if sure and fmean(sure) < _UNSURE_PROBABILITY else "",
    )
    return tuple(filter(None, notes))


def _advice(delivery: Delivery, off: frozenset[Metric], *, scores_pace: bool) -> tuple[str, str]:
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
            _pace_finding(delivery) if scores_pace else None,
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
