"""Many members at once, and what became of each one's attempt."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from analyzer.consent import consent_version
from core.assessment import EngineName
from core.models import Owner
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.consents import Consents
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_world import EPHEMERAL, Interaction, Member, Message
from tests.process.members import CLIP, is_progress, is_result
from tests.process.operator import QUESTION, Operator, eventually


class Row(NamedTuple):
    """What the bot remembers of an attempt."""

    user_id: int
    state: str
    delivered_via: str | None
    cleaned: bool
    reachable: bool  # it still holds an interaction token


@dataclass(frozen=True, slots=True)
class Crowd:
    """Members who agreed to the consent card before the bot was started."""

    operator: Operator
    discord: DiscordStandIn
    members: Sequence[Member]

    @classmethod
    async def gather(
        cls,
        operator: Operator,
        discord: DiscordStandIn,
        size: int,
        engine: EngineName = EngineName.TWELVELABS,
    ) -> Crowd:
        """Make a database in which so many members have agreed to an engine's card."""
        crowd = cls(operator, discord, [Member(f"member{number}") for number in range(size)])
        url = operator.settings.get("DATABASE_URL")
        database = Database(Settings(data_dir=operator.data_dir, database_url=url).sqlalchemy_url)
        try:
            await database.open()
            consents = Consents(database, lambda: datetime.now(UTC))
            for member in crowd.members:
                owner = Owner(guild_id=int(discord.guild_id), user_id=int(member.id))
                await consents.agree(owner, consent_version(engine))
        finally:
            await database.close()
        return crowd

    async def ask(self, *, every_other_shares: bool = False) -> list[Interaction]:
        """Let everybody run `/analyze`, and wait until each is told that the work goes on."""
        asked = []
        for number, member in enumerate(self.members):
            options = {"question": QUESTION, "share": every_other_shares and number % 2 == 1}
            asked.append(
                await self.discord.slash("analyze", options, attachment=CLIP, member=member)
            )
        for interaction in asked:
            await interaction.acknowledged()
            await self._shown(interaction, is_progress, 30)
        return asked

    async def results(self, asked: Sequence[Interaction], within: float = 20.0) -> None:
        """Wait until each has a result, and nobody has got it twice or lost it again."""
        for interaction in asked:
            await self._shown(interaction, is_result, within)

    async def _shown(
        self, interaction: Interaction, wanted: Callable[[Message], bool], within: float
    ) -> None:
        await self.discord.until(
            lambda: any(map(wanted, self.seen_by(interaction))),
            within,
            f"what {interaction.member.name} waits for ({wanted.__name__})",
        )

    def told_once(self, asked: Sequence[Interaction]) -> None:
        """Check that each has one result, which was never written over, and no more messages."""
        shown = [message for i in asked for message in self.seen_by(i)]
        assert sum(map(is_result, shown)) == len(asked)
        public = [m for m in self.discord.messages.values() if not m["flags"] & EPHEMERAL]
        assert all(message in shown for message in public)
        for interaction in asked:
            edits = self.discord.calls("PATCH", f"/webhooks/*/{interaction.token}/messages/*")
            told = [edit.json for edit in edits if edit.status == 200]
            first = next(number for number, edit in enumerate(told) if is_result(edit))
            assert all(map(is_result, told[first:]))

    def seen_by(self, interaction: Interaction) -> list[Message]:
        """The messages that answer one interaction."""
        known = self.discord.messages
        return [known[one] for one in interaction.message_ids if one in known]

    def rows(self) -> list[Row]:
        """What the bot remembers, as it is in its database now."""
        file = f"file:{self.operator.data_dir / 'greenroom.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            found = database.execute(
                "SELECT user_id, state, delivered_via, cleaned_at IS NOT NULL,"
                " reply_token IS NOT NULL FROM attempts"
            )
            return [
                Row(user, state, via, bool(cleaned), bool(token))
                for user, state, via, cleaned, token in found
            ]

    async def all_delivered(self, *, via: str = "reply") -> None:
        """Wait until each member has exactly one attempt, delivered and without remains.

        The last row is written after the last message and the last deletion.
        """
        wanted = sorted(Row(int(m.id), "delivered", via, True, False) for m in self.members)
        await eventually(lambda: sorted(self.rows()) == wanted, "rows that say so")
