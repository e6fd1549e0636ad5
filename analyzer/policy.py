"""What is in force: the operator's limits, narrowed by what a server and a member have chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.assessment import Metric
from core.models import Owner, ServerSettings
from storage.repositories.member_settings import MemberSettingsStore
from storage.repositories.server_settings import ServerSettingsStore


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen for a member's attempts in one server."""

    metrics_off: frozenset[Metric]  # by the server, or by themselves
    language: str | None  # the one they have said they speak; `None`: it is found out


@dataclass(frozen=True, slots=True)
class Policy:
    """Answers for one server or member. Outside servers only the operator's limits hold."""

    most_daily_attempts: int  # the operator's
    longest_retention: timedelta  # the operator's
    servers: ServerSettingsStore
    members: MemberSettingsStore

    async def chosen(self, owner: Owner, settings: ServerSettings) -> Chosen:
        """What server and member have chosen for this member's attempts here.

        `settings` are the server's, which whoever asks has read already.
        """
        member = await self.members.get(owner)
        return Chosen(settings.metrics_off | member.metrics_off, member.language)

    def daily_attempts(self, settings: ServerSettings) -> int:
        """The attempts a member may make in 24 hours: never above the operator's limit."""
        return min(settings.daily_attempts or self.most_daily_attempts, self.most_daily_attempts)

    async def retention(self, guild_id: int) -> timedelta:
        """How long attempts made here are kept: never above the operator's limit."""
        return self.retention_with(await self.servers.get(guild_id))

    def retention_with(self, settings: ServerSettings) -> timedelta:
        """The same, where the server's settings have been read already."""
        chosen = settings.retention_days
        return self._capped(chosen) if chosen else self.longest_retention

    async def shorter_retentions(self) -> dict[int, timedelta]:
        """By server: how long attempts are kept where that is shorter than the operator's limit."""
        chosen = await self.servers.retention_days()
        kept = {guild_id: self._capped(days) for guild_id, days in chosen.items()}
        return {guild_id: time for guild_id, time in kept.items() if time < self.longest_retention}

    def _capped(self, days: int) -> timedelta:
        return min(timedelta(days=days), self.longest_retention)
