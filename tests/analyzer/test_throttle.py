"""A crowd's pauses: one by one nobody waits for others, many together share what they may do."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from analyzer.throttle import Crowd


def test_few_wait_as_long_as_they_want_to() -> None:
    crowd = Crowd()
    with crowd, crowd:
        assert crowd.pause(5.0, a_second=20.0) == 5.0


def test_many_wait_until_all_of_them_had_their_turn() -> None:
    crowd = Crowd()
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(crowd)
        assert crowd.pause(5.0, a_second=20.0) == 50.0
        assert crowd.pause(5.0, a_second=20.0, longest=30.0) == 30.0
    assert crowd.pause(5.0, a_second=20.0) == 5.0


def test_who_leaves_by_an_error_is_no_longer_counted() -> None:
    crowd = Crowd()
    with pytest.raises(KeyError), crowd:
        raise KeyError
    assert crowd.pause(0.0, a_second=1.0) == 0.0


async def test_who_comes_alone_does_not_wait_and_who_comes_with_others_waits_behind_them() -> None:
    crowd = Crowd()
    first, *others = [crowd.turn(a_second=0.001) for _ in range(4)]
    assert first == 0.0
    assert others == pytest.approx([1000, 2000, 3000], abs=60)
