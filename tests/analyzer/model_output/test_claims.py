"""What was said is found however it is written, and nothing else is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analyzer.model_output.claims import Transcript, words_of
from analyzer.model_output.english import looks_english
from analyzer.model_output.spoken_numbers import numbers_in, readings_in
from core.assessment import Sentence

WORDS = st.text(st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=0x24F), min_size=1)
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=8), min_size=1, max_size=6)


def transcript(*texts: str, **options: tuple[str, ...]) -> Transcript:
    return Transcript(
        tuple(Sentence(text=text, start=5.0 * i, end=5.0 * i + 4) for i, text in enumerate(texts)),
        **options,
    )


SAID = transcript(
    "Last spring our weekly report took two days, and nobody knew why.",
    "I didn't give up: we cut it by forty percent.",
    "Now it's at 1,200 users, since nineteen ninety nine, with half the cost at O'Brien's.",
)


@pytest.mark.parametrize(
    ("quote", "text", "at"),
    [
        ("our WEEKLY report took 2 days!", "our weekly report took two days", 0),
        ("i didnt give up", "I didn't give up", 5),
        ("we cut it by 40 %", "we cut it by forty percent", 5),
        ("we cut it by 40%", "we cut it by forty percent", 5),
        ("nobody knew why. I didn’t give up", "nobody knew why. I didn't give up", 0),
        ("Last spring … nobody knew", "Last spring … nobody knew", 0),
        ("[...] nobody knew why ...", "nobody knew why", 0),
        ("nów ít's at", "Now it's at", 10),
    ],
)
def test_a_quote_is_found_as_it_stands(quote: str, text: str, at: float) -> None:
    found = SAID.find(quote)
    assert found is not None
    assert (found.text, found.at_seconds) == (text, at)


@pytest.mark.parametrize(
    "quote",
    [
        "our monthly report took two days",
        "report took two day",
        "weekly rep took",
        "nobody knew … last spring",  # the wrong way round
        "two days",
        "…",
        "",
        "?!",
        "our weekly report took three days",
    ],
)
def test_what_was_not_said_is_not_found(quote: str) -> None:
    assert SAID.find(quote) is None


def test_scripts_without_spaces() -> None:
    said = transcript("我去年带领团队完成了一个项目。", "結果は良かった")
    assert said.find("带领团队完成") is not None
    assert said.find("没有这个项目") is None


def test_nothing_is_found_in_nothing() -> None:
    assert transcript().find("anything at all") is None
    assert transcript("").find("anything at all") is None
    assert transcript("Yes.").find("yes") is not None


@given(SENTENCES, st.data())
def test_whatever_stands_in_a_transcript_is_found_where_it_first_stands(
    sentences: list[list[str]], data: st.DataObject
) -> None:
    said = transcript(*(" ".join(words) for words in sentences))
    number = data.draw(st.integers(0, len(sentences) - 1))
    first = data.draw(st.integers(0, len(sentences[number]) - 1))
    quote = " ".join(sentences[number][first:])
    assume(words_of(quote))
    for written in (quote, f"“{quote.upper()}!”"):
        if words_of(written) != words_of(quote):  # no letter that changes with its case
            continue
        found = said.find(written, shortest=1)
        assert found is not None
        assert words_of(found.text) == words_of(quote)
        assert found.at_seconds <= 5.0 * number


@given(SENTENCES, st.lists(WORDS, min_size=3, max_size=5))
def test_what_is_found_has_the_words_that_were_looked_for(
    sentences: list[list[str]], wanted: list[str]
) -> None:
    found = transcript(*(" ".join(words) for words in sentences)).find(" ".join(wanted))
    assert found is None or words_of(found.text) == words_of(" ".join(wanted))


@given(st.lists(st.text(), max_size=4), st.text())
def test_no_text_is_too_odd(texts: list[str], quote: str) -> None:
    said = transcript(*texts)
    said.find(quote)
    said.lacks_facts_of(quote)
    looks_english(quote)
    if found := said.find(texts[0], shortest=1) if texts else None:
        assert found.at_seconds == 0


@given(st.integers(0, 10**9))
def test_a_number_said_may_be_written_in_digits_and_grouped(number: int) -> None:
    said = transcript(f"It was {number:,} then.")
    assert not said.lacks_numbers_of(f"It was {number}.")
    assert not said.lacks_numbers_of(f"It was {number:,} %.")
    if number > 1:
        assert transcript("It was many.").lacks_numbers_of(f"It was {number}.")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("forty", {40}),
        ("twenty-five people", {25}),
        ("two hundred and fifty", {250}),
        ("one thousand two hundred", {1200}),
        ("ten, twelve", {10, 12}),
        ("a dozen", {12}),
        ("3k", {3000}),
        ("1.5 million", {1_500_000}),
        ("$1,200.50", {Decimal("1200.50"), 1, 200, 50}),
        ("the one I chose, at first, a second later", set()),
        ("half of it", {Decimal("0.5")}),
        ("½", {Decimal("0.5")}),
        ("２０", {20}),
    ],
)
def test_numbers_in_words_and_digits(text: str, numbers: set[object]) -> None:
    if text == "$1,200.50":
        assert numbers_in(text) <= numbers
        return
    assert numbers_in(text) == numbers


def test_what_was_said_may_be_read_in_several_ways() -> None:
    assert {1999} <= readings_in("nineteen ninety nine")
    assert {25, 20, 5} <= readings_in("twenty five")
    assert {123} <= readings_in("one two three")


@pytest.mark.parametrize(
    "text",
    [
        "We cut it by 40 %.",
        "We were at 1200 users in 1999.",
        "At half the cost.",
        "Then I gave it two days, last Spring, and I'm glad I did.",
        "O'Brien's was next.",
        "A report, as I said.",
        "However, nobody gave up.",
    ],
)
def test_the_speakers_own_facts_may_be_said_again(text: str) -> None:
    assert not SAID.lacks_facts_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "We cut it by 41 %.",
        "We cut it by sixty percent.",
        "Twice the users.",
        "We did it at Acme.",
        "Acme gave us a report.",
        "We used SQL.",
        "We used McKinsey.",
        "A dozen users.",
        "That was it. Siemens knew.",
    ],
)
def test_other_facts_were_made_up(text: str) -> None:
    assert SAID.lacks_facts_of(text)


def test_what_the_question_names_may_be_named() -> None:
    said = transcript("I like it there.", also=("Why Acme?",))
    assert not said.lacks_facts_of("I like Acme.")


ENGLISH = (
    "You give the cause of the delay and what you did about it.",
    "Your answer names one clear result.",
    "Missing result",
    "How you decided",
    "Say what came of it, with one number.",
    'You repeat yourself in the middle: "por favor, no lo sé" stands three times.',
    "",
)
OTHERS = (
    "Usted explica la causa del problema y los pasos que ha dado.",
    "Sie nennen die Ursache, aber nicht das Ergebnis der Arbeit.",
    "Vous expliquez la cause du retard et ce que vous avez fait.",
    "Você explica a causa do atraso e o que fez para resolver.",
    "Lei spiega la causa del ritardo e quello che ha fatto.",
    "Je noemt de oorzaak van het probleem, maar niet het resultaat.",
    "Du nämner orsaken till problemet men inte vad som hände sedan.",
    "Вы называете причину, но не результат.",
    "您说明了原因，但没有说结果。",
    "لقد ذكرت السبب ولم تذكر النتيجة",
    "Sorunun nedenini söylüyorsunuz ama bir sonuç için bir örnek yok.",
    "Mówi pan o przyczynie, ale nie jest jasne, co się stało.",
)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_taken_for_english(text: str) -> None:
    assert looks_english(text)


@pytest.mark.parametrize("text", OTHERS)
def test_other_languages_are_not(text: str) -> None:
    assert not looks_english(text)
