"""What must hold when a recording is begun and when it is sent in: the link may be older than it.

What is left to `AttemptService.submit`, which reads it anew for every attempt: the allowances and
the metrics that are switched off.
"""

from __future__ import annotations

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from analyzer.consent import check_agreement
from analyzer.dependencies import Dependencies
from analyzer.places import check
from core.errors import Refused, UserFacingError
from core.models import DIRECT_MESSAGES, Owner
from storage.repositories.studio_links import StudioLink

LOOKS = RateLimitItemPerMinute(20, namespace="place")
"""How often Discord is asked about one member: whoever repeats a call must not use up the requests
that Discord allows the bot. Sending in once takes two."""

TRIES = RateLimitItemPerHour(30, namespace="tries")
"""How often one member's links may be made good for another try: what is stopped early is given
back to the allowance, so that alone would bound nothing."""


class StudioChecks:
    """Asks anew, each time."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._looks = FixedWindowRateLimiter(MemoryStorage())

    async def another_try(self, owner: Owner) -> None:
        """Count a link of the owner's that is made good for another try.

        Raises:
            Refused: `too_many_links`.
        """
        if not await self._looks.hit(TRIES, str(owner.user_id)):
            raise too_many_links()

    async def consent(self, owner: Owner) -> None:
        """Check the owner's consent for engine and judge in use now, which may have changed since.

        Raises:
            Refused: `consent_withdrawn` or `consent_outdated`; or `vendor_cap`.
        """
        deps = self._deps
        engine = await deps.engine_now()
        consent, instead = await deps.consents.get(owner), engine is not deps.engine
        check_agreement(consent, engine, deps.judge_host, instead=instead)

    async def place(self, link: StudioLink, *, shared: bool) -> None:
        """Check that a link's owner may practise where it was made, by the rules of this moment.

        Where Discord can't be asked, nothing goes in that would be public or that a rule is about;
        what is private and under no rule does.

        Raises:
            Refused: what `places.check` refuses; or the owner has left the server, or the bot has.
            UserFacingError: `discord_away` or `too_many`; the same call may work in a minute.
        """
        deps, guild_id = self._deps, link.owner.guild_id
        if guild_id == DIRECT_MESSAGES:
            return
        settings = await deps.server_settings.get(guild_id)
        has_rules = bool(settings.channels or settings.roles)
        try:
            if not await self._looks.hit(LOOKS, str(link.owner.user_id)):
                raise _too_many()
            place = await deps.places.look(link.owner, link.channel_id, settings)
        except Refused:
            raise
        except UserFacingError:
            if has_rules or shared:
                raise
            return
        if place is not None:
            check(settings, place)
        elif has_rules or (shared and await deps.servers.knows(guild_id)):
            raise _bot_gone(shared=shared and not has_rules)

    async def place_for_upload(self, link: StudioLink) -> None:
        """See whether `place` would refuse a private answer, before it is sent for nothing.

        Raises:
            Refused: like `place`; where Discord can't be asked, it is asked again at the end.
        """
        try:
            await self.place(link, shared=False)
        except Refused:
            raise
        except UserFacingError:
            return


def _too_many() -> UserFacingError:
    return UserFacingError(
        "too_many", "That was very often within a short time. Try again in a minute."
    )


def too_many_links() -> Refused:
    """More links or tries than one member may have within an hour."""
    return Refused(
        "too_many_links",
        "You have opened the studio very often. Use the link you have, or wait an hour.",
    )


def _bot_gone(*, shared: bool) -> Refused:
    gone = "Greenroom is no longer in the server where you began, so nothing can be"
    if shared:
        return Refused("bot_gone", f"{gone} shared there. Send it in without sharing.")
    return Refused("bot_gone", f"{gone} sent in there. Use /practice in another server.")
