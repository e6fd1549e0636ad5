"""A bell wakes who waits for its key, once, also when it rang before the wait began."""

from __future__ import annotations

import asyncio

from analyzer.bell import Bell

FOREVER = 3600.0


async def test_a_ring_ends_the_wait_for_its_key_only() -> None:
    bell = Bell()
    one = asyncio.create_task(bell.wait("one", FOREVER))
    other = asyncio.create_task(bell.wait("other", FOREVER))
    await asyncio.sleep(0)

    bell.ring("one")

    await one
    assert not other.done()
    bell.ring("other")
    await other


async def test_without_a_ring_the_wait_ends_by_itself() -> None:
    await Bell().wait("one", 0)


async def test_a_ring_before_the_wait_is_remembered_once() -> None:
    bell = Bell()
    bell.ring("one")

    await bell.wait("one", FOREVER)
    second = asyncio.create_task(bell.wait("one", FOREVER))
    await asyncio.sleep(0)

    assert not second.done()
    second.cancel()
    await asyncio.wait([second])


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait("one", FOREVER))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    bell.ring("one")  # nobody waits any more: it is kept for the next

    await bell.wait("one", FOREVER)
