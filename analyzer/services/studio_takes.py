"""How long a studio link is good, and how one take leads on to the next at the same question."""

from __future__ import annotations

from datetime import datetime, timedelta

from analyzer.dependencies import Dependencies
from analyzer.services.attempts import AttemptService
from analyzer.services.studio_checks import StudioChecks, too_many_links
from analyzer.services.studio_pages import StudioPages
from analyzer.services.studio_tokens import LINK_LIFE, link_expired, link_unknown
from core.errors import Refused
from core.models import Attempt, new_id
from storage.repositories.studio_links import StudioLink

OPEN_LIFE = timedelta(minutes=30)
"""How long a link may be opened, and an upload be begun; for each try anew."""

UPLOAD_LIFE = OPEN_LIFE + timedelta(minutes=15)
"""How long an upload that was begun in time may take."""

LINKS_AN_HOUR = 30
"""Links one member may make."""

LINKS_OF_ROW = 24 * LINKS_AN_HOUR
"""More links than this can't follow each other within the day that a row of them lasts."""


class NextTakes:
    """Gives whoever holds a link the right to answer its question again."""

    def __init__(
        self,
        deps: Dependencies,
        attempts: AttemptService,
        checks: StudioChecks,
        pages: StudioPages,
    ) -> None:
        """`attempts` knows the allowance; `checks` asks what the command has asked."""
        self._deps = deps
        self._attempts = attempts
        self._checks = checks
        self._pages = pages

    async def again(self, link: StudioLink) -> str | None:
        """Let the holder of a link whose attempt has ended answer the same question again.

        What came to nothing is made good with the same link: its next try begins, and nothing is
        returned. After a result there is a new link, one for each, whose token is returned; asked
        again, the same one, until that has led to a result of its own.

        Raises:
            Refused: `under_way`, an answer is still being assessed; `link_expired`, a day after
                the first link of the row; `too_many_links`; or there is no consent any more, the
                member may not practise there any more, or an allowance is used up.
            UserFacingError: see `StudioChecks.place`.
        """
        deps = self._deps
        if deps.clock() >= link.row_began_at + LINK_LIFE:
            raise link_expired()
        last, attempt = await self._last_of_row(link)
        if attempt is not None and not attempt.state.ended and attempt.assessment is None:
            raise Refused("under_way", "Your answer is still being assessed. Wait for its result.")
        await self._check_may(link)
        if attempt is None:
            if deps.clock() < ends_at(last, submitted=False) and not last.submitted_at:
                return None if last.id == link.id else self._pages.links.write(last.id)
        elif attempt.assessment is None:
            last = await self._reopen(last)
            return None if last.id == link.id else self._pages.links.write(last.id)
        following = await deps.studio_links.follow(
            last,
            StudioLink(
                id=new_id(),
                owner=link.owner,
                channel_id=link.channel_id,
                question=link.question,
                shared=link.shared,
                created_at=deps.clock(),
                began_at=link.row_began_at,
            ),
            since=deps.clock() - timedelta(hours=1),
            most=LINKS_AN_HOUR,
        )
        if following is None:
            raise too_many_links()
        return self._pages.links.write(following.id)

    async def follow_up(self, link: StudioLink, parent: Attempt, question: str) -> str:
        """Let the holder of a link with a result answer a question about what was missing in it.

        Returns the token of a new link, which belongs to the same row.

        Raises:
            Refused: like `again`, but for `under_way`.
            UserFacingError: see `StudioChecks.place`.
        """
        now = self._deps.clock()
        if now >= link.row_began_at + LINK_LIFE:
            raise link_expired()
        await self._check_may(link)
        following = StudioLink(
            id=new_id(),
            owner=link.owner,
            channel_id=link.channel_id,
            question=question,
            shared=link.shared,
            created_at=now,
            began_at=link.row_began_at,
            parent_id=parent.id,
        )
        await keep_link(self._deps, following)
        return self._pages.links.write(following.id)

    async def _check_may(self, link: StudioLink) -> None:
        """Ask what the command has asked, before anybody takes the trouble to record."""
        await self._checks.consent(link.owner)
        await self._checks.place_for_upload(link)
        await self._attempts.check_allowance(link.owner)

    async def _last_of_row(self, link: StudioLink) -> tuple[StudioLink, Attempt | None]:
        """The last link that came after this one, and what was sent in with it."""
        deps = self._deps
        for _ in range(LINKS_OF_ROW):
            if link.next_id is None:
                break
            following = await deps.studio_links.owned(link.owner, link.next_id)
            if following is None:
                break
            link = following
        return link, await deps.attempts.get(link.owner, link.attempt_id)

    async def next_try(self, link: StudioLink) -> StudioLink:
        """The link as it is now; where its attempt came to nothing, with its next try begun."""
        sent = await self._deps.attempts.get(link.owner, link.attempt_id)
        if sent is None or not came_to_nothing(sent):
            return link
        if self._deps.clock() >= link.row_began_at + LINK_LIFE:
            raise link_expired()
        return await self._reopen(link)

    async def _reopen(self, link: StudioLink) -> StudioLink:
        """Let the next try begin with a link whose attempt came to nothing."""
        await self._checks.another_try(link.owner)
        now = await self._deps.studio_links.reopen(link, new_id())
        if now is None:
            raise link_unknown()
        return now


async def keep_link(deps: Dependencies, link: StudioLink) -> None:
    """Keep a link that is made now.

    Raises:
        Refused: `too_many_links`; its member has made many within an hour.
    """
    hour = link.created_at - timedelta(hours=1)
    if not await deps.studio_links.add(link, since=hour, most=LINKS_AN_HOUR):
        raise too_many_links()


def ends_at(link: StudioLink, *, submitted: bool) -> datetime:
    """Until when a link can be used for what it is used for now."""
    last = link.created_at + LINK_LIFE
    if submitted:
        return last
    life = OPEN_LIFE if link.upload_begun_at is None else UPLOAD_LIFE
    return min(last, link.usable_from + life)


def came_to_nothing(attempt: Attempt) -> bool:
    """Whether an attempt has ended without a result: it was stopped, or it failed."""
    return attempt.state.ended and attempt.assessment is None
