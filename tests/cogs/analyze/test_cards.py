"""The cards around a result: their wording, and that no text can break them."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.consent import consent_version
from cogs.analyze.cards import (
    cancelled_embed,
    consent_card,
    failure_embed,
    history_embed,
    note_embed,
    progress_embed,
    refusal_embed,
)
from cogs.ui.text import unmarked
from core.models import Attempt, AttemptState, EngineName, Failure, Metric
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.samples import (
    ANY_QUESTION,
    ANY_TEXT,
    ATTEMPTS,
    BOUNDED,
    DAY,
    FEWER,
    assessment,
    attempt,
    delivery,
)

WHEN = f"<t:{int(DAY.timestamp())}:d>"


def text_of(embed: discord.Embed) -> str:
    """All a reader sees of an embed."""
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return unmarked("\n".join([embed.title or "", embed.description or "", *fields]))


@FEWER
@given(st.lists(ATTEMPTS, min_size=1, max_size=4), ANY_TEXT)
def test_any_card_is_an_embed_discord_takes_with_nothing_alive_in_it(
    attempts: list[Attempt], text: str
) -> None:
    check_embed(history_embed(attempts, 1, 2), ours=frozenset({WHEN}))
    check_embed(progress_embed(attempts[0], now=DAY))
    check_embed(cancelled_embed(attempts[0]))
    times = frozenset({"<t:0:R>"})  # in sentences of ours times are meant to be alive
    check_embed(failure_embed(attempts[0]), ours=times)
    check_embed(refusal_embed(f"{text}."), ours=times)
    check_embed(note_embed(f"{text}."), ours=times)
    check_embed(consent_card(engine=attempts[0].engine, retention_days=90, operator=text))


def test_a_page_of_long_questions_fits() -> None:
    check_embed(history_embed([attempt(question="*" * 300)] * 25, 1, 1), ours=frozenset({WHEN}))


@BOUNDED
@given(ANY_QUESTION)
def test_a_narrowed_history_says_to_what(question: str) -> None:
    narrowed = history_embed([], 1, 1, question=question, since=DAY.date(), until=DAY.date())
    check_embed(narrowed)
    assert "from 2026-03-02 up to 2026-03-02" in text_of(narrowed)
    assert "Leave a filter out" in text_of(narrowed)


@pytest.mark.parametrize("engine", EngineName)
def test_the_consent_card_says_all_that_is_agreed_to(engine: EngineName) -> None:
    text = text_of(consent_card(engine=engine, retention_days=90, operator="Ann <ann@x.example>"))
    for said in (
        "Nothing is fetched until you agree",
        "accent",
        "disability",
        "for 90 days",
        "Delete",
        "Never for hiring",
        "at least 13",
        "The clip is yours",
        "Ann <ann@x.example>",
        "deleted there right afterwards",
    ):
        assert said in text
    assert len(text) < 1300


def test_the_consent_card_says_where_the_clip_goes_by_engine() -> None:
    vendor = text_of(consent_card(engine=EngineName.TWELVELABS, retention_days=1))
    local = text_of(consent_card(engine=EngineName.LOCAL, retention_days=1))
    assert "sent to TwelveLabs, Inc. (US)" in vendor
    assert "Dim light, the camera's position" in vendor
    assert "TwelveLabs" not in local
    assert "on the server that runs this bot, and sent to nobody" in local
    assert "for 1 day." in vendor
    assert "Who runs this bot" not in local


def test_agreeing_to_the_local_card_is_not_agreeing_to_send_clips_away() -> None:
    assert consent_version(EngineName.LOCAL) < consent_version(EngineName.TWELVELABS)


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
    text = text_of(progress_embed(made, now=DAY))
    assert lines.replace("|", "\n") in text


def test_progress_says_how_long_it_has_been_and_will_be() -> None:
    now = DAY + timedelta(seconds=72)
    text = text_of(progress_embed(attempt(), now=now))
    assert "1:12 so far. It usually takes one to three minutes." in text
    assert "You can close Discord; the result will be here and in /history." in text
    assert "0:00 so far" in text_of(progress_embed(attempt(), now=DAY - timedelta(seconds=5)))


def test_a_failure_gives_the_sentence_a_next_step_and_a_reference() -> None:
    why = Failure(code="clip_short", sentence="Your clip is 3 s long; record at least 4 s.")
    text = text_of(failure_embed(attempt(state=AttemptState.FAILED, failure=why)))
    assert why.sentence in text
    assert "You can run /analyze again" in text
    assert "0123456789abcdef" in text
    assert "clip_short" not in text


def test_sentences_of_ours_keep_their_times_and_commands() -> None:
    said = "Run `/analyze` <t:1767225600:R>."
    for embed in (refusal_embed(said), note_embed(said)):
        assert embed.description == said
        assert embed.title is None


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
    assert made.description == "Nothing here yet. Run `/analyze` with a clip to begin."
    assert made.footer.text is None
