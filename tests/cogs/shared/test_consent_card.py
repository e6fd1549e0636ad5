"""The consent card: that it says all that is agreed to, and that no operator's name breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given

from analyzer.consent import consent_version
from analyzer.dependencies import JudgeInUse
from cogs.shared.consent import consent_card, scoring_card, still_says
from core.assessment import EngineName
from core.models import THIS_MACHINE
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.reading import read
from tests.cogs.ui.samples import ANY_TEXT, FEWER


@FEWER
@given(ANY_TEXT)
def test_any_operator_leaves_an_embed_discord_takes_with_nothing_alive_in_it(text: str) -> None:
    for engine in EngineName:
        check_embed(consent_card(engine=engine, retention_days=90, operator=text))


@pytest.mark.parametrize("engine", EngineName)
def test_the_consent_card_says_all_that_is_agreed_to(engine: EngineName) -> None:
    text = read(consent_card(engine=engine, retention_days=90, operator="Ann <ann@x.example>"))
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
        "takes your consent back",
    ):
        assert said in text
    assert len(text.split()) < 190


def test_the_consent_card_says_where_the_clip_goes_by_engine() -> None:
    vendor = read(consent_card(engine=EngineName.TWELVELABS, retention_days=1))
    local = read(consent_card(engine=EngineName.LOCAL, retention_days=1))
    assert "sent to TwelveLabs, Inc. (US)" in vendor
    assert "TwelveLabs" not in local
    assert "on the server that runs this bot, and sent to nobody" in local
    assert "for 1 day." in vendor
    assert "Who runs this bot" not in local


def test_what_is_scored_and_how_that_goes_wrong_is_behind_the_button() -> None:
    vendor, local = read(scoring_card(EngineName.TWELVELABS)), read(scoring_card(EngineName.LOCAL))
    assert "Dim light, the camera's position" in vendor
    assert "gestures" in vendor
    assert "/metrics switches off" in local


def test_agreeing_to_the_local_card_is_not_agreeing_to_send_clips_away() -> None:
    assert consent_version(EngineName.LOCAL) < consent_version(EngineName.TWELVELABS)


@pytest.mark.parametrize("engine", EngineName)
def test_the_consent_card_names_the_host_the_words_go_to(engine: EngineName) -> None:
    judge = JudgeInUse(model="some-model", host="judge.example.org")
    card = consent_card(engine=engine, retention_days=90, judge=judge)
    text = read(card)
    assert "Your words, as text, and the question go to judge.example.org" in text
    assert "some-model" in text
    assert "sent to nobody" not in text
    assert ("not judged" in text) is False
    assert still_says(card, engine, judge)
    assert not still_says(card, engine, None)
    assert not still_says(card, engine, JudgeInUse("some-model", "other.example.org"))


def test_a_judge_on_this_machine_is_told_to_be_there() -> None:
    judge = JudgeInUse(model="llama3.1:8b", host=THIS_MACHINE)
    text = read(consent_card(engine=EngineName.LOCAL, retention_days=90, judge=judge))
    assert "sent to nobody" in text
    assert "on the server that runs this bot, and go nowhere else for that" in text


@FEWER
@given(ANY_TEXT, ANY_TEXT)
def test_any_judge_leaves_an_embed_discord_takes(model: str, host: str) -> None:
    for engine in EngineName:
        check_embed(consent_card(engine=engine, retention_days=90, judge=JudgeInUse(model, host)))
