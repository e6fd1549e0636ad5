"""Links into the studio: which of them have an upload under way."""

from __future__ import annotations

from typing import Any

from storage.engine.database import Database
from storage.repositories.studio_links import Begun, StudioLink, StudioLinks
from tests.storage.conftest import Clock
from tests.storage.samples import ANN, BEN


async def test_an_upload_is_under_way_from_its_begin_until_it_was_sent_in(
    database: Database, clock: Clock
) -> None:
    links = StudioLinks(database, clock)
    made = [
        StudioLink(
            id=f"{number:016x}",
            owner=ANN,
            channel_id=11,
            question="Why you?",
            created_at=clock.forward(minutes=1),
        )
        for number in range(4)
    ]
    for link in made:
        assert await links.add(link, since=link.created_at, most=9)
    old, sent, begun, _ = made
    for link in (old, sent, begun):
        assert await links.begin_upload(link, 500)
    assert await links.begin_upload(begun, 700)  # anew
    await links.submitted(sent)
    assert not await links.begin_upload(sent, 500)
    assert await links.begun(since=old.created_at) == [Begun(begun.id, ANN.user_id, 700)]
    await links.erase(ANN)
    assert not await links.begin_upload(begun, 500)
    assert await links.begun(since=old.created_at) == []


def _link(clock: Clock, number: int, **others: Any) -> StudioLink:
    values: dict[str, Any] = {
        "id": f"{number:016x}",
        "owner": ANN,
        "channel_id": 11,
        "question": "Why you?",
        "created_at": clock(),
    }
    return StudioLink(**(values | others))


async def test_the_next_try_replaces_the_one_it_names_and_no_other(
    database: Database, clock: Clock
) -> None:
    links = StudioLinks(database, clock)
    first = _link(clock, 1)
    assert first.attempt_id == first.id
    await links.add(first, since=clock(), most=9)
    await links.begin_upload(first, 500)
    await links.submitted(first)
    clock.forward(minutes=20)
    second = await links.reopen(first, "a" * 16)
    assert second is not None
    assert (second.attempt_id, second.submitted_at, second.size_bytes) == ("a" * 16, None, None)
    assert second.usable_from == clock()
    assert await links.reopen(first, "b" * 16) == second  # it was not there to be replaced
    assert not await links.begin_upload(first, 500)  # a page of before
    assert await links.begin_upload(second, 700)
    assert await links.of_attempt(ANN, "a" * 16) is not None
    assert await links.of_attempt(ANN, first.id) is None
    assert await links.of_attempt(BEN, "a" * 16) is None
    assert await links.ids(since=first.created_at) == {first.id, "a" * 16}


async def test_a_link_is_followed_by_one_within_what_a_member_may_make(
    database: Database, clock: Clock
) -> None:
    links = StudioLinks(database, clock)
    first = _link(clock, 1)
    hour = clock()
    clock.forward(minutes=1)
    await links.add(first.model_copy(update={"created_at": clock()}), since=hour, most=2)
    others = [_link(clock, number) for number in (2, 3)]
    found = [await links.follow(first, other, since=hour, most=2) for other in others]
    assert found == [others[0], others[0]]
    assert (await links.owned(ANN, first.id)) is not None
    assert await links.follow(others[0], _link(clock, 4), since=hour, most=2) is None
    assert await links.follow(_link(clock, 5), _link(clock, 6), since=hour, most=9) is None
