"""Writes the local engine's assessment: from measured delivery to scores and advice, no more."""

from __future__ import annotations

from statistics import fmean

from analyzer.engines.local.advice import (
    Advice,
    advise,
    advise_unheard,
    pace_words,
    voice_words,
)
from analyzer.engines.local.picture.findings import HEAD_ONLY, HeadDirection
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
from analyzer.scoring.stretches import with_stretches
from core.assessment import (
    Assessment,
    Delivery,
    EngineName,
    Metric,
    Model,
    Score,
    Word,
)

_UNSURE_PROBABILITY = 0.6  # not calibrated: far below the .94 of clear English speech
_STRENGTH_FROM, _FINE_FROM = 8.0, 9.0


class Heard(Model):
    """What the child heard; times in seconds from the start of the clip."""

    words: tuple[Word, ...]
    fillers: tuple[Word, ...] | None  # None: no second pass was made
    speech: tuple[tuple[float, float], ...]
    pitch_semitones: float | None
    pitch: tuple[float | None, ...] = ()  # as `scoring.stretches.Contour` has it
    sound_seconds: float
    stage_seconds: dict[str, float]
    peak_bytes: int | None
    language: str | None = ENGLISH  # None: it could not be told
    language_was_set: bool = False  # by the member
    language_was_found: bool = False  # by a model that knows several
    by_languages_model: bool = False
    doubt: str | None = None  # why nobody can stand for the words, a code of `language`
    unheard: tuple[tuple[float, float], ...] = ()  # speech that got no words


def write_report(
    heard: Heard,
    *,
    engine_version: str,
    off: frozenset[Metric] = frozenset(),
    head: HeadDirection | None = None,
) -> Assessment:
    """Turn what was heard into an assessment. Without words the two metrics have a reason.

    `head` is what was seen; `None`: nobody looked. Of a metric that is `off` nothing is scored,
    measured or said.
    """
    if heard.doubt is not None:
        doubted = withheld(heard.doubt)
        return _unassessed(
            engine_version,
            off,
            reason=doubted.reason,
            next_step=doubted.next_step,
            notes=(),
            head=head,
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
            head=head,
        )
    delivery = with_stretches(delivery, heard.words, heard.pitch)
    pace, voice = _pace(delivery, heard), _voice(delivery)
    delivery = _without_untrusted(delivery, pace, voice)
    advice = advise(
        delivery, heard.words, heard.pitch, head, off, scores_pace=pace.value is not None
    )
    return _assessment(
        engine_version,
        off,
        pace=pace,
        voice=voice,
        head=head,
        advice=advice,
        notes=_notes(heard, delivery, off),
        delivery=without(delivery, off),
        transcript_of=heard,
        language=language,
    )


def without_audio(
    *,
    engine_version: str,
    off: frozenset[Metric] = frozenset(),
    head: HeadDirection | None = None,
) -> Assessment:
    """The assessment of a clip without sound: at most the picture could be measured."""
    return _unassessed(
        engine_version,
        off,
        reason=NO_AUDIO,
        next_step="Your clip has no audio track: switch the microphone on and record again.",
        notes=(),
        head=head,
    )


def _unassessed(
    engine_version: str,
    off: frozenset[Metric],
    *,
    reason: str,
    next_step: str,
    notes: tuple[str, ...],
    head: HeadDirection | None,
    language: str | None = None,
) -> Assessment:
    return _assessment(
        engine_version,
        off,
        pace=Score(reason=reason),
        voice=Score(reason=reason),
        head=head,
        advice=advise_unheard(next_step, head, off),
        notes=notes,
        language=language,
    )


def _assessment(
    engine_version: str,
    off: frozenset[Metric],
    *,
    pace: Score,
    voice: Score,
    head: HeadDirection | None,
    advice: Advice,
    notes: tuple[str, ...],
    delivery: Delivery | None = None,
    transcript_of: Heard | None = None,
    language: str | None = None,
) -> Assessment:
    scores = {metric: Score(reason=NOT_ASSESSED_LOCALLY) for metric in Metric}
    scores |= {Metric.SPEECH_RATE: pace, Metric.VOICE_TONE: voice}
    if head is not None:
        scores[Metric.EYE_CONTACT] = head.score
        seen = head.score.value is not None and Metric.EYE_CONTACT not in off
        notes = (HEAD_ONLY, *notes) if seen else notes
    scores |= {metric: Score(reason=SWITCHED_OFF) for metric in off}
    return Assessment(
        engine=EngineName.LOCAL,
        engine_version=engine_version,
        rubric_version=RUBRIC_VERSION,
        scores=scores,
        strength=advice.strength,
        next_step=advice.next_step,
        strength_at=advice.strength_at,
        next_step_at=advice.next_step_at,
        delivery=delivery,
        picture=head.picture if head and Metric.EYE_CONTACT not in off else None,
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
    return Score(
        value=bands.rounded(bands.pace_score(pace)),
        evidence=pace_words(delivery, pace),
        at_seconds=_pace_moment(delivery, pace),
    )


def _without_untrusted(delivery: Delivery, pace: Score, voice: Score) -> Delivery:
    """Leave out the numbers that nobody can stand for: the score beside them says why."""
    hidden: dict[str, None] = {}
    if pace.value is None and pace.reason not in (LITTLE_SPEECH, OTHER_BAND):
        hidden |= {"words_per_minute": None, "words_per_minute_error": None}
        hidden |= {"fastest": None, "slowest": None}
    if voice.value is None:
        hidden |= {"pitch_variation_semitones": None, "flattest": None}
    return delivery.model_copy(update=hidden)


def _pace_moment(delivery: Delivery, pace: float) -> float | None:
    """The moment that shows a pace off the band: the fastest stretch, or the longest pause."""
    low, high = bands.COMFORTABLE_PACE
    if pace > high:
        return delivery.fastest.start if delivery.fastest else None
    if pace < low and delivery.pauses:
        return max(delivery.pauses, key=lambda pause: pause.seconds).start
    return delivery.slowest.start if pace < low and delivery.slowest else None


def _voice(delivery: Delivery) -> Score:
    semitones = delivery.pitch_variation_semitones
    if not bands.enough_speech(delivery):
        return Score(reason=LITTLE_SPEECH)
    if semitones is None or semitones > bands.MAX_PLAUSIBLE_SEMITONES:
        return Score(reason=NO_PITCH)
    flattest = delivery.flattest if semitones < bands.LIVELY_PITCH[0] else None
    return Score(
        value=bands.rounded(bands.pitch_score(semitones)),
        evidence=voice_words(semitones),
        at_seconds=flattest.start if flattest else None,
    )


def _notes(heard: Heard, delivery: Delivery, off: frozenset[Metric]) -> tuple[str, ...]:
    sure = [word.probability for word in heard.words if word.probability is not None]
    no_pace = Metric.SPEECH_RATE in off
    notes = (  # the weightiest first: Discord shows a few
        HARD_TO_HEAR if sure and fmean(sure) < _UNSURE_PROBABILITY else "",
        language_note(
            heard.language, was_set=heard.language_was_set, was_found=heard.language_was_found
        ),
        not_counted_note(heard.language) if not delivery.fillers_counted and not no_pace else "",
        MAY_BE_MISHEARD if no_pace else MAY_BE_MISSED,
    )
    return tuple(filter(None, notes))
