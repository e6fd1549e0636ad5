"""A crowd's pauses: one by one nobody waits for others, many together share what they may do."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from analyzer.throttle import Throttle


def test_few_wait_as_long_as_they_want_to() -> None:
    throttle = Throttle()
    with throttle, throttle:
        assert throttle.pause(5.0, a_second=20.0) == 5.0


def test_many_wait_until_all_of_them_had_their_turn() -> None:
    throttle = Throttle()
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(throttle)
        assert throttle.pause(5.0, a_second=20.0) == 50.0
        assert throttle.pause(5.0, a_second=20.0, longest=30.0) == 30.0
    assert throttle.pause(5.0, a_second=20.0) == 5.0


def test_who_leaves_by_an_error_is_no_longer_counted() -> None:
    throttle = Throttle()
    with pytest.raises(KeyError), throttle:
        raise KeyError
    assert throttle.pause(0.0, a_second=1.0) == 0.0


async def test_who_comes_alone_does_not_wait_and_who_comes_with_others_waits_behind_them() -> None:
    throttle = Throttle()
    first, *others = [throttle.turn(a_second=0.001) for _ in range(4)]
    assert first == 0.0
    assert others == pytest.approx([1000, 2000, 3000], abs=60)
    assert throttle.turn(a_second=0.001, what="edit") == 0.0
