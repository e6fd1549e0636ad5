"""How many seconds of clips went to the vendor, by month: it says nothing about members."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from storage.engine.database import Database
from storage.tables import vendor_usage

_TURN = -2  # no member's id, and nobody else's turn


class VendorUsage:
    """The repository of what the vendor was used for. A month is written like `2026-11`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, month: str, seconds: float) -> None:
        """Add the length of a clip that the vendor has received."""
        more = (
            update(vendor_usage)
            .where(vendor_usage.c.month == month)
            .values(seconds=vendor_usage.c.seconds + seconds)
        )
        async with self._database.write(turn=_TURN) as connection:
            if (await connection.execute(more)).rowcount == 0:
                await connection.execute(insert(vendor_usage).values(month=month, seconds=seconds))

    async def of(self, month: str) -> float:
        """The seconds of that month."""
        statement = select(vendor_usage.c.seconds).where(vendor_usage.c.month == month)
        async with self._database.read() as connection:
            return await connection.scalar(statement) or 0.0
