"""What is heard in real sound with the real model, and what nobody could stand for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer.engines.local import language
from analyzer.engines.local.fillers import find_fillers
from analyzer.engines.local.hearing import hear_sound
from analyzer.engines.local.pitch import FIRST_SECONDS, HIGHEST_HZ, LOWEST_HZ, track
from analyzer.engines.local.recognition import as_spoken, find_speech, find_words, load
from analyzer.engines.local.report import Heard, write_report
from analyzer.engines.local.sound import RATE, Sound, read_sound
from analyzer.engines.local.speech_models import ModelChoice, find_languages, find_model, join
from analyzer.engines.local.steady_sounds import steadiness
from analyzer.engines.local.unheard import hear_again, unheard
from analyzer.engines.local.withheld import OTHER_BAND
from core.assessment import Assessment, Metric

CLIPS = Path(__file__).parent / "clips"
NOISE = np.random.default_rng(4)


@pytest.fixture(scope="module")
def model() -> Any:
    return load(find_model(ModelChoice()))


@pytest.fixture(scope="module")
def hear(model: Any) -> Callable[[Sound], Assessment]:
    def report(sound: Sound) -> Assessment:
        heard = hear_sound(sound.astype(np.float32), lambda: model)
        return write_report(Heard(**heard, peak_bytes=None), engine_version="test")

    return report


def clip(name: str) -> Sound:
    return read_sound(CLIPS / f"{name}.mp4", max_seconds=60)


def quiet(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)


def noisy(sound: Sound, decibels: float) -> Sound:
    power = float(np.mean(sound[np.abs(sound) > 0.01] ** 2))
    noise = NOISE.normal(0, np.sqrt(power) * 10 ** (-decibels / 20), len(sound))
    return (sound + noise).astype(np.float32)


def assert_refused(found: Assessment) -> None:
    """No number anywhere, and every reason says why."""
    assert all(score.value is None for score in found.scores.values())
    for metric in (Metric.SPEECH_RATE, Metric.VOICE_TONE):
        reason = found.scores[metric].reason
        assert reason is not None
        assert reason.startswith("not assessed: ")
    assert found.delivery is None
    assert found.transcript == ()
    assert found.next_step


def test_fillers_are_found_where_they_were_said(hear: Callable[[Sound], Assessment]) -> None:
    found = hear(clip("fillers"))
    assert found.delivery is not None
    times = [filler.at_seconds for filler in found.delivery.fillers]
    assert times == pytest.approx([2.1, 5.5, 13.2, 16.1], abs=0.3)
    assert found.delivery.fillers_counted
    written = [
        sentence.text[start:end] for sentence in found.transcript for start, end in sentence.fillers
    ]
    assert len(written) == 4
    assert set(written) <= {"um", "uh", "er", "hmm", "mm"}


def test_speech_begins_and_ends_with_its_sound(hear: Callable[[Sound], Assessment]) -> None:
    loud = np.flatnonzero(np.abs(clip("two-sentences")) > 0.01)
    said = clip("two-sentences")[loud[0] : loud[-1] + 1]
    made = np.concatenate([quiet(0.4), said, quiet(2.0), said, quiet(0.2)])
    made += NOISE.normal(0, 2e-4, len(made)).astype(np.float32)
    found = hear(made).delivery
    assert found is not None
    longest = max(found.pauses, key=lambda pause: pause.seconds)
    assert longest.start == pytest.approx(0.4 + len(said) / RATE, abs=0.08)
    assert longest.seconds == pytest.approx(2.0, abs=0.12)
    assert found.span_seconds == pytest.approx(2.0 + 2 * len(said) / RATE, abs=0.1)


def test_a_stretch_of_speech_keeps_the_time_its_last_word_needs() -> None:
    stretches = [(1.0, 3.0), (5.0, 5.1), (7.0, 8.0)]
    words = [
        {"text": "ready", "start": 2.62, "end": 3.1},
        {"text": "yes", "start": 7.1, "end": 7.2},
    ]
    assert as_spoken(stretches, words) == [(1.0, 2.955), (5.0, 5.05), (7.0, 7.9)]


def test_a_filler_that_was_also_written_late_in_its_gap_counts_once(model: Any) -> None:
    sound = clip("fillers")
    steady = steadiness(sound, RATE, track(sound, RATE, LOWEST_HZ, HIGHEST_HZ), FIRST_SECONDS)
    heard = find_words(model, sound, find_speech(sound))
    counted = find_fillers(model, sound, heard, steady)
    assert counted.fillers is not None
    longest = max(counted.fillers, key=lambda word: word["end"] - word["start"])
    late = longest["start"] + 0.55
    after = min(word["start"] for word in counted.words if word["start"] > longest["start"])
    assert late < after + 0.1
    written = {"text": "Uh,", "start": late, "end": late + 0.05, "probability": 0.9}
    again = find_fillers(model, sound, [*heard, written], steady)
    assert again.fillers is not None
    assert len(again.fillers) == len(counted.fillers)


@pytest.mark.parametrize("noise", [None, 10])
def test_clean_speech_has_no_fillers_and_is_not_refused(
    hear: Callable[[Sound], Assessment], noise: float | None
) -> None:
    sound = clip("clean-without-fillers")
    found = hear(sound if noise is None else noisy(sound, noise))
    assert found.delivery is not None
    assert found.delivery.fillers == ()
    assert found.delivery.words_per_minute == pytest.approx(158, rel=0.05 if noise is None else 0.1)
    assert found.scores[Metric.SPEECH_RATE].value is not None


@pytest.mark.parametrize("name", ["turkish", "spanish"])
def test_another_language_gets_no_number(hear: Callable[[Sound], Assessment], name: str) -> None:
    assert_refused(hear(clip(name)))


@pytest.mark.parametrize("english_first", [True, False])
def test_half_of_another_language_gets_no_number(
    hear: Callable[[Sound], Assessment], english_first: bool
) -> None:
    halves = [clip("two-sentences"), clip("turkish")[: 12 * RATE]]
    assert_refused(hear(np.concatenate(halves if english_first else halves[::-1])))


def test_one_word_over_and_over_gets_no_number(hear: Callable[[Sound], Assessment]) -> None:
    word = clip("two-sentences")[int(0.36 * RATE) : int(0.76 * RATE)]
    minute = np.concatenate([word, np.zeros(RATE // 2, np.float32)] * 66)
    assert_refused(hear(minute))


def test_speech_too_fast_to_follow_gets_no_number(hear: Callable[[Sound], Assessment]) -> None:
    assert_refused(hear(clip("fast")))  # 396 words a minute


def test_forty_words_a_minute_are_heard_as_forty(hear: Callable[[Sound], Assessment]) -> None:
    sound = clip("two-sentences")
    cuts = [0.0, 1.36, 2.4, 3.7, 5.18, 6.52, 8.2, 9.22, 10.7]
    pieces = [sound[int(start * RATE) : int(end * RATE)] for start, end in pairwise(cuts)]
    made = np.concatenate([part for piece in pieces for part in (piece, quiet(4.9))])
    made += NOISE.normal(0, 2e-4, len(made)).astype(np.float32)
    found = hear(made)
    assert found.delivery is not None
    assert found.delivery.words_per_minute == pytest.approx(40, abs=2)
    assert len(found.delivery.pauses) == len(pieces) - 1
    assert found.scores[Metric.SPEECH_RATE].value == 1


def test_numbers_count_as_they_are_spoken(hear: Callable[[Sound], Assessment]) -> None:
    found = hear(clip("numbers"))
    assert found.delivery is not None
    assert found.delivery.words_per_minute == pytest.approx(153, rel=0.05)


def test_music_under_the_voice_leaves_no_pitch(hear: Callable[[Sound], Assessment]) -> None:
    found = hear(clip("music-under-voice"))
    assert found.scores[Metric.VOICE_TONE].value is None
    assert found.delivery is not None
    assert found.delivery.pitch_variation_semitones is None
    assert found.delivery.words_per_minute is not None


def hum(seconds: float) -> Sound:
    times = np.arange(int(seconds * RATE)) / RATE
    buzz = 0.1 * np.sign(np.sin(2 * np.pi * 50 * times)) + 0.1 * np.sin(2 * np.pi * 100 * times)
    return buzz.astype(np.float32)


def singing(seconds: float) -> Sound:
    """Tones with vibrato and formants over chords, half a second each."""
    times = np.arange(RATE // 2) / RATE
    parts = []
    for _ in range(int(2 * seconds)):
        pitch = 220 * 2 ** (NOISE.integers(0, 13) / 12) * (1 + 0.01 * np.sin(34.6 * times))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        voice = sum(np.sin(n * phase) / n * (1.0 if n * 220 < 900 else 0.3) for n in range(1, 12))
        chord = sum(np.sin(2 * np.pi * f * n * times) / n for f in (110, 139, 165) for n in (1, 2))
        parts.append((voice + 0.4 * chord) * np.minimum(1, 20 * np.minimum(times, 0.5 - times)))
    sound = np.concatenate(parts)
    result: Sound = (0.1 * sound / sound.std()).astype(np.float32)
    return result


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(10 * RATE, np.float32),
        NOISE.normal(0, 0.1, 10 * RATE).astype(np.float32),
        hum(600),
        singing(20),
    ],
    ids=["silence", "noise", "ten minutes of hum", "music with singing"],
)
def test_what_is_no_speech_gets_no_number(
    hear: Callable[[Sound], Assessment], sound: Sound
) -> None:
    assert_refused(hear(sound))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Any:
    choice = ModelChoice(folder=str(tmp_path_factory.mktemp("models")))
    join(choice)
    folder = find_languages(choice)
    assert folder is not None
    return load(folder)


def never() -> Any:
    raise AssertionError("that model is not needed")


def test_with_a_model_for_it_another_language_is_measured(several: Any) -> None:
    heard = hear_sound(clip("spanish"), never, load_languages=lambda: several)
    found = write_report(Heard(**heard, peak_bytes=None), engine_version="test")
    assert found.language == "es"
    assert "Measured as Spanish, as it was recognised." in found.notes
    assert found.scores[Metric.SPEECH_RATE].reason == OTHER_BAND
    assert found.delivery is not None
    assert found.delivery.words_per_minute == pytest.approx(176, rel=0.1)
    assert "datos" in " ".join(sentence.text for sentence in found.transcript)


def test_two_languages_are_told_apart_and_not_assessed(several: Any) -> None:
    sound = np.concatenate([clip("two-sentences"), clip("spanish")[: 12 * RATE]])
    heard = hear_sound(sound, never, load_languages=lambda: several)
    found = write_report(Heard(**heard, peak_bytes=None), engine_version="test")
    assert_refused(found)
    assert heard["doubt"] in (language.TWO_LANGUAGES, language.UNTOLD)


def test_english_is_heard_by_the_model_for_english(several: Any, model: Any) -> None:
    used: list[str] = []

    def english() -> Any:
        used.append("english")
        return model

    heard = hear_sound(clip("two-sentences"), english, load_languages=lambda: several)
    assert used == ["english"]
    assert (heard["language"], heard["language_was_found"]) == ("en", True)
    assert not heard["by_languages_model"]


def test_a_language_that_was_set_needs_a_model_for_it(model: Any) -> None:
    heard = hear_sound(clip("spanish"), lambda: model, language="es")
    assert heard["doubt"] == language.NOT_ENGLISH
    found = write_report(Heard(**heard, peak_bytes=None), engine_version="test")
    assert_refused(found)
    assert "requirements/languages.txt" in found.next_step


def test_speech_that_got_no_words_is_heard_again(model: Any) -> None:
    sound = clip("two-sentences")
    speech, hertz = find_speech(sound), track(sound, RATE, LOWEST_HZ, HIGHEST_HZ)
    words = find_words(model, sound, speech)
    assert unheard(words, speech, hertz, FIRST_SECONDS) == []
    ((start, end),) = unheard(words[8:], speech, hertz, FIRST_SECONDS)
    assert start < 0.5
    assert end == pytest.approx(words[8]["start"], abs=0.5)
    again = hear_again(model, sound, words[8:], [(start, end)], "en")
    assert len(again) == pytest.approx(len(words), abs=1)
    assert unheard(again, speech, hertz, FIRST_SECONDS) == []


def words(text: str, *, every: float = 0.4, probability: float = 0.9) -> list[dict[str, Any]]:
    return [
        {"text": word, "start": i * every, "end": (i + 1) * every, "probability": probability}
        for i, word in enumerate(text.split())
    ]


ENGLISH = (
    "I have been working as an engineer for about six years now and in my last role I was "
    "responsible for the billing system of a small company where we had to move everything"
)


@pytest.mark.parametrize(
    ("heard", "seconds", "expected"),
    [
        (words(ENGLISH), 13, None),
        (words("I am not sure if I can. " * 9), 25, language.REPEATS),
        (words("The"), 20, language.FEW_WORDS),
        ([], 20, language.FEW_WORDS),
        (words(ENGLISH, every=0.1), 3.2, language.MANY_WORDS),
        (words(ENGLISH, every=0.18), 6, language.TOO_FAST),
        (words(ENGLISH, probability=0.3), 13, language.UNSURE),
        (words(ENGLISH[:80]) + words(ENGLISH[80:], probability=0.2), 13, language.UNSURE),
        (words("Yes"), 2, None),  # too little speech to say
    ],
)
def test_what_speaks_against_a_transcript(
    heard: list[dict[str, Any]], seconds: float, expected: str | None
) -> None:
    assert language.doubt(heard, [(0.0, seconds)]) == expected


def test_a_transcript_that_the_model_would_not_write_again_is_doubted() -> None:
    assert language.doubt(words(ENGLISH), [(0.0, 13.0)], -1.2) == language.UNSURE
    assert language.doubt(words(ENGLISH), [(0.0, 13.0)], -0.6) is None
