"""What was deleted or written over is in no file any more, while the database is in use."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.assessment import Assessment, Sentence
from core.models import Attempt, AttemptState, Owner
from storage.engine import scrubbing, time_limit
from storage.engine.database import Database
from storage.leaderboard.repository import Board
from storage.maintenance.backup import back_up, restore
from storage.repositories.attempts import Attempts
from storage.repositories.member_data import MemberData
from storage.repositories.metadata import Metadata
from storage.repositories.pending_requests import PendingRequests
from storage.repositories.servers import Servers
from storage.repositories.studio_links import StudioLink, StudioLinks
from tests.fresh_database import copy_migrated
from tests.storage.conftest import Clock
from tests.storage.files import beside, content_of, eventually_none, holding, overwrite
from tests.storage.samples import ANN, ASSESSMENT, BEN, admitted, an_attempt, reply

SECRET, OTHERS = "zzquark", "zzlepton"
"""Words that nobody else says: ANN's, and those of members who keep theirs."""

CROWD = [Owner(guild_id=ANN.guild_id, user_id=number) for number in range(10, 16)]

Erase = Callable[[Database, Clock], Awaitable[object]]


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Only SQLite: the files of Postgres are not ours."""
    return sqlite_url


def said(word: str, length: int) -> Assessment:
    """An assessment with so many sentences that say a word."""
    sentences = tuple(
        Sentence(text=f"{word} I said {number}", start=number, end=number + 0.5)
        for number in range(length)
    )
    return ASSESSMENT.model_copy(update={"transcript": sentences})


async def practise(database: Database, clock: Clock) -> list[Attempt]:
    """Attempts of ANN between those of others, in an order in which SQLite moves rows about.

    ANN's hold her word in question, transcript and token. Returns those.
    """
    attempts, mine = Attempts(database, clock), []
    order = random.Random(5)  # noqa: S311 - no secret, and the same each time
    for number in range(40):
        owner = ANN if number % 3 == 0 else order.choice(CROWD)
        word = SECRET if owner == ANN else OTHERS
        attempt = await admitted(
            attempts,
            clock.now,
            owner,
            question=f"{word} {order.randrange(10**6)} " * order.randrange(1, 9),
            reply=reply(clock.now + timedelta(minutes=15)).model_copy(update={"token": word * 30}),
        )
        told = {"assessment": said(word, order.randrange(1, 60)), "reply": None}
        changes: dict[str, Any] = told if order.random() < 0.8 else {}
        state = AttemptState.DELIVERED if changes else AttemptState.ANALYZING
        moved = await attempts.move(attempt, state, **changes)
        mine += [moved] if owner == ANN else []
    return mine


async def erase_member(database: Database, clock: Clock) -> None:
    await MemberData(database, clock).erase(ANN)


async def delete_each(database: Database, clock: Clock) -> None:
    attempts = Attempts(database, clock)
    found = await MemberData(database, clock).export(ANN)
    for row in found["attempts"]:
        await attempts.delete(ANN, row["id"])


async def let_retention_pass(database: Database, clock: Clock) -> None:
    attempts = Attempts(database, clock)
    for attempt in await MemberData(database, clock).attempts.under_way(ANN.guild_id):
        await attempts.move(attempt, AttemptState.CANCELLED, reply=None)
    await attempts.purge(clock.forward(days=1))


async def leave_server(database: Database, clock: Clock) -> None:
    servers = Servers(database, clock)
    await servers.left(ANN.guild_id)
    assert await servers.erase(ANN.guild_id, clock.forward(days=1))


ERASING: list[Erase] = [erase_member, delete_each, let_retention_pass, leave_server]


@pytest.mark.parametrize("erase", ERASING, ids=lambda erase: erase.__name__)
async def test_what_was_deleted_is_in_no_file_while_the_database_is_open(
    database: Database, clock: Clock, file: Path, erase: Erase
) -> None:
    await practise(database, clock)
    assert f"{file.name}-wal" in await holding(file.parent, SECRET)
    await erase(database, clock)
    assert await holding(file.parent, SECRET) == set()
    if erase in (erase_member, delete_each):
        assert file.name in await holding(file.parent, OTHERS)


def move_rows_about(file: Path, seed: int) -> None:
    """Let SQLite balance its trees over rows that grow, shrink and go, then delete all with SECRET.

    Whether it leaves something between rows depends on where each comes to lie.
    """
    order, ids = random.Random(seed), []  # noqa: S311 - no secret, and the same each time
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA secure_delete = ON")
        for number in range(100):
            word = order.choice((SECRET, OTHERS))
            ids.append((f"{order.getrandbits(64):016x}", word))
            raw.execute(
                "INSERT INTO requests (id, guild_id, user_id, channel_id, question, clips, shared,"
                " created_at) VALUES (?, 7, 1, 1, ?, '[]', 0, '2026-01-01')",
                (ids[-1][0], f"{word} {number} " * order.randrange(1, 30)),
            )
            for _ in range(3):
                changed, word = order.choice(ids)
                clips = f'["{f"{word} " * order.randrange(1, 400)}"]'
                raw.execute("UPDATE requests SET clips = ? WHERE id = ?", (clips, changed))
            if order.random() < 0.3:
                raw.execute("DELETE FROM requests WHERE id = ?", (order.choice(ids)[0],))
        raw.commit()
        raw.execute("DELETE FROM requests WHERE question LIKE ?", (f"{SECRET}%",))
        raw.commit()


async def forget_token(attempts: Attempts, clock: Clock) -> None:
    await attempts.forget_tokens(clock.forward(days=1))


async def delete_own(attempts: Attempts, clock: Clock) -> None:
    [mine] = await attempts.unfinished()
    await attempts.delete(*mine)


@pytest.mark.parametrize("act", [forget_token, delete_own], ids=lambda act: act.__name__)
async def test_what_sqlite_leaves_between_rows_goes_with_the_next_deletion(
    url: str,
    file: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Attempts, Clock], Awaitable[None]],
) -> None:
    monkeypatch.setattr(scrubbing, "SOON_SECONDS", 0.01)
    for seed in range(100):
        await asyncio.to_thread(copy_migrated, file)
        await asyncio.to_thread(move_rows_about, file, seed)
        if await holding(file.parent, SECRET):  # deleted, and overwritten as far as SQLite does it
            break
    else:
        pytest.fail("this SQLite leaves nothing, so the test shows nothing")
    database = Database(url)
    attempts = Attempts(database, clock)
    try:
        await admitted(attempts, clock.now)
        await act(attempts, clock)
        await eventually_none(file.parent, SECRET)
        assert await holding(file.parent, OTHERS) == {file.name}
    finally:
        await database.close()


async def test_words_in_every_other_table_go_with_their_owner_too(
    database: Database, clock: Clock, file: Path, attempts: Attempts
) -> None:
    links, requests = StudioLinks(database, clock), PendingRequests(database, clock)
    link = StudioLink(id="0" * 16, owner=ANN, channel_id=1, question=SECRET, created_at=clock.now)
    await links.add(link, since=clock.now, most=9)
    await Board(database, clock).join(ANN, alias=SECRET)
    await requests.erase(ANN)
    await erase_member(database, clock)
    assert await holding(file.parent, SECRET) == set()


async def test_every_token_is_gone_soon_after_it_was_cleared_whoever_clears_it(
    database: Database, clock: Clock, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "SOON_SECONDS", 0.01)
    attempts, links = Attempts(database, clock), StudioLinks(database, clock)
    tokens = {
        name: reply(clock.now + timedelta(minutes=15)).model_copy(
            update={"token": f"{SECRET}{name}" * 10}
        )
        for name in ("told", "cancelled", "replaced", "died", "sent", "late")
    }
    rows = {
        name: await admitted(attempts, clock.now, reply=tokens[name])
        for name in ("told", "cancelled", "replaced", "died")
    }
    for number, name in enumerate(("sent", "late")):
        link = StudioLink(
            id=f"{number:016x}",
            owner=ANN,
            channel_id=1,
            question="Why?",
            created_at=clock.now,
            reply=tokens[name],
        )
        await links.add(link, since=clock.now, most=9)
        if name == "sent":
            await links.submitted(link)
    assert await holding(file.parent, *(f"{SECRET}{name}" for name in tokens))
    await attempts.move(rows["told"], AttemptState.DELIVERED, reply=None)
    await attempts.move(rows["cancelled"], AttemptState.CANCELLED, reply=None)
    await attempts.change(rows["replaced"], reply=reply(clock.now + timedelta(minutes=30)))
    await attempts.forget_tokens(clock.forward(minutes=16))
    await links.forget_tokens(clock.now)
    await eventually_none(file.parent, SECRET)


async def test_commits_in_a_row_are_followed_by_few_checkpoints(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = []
    original = scrubbing.Scrubber._checkpoint

    def counted(scrubber: scrubbing.Scrubber, mode: str) -> bool:
        checkpoints.append(mode)
        return original(scrubber, mode)

    monkeypatch.setattr(scrubbing.Scrubber, "_checkpoint", counted)
    facts = Metadata(database, Clock())
    for number in range(50):
        await facts.set("key", str(number))
    assert checkpoints == []
    assert await database.scrubbed()
    assert checkpoints == ["PASSIVE", "TRUNCATE"]


@asynccontextmanager
async def reading(file: Path) -> AsyncIterator[None]:
    """Another program that has begun to read the database, and does not end."""
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN'); c.execute('SELECT count(*) FROM meta').fetchall();"
        "print('reads', flush=True); sys.stdin.read()"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(file)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"reads\n"
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def test_while_another_program_reads_nobody_waits_and_it_is_tried_again(
    database: Database,
    attempts: Attempts,
    clock: Clock,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(scrubbing, "_TELL_SECONDS", 0.0)
    attempt = await admitted(attempts, clock.now, question=SECRET)
    async with reading(file):
        await attempts.delete(ANN, attempt.id, scrub=False)
        assert not await database.scrubbed(within=0.5)
        assert await holding(file.parent, SECRET) == {f"{file.name}-wal"}
        await Metadata(database, clock).set("key", "written meanwhile")
    await eventually_none(file.parent, SECRET)
    assert await database.scrubbed()
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "is still in" in line]) == 1
    assert "what was deleted is no longer in greenroom.sqlite3-wal" in lines


async def test_what_a_killed_process_left_in_the_log_goes_after_the_next_start(
    database: Database,
    attempts: Attempts,
    clock: Clock,
    file: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempt = await admitted(attempts, clock.now, question=SECRET)
    await attempts.delete(ANN, attempt.id, scrub=False)
    wal = file.with_name(f"{file.name}-wal")
    left = content_of(file), content_of(wal)
    await database.close()
    overwrite(file, left[0])
    overwrite(wal, left[1])
    assert await holding(file.parent, SECRET)
    monkeypatch.setattr(scrubbing, "SOON_SECONDS", 0.01)
    again = Database(url)
    try:
        await again.open()
        await eventually_none(file.parent, SECRET)
    finally:
        await again.close()


async def test_closing_ends_the_scrubbing_whatever_it_does(
    database: Database, attempts: Attempts, clock: Clock, file: Path
) -> None:
    await admitted(attempts, clock.now, question=SECRET)
    async with reading(file):
        await erase_soon(database, clock)
        await asyncio.sleep(0)
        await database.close()
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "scrubber"]


async def erase_soon(database: Database, clock: Clock) -> None:
    for row in (await MemberData(database, clock).export(ANN))["attempts"]:
        await Attempts(database, clock).delete(ANN, row["id"], scrub=False)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("COMPACTED_BYTES", dict.fromkeys(scrubbing.Traces, 0), "is too large to be written anew"),
        (
            "_STALL_SECONDS",
            dict.fromkeys(scrubbing.Traces, -1.0),
            "was not written anew (SQLITE_INTERRUPT)",
        ),
    ],
)
async def test_a_file_too_large_to_be_written_anew_loses_its_log_all_the_same(
    database: Database,
    attempts: Attempts,
    clock: Clock,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    value: Any,
    line: str,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(scrubbing, name, value)
    monkeypatch.setattr(time_limit, "_INSTRUCTIONS", 1)
    attempt = await admitted(attempts, clock.now, question=SECRET)
    await attempts.delete(ANN, attempt.id)
    assert line in caplog.text
    assert content_of(file.with_name(f"{file.name}-wal")) == b""
    assert await holding(file.parent, SECRET) == set()


async def test_a_database_that_a_restore_has_replaced_forgets_with_the_present_one(
    database: Database, clock: Clock, file: Path, url: str, backup: Path
) -> None:
    mine = await practise(database, clock)
    await back_up(url, backup)
    await database.close()
    restored = await restore(backup, url)
    assert restored.kept is not None
    again = Database(url)
    try:
        assert await holding(file.parent, SECRET) == {file.name, restored.kept.name}
        await Attempts(again, clock).delete(ANN, mine[0].id)
        for kept in (file, restored.kept):
            assert await ids_in(kept) == {attempt.id for attempt in mine[1:]}
        await erase_member(again, clock)
        assert await holding(file.parent, SECRET) == set()
        assert await holding(file.parent, OTHERS) == {file.name, restored.kept.name}
    finally:
        await again.close()


async def ids_in(file: Path) -> set[str]:
    """Ids of ANN's attempts in a database file."""

    def read() -> set[str]:
        connection = sqlite3.connect(file)
        try:
            query = "SELECT id FROM attempts WHERE user_id = ?"
            return {row[0] for row in connection.execute(query, (ANN.user_id,))}
        finally:
            connection.close()

    return await asyncio.to_thread(read)


async def test_a_replaced_database_that_cannot_be_used_is_named_and_hinders_nothing(
    database: Database,
    attempts: Attempts,
    clock: Clock,
    file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    damaged = file.with_name("greenroom.before-restore-20260101T000000000000Z.sqlite3")
    overwrite(damaged, b"damaged" * 1000)
    attempt = await admitted(attempts, clock.now, owner=BEN)
    assert await attempts.delete(BEN, attempt.id) is not None
    assert f"{damaged.name} cannot be used" in caplog.text
    assert content_of(damaged) == b"damaged" * 1000
    assert {name for name in beside(file) if "restore" in name} == {damaged.name}


async def test_postgres_has_nothing_to_wait_for(migrated_postgres_url: str, clock: Clock) -> None:
    database = Database(migrated_postgres_url)
    try:
        attempts = Attempts(database, clock)
        attempt = an_attempt(clock.now)
        await attempts.admit(attempt, used_since=clock.now, daily_limit=9, open_limit=9)
        await attempts.delete(ANN, attempt.id)
        assert await database.scrubbed(within=0.0)
    finally:
        await database.close()
