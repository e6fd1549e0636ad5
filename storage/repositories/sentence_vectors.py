"""Sentence vectors: what each sentence of an attempt's transcript is near to, for its owner only.

They are made when their owner searches, and go with their attempt (`ON DELETE CASCADE`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.exc import IntegrityError

from core.models import Owner
from storage.engine.database import Database
from storage.engine.scrubbing import Traces
from storage.export import rows_of
from storage.mapping import owned_by
from storage.tables import attempts, sentence_vectors


class SentenceVectors:
    """The repository of sentence vectors: for each attempt those of its sentences, in order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, owner: Owner, model: str) -> dict[str, bytes]:
        """The owner's vectors that this model has made, by the id of their attempt."""
        table = sentence_vectors
        statement = select(table.c.attempt_id, table.c.vectors).where(
            owned_by(table, owner), table.c.model == model
        )
        async with self._database.read() as connection:
            return {row.attempt_id: row.vectors for row in await connection.execute(statement)}

    async def save(self, owner: Owner, model: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors by the ids of the owner's attempts; of an attempt that is gone, nothing."""
        table = sentence_vectors
        try:
            async with self._database.write(turn=owner.user_id) as connection:
                await connection.execute(
                    delete(table).where(owned_by(table, owner), table.c.attempt_id.in_(vectors))
                )
                for attempt_id, kept in vectors.items():
                    still_there = select(
                        *(attempts.c.id, attempts.c.guild_id, attempts.c.user_id),
                        *(literal(model), literal(kept)),
                    ).where(owned_by(attempts, owner), attempts.c.id == attempt_id)
                    columns = ["attempt_id", "guild_id", "user_id", "model", "vectors"]
                    await connection.execute(insert(table).from_select(columns, still_there))
        except IntegrityError:  # retention took an attempt in between: the next search keeps them
            return

    async def export(self, owner: Owner) -> dict[str, list[dict[str, Any]]]:
        """The owner's vectors, in base64."""
        owned = owned_by(sentence_vectors, owner)
        return {"sentence_vectors": await rows_of(self._database, sentence_vectors, owned)}

    async def erase(self, owner: Owner) -> None:
        """Forget the owner's vectors."""
        async with self._database.write(turn=owner.user_id) as connection:
            result = await connection.execute(
                delete(sentence_vectors).where(owned_by(sentence_vectors, owner))
            )
        if result.rowcount:
            self._database.left_behind(Traces.WORDS)
