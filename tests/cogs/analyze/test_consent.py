"""Nothing is fetched before a member agrees, and agreeing lets the request go on by itself."""

from __future__ import annotations

import pytest

from analyzer.consent import consent_version
from core.assessment import EngineName
from tests.cogs.simulation import Simulation, labels_of, owner, reply, text_of


@pytest.fixture
def fetched(sim: Simulation, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs the bot has read."""
    urls: list[str] = []
    original = sim.bot.http.get_from_cdn

    async def noted(url: str) -> bytes:
        urls.append(url)
        return await original(url)

    monkeypatch.setattr(sim.bot.http, "get_from_cdn", noted)
    return urls


async def test_the_card_comes_first_and_nothing_is_fetched(
    sim: Simulation, fetched: list[str]
) -> None:
    shown = await sim.analyze(sim.ada)
    assert shown.ephemeral
    text = text_of(shown.response)
    for part in ("TwelveLabs, Inc. (US)", "What is scored", "90 days", "hiring", "13", "Delete"):
        assert part in text
    assert labels_of(shown.response) == ["I agree", "Not now", "What is scored?"]
    assert fetched == []
    assert not sim.vendor.assets


async def test_agreeing_goes_on_with_the_same_request_and_asks_no_more(
    sim: Simulation, fetched: list[str]
) -> None:
    shown = await sim.analyze(sim.ada)
    await sim.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)
    assert len(fetched) == 1
    again = await sim.analyze(sim.ada)
    assert "One strength" in text_of(again.response)
    consent = await sim.bot.app.deps.consents.get(owner(sim.ada))
    assert consent is not None
    assert consent.version == consent_version(EngineName.TWELVELABS)
    assert consent.agreed_at.tzinfo is not None


async def test_not_now_forgets_the_request(sim: Simulation, fetched: list[str]) -> None:
    shown = await sim.analyze(sim.ada)
    await sim.restart()
    more = await sim.ada.click(reply(shown), label="What is scored?")
    assert "Where it goes wrong" in text_of(more.response)
    await sim.ada.click(reply(shown), label="Not now")
    assert "Nothing was fetched or kept" in text_of(shown.response)
    assert labels_of(shown.response) == []
    assert fetched == []
    assert await sim.bot.app.deps.consents.get(owner(sim.ada)) is None


async def test_agreeing_works_after_a_restart(sim: Simulation) -> None:
    shown = await sim.analyze(sim.ada)
    await sim.restart()
    await sim.ada.click(reply(shown), label="I agree")
    assert "One strength" in text_of(shown.response)


async def test_agreeing_twice_submits_once(sim: Simulation) -> None:
    shown = await sim.analyze(sim.ada)
    card = shown.response
    assert card is not None
    agree = card.components[0]["components"][0]["custom_id"]
    await sim.ada.click(reply(shown), label="I agree")
    request_id = agree.rsplit(":", 1)[1]
    assert await sim.bot.app.deps.requests.get(owner(sim.ada), request_id) is None
    assert sim.vendor.tasks_created == 1


async def test_a_shared_request_becomes_public_after_agreeing(sim: Simulation) -> None:
    shown = await sim.analyze(sim.ada, share=True)
    card = shown.response
    assert shown.ephemeral
    await sim.ada.click(reply(shown), label="I agree")
    public = sim.channel.history(viewer=sim.ben)
    assert len(public) == 1
    assert "One strength" in (public[0].embeds[0].description or "")
    assert "for everyone" in text_of(card)


async def test_consent_counts_in_its_own_server_only(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    elsewhere = await sim.analyze(sim.ada_elsewhere)
    assert labels_of(elsewhere.response) == ["I agree", "Not now", "What is scored?"]


async def test_a_new_version_asks_again(sim: Simulation) -> None:
    old = consent_version(EngineName.TWELVELABS) - 1
    await sim.bot.app.deps.consents.agree(owner(sim.ada), old)
    shown = await sim.analyze(sim.ada)
    assert labels_of(shown.response) == ["I agree", "Not now", "What is scored?"]


async def test_a_refused_request_is_refused_before_the_card(sim: Simulation) -> None:
    shown = await sim.analyze(sim.ada, question="\u200b")
    assert "Write the interview question" in text_of(shown.response)
