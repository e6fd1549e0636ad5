"""Says why something is not assessed: a reason for each metric, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.scoring import bands
from analyzer.scoring.languages import ENGLISH, language_of
from analyzer.scoring.wording import moment

NO_SPEECH = "not assessed: no speech was heard"
LITTLE_SPEECH = (
    f"not assessed: fewer than {bands.MIN_WORDS} words"
    f" or {bands.MIN_SPEECH_SECONDS:.0f} seconds of speech"
)
NO_PITCH = "not assessed: the pitch of the voice could not be followed"
NO_SPACES = (
    "not assessed: this language is written without spaces between words, so they can't be counted"
)
OTHER_BAND = "measured, not scored: the practice band was made for English"

ENGLISH_ASSUMED = "English was assumed."
MAY_BE_MISHEARD = "Words may be misheard."
MAY_BE_MISSED = "Words may be misheard, and fillers missed."
HARD_TO_HEAR = "Many words were hard to make out: take all that was measured with care."
NOT_COUNTED = "Fillers were not counted: the words were not certain enough for it."

_UNHEARD_SHARE, _UNHEARD_SECONDS = 0.05, 1.5


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why nothing about the speech is assessed, and what the member can do."""

    reason: str
    next_step: str


_RECORD_AGAIN = "Record it again in a quiet place, close to the microphone"

_DOUBTS = {
    "not_english": Withheld(
        "not assessed: this bot's speech recognition knows English alone",
        "Answer in English here, or ask whoever runs the bot to add other languages"
        " (requirements/languages.txt).",
    ),
    "two_languages": Withheld(
        "not assessed: two languages were heard",
        "Answer in one language from beginning to end.",
    ),
    "untold": Withheld(
        "not assessed: the language could not be told, or there was more than one",
        f"{_RECORD_AGAIN}, or say which language you speak: `/analyze` has an option for it.",
    ),
    "few_words": Withheld(
        "not assessed: speech was heard, but hardly a word could be made out",
        f"{_RECORD_AGAIN}, without music. If it is not English, set your language with"
        " `/language`.",
    ),
    "many_words": Withheld(
        "not assessed: more words were heard than anybody can say in that time",
        f"{_RECORD_AGAIN}. If it is not English, set your language with `/language`.",
    ),
    "too_fast": Withheld(
        "not assessed: too fast for the words to be made out one by one",
        "Speak more slowly, with a short pause after each sentence, and record it again.",
    ),
    "repeats": Withheld(
        "not assessed: what was heard repeats itself, as it does when speech is not English",
        "Answer in whole sentences, in English. If it is another language, set it with"
        " `/language`.",
    ),
    "unsure": Withheld(
        "not assessed: the words were not clear enough, or not English",
        f"{_RECORD_AGAIN}. If it is not English, set your language with `/language`.",
    ),
}
"""By the codes of `language`."""


def withheld(doubt: str) -> Withheld:
    """What is said about a transcript that nobody can stand for."""
    return _DOUBTS.get(doubt) or _DOUBTS["unsure"]


def not_counted_note(code: str | None) -> str:
    """Why fillers were not counted."""
    if code is None or code == ENGLISH:
        return NOT_COUNTED
    return f"Fillers were not counted: in {language_of(code).name} only the written ones are known."


def unheard_reason(stretches: tuple[tuple[float, float], ...], talk_seconds: float) -> str | None:
    """Why there is no pace where too much of the speech got no words; `None` where it is little."""
    seconds = sum(end - start for start, end in stretches)
    if seconds < max(_UNHEARD_SECONDS, _UNHEARD_SHARE * talk_seconds):
        return None
    start, end = max(stretches, key=lambda span: span[1] - span[0])
    return (
        f"not assessed: {end - start:.0f} seconds of speech at {moment(start)} could not be made "
        "out, so the pace would be wrong"
    )


def language_note(code: str | None, *, was_set: bool, was_found: bool) -> str:
    """Which language was measured, and how that is known; nothing where it is English for sure."""
    if code is None or code == ENGLISH:
        return "" if was_set or was_found else ENGLISH_ASSUMED
    name = language_of(code).name
    how = "as you have set it" if was_set else "as it was recognised"
    return f"Measured as {name}, {how}."
