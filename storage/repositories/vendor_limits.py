"""What a vendor lets an API key do: one text for each key, changed by one process at a time.

The key itself is never kept. A text and no columns: what is in it is the limiter's business, all
of it is read and written together, and it is a few kB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import insert, select, update

from storage.engine.database import Database
from storage.tables import vendor_limits

T = TypeVar("T")

_TURN = -4  # no member's id, and nobody else's turn


class VendorLimits:
    """The repository of a key's limits, for all processes that use it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, key_hash: str) -> str | None:
        """The text kept for a key; `None` before the first."""
        statement = select(vendor_limits.c.state).where(vendor_limits.c.key_hash == key_hash)
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(statement)
        return found

    async def change(self, key_hash: str, how: Callable[[str | None], tuple[str, T]]) -> T:
        """Replace the text by what `how` makes of it, and return the other thing it gives.

        Nobody else changes it meanwhile, in whichever process.
        """
        mine = vendor_limits.c.key_hash == key_hash
        async with self._database.write(turn=_TURN) as connection:
            before = await connection.scalar(select(vendor_limits.c.state).where(mine))
            after, result = how(before)
            if before is None:
                row = {"key_hash": key_hash, "state": after}
                await connection.execute(insert(vendor_limits).values(row))
            elif after != before:
                await connection.execute(update(vendor_limits).where(mine).values(state=after))
        return result


def hash_of(api_key: str) -> str:
    """What a key is known by here: 32 hex digits from which nobody finds it."""
    return hashlib.sha256(b"greenroom vendor limits\0" + api_key.encode()).hexdigest()[:32]
