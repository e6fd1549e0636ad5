"""Addresses of the studio's page: each carries a right of one member's, and is a credential."""

from __future__ import annotations

from analyzer.dependencies import Clock
from analyzer.services.studio_tokens import (
    LINK_LIFE,
    InterviewTokens,
    LinkTokens,
    ResultTokens,
)
from core.interviews import Interview
from core.models import Attempt
from storage.repositories.studio_links import StudioLink, StudioLinks


class StudioPages:
    """Writes addresses, and reads what they carry. Every process with the same secret does."""

    def __init__(self, links: StudioLinks, secret: str, public_url: str, clock: Clock) -> None:
        """`secret` is what rights are signed with; `public_url` is where browsers reach us."""
        self._links = links
        self._clock = clock
        self._page = f"{public_url}/studio"
        self.links = LinkTokens(secret, clock)
        self.results = ResultTokens(secret, clock)
        self.interviews = InterviewTokens(secret, clock)

    def of_link(self, link: StudioLink) -> str:
        """Where a link is used."""
        return f"{self._page}#{self.links.write(link.id)}"

    def of_interview(self, interview: Interview) -> str:
        """Where an interview is gone on with, and its report looked at, for a day from now on."""
        return f"{self._page}#{self.interviews.write(interview.owner, interview.id)}"

    async def of_result(self, attempt: Attempt) -> str:
        """Where its member looks at a result, for a day.

        Where the answer was recorded in the studio within that time, it is the page on which that
        was done: from there the same question can be answered again.
        """
        link = await self._links.of_attempt(attempt.owner, attempt.id)
        if link is not None and self._clock() < link.created_at + LINK_LIFE:
            return self.of_link(link)
        return f"{self._page}#{self.results.write(attempt.owner, attempt.id)}"
