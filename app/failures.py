"""`python bot.py failures`: which attempts failed, by code, with their reference and step."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

from core.errors import SettingsProblem
from core.settings import Settings
from storage.engine.connections import checked, sqlite_file
from storage.engine.database import Database
from storage.repositories.statistics import FailedAttempt, Statistics

DEFAULT_SINCE = "7d"

_AGO = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since_of(text: str, now: datetime) -> datetime:
    """The moment that `--since` names: `30m`, `12h`, `7d`, `4w`, or a day such as `2026-11-30`.

    Raises:
        SettingsProblem: it names none.
    """
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsProblem(
            "--since takes how long ago, such as 12h or 7d, or a day, such as 2026-11-30 (UTC)."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def failures(settings: Settings, since: str, *, now: datetime | None = None) -> str:
    """What failed since then, for the operator: the most frequent code first.

    Nothing of it names a member or says what they asked.

    Raises:
        SettingsProblem: there is no database, or `since` names no moment.
    """
    begin = since_of(since, now or datetime.now(UTC))
    file = sqlite_file(checked(settings.sqlalchemy_url))
    if file is not None and not await asyncio.to_thread(file.is_file):
        raise SettingsProblem(f"there is no database at {file}: check DATABASE_URL or DATA_DIR.")
    database = Database(settings.sqlalchemy_url)
    try:
        failed = await Statistics(database).failed_since(begin)
    finally:
        await database.close()
    return "\n".join(_lines(failed, begin))


def _lines(failed: list[FailedAttempt], begin: datetime) -> list[str]:
    if not failed:
        return [f"No attempt has failed since {begin:%Y-%m-%d %H:%M} UTC."]
    lines = []
    for code, times in Counter(one.code for one in failed).most_common():
        lines.append(f"{code}: {times}")
        lines += [
            f"  {one.ended_at:%Y-%m-%d %H:%M}  {one.attempt_id}  {one.engine}, at {one.step}"
            for one in failed
            if one.code == code
        ]
    lines.append("Times are UTC. The log's lines of an attempt carry its reference; what each code")
    lines.append('means is in docs/operating.md, "Codes that want something of you".')
    return lines
