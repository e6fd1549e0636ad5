"""Sentence vectors: their owner's alone, of attempts that are there, and gone with them."""

from __future__ import annotations

import pytest

from core.models import AttemptState
from storage.engine.database import Database
from storage.repositories.attempts import Attempts
from storage.repositories.sentence_vectors import SentenceVectors
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, BEN, admitted, ended


@pytest.fixture
def vectors(database: Database) -> SentenceVectors:
    return SentenceVectors(database)


async def test_they_are_kept_for_their_owner_and_model(
    vectors: SentenceVectors, attempts: Attempts, clock: Clock
) -> None:
    mine = await admitted(attempts, clock.now)
    await vectors.save(ANN, "one", {mine.id: b"\x00\x7f\x80\xff"})
    assert await vectors.of(ANN, "one") == {mine.id: b"\x00\x7f\x80\xff"}
    assert await vectors.of(ANN, "two") == await vectors.of(BEN, "one") == {}
    await vectors.save(ANN, "two", {mine.id: b"new"})
    assert await vectors.of(ANN, "one") == {}
    assert await vectors.of(ANN, "two") == {mine.id: b"new"}


async def test_none_are_kept_of_others_attempts_or_of_those_that_are_gone(
    vectors: SentenceVectors, attempts: Attempts, clock: Clock
) -> None:
    mine = await admitted(attempts, clock.now)
    await vectors.save(BEN, "one", {mine.id: b"x"})
    await vectors.save(ANN, "one", {"0" * 16: b"x"})
    assert await vectors.of(BEN, "one") == await vectors.of(ANN, "one") == {}


async def test_they_go_with_their_attempt(
    vectors: SentenceVectors, attempts: Attempts, clock: Clock
) -> None:
    one = await admitted(attempts, clock.now)
    two = await ended(attempts, clock.now, AttemptState.DELIVERED)
    await vectors.save(ANN, "one", {one.id: b"a", two.id: b"b"})
    await attempts.delete(ANN, one.id)
    assert await vectors.of(ANN, "one") == {two.id: b"b"}
    await attempts.purge(clock.forward(hours=1))
    assert await vectors.of(ANN, "one") == {}
