"""Whose right to what a call's `Authorization` header carries; looked up for each call anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from analyzer.services.studio import StudioService
from analyzer.services.studio_interviews import HeldInterview
from analyzer.services.studio_tokens import link_unknown
from core.errors import Refused
from core.models import Attempt, Owner
from storage.repositories.studio_links import StudioLink
from web.studio.rate_limits import RateLimiter


@dataclass(frozen=True, slots=True)
class HeldLink:
    """The right to answer a question, and what was sent in with it."""

    link: StudioLink
    attempt: Attempt | None

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return self.link.owner


@dataclass(frozen=True, slots=True)
class HeldResult:
    """The right to look at one result until then, and to nothing else."""

    attempt: Attempt
    until: datetime

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return self.attempt.owner


Held = HeldLink | HeldResult | HeldInterview


class Rights:
    """Reads them, and counts who calls."""

    def __init__(self, studio: StudioService, rate_limiter: RateLimiter) -> None:
        self._studio = studio
        self._rate_limiter = rate_limiter

    async def of(self, request: web.Request) -> Held:
        """What the caller may do.

        Raises:
            Refused: it is nothing of ours or has ended, or there were too many calls.
        """
        await self._rate_limiter.pass_address(request)
        try:
            held = await self._held(_token_of(request))
        except Refused:
            await self._rate_limiter.pass_wrong(request)
            raise
        await self._rate_limiter.pass_member(held.owner.user_id)
        return held

    async def _held(self, token: str) -> Held:
        if (interview := await self._studio.interviews.find(token)) is not None:
            return interview
        if (result := await self._studio.result(token)) is not None:
            return HeldResult(*result)
        return HeldLink(*await self._studio.find(token))


def _token_of(request: web.Request) -> str:
    headers = request.headers.getall("Authorization", [])
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise link_unknown()
    return token.strip()
