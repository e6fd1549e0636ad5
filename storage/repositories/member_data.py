"""What a member may demand of every repository: all that it holds about them, and to forget it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from core.models import Owner
from storage.engine.database import Database
from storage.engine.kept_databases import in_kept
from storage.engine.scrubbing import Traces
from storage.leaderboard.repository import Board
from storage.repositories.consents import Consents
from storage.repositories.daily_usage import DailyUsage
from storage.repositories.interviews import Interviews
from storage.repositories.member_attempts import MemberAttempts
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.sentence_vectors import SentenceVectors
from storage.repositories.studio_links import StudioLinks


class HoldsMemberData(Protocol):
    """A repository with rows that name a member."""

    async def export(self, owner: Owner) -> Mapping[str, list[dict[str, Any]]]:
        """Everything held about the owner, as plain JSON values: rows by the name of their table.

        Each of its tables is named, also one without rows.
        """
        ...

    async def erase(self, owner: Owner) -> None:
        """Forget the owner in this server. Safe to repeat."""
        ...


class MemberData:
    """All repositories that name members, walked one after the other."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self.attempts = MemberAttempts(database, clock)
        self._holders: tuple[HoldsMemberData, ...] = (
            PendingRequests(database, clock),
            StudioLinks(database, clock),
            Interviews(database, clock),
            Board(database, clock),  # before the attempts it is made from
            SentenceVectors(database),
            self.attempts,
            MemberSettingsStore(database),
            DailyUsage(database, clock),
            Consents(database, clock),
        )

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """Everything held about the owner in this server, by table."""
        found: dict[str, list[dict[str, Any]]] = {}
        for holder in self._holders:
            found |= await holder.export(owner)
        return found

    async def erase(self, owner: Owner) -> None:
        """Forget the owner in this server. Where it is interrupted, it can be repeated.

        Waits for some seconds until nothing of it can be read from the files.
        """
        for holder in self._holders:
            await holder.erase(owner)
        self._database.left_behind(Traces.WORDS)
        await in_kept(self._database, lambda kept: MemberData(kept, self._clock).erase(owner))
        await self._database.scrubbed()
