"""Settings, question and size are looked at once on the direct way, and anew after a detour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from analyzer.media.clip_limits import check_declared_size
from core.models import ClipSource, ServerSettings
from tests.cogs.simulation import Simulation, reply, text_of


@contextmanager
def reads_of_settings(sim: Simulation) -> Iterator[list[str]]:
    """The statements that look up what a server has chosen."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM server_settings" in statement:
            seen.append(statement)

    engine = sim.bot.app.deps.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_analyze_reads_a_servers_settings_once(slow_stage: Simulation) -> None:
    sim = slow_stage
    await sim.agree(sim.ada)
    with reads_of_settings(sim) as reads:
        shown = await sim.analyze(sim.ada)
    assert "Working on your answer" in text_of(shown.response)
    assert len(reads) == 1


async def test_a_shared_one_reads_them_once_too(slow_stage: Simulation) -> None:
    sim = slow_stage
    await sim.agree(sim.ada)
    await sim.bot.app.deps.server_settings.set(sim.guild.id, ServerSettings(share_by_default=True))
    with reads_of_settings(sim) as reads:
        shown = await sim.analyze(sim.ada)
    assert "for everyone" in text_of(shown.response)
    assert len(reads) == 1


async def test_the_consent_card_and_agreeing_read_them_once_each(slow_stage: Simulation) -> None:
    sim = slow_stage
    with reads_of_settings(sim) as reads:
        card = await sim.analyze(sim.ada)
        assert len(reads) == 1
        await sim.ada.click(reply(card), label="I agree")
    assert "Working on your answer" in text_of(card.response)
    assert len(reads) == 2


async def test_practice_reads_them_once(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    with reads_of_settings(sim) as reads:
        await sim.ada.slash(sim.channel, "practice", question="Which knot holds best?")
    assert len(reads) == 1


async def test_question_and_size_are_checked_once_and_again_after_the_card(
    slow_stage: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = slow_stage
    checked: list[ClipSource] = []

    def noted(source: ClipSource, *, max_bytes: int) -> None:
        checked.append(source)
        check_declared_size(source, max_bytes=max_bytes)

    monkeypatch.setattr("analyzer.services.attempts.check_declared_size", noted)
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada)
    assert len(checked) == 1
    card = await sim.analyze(sim.ben)
    assert len(checked) == 2
    await sim.ben.click(reply(card), label="I agree")
    assert len(checked) == 3
