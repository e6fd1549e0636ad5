"""A page of attempts: how each is told, and that no question can break it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cogs.history.cards import history_embed
from cogs.ui.text import unmarked
from core.assessment import EngineName, Metric
from core.models import Attempt, AttemptState
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.reading import read
from tests.cogs.ui.samples import (
    ANY_QUESTION,
    ATTEMPTS,
    BOUNDED,
    DAY,
    FEWER,
    assessment,
    attempt,
    delivery,
)

WHEN = f"<t:{int(DAY.timestamp())}:d>"


@FEWER
@given(st.lists(ATTEMPTS, min_size=1, max_size=4))
def test_any_page_is_an_embed_discord_takes_with_nothing_alive_in_it(
    attempts: list[Attempt],
) -> None:
    check_embed(history_embed(attempts, 1, 2), ours=frozenset({WHEN}))


def test_a_page_of_long_questions_fits() -> None:
    check_embed(history_embed([attempt(question="*" * 300)] * 25, 1, 1), ours=frozenset({WHEN}))


@BOUNDED
@given(ANY_QUESTION)
def test_a_narrowed_history_says_to_what(question: str) -> None:
    narrowed = history_embed([], 1, 1, question=question, since=DAY.date(), until=DAY.date())
    check_embed(narrowed)
    assert "from 2026-03-02 up to 2026-03-02" in read(narrowed)
    assert "Leave a filter out" in read(narrowed)


def test_history_numbers_attempts_and_says_how_each_ended() -> None:
    pace_only: dict[Metric, int] = {m: 0 for m in Metric if m is not Metric.SPEECH_RATE}
    local = assessment(pace_only, engine=EngineName.LOCAL, delivery=delivery())
    attempts = [
        attempt(assessment(), question="*Why* us?"),
        attempt(local, question="q" * 300),
        attempt(state=AttemptState.FAILED),
        attempt(state=AttemptState.CANCELLED),
        attempt(state=AttemptState.ANALYZING),
        attempt(assessment(pace_only)),
    ]
    made = history_embed(attempts, 2, 3)
    blocks = unmarked(made.description or "").split("\n\n")
    assert blocks == [
        f"1. *Why* us?\n{WHEN} · overall 6.0 of 10 · TwelveLabs",
        f"2. {'q' * 99}…\n{WHEN} · 148 words per minute · local engine",
        f"3. Tell me about yourself\n{WHEN} · no result · TwelveLabs",
        f"4. Tell me about yourself\n{WHEN} · cancelled · TwelveLabs",
        f"5. Tell me about yourself\n{WHEN} · still working · TwelveLabs",
        f"6. Tell me about yourself\n{WHEN} · assessed · TwelveLabs",
    ]
    assert made.footer.text == "Page 2 of 3"


def test_an_empty_history_says_how_to_begin() -> None:
    made = history_embed([], 1, 1)
    assert (
        made.description == "Nothing here yet. Press `Practise now`, or run `/analyze` with a clip."
    )
    assert made.footer.text is None
