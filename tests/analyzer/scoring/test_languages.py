"""What is known of languages: names, filler sounds, and how far measures go."""

from __future__ import annotations

import pytest

from analyzer.scoring.delivery import is_filler, measure, sentences
from analyzer.scoring.languages import LANGUAGES, guarded_note, language_of, matching
from core.assessment import Word


@pytest.mark.parametrize(
    ("language", "sounds", "words"),
    [
        ("en", "um uh Umm, hmm er", "uh-huh am her error"),
        ("de", "äh ähm Öhm, hmm", "um er eh"),
        ("fr", "euh heu, hum", "un eu peu"),
        ("es", "eh ehm mmm", "este pues e"),
        ("pt", "hum uhm ahm", "um é e"),
        ("it", "ehm mh uhm", "e è"),
        ("nl", "eh uhm euh", "er u"),
        ("sv", "öh ehm hmm", "är ö"),
        ("pl", "yyy eee hmm", "y e i"),
        ("tr", "ııı eee hmm", "şey e"),
        ("ru", "эээ ммм хм", "э м"),
        ("ja", "えーと あのー うーん", "あの"),
    ],
)
def test_filler_sounds_are_the_language_s_own(language: str, sounds: str, words: str) -> None:
    assert [text for text in sounds.split() if not is_filler(text, language)] == []
    assert [text for text in words.split() if is_filler(text, language)] == []


def test_at_least_ten_languages_have_fillers_and_every_one_a_name() -> None:
    assert sum(language.fillers is not None for language in LANGUAGES.values()) >= 10
    assert len(LANGUAGES) == 100
    assert all(language.name.strip() for language in LANGUAGES.values())


def test_every_language_that_whisper_knows_is_on_the_list() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert set(LANGUAGES) == set(_LANGUAGE_CODES)


def test_only_english_has_a_pace_band_and_is_guarded() -> None:
    assert [one.code for one in LANGUAGES.values() if one.has_pace_band] == ["en"]
    assert guarded_note("en") == guarded_note(None) == ""
    assert "Remarks about a person are filtered out in English alone" in guarded_note("de")


def test_a_language_is_found_by_what_was_typed_of_it() -> None:
    assert matching("germ")[0].code == "de"
    assert matching("pt")[0].code == "pt"
    assert matching("zzz") == []
    assert language_of("xx").name == "xx"


def said(text: str) -> list[Word]:
    return [
        Word(text=word, start=i * 0.5, end=(i + 1) * 0.5) for i, word in enumerate(text.split())
    ]


def test_a_german_um_is_a_word() -> None:
    delivery = measure(said("Ich ging ähm um das Haus 2019"), language="de")
    assert delivery is not None
    assert delivery.words == 6
    assert [filler.text for filler in delivery.fillers] == ["ähm"]


def test_without_spaces_there_is_no_pace() -> None:
    delivery = measure(said("大家好我叫李明"), language="zh")
    assert delivery is not None
    assert delivery.words_per_minute is None


def test_fillers_stand_in_the_transcript_at_their_place() -> None:
    words = said("Good morning. I um studied.")
    late = [Word(text="uh", start=0.9, end=1.0), Word(text="um", start=1.6, end=1.8)]
    first, second = sentences(words, fillers=late)
    assert first.text == "Good morning."
    assert second.text == "uh I um studied."  # the second look found one of them as well
    assert [second.text[start:end] for start, end in second.fillers] == ["uh", "um"]
