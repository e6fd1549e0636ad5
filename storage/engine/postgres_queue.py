"""The queue's place in Postgres: its connections, and its own schema, made and kept up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources
from typing import Any, LiteralString, cast

import psycopg
from procrastinate import PsycopgConnector, sql
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from sqlalchemy import make_url

from core.errors import SettingsProblem
from storage.engine.errors import code_of

log = logging.getLogger(__name__)

# It repeats itself every second as long as a server is away; our own lines say so
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

_SCHEMA: LiteralString = "procrastinate"
"""A schema of its own: nothing of it lies among our tables, and dropping it loses no attempt."""

_POOL = {"min_size": 1, "max_size": 5, "reconnect_timeout": 10.0}
"""One more is used to listen. Trying to reconnect begins anew after ten seconds: the pool waits
twice as long each time, and would notice only late that a server is back."""

_CONNECTION = {
    "connect_timeout": 5,  # seconds, as are the next two
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
_STATEMENT_SECONDS = 10

_LISTEN_AGAIN_SECONDS = 1.0
_CLOSE_SECONDS = 1.0

# Two numbers: this lock never meets the storage's, which take one (Postgres's manual, 9.28.10)
_MIGRATING = (0x67726E72, 1)

_IF_UNCHANGED: LiteralString = """
FROM (
    SELECT 1 FROM procrastinate_jobs
    WHERE id = %(job_id)s AND worker_id IS NOT DISTINCT FROM %(worker_id)s
    FOR UPDATE
) AS unchanged"""
"""Behind a query of procrastinate's that calls a function: then it is called for no other row."""

_HERE: LiteralString = "SET search_path TO procrastinate"


class Connector(PsycopgConnector):
    """Procrastinate's own, over our `DATABASE_URL`; listening goes on when a server is back.

    Its listener ends with the first connection that is refused, and its worker with it
    (procrastinate 3.10). The worker looks for jobs every second anyway, so ours tries again.
    """

    def __init__(self, url: str, *, patience: float) -> None:
        """`patience`: how many seconds a query waits for a connection."""
        super().__init__(
            kwargs=_parameters(url), configure=_configure, timeout=patience, **cast("Any", _POOL)
        )

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Hand over notifications until cancelled."""
        names = list(channels)
        while True:
            with suppress(ConnectorException):
                await super().listen_notify(on_notification, names)
            await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    async def close_async(self) -> None:
        """Close every connection. Whoever waits for one is told that none will come."""
        await self.pool.close(timeout=_CLOSE_SECONDS)
        await super().close_async()


class Jobs(JobManager):
    """Procrastinate's own, but a job changes only in the hands that it is thought to be in.

    Procrastinate (3.10) does not look whose a job is. A worker that slept, and whose jobs others
    have by now, would end theirs or put them back into the queue, to be done twice at once.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Delete a job, or note how it ended; nothing happens if somebody else has it by now."""
        await self._if_unchanged(
            "finish_job", job, {"status": status.value, "delete_job": delete_job}
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back into the queue; nothing happens if somebody else has it by now."""
        changes = {"new_priority": priority, "new_queue_name": queue, "new_lock": lock}
        await self._if_unchanged(
            "retry_job", job, {"retry_at": retry_at or datetime.now(UTC), **changes}
        )

    async def knows(self, worker_id: int) -> bool:
        """Whether a worker has not been struck off for its silence."""
        query = "SELECT id FROM procrastinate_workers WHERE id = %(worker_id)s"
        return bool(await self.connector.execute_query_all_async(query, worker_id=worker_id))

    async def _if_unchanged(self, name: str, job: Job, values: dict[str, Any]) -> None:
        query = sql.queries[name].strip().removesuffix(";") + _IF_UNCHANGED
        await self.connector.execute_query_async(
            query, job_id=job.id, worker_id=job.worker_id, **values
        )


async def migrate_queue(url: str) -> None:
    """Make the queue's schema, or apply what the installed procrastinate brings beyond it.

    Procrastinate ships its schema whole and as migrations, and keeps no record of what was
    applied. So we keep one beside its tables; processes that start together take turns.

    Raises:
        SettingsProblem: the server cannot be used for it.
    """
    try:
        async with await psycopg.AsyncConnection.connect(
            **_parameters(url), autocommit=True
        ) as connection:
            await _one(connection, "SELECT pg_advisory_lock(%s, %s)", _MIGRATING)
            applied = await _migrate(connection)
    except psycopg.Error as error:
        raise SettingsProblem(
            f"The queue cannot be set up in the database ({code_of(error)}): its user needs the"
            f" right to create the schema {_SCHEMA!r}."
        ) from None
    if applied:
        log.info("queue migrations applied: %d", applied)


async def _migrate(connection: psycopg.AsyncConnection[Any]) -> int:
    """Bring the schema up to date, one transaction a migration; returns how many were applied."""
    exists = await _one(connection, "SELECT to_regnamespace('procrastinate') IS NOT NULL")
    if not exists:  # asked first: IF NOT EXISTS wants the right to create it even then
        await connection.execute("CREATE SCHEMA procrastinate")
    await connection.execute(_HERE)
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS applied_migrations (name text PRIMARY KEY)"
    )
    shipped = _shipped()
    if not await _one(connection, "SELECT to_regclass('procrastinate_jobs') IS NOT NULL"):
        await _apply(connection, SchemaManager.get_schema(), list(shipped))
        return len(shipped)
    cursor = await connection.execute("SELECT name FROM applied_migrations")
    done = {name for (name,) in await cursor.fetchall()}
    missing = [name for name in shipped if name not in done]
    for name in missing:
        await _apply(connection, shipped[name], [name])
    return len(missing)


async def _apply(
    connection: psycopg.AsyncConnection[Any], script: LiteralString, names: list[str]
) -> None:
    done = "INSERT INTO applied_migrations SELECT unnest(%s::text[])"
    async with connection.transaction():
        await connection.execute(script)
        await connection.execute(done, [names])


def _shipped() -> dict[str, LiteralString]:
    """The migrations that came with procrastinate, by name, in the order to apply them."""
    files = resources.files("procrastinate.sql") / "migrations"
    scripts = [file for file in files.iterdir() if file.name.endswith(".sql")]
    scripts.sort(key=lambda file: file.name)
    return {file.name: file.read_text("utf-8") for file in scripts}


async def _one(
    connection: psycopg.AsyncConnection[Any], query: LiteralString, values: tuple[int, ...] = ()
) -> Any:
    """The one value that a query answers with."""
    row = await (await connection.execute(query, values)).fetchone()
    return row and row[0]


def _parameters(url: str) -> dict[str, Any]:
    """What psycopg is given for our SQLAlchemy URL: what SQLAlchemy itself would, and limits."""
    parsed = make_url(url)
    _, parameters = parsed.get_dialect()().create_connect_args(parsed)
    return _CONNECTION | dict(parameters)


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(_HERE)
    await connection.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
    await connection.commit()  # the pool takes it only outside a transaction
