"""The line of clips that wait to be measured on this machine, as members see it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from analyzer.dependencies import Dependencies
from core.assessment import EngineName
from core.errors import StorageUnavailable, Superseded
from core.models import Attempt, Waiting


async def with_turn(deps: Dependencies, attempt: Attempt) -> Attempt:
    """Put on the row which place in line its clip has, where that has changed; as the row is then.

    The line is that of this process: another worker measures its own clips.
    """
    if attempt.engine is not EngineName.LOCAL:
        return attempt
    turn = deps.work_pace.turn(attempt.id)
    place = None if attempt.waiting is None else attempt.waiting.place
    if place == (None if turn is None else turn.place):
        return attempt
    waiting = None
    if turn is not None:
        until = deps.clock() + timedelta(seconds=turn.seconds)
        waiting = Waiting(until=until, place=turn.place)
    with suppress(Superseded, StorageUnavailable):  # the work itself has moved on, or will
        return await deps.attempts.change(attempt, waiting=waiting)
    return attempt
