"""Links into the studio: which of them have an upload under way."""

from __future__ import annotations

from storage.engine.database import Database
from storage.repositories.studio_links import Begun, StudioLink, StudioLinks
from tests.storage.conftest import Clock
from tests.storage.samples import ANN


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
