"""The cards of an attempt without a result: their wording, and that no text can break them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from cogs.analyze.cards import cancelled_embed, failure_embed, progress_embed
from core.assessment import EngineName
from core.models import Attempt, AttemptState, Failure
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.reading import read
from tests.cogs.ui.samples import ATTEMPTS, DAY, FEWER, attempt
from tests.storage.samples import FACTS


@FEWER
@given(ATTEMPTS)
def test_any_card_is_an_embed_discord_takes_with_nothing_alive_in_it(made: Attempt) -> None:
    check_embed(progress_embed(made, now=DAY))
    check_embed(cancelled_embed(made))
    check_embed(failure_embed(made), ours=frozenset({"<t:0:R>"}))  # a time in a sentence of ours


@pytest.mark.parametrize(
    ("engine", "state", "lines"),
    [
        ("twelvelabs", "queued", "✓ Received|▸ Check|· Upload|· Assessment|· Result"),
        ("twelvelabs", "fetched", "✓ Received|✓ Check|▸ Upload|· Assessment|· Result"),
        ("twelvelabs", "uploaded", "✓ Received|✓ Check|✓ Upload|▸ Assessment|· Result"),
        ("twelvelabs", "analyzing", "✓ Received|✓ Check|✓ Upload|▸ Assessment|· Result"),
        ("twelvelabs", "assessed", "✓ Received|✓ Check|✓ Upload|✓ Assessment|▸ Result"),
        ("local", "queued", "✓ Received|▸ Check|· Measuring|· Result"),
        ("local", "fetched", "✓ Received|✓ Check|▸ Measuring|· Result"),
        ("local", "analyzing", "✓ Received|✓ Check|▸ Measuring|· Result"),
        ("local", "delivered", "✓ Received|✓ Check|✓ Measuring|✓ Result"),
    ],
)
def test_progress_shows_what_is_done_under_way_and_to_come(
    engine: str, state: str, lines: str
) -> None:
    made = attempt(engine=EngineName(engine), state=AttemptState(state))
    text = read(progress_embed(made, now=DAY))
    assert lines.replace("|", "\n") in text


def test_progress_says_how_long_it_has_been_and_will_be() -> None:
    now = DAY + timedelta(seconds=72)
    text = read(progress_embed(attempt(), now=now))
    assert "1:12 so far. It usually takes one to three minutes." in text
    assert "You can close Discord; the result will be here and in /history." in text
    assert "0:00 so far" in read(progress_embed(attempt(), now=DAY - timedelta(seconds=5)))


def test_the_local_engine_says_how_long_it_will_be_once_it_knows_the_clip() -> None:
    facts = FACTS.model_copy(update={"expected_seconds": 9.2})
    known = attempt(engine=EngineName.LOCAL, state=AttemptState.ANALYZING, facts=facts)
    assert "0:00 so far. Measuring takes about 9 s." in read(progress_embed(known, now=DAY))
    unknown = attempt(engine=EngineName.LOCAL, state=AttemptState.QUEUED)
    assert "less time than the clip is long" in read(progress_embed(unknown, now=DAY))


def test_a_failure_gives_the_sentence_a_next_step_and_a_reference() -> None:
    why = Failure(code="clip_short", sentence="Your clip is 3 s long; record at least 4 s.")
    text = read(failure_embed(attempt(state=AttemptState.FAILED, failure=why)))
    assert why.sentence in text
    assert "Press Try again to answer" in text
    assert "0123456789abcdef" in text
    assert "clip_short" not in text
