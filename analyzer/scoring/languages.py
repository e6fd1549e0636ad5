"""What Greenroom knows of each language: its name, its filler sounds, and how far measures go.

The languages are those that Whisper's multilingual models recognise. Filler sounds are our own
list, of sounds alone: "este" and "tipo" are words too, and a German "um" is nothing but a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENGLISH = "en"

_NAMES = """
af Afrikaans, am Amharic, ar Arabic, as Assamese, az Azerbaijani, ba Bashkir, be Belarusian,
bg Bulgarian, bn Bengali, bo Tibetan, br Breton, bs Bosnian, ca Catalan, cs Czech, cy Welsh,
da Danish, de German, el Greek, en English, es Spanish, et Estonian, eu Basque, fa Persian,
fi Finnish, fo Faroese, fr French, gl Galician, gu Gujarati, ha Hausa, haw Hawaiian, he Hebrew,
hi Hindi, hr Croatian, ht Haitian Creole, hu Hungarian, hy Armenian, id Indonesian, is Icelandic,
it Italian, ja Japanese, jw Javanese, ka Georgian, kk Kazakh, km Khmer, kn Kannada, ko Korean,
la Latin, lb Luxembourgish, ln Lingala, lo Lao, lt Lithuanian, lv Latvian, mg Malagasy, mi Maori,
mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my Burmese, ne Nepali,
nl Dutch, nn Nynorsk, no Norwegian, oc Occitan, pa Punjabi, pl Polish, ps Pashto, pt Portuguese,
ro Romanian, ru Russian, sa Sanskrit, sd Sindhi, si Sinhala, sk Slovak, sl Slovenian, sn Shona,
so Somali, sq Albanian, sr Serbian, su Sundanese, sv Swedish, sw Swahili, ta Tamil, te Telugu,
tg Tajik, th Thai, tk Turkmen, tl Tagalog, tr Turkish, tt Tatar, uk Ukrainian, ur Urdu, uz Uzbek,
vi Vietnamese, yi Yiddish, yo Yoruba, yue Cantonese, zh Chinese
"""

_FILLERS = {
    "en": r"u+h*m+|u+h+|e+r+m*|h+m+|m{2,}",
    "cs": r"e+h?m+|e{2,}|é{2,}|h+m+|m{2,}",
    "da": r"ø+h+m*|e+h+m*|h+m+|m{2,}",
    "de": r"ä+h+m*|ö+h+m*|e+h+m+|h+m+|m{2,}",
    "es": r"e+h+m*|e+m{2,}|e{2,}|h+m+|m{2,}",
    "fi": r"ö+h+m*|ö{2,}|ä+h+m*|ä{2,}|h+m+|m{2,}",
    "fr": r"e+u+h+|h+e+u+|e+u+m+|h+u*m+|m{2,}",
    "hi": r"उम्+|अम्+|हम्म+|ह्म्+|ऊं+|u+h*m+|h+m+",
    "hu": r"ö+h*m+|ö{2,}|ő{2,}|h+m+|m{2,}",
    "id": r"e+h+m*|e+m+|e{2,}|h+m+|m{2,}",
    "it": r"e+h+m*|u+h+m*|h+m+|m+h+|m{2,}",
    "ja": r"えー+っ?と?|ええと|えっと|あのー+|うー+ん?|んー+",
    "ko": r"음+|어{2,}|흠+|으음+",
    "nl": r"e+h+m*|u+h+m*|e+u+h+|h+m+|m{2,}",
    "no": r"e+h+m*|ø+h+m*|h+m+|m{2,}",
    "pl": r"e{2,}m*|e+m+|y{2,}m*|y+m+|h+m+|m{2,}",
    "pt": r"e+h+m*|u+h+m*|ã+h*m*|a+h+m+|h+u*m+|m{2,}",
    "ro": r"ă+h*m+|ă{2,}|î{2,}|h+m+|m{2,}",
    "ru": r"э+м+|э{2,}|м{2,}|х+м+",
    "sv": r"ö+h+m*|e+h+m*|ä+h+m*|h+m+|m{2,}",
    "tr": r"ı+h*m+|ı{2,}|e{2,}|h+ı+m+|h+m+|m{2,}",
    "uk": r"е+м+|е{2,}|м{2,}|х+м+",
    "zh": r"嗯+|呃+|额+|唔+",
}

_JOINS_NUMBERS = frozenset({"da", "de", "fi", "hu", "it", "nl", "no", "nn", "sv"})
_WITHOUT_SPACES = frozenset({"bo", "ja", "km", "lo", "my", "th", "yue", "zh"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language, by its code of ISO 639-1 or the one that Whisper uses in its place."""

    code: str
    name: str
    fillers: re.Pattern[str] | None  # matches a whole word; None: its fillers are not known here
    joins_numbers: bool  # a number is one word: "zweitausendneunzehn"
    has_spaces: bool  # between words, so that words can be counted
    has_pace_band: bool  # whether the practice band for pace was made for it
    is_guarded: bool  # whether the filter of remarks (`guardrails`) knows it


def _language(code: str, name: str) -> Language:
    fillers = _FILLERS.get(code)
    return Language(
        code=code,
        name=name,
        fillers=None if fillers is None else re.compile(fillers, re.IGNORECASE),
        joins_numbers=code in _JOINS_NUMBERS,
        has_spaces=code not in _WITHOUT_SPACES,
        has_pace_band=code == ENGLISH,
        is_guarded=code == ENGLISH,
    )


LANGUAGES = {
    code: _language(code, name)
    for code, name in (entry.strip().split(" ", 1) for entry in _NAMES.split(","))
}


def language_of(code: str) -> Language:
    """What is known of a language; of one that is not on the list, its code alone."""
    return LANGUAGES.get(code) or _language(code, code)


def matching(typed: str) -> list[Language]:
    """The languages whose name or code fits what was typed, those that begin with it first."""
    wanted = typed.strip().casefold()
    fitting = [
        language
        for language in LANGUAGES.values()
        if wanted in language.name.casefold() or wanted == language.code
    ]
    return sorted(
        fitting,
        key=lambda one: (
            wanted not in (one.code, one.name.casefold()[: len(wanted)]),
            one.name,
        ),
    )


def guarded_note(code: str | None) -> str:
    """A note on the filter of remarks where a result is written in a language it does not know."""
    if code is None or language_of(code).is_guarded:
        return ""
    known = ", ".join(language.name for language in LANGUAGES.values() if language.is_guarded)
    return (
        f"This was written in {language_of(code).name}. Remarks about a person are filtered out in "
        f"{known} alone."
    )
