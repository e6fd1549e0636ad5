"""Tells whether the words are in the language that was assumed, and which language it is.

A model for English alone has no notion of others: it writes English for whatever it hears, and is
sure of it. What gives it away is the text: it repeats itself, has far more or far fewer words than
the speech has room for, or is nothing the model would write a second time.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

from analyzer.engines.local.recognition import WordFields
from analyzer.engines.local.sound import RATE, Sound, Span
from analyzer.scoring.languages import ENGLISH

FEW_WORDS = "few_words"
MANY_WORDS = "many_words"
REPEATS = "repeats"
TOO_FAST = "too_fast"
UNSURE = "unsure"
"""What is wrong with a transcript; `report` has a sentence for each."""

NOT_ENGLISH = "not_english"
TWO_LANGUAGES = "two_languages"
UNTOLD = "untold"
"""Why no transcript was made; `report` has a sentence for each."""

MIN_SPEECH_SECONDS = 3.0
"""With less speech than this a transcript says nothing about its language."""

SURE = 0.7
"""From this probability on Whisper base's word for a language is taken.

It gave English .84 and more, and German, Spanish and French .86 and more; Turkish came back as
English at .34.
"""

_FEWEST_A_SECOND, _MOST_A_SECOND = 0.8, 7.0  # words for a second of speech
_FAST_A_SECOND = 5.0  # 300 a minute without a pause: from there on words are lost
_QUICK_A_SECOND, _QUICK_SURE = 4.2, 0.65
_LEAST_SURE, _LEAST_LOG_PROBABILITY = 0.5, -1.0
# English in noise of 10 dB and at 200 words a minute had .51 and more in its worst dozen words,
# Turkish that was taken for English .25 to .36
_GUESSED_WORDS, _GUESSED_SURE, _GUESSED_SHARE = 12, 0.42, 0.15
_LOOP_WORDS, _LOOP_STEP, _LOOP_RATIO = 40, 10, 2.4  # Whisper's own limit of compression
_SHORTEST_LOOP = 8
_LOOP_SHARE = 0.15
_PART_SECONDS, _FEWEST_IN_PART, _POOR_SHARE = 10.0, 0.5, 0.25
_SECONDS_HEARD = 30.0  # what one look at the language takes in
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Ear:
    """What a clip is heard with, or why it is not."""

    model: WhisperModel | None
    language: str | None
    doubt: str | None = None
    by_languages_model: bool = False
    was_found: bool = False  # by a model that knows several


def choose(
    sound: Sound,
    speech: Sequence[Span],
    load_model: Callable[[], WhisperModel],
    language: str | None,
    load_languages: Callable[[], WhisperModel] | None,
) -> Ear:
    """Choose the model that hears a clip, and the language it listens for.

    English is heard by the model for English, unless the operator's own knows several languages.
    """
    if load_languages is not None and language not in (None, ENGLISH):
        return Ear(load_languages(), language, by_languages_model=True)
    if load_languages is not None and language is None:
        several = load_languages()
        found = _found(several, sound, speech)
        if found.language != ENGLISH:
            return replace(found, by_languages_model=True)
        del several, found
        return Ear(load_model(), ENGLISH, was_found=True)
    model = load_model()
    if model.model.is_multilingual:
        return Ear(model, language) if language is not None else _found(model, sound, speech)
    if language not in (None, ENGLISH):
        return Ear(None, language, NOT_ENGLISH)
    return Ear(model, ENGLISH)


def _found(model: WhisperModel, sound: Sound, speech: Sequence[Span]) -> Ear:
    """Find out which language is spoken."""
    halves = detect(model, sound, speech)
    languages = {language for language, _ in halves}
    if len(languages) > 1:
        if min(probability for _, probability in halves) >= _LIKELY:
            return Ear(None, None, TWO_LANGUAGES)
        return Ear(None, None, UNTOLD)
    (language,) = languages
    sure = sum(probability for _, probability in halves) / len(halves)
    if sure < (SURE if language == ENGLISH else _LIKELY):
        return Ear(None, None, UNTOLD)
    return Ear(model, language, was_found=True)


def doubt(
    words: Sequence[WordFields], speech: Sequence[Span], log_probability: float | None = None
) -> str | None:
    """What speaks against a transcript, `None` where nothing does.

    Args:
        words: The transcript.
        speech: When somebody spoke.
        log_probability: How likely the model would write the same again, a mean over its tokens.
    """
    talk = sum(end - start for start, end in speech)
    if talk < MIN_SPEECH_SECONDS:
        return None
    if repeating(words) > _LOOP_SHARE * len(words):
        return REPEATS
    if len(words) < _FEWEST_A_SECOND * talk:
        return FEW_WORDS
    if len(words) > _MOST_A_SECOND * talk:
        return MANY_WORDS
    if _poor_seconds(words, speech) > _POOR_SHARE * talk:
        return FEW_WORDS
    sure = np.array([word["probability"] or 0.0 for word in words])
    rate = len(words) / talk
    if rate > _FAST_A_SECOND or (rate > _QUICK_A_SECOND and sure.mean() < _QUICK_SURE):
        return TOO_FAST
    if _guessed(sure) > _GUESSED_SHARE * len(words):
        return UNSURE
    if sure.mean() < _LEAST_SURE or (log_probability or 0.0) < _LEAST_LOG_PROBABILITY:
        return UNSURE
    return None


def _guessed(sure: npt.NDArray[np.float64]) -> int:
    """How many words stand in stretches of a dozen where the model only guessed."""
    guessed = np.zeros(len(sure), dtype=bool)
    for start in range(max(1, len(sure) - _GUESSED_WORDS + 1)):
        part = slice(start, start + _GUESSED_WORDS)
        if sure[part].mean() < _GUESSED_SURE:
            guessed[part] = True
    return int(guessed.sum())


def repeating(words: Sequence[WordFields]) -> int:
    """How many words stand where the text says the same over and over.

    Measured as Whisper itself does, by how well the text can be compressed.
    """
    caught = np.zeros(len(words), dtype=bool)
    for start in range(0, max(1, len(words) - _LOOP_STEP), _LOOP_STEP):
        part = words[start : start + _LOOP_WORDS]
        if len(part) >= _SHORTEST_LOOP and compression_ratio(part) > _LOOP_RATIO:
            caught[start : start + _LOOP_WORDS] = True
    return int(caught.sum())


def compression_ratio(words: Sequence[WordFields]) -> float:
    """How many times shorter the text gets when it is compressed; plain English: 1.0 to 1.7."""
    text = " ".join(word["text"] for word in words).encode()
    return len(text) / len(zlib.compress(text)) if text else 0.0


def detect(model: WhisperModel, sound: Sound, speech: Sequence[Span]) -> list[tuple[str, float]]:
    """Ask a multilingual model for the language of the first and the second half of the speech.

    Returns:
        For each half with at least three seconds of speech the likeliest language and its
        probability; one entry where there is less speech than six seconds.
    """
    pieces = [sound[int(start * RATE) : int(end * RATE)] for start, end in speech]
    spoken = np.concatenate(pieces) if pieces else sound
    seconds = len(spoken) / RATE
    halves = [spoken]
    if seconds >= 2 * MIN_SPEECH_SECONDS:
        middle = len(spoken) // 2
        halves = [spoken[:middle], spoken[middle:]]
    found = []
    for half in halves:
        language, probability, _ = model.detect_language(half[: int(_SECONDS_HEARD * RATE)])
        found.append((str(language), float(probability)))
    return found


def _poor_seconds(words: Sequence[WordFields], speech: Sequence[Span]) -> float:
    """The seconds of speech in stretches of about ten seconds that have next to no words."""
    middles = np.array([(word["start"] + word["end"]) / 2 for word in words])
    poor = 0.0
    for start, end, talk in _parts(speech):
        inside = int(((middles >= start) & (middles < end)).sum())
        if talk >= _PART_SECONDS / 2 and inside < _FEWEST_IN_PART * talk:
            poor += talk
    return poor


def _parts(speech: Sequence[Span]) -> list[tuple[float, float, float]]:
    """Divide a clip into stretches with ten seconds of speech each: start, end, that speech."""
    cuts = [(speech[0][0], 0.0)] if speech else []
    talked = 0.0
    for start, end in speech:
        at = start
        while talked + (end - at) - cuts[-1][1] >= _PART_SECONDS:
            step = _PART_SECONDS - (talked - cuts[-1][1])
            at += step
            talked += step
            cuts.append((at, talked))
        talked += end - at
    if cuts and talked > cuts[-1][1]:
        cuts.append((speech[-1][1], talked))
    return [(one[0], two[0], two[1] - one[1]) for one, two in pairwise(cuts)]
