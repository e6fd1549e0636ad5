"""Nothing is fetched before a member agrees, and agreeing lets the request go on by itself."""

from __future__ import annotations

import pytest

from cogs.analyze.cards import consent_version
from core.models import EngineName
from tests.cogs.simulation import Stage, labels_of, owner, reply, text_of


@pytest.fixture
def fetched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs the bot has read."""
    urls: list[str] = []
    original = stage.bot.http.get_from_cdn

    async def noted(url: str) -> bytes:
        urls.append(url)
        return await original(url)

    monkeypatch.setattr(stage.bot.http, "get_from_cdn", noted)
    return urls


async def test_the_card_comes_first_and_nothing_is_fetched(
    stage: Stage, fetched: list[str]
) -> None:
    shown = await stage.analyze(stage.ada)
    assert shown.ephemeral
    text = text_of(shown.response)
    for part in ("TwelveLabs, Inc. (US)", "What is scored", "90 days", "hiring", "13", "Delete"):
        assert part in text
    assert labels_of(shown.response) == ["I agree", "Not now"]
    assert fetched == []
    assert not stage.vendor.assets


async def test_agreeing_goes_on_with_the_same_request_and_asks_no_more(
    stage: Stage, fetched: list[str]
) -> None:
    shown = await stage.analyze(stage.ada)
    await stage.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)
    assert len(fetched) == 1
    again = await stage.analyze(stage.ada)
    assert "One strength" in text_of(again.response)
    consent = await stage.bot.tools.consents.get(owner(stage.ada))
    assert consent is not None
    assert consent.version == consent_version(EngineName.TWELVELABS)
    assert consent.agreed_at.tzinfo is not None


async def test_not_now_forgets_the_request(stage: Stage, fetched: list[str]) -> None:
    shown = await stage.analyze(stage.ada)
    await stage.ada.click(reply(shown), label="Not now")
    assert "Nothing was fetched or kept" in text_of(shown.response)
    assert labels_of(shown.response) == []
    assert fetched == []
    assert await stage.bot.tools.consents.get(owner(stage.ada)) is None


async def test_agreeing_works_after_a_restart(stage: Stage) -> None:
    shown = await stage.analyze(stage.ada)
    await stage.restart()
    await stage.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)


async def test_agreeing_twice_submits_once(stage: Stage) -> None:
    shown = await stage.analyze(stage.ada)
    card = shown.response
    assert card is not None
    agree = card.components[0]["components"][0]["custom_id"]
    await stage.ada.click(reply(shown), label="I agree")
    request_id = agree.rsplit(":", 1)[1]
    assert await stage.bot.tools.requests.get(owner(stage.ada), request_id) is None
    assert stage.vendor.tasks_created == 1


async def test_a_shared_request_becomes_public_after_agreeing(stage: Stage) -> None:
    shown = await stage.analyze(stage.ada, share=True)
    card = shown.response
    assert shown.ephemeral
    await stage.ada.click(reply(shown), label="I agree")
    public = stage.channel.history(viewer=stage.ben)
    assert len(public) == 1
    assert "One strength" in (public[0].embeds[0].description or "")
    assert "for everyone" in text_of(card)


async def test_consent_counts_in_its_own_server_only(stage: Stage) -> None:
    await stage.agree(stage.ada)
    elsewhere = await stage.analyze(stage.ada_elsewhere)
    assert labels_of(elsewhere.response) == ["I agree", "Not now"]


async def test_a_new_version_asks_again(stage: Stage) -> None:
    old = consent_version(EngineName.TWELVELABS) - 1
    await stage.bot.tools.consents.agree(owner(stage.ada), old)
    shown = await stage.analyze(stage.ada)
    assert labels_of(shown.response) == ["I agree", "Not now"]


async def test_a_refused_request_is_refused_before_the_card(stage: Stage) -> None:
    shown = await stage.analyze(stage.ada, question="\u200b")
    assert "Write the interview question" in text_of(shown.response)
