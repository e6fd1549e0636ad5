"""A wake-up reaches whoever waits for its key, once, also when it came before the wait began."""

from __future__ import annotations

import asyncio

from analyzer.wakeups import Wakeups

FOREVER = 3600.0


async def test_a_ring_ends_the_wait_for_its_key_only() -> None:
    wakeups = Wakeups()
    one = asyncio.create_task(wakeups.wait("one", FOREVER))
    other = asyncio.create_task(wakeups.wait("other", FOREVER))
    await asyncio.sleep(0)

    wakeups.wake("one")

    assert await one
    assert not other.done()
    wakeups.wake("other")
    assert await other


async def test_without_a_ring_the_wait_ends_by_itself() -> None:
    assert not await Wakeups().wait("one", 0)


async def test_a_ring_before_the_wait_is_remembered_once() -> None:
    wakeups = Wakeups()
    wakeups.wake("one")

    assert await wakeups.wait("one", FOREVER)
    second = asyncio.create_task(wakeups.wait("one", FOREVER))
    await asyncio.sleep(0)

    assert not second.done()
    second.cancel()
    await asyncio.wait([second])


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    wakeups = Wakeups()
    waiting = asyncio.create_task(wakeups.wait("one", FOREVER))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    wakeups.wake("one")  # nobody waits any more: it is kept for the next

    await wakeups.wait("one", FOREVER)


async def test_all_who_wait_for_a_key_are_woken() -> None:
    wakeups = Wakeups()
    waiting = [asyncio.create_task(wakeups.wait("one", FOREVER)) for _ in range(3)]
    await asyncio.sleep(0)

    wakeups.wake("one")

    assert await asyncio.gather(*waiting) == [True] * 3


async def test_rings_that_nobody_waits_for_do_not_pile_up() -> None:
    wakeups = Wakeups()
    for number in range(2000):
        wakeups.wake(f"key-{number}")

    assert not await wakeups.wait("key-0", 0)
    assert await wakeups.wait("key-1999", FOREVER)
    assert len(wakeups._early) < 2000
