"""The benchmark of the truth: its arithmetic, its sounds, and one real run of its machinery."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks.truth import clips, tables
from benchmarks.truth.__main__ import BEGIN, END, put_into
from benchmarks.truth.compare import match_pauses, matched_fillers, word_errors
from benchmarks.truth.conditions import CLEAN, CONDITIONS
from benchmarks.truth.hearing import Outcome, hear
from benchmarks.truth.intervals import mean, ratio, share
from benchmarks.truth.sound import RATE, Sound, at_pitch, lasting
from benchmarks.truth.utterances import Truth

ESPEAK = shutil.which("espeak-ng")

TRUTH = Truth(
    text="one two three four five six seven eight nine ten",
    words_at=(1.0, 7.0),
    pauses=((3.0, 1.5),),
    fillers=((2.0, 2.4), (5.0, 5.4)),
)


def outcome(**changes: object) -> Outcome:
    """What an engine that is always right would say, but for the changes."""
    plan = clips.ClipPlan(CLEAN, 1, None)
    right = Outcome(
        clip=clips.Clip(plan, Path("a"), Path("b"), TRUTH, 8.0),
        words_per_minute=100.0,
        words_per_minute_error=None,
        pauses=((3.0, 1.5),),
        fillers=(2.0, 5.0),
        fillers_counted=True,
        semitones=2.0,
        praat_semitones=2.0,
        text="One, two, three, four, five, six, seven, eight, nine, 10.",
        language="en",
        scores={"speech_rate": 5, "voice_tone": 5},
        reasons={"speech_rate": "", "voice_tone": ""},
        notes=(),
        seconds_taken=1.0,
    )
    return replace(right, **changes)  # type: ignore[arg-type]


def met(clean: Outcome, other: Outcome) -> dict[str, str]:
    return {name: yes for name, _, yes in tables.goals([clean], [other])}


def test_who_is_always_right_meets_every_goal() -> None:
    refused = outcome(scores={}, words_per_minute=None)
    assert set(met(outcome(), refused).values()) == {"yes"}


@pytest.mark.parametrize(
    ("changes", "goal"),
    [
        ({"words_per_minute": 104.0}, "pace within 3 %, on average"),
        ({"pauses": ((3.0, 1.8),)}, "pauses within 0.15 s, on average"),
        ({"semitones": 2.2}, "pitch within 0.1 st of Praat's, on average"),
        ({"fillers": (2.0, 5.0, 6.5)}, "fillers: precision .95"),
        ({"fillers": (2.0,)}, "fillers: recall .70"),
    ],
)
def test_who_is_wrong_in_one_thing_misses_that_goal_alone(
    changes: dict[str, object], goal: str
) -> None:
    goals = met(outcome(**changes), outcome(scores={}))
    assert [name for name, yes in goals.items() if yes == "no"] == [goal]


def test_a_missed_pause_is_a_miss_and_has_no_length() -> None:
    goals = met(outcome(pauses=()), outcome(scores={}))
    assert goals["no pause missed"] == "no"
    assert goals["pauses within 0.15 s, on average"] == tables.NONE


def test_a_score_for_another_language_misses_its_goal() -> None:
    assert met(outcome(), outcome())["no score for another language"] == "no"


def test_pauses_pair_with_those_they_overlap() -> None:
    found = match_pauses([(3.0, 1.5), (9.0, 2.0)], [(3.1, 1.2), (6.0, 1.1)])
    assert found.place_errors == pytest.approx((0.1,))
    assert found.length_errors == pytest.approx((-0.3,))
    assert found.missed == ((9.0, 2.0),)
    assert found.extra == ((6.0, 1.1),)


def test_one_report_stands_for_one_filler() -> None:
    assert matched_fillers([(1.0, 1.3), (1.5, 1.8)], [1.4]) == 1
    assert matched_fillers([(1.0, 1.3), (1.5, 1.8)], [1.1, 1.6, 9.0]) == 2
    assert matched_fillers([(1.0, 1.3)], [0.5, 1.8]) == 0


@pytest.mark.parametrize(
    ("true", "heard", "errors"),
    [
        ("by thirty five percent", "By 35%.", 0),
        ("two hundred and forty orders", "240 orders", 0),
        ("twelve thousand customers", "12,000 customers", 0),
        ("three hundred and fifty thousand dollars", "$350,000", 0),
        ("so I said no", "So, um, I said no.", 0),
        ("so I said no", "So I say no no.", 2),
        ("so I said no", "", 4),
    ],
)
def test_word_errors_read_figures_as_they_are_spoken(true: str, heard: str, errors: int) -> None:
    assert word_errors(true, heard)[0] == errors


def test_intervals_are_those_of_the_books() -> None:
    eight_of_ten, none = share(8, 10), share(0, 20)
    assert eight_of_ten is not None
    assert none is not None
    assert (eight_of_ten.low, eight_of_ten.high) == pytest.approx((0.490, 0.943), abs=0.001)
    assert (none.low, none.high) == pytest.approx((0.0, 0.161), abs=0.001)
    assert share(0, 0) is None
    around = mean([1.0, 2.0, 3.0, 4.0] * 25)
    assert around is not None
    assert around.low < 2.5 < around.high
    assert around.high - around.low == pytest.approx(2 * 1.96 * 1.118 / 10, rel=0.15)
    errors = ratio([(1, 10), (0, 30)])
    assert errors is not None
    assert errors.value == pytest.approx(0.025)


@pytest.fixture(scope="module")
def babble() -> Sound:
    """Bursts of noise, three a second: as much like speech as a level and a place need."""
    times = np.arange(4 * RATE) / RATE
    hiss = np.random.default_rng(3).uniform(-1, 1, len(times))
    sound: Sound = (0.2 * hiss * (np.sin(2 * np.pi * 3 * times) > 0)).astype(np.float32)
    return sound


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_keeps_length_and_place(babble: Sound, name: str) -> None:
    changed = CONDITIONS[name](babble, random.Random(1), babble[::-1])  # noqa: S311
    assert abs(len(changed) - len(babble)) < 0.1 * RATE
    size = 1 << 18
    spectrum = np.fft.rfft(changed, size) * np.conj(np.fft.rfft(babble, size))
    lag = int(np.argmax(np.fft.irfft(spectrum, size)))
    assert min(lag, size - lag) < 0.01 * RATE


@pytest.mark.parametrize("decibels", [30, 20, 10, 5])
def test_noise_is_as_loud_as_its_name_says(babble: Sound, decibels: int) -> None:
    noisy = CONDITIONS[f"noise at {decibels} dB"](babble, random.Random(2), babble[::-1])  # noqa: S311
    scale = float(noisy @ babble / (babble @ babble))
    rest = noisy / scale - babble
    speech = babble[np.abs(babble) > 0.01]
    measured = 10 * np.log10(np.mean(speech**2) / np.mean(rest**2))
    assert measured == pytest.approx(decibels, abs=0.5)


def test_pitch_and_length_change_alone() -> None:
    times = np.arange(2 * RATE) / RATE
    tone: Sound = np.sin(2 * np.pi * 200 * times).astype(np.float32)
    higher, longer = at_pitch(tone, 1200), lasting(tone, 3.0)
    assert len(higher) / RATE == pytest.approx(2, abs=0.1)
    assert len(longer) / RATE == pytest.approx(3, abs=0.1)
    assert _hertz(higher) == pytest.approx(400, abs=5)
    assert _hertz(longer) == pytest.approx(200, abs=5)


def _hertz(sound: Sound) -> float:
    middle = sound[RATE // 2 : RATE // 2 + RATE]
    return float(np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))))


def test_tables_go_between_the_marks_of_a_document(tmp_path: Path) -> None:
    document = tmp_path / "truth.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    put_into(document, ["new"])
    assert document.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


@pytest.mark.skipif(ESPEAK is None, reason="espeak-ng is not installed")
def test_it_makes_and_measures_real_clips(tmp_path: Path) -> None:
    clean = clips.plans([CLEAN], quick=True)
    plan = next(plan for plan in clean if plan.fillers)
    other = clips.plans([clips.OTHER_LANGUAGES], quick=True)[0]
    made = clips.make(plan, tmp_path)
    assert clips.make(plan, tmp_path) == made  # found again, not made again
    assert made.truth.fillers
    sound = _read(made.file)
    for start, end in made.truth.fillers:
        assert np.abs(sound[int(start * RATE) : int(end * RATE)]).max() > 0.01
    for start, seconds in made.truth.pauses:
        inside = sound[int((start + 0.05) * RATE) : int((start + seconds - 0.05) * RATE)]
        assert np.abs(inside).max() < 0.01
    outcomes = [hear(made), hear(clips.make(other, tmp_path))]
    assert outcomes[0].words_per_minute == pytest.approx(made.truth.words_per_minute, rel=0.15)
    lines = list(tables.everything(outcomes))
    assert any(line.startswith(f"| {CLEAN} ") and "1 of 1" in line for line in lines)
    assert any(line.startswith(f"| {other.language} ") for line in lines)
    assert sum(line.startswith("### ") for line in lines) == 9


def _read(file: Path) -> Sound:
    with av.open(str(file)) as container:
        parts = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return (np.concatenate(parts) / 32768).astype(np.float32)
