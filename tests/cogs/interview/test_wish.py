"""The options of an interview: in a form's id, and within an allowance."""

from __future__ import annotations

from itertools import product

import pytest

from cogs.interview.wish import Options
from core.interviews import FollowUps
from core.questions import QuestionLevel

ALL = [Options(*one) for one in product((3, 4, 5), (None, *QuestionLevel), FollowUps)]


def test_every_wish_comes_back_from_its_number() -> None:
    assert [Options.from_index(one.index) for one in ALL] == ALL
    assert len({one.index for one in ALL}) == len(ALL)
    assert max(one.index for one in ALL) < 100  # a form's id has two digits for it


@pytest.mark.parametrize("index", [36, 50, 99])
def test_a_number_that_stands_for_nothing_is_the_usual(index: int) -> None:
    assert Options.from_index(index) == Options()


@pytest.mark.parametrize("wish", ALL)
@pytest.mark.parametrize("left", range(12))
def test_what_fits_is_the_largest_there_is(wish: Options, left: int) -> None:
    found = wish.within(left)
    if left < 2:
        assert found is None
        return
    assert found is not None
    assert found.answers <= left
    assert found.level is wish.level
    assert found.questions == min(wish.questions, left)
    assert (found == wish) is (wish.answers <= left)
