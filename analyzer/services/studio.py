"""The studio: links by which a member records an answer in the browser and gets its result."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

from analyzer.dependencies import Dependencies
from analyzer.media.clip_limits import check_declared_length, check_declared_size
from analyzer.media.upload_store import Bounds, no_upload
from analyzer.services.attempts import AskedIn, AttemptService
from analyzer.services.interviews import InterviewService
from analyzer.services.studio_checks import StudioChecks
from analyzer.services.studio_interviews import StudioInterviews
from analyzer.services.studio_pages import StudioPages
from analyzer.services.studio_takes import UPLOAD_LIFE, NextTakes, ends_at, keep_link
from analyzer.services.studio_tokens import link_expired, link_unknown
from core.errors import Refused, Superseded, UploadRefused, UserFacingError
from core.logs import attempt_in_logs
from core.models import (
    Attempt,
    ClipKind,
    ClipSource,
    Owner,
    ReplyAddress,
    new_id,
)
from core.questions import question_key
from storage.repositories.history import AttemptFilter
from storage.repositories.studio_links import Begun, StudioLink

log = logging.getLogger(__name__)

EARLIER = 9
"""Attempts before one that are looked at beside it: a short line of ten fits on a phone."""

KEPT_UNSENT = UPLOAD_LIFE + timedelta(minutes=15)
"""How long what is here of a recording is kept; sending it in may take some minutes more."""

UPLOADS_AT_ONCE = 100
UPLOADS_OF_ONE = 3
UPLOAD_BYTES_AT_ONCE = 5_000_000_000
"""What all uploads under way may come to; what is sent in goes on to the clip store."""

UPLOAD_BYTES_OF_ONE = 250_000_000
"""What one member's may come to: the largest clip fits, and it takes twenty members to hold all."""


class StudioService:
    """Every call but `open` and `waiting` is for who holds a link, and takes it."""

    def __init__(
        self,
        deps: Dependencies,
        attempts: AttemptService,
        interviews: InterviewService,
        secret: str,
        public_url: str,
    ) -> None:
        """Make one.

        Args:
            deps: what it works with.
            attempts: takes what is sent in.
            interviews: knows the questions, and what follows up on an answer.
            secret: what links are signed with.
            public_url: where browsers reach the page.
        """
        self._deps = deps
        self._attempts = attempts
        self._follow_ups = interviews.follow_up
        self._checks = StudioChecks(deps)
        self.pages = StudioPages(deps.studio_links, secret, public_url, deps.clock)
        self._takes = NextTakes(deps, attempts, self._checks, self.pages)
        self.interviews = StudioInterviews(attempts, interviews, self._checks, self.pages)
        self._remembers = False

    async def open(
        self,
        *,
        owner: Owner,
        channel_id: int,
        question: str,
        shared: bool,
        reply: ReplyAddress | None,
        parent_id: str | None = None,
    ) -> tuple[StudioLink, str]:
        """Make a link, and the address that carries it: a credential, never to be logged.

        `parent_id` is the attempt whose follow-up question it is for.

        Raises:
            Refused: `too_many_links`; the member has made many within an hour.
        """
        link = StudioLink(
            id=new_id(),
            owner=owner,
            channel_id=channel_id,
            question=question,
            shared=shared,
            reply=reply,
            created_at=self._deps.clock(),
            parent_id=parent_id,
        )
        await keep_link(self._deps, link)
        return link, self.pages.of_link(link)

    async def waiting(self, owner: Owner, link_id: str) -> StudioLink | None:
        """The owner's link with this id."""
        return await self._deps.studio_links.owned(owner, link_id)

    async def find(self, token: str) -> tuple[StudioLink, Attempt | None]:
        """The link in a token, and what was sent in with it.

        Raises:
            Refused: `link_unknown` or `link_expired`.
        """
        link = await self._deps.studio_links.get(self.pages.links.read(token))
        if link is None:
            raise link_unknown()
        attempt = await self._deps.attempts.get(link.owner, link.attempt_id)
        until = ends_at(link, submitted=attempt is not None)
        if (link.submitted_at and attempt is None) or self._deps.clock() >= until:
            raise link_expired()
        return link, attempt

    async def result(self, token: str) -> tuple[Attempt, datetime] | None:
        """The attempt whose result a token lets its owner look at, and until when.

        `None` for any other token.

        Raises:
            Refused: `link_expired`; its time is over, or the attempt has been deleted.
        """
        try:
            owner, attempt_id, until = self.pages.results.read(token)
        except Refused as error:
            if error.code == "link_unknown":
                return None
            raise
        attempt = await self._deps.attempts.get(owner, attempt_id)
        if attempt is None or attempt.assessment is None:
            raise link_expired()
        return attempt, until

    async def earlier(self, attempt: Attempt) -> tuple[Attempt, ...]:
        """Up to nine of the owner's assessed attempts at the same question before it, newest first.

        They are what the change since the last time, and a short line of them, are made from.
        """
        deps = self._deps
        before = AttemptFilter(
            question_key=question_key(attempt.question), until=attempt.created_at
        )
        page = await deps.history.page(attempt.owner, before, size=EARLIER + 1)
        return tuple(one for one in page.attempts if one.id != attempt.id)[:EARLIER]

    async def again(self, link: StudioLink) -> str | None:
        """Let the holder of a link answer the same question again; see `NextTakes.again`."""
        return await self._takes.again(link)

    async def follow_up_of(self, attempt: Attempt) -> str:
        """The question about what was missing in an answer; "" where there is none."""
        try:
            _, question = await self._follow_ups(attempt.owner, attempt.id)
        except Refused:
            return ""
        return question

    async def follow_up(self, link: StudioLink) -> str:
        """Let the holder of a link answer the question that follows up on its result.

        Returns the token of a link for that question.

        Raises:
            Refused: `not_submitted`, `nothing_missing`, or what `NextTakes.follow_up` refuses.
        """
        attempt = await self.attempt(link)
        _, question = await self._follow_ups(link.owner, attempt.id)
        return await self._takes.follow_up(link, attempt, question)

    async def received(self, link: StudioLink) -> int | None:
        """How many bytes of the recording are here, `None` when no upload was begun."""
        if link.upload_begun_at is None:
            return None
        return await self._deps.uploads.received(link.id)

    async def shares(self, link: StudioLink) -> bool:
        """Whether the server has it that answers are shared unless their member chooses else."""
        server = await self._deps.server_settings.get(link.owner.guild_id)
        return link.shared and server.share_by_default

    async def begin_upload(self, link: StudioLink, size_bytes: int, seconds: float = 0) -> None:
        """Take a recording of this size from its first byte, whatever was here.

        `seconds` is how long the page says it is, 0 where it can't say. Where the link's attempt
        came to nothing, its next try begins.

        Raises:
            ClipRefused: `clip_too_large` or `clip_too_short`.
            Refused: there is no consent any more, no room, or too many uploads are under way;
                the member may not practise there any more; or it has been sent in meanwhile.
        """
        deps = self._deps
        check_declared_size(_source(link, size_bytes), max_bytes=deps.limits.clip_bytes)
        check_declared_length(seconds)
        await self._checks.consent(link.owner)
        await self._checks.place_for_upload(link)
        async with deps.uploads.lock(link.id):
            link = await self._check_open(await self._takes.next_try(link))
            upload = Begun(link.id, link.owner.user_id, size_bytes)
            await deps.uploads.begin(upload, await self._bounds())
            noted = False
            try:
                noted = await deps.studio_links.begin_upload(link, size_bytes)
            finally:
                if not noted:  # a row that can't be written must hold neither room nor place
                    await deps.uploads.drop(link.id)
            if not noted:
                await self._check_open(link)
                raise link_expired()

    async def append(self, link: StudioLink, offset: int, chunks: AsyncIterator[bytes]) -> int:
        """Add a piece at this offset; returns how many bytes are here then.

        Raises:
            UserFacingError: see `UploadStore.append`; or it has been sent in meanwhile.
        """
        async with self._deps.uploads.lock(link.id):
            now = await self._check_open(link)
            if now.size_bytes is None:
                raise no_upload()
            upload = Begun(now.id, now.owner.user_id, now.size_bytes)
            return await self._deps.uploads.append(upload, offset, chunks, await self._bounds())

    async def _bounds(self) -> Bounds:
        """What may be under way; what an earlier process has promised is remembered first."""
        if not self._remembers:
            since = self._deps.clock() - UPLOAD_LIFE
            await self._deps.uploads.remember(await self._deps.studio_links.begun(since))
            self._remembers = True
        return Bounds(
            uploads=UPLOADS_AT_ONCE,
            uploads_of_one=UPLOADS_OF_ONE,
            size_bytes=UPLOAD_BYTES_AT_ONCE,
            size_bytes_of_one=UPLOAD_BYTES_OF_ONE,
        )

    async def submit(self, link: StudioLink, *, shared: bool) -> tuple[Attempt, bool]:
        """Queue the recording as an attempt, once; the second time the same attempt is returned.

        An answer in an interview is private, whatever is asked for.

        Returns the attempt, and whether it is new.

        Raises:
            UploadRefused: `incomplete`.
            UserFacingError: what `StudioChecks` and `AttemptService.submit` refuse, and the link
                can be used again; or the link's attempt has been deleted.
        """
        deps = self._deps
        shared = shared and link.interview_id is None
        async with deps.uploads.lock(link.id):
            if (sent := await deps.attempts.get(link.owner, link.attempt_id)) is not None:
                return sent, False
            link = await self._check_open(link)
            received = await self.received(link)
            if received is None or link.size_bytes is None:
                raise no_upload()
            if received != link.size_bytes:
                raise UploadRefused(
                    "incomplete",
                    "The recording is not all here yet. Go on sending it.",
                    received_bytes=received,
                )
            with attempt_in_logs(link.attempt_id):
                await self._check_may(link, shared=shared)
                return await self._submit(link, received, shared=shared)

    async def _submit(self, link: StudioLink, size: int, *, shared: bool) -> tuple[Attempt, bool]:
        deps = self._deps

        async def open_reply() -> ReplyAddress | None:
            if link.reply is None or deps.clock() >= link.reply.dies_at:
                return None
            return await deps.announcer.open_public(link.reply) if shared else link.reply

        await deps.clip_store.put(link.attempt_id, deps.uploads.path(link.id))
        try:
            await self._check_may(link, shared=shared)  # again: a store far away may take minutes
            attempt = await self._attempts.submit(
                owner=link.owner,
                channel_id=link.channel_id,
                question=link.question,
                source=_source(link, size),
                shared=shared,
                open_reply=open_reply,
                attempt_id=link.attempt_id,
                asked_in=AskedIn(link.interview_id, link.position, link.parent_id),
            )
        except Superseded:  # another process has taken it, or its attempt is deleted
            sent = await deps.attempts.get(link.owner, link.attempt_id)
            if sent is None:
                await self._forget_clip(link.attempt_id)
                raise link_expired() from None
            return sent, False
        except UserFacingError:
            await self._forget_clip(link.attempt_id)
            raise
        await deps.studio_links.submitted(link)
        await deps.uploads.sent(link.id)
        return attempt, True

    async def _forget_clip(self, attempt_id: str) -> None:
        with suppress(UserFacingError):  # what cannot be deleted now, the sweep deletes
            await self._deps.clip_store.delete(attempt_id)

    async def attempt(self, link: StudioLink) -> Attempt:
        """What was sent in, as it is now.

        Raises:
            Refused: `not_submitted`, also when it has been deleted.
        """
        attempt = await self._deps.attempts.get(link.owner, link.attempt_id)
        if attempt is None:
            raise Refused("not_submitted", "Nothing has been sent in with this link yet.")
        return attempt

    async def cancel(self, link: StudioLink) -> Attempt:
        """Stop what was sent in, show so in Discord, and return it as it is now.

        Raises:
            Refused: `not_submitted`.
        """
        await self.attempt(link)
        now = await self._attempts.cancel(link.owner, link.attempt_id, show=True)
        if now is None:
            raise Refused("not_submitted", "Your recording has been deleted.")
        return now

    async def _check_may(self, link: StudioLink, *, shared: bool) -> None:
        await self._checks.consent(link.owner)
        await self._checks.place(link, shared=shared)

    async def _check_open(self, link: StudioLink) -> StudioLink:
        """The link as it is now, if it can still be used for an upload."""
        now = await self._deps.studio_links.get(link.id)
        if now is None:
            raise link_unknown()
        sent = await self._deps.attempts.get(now.owner, now.attempt_id)
        if now.submitted_at is not None or sent is not None:
            raise Refused("submitted", "Your recording has been sent in already.")
        return now


def _source(link: StudioLink, size_bytes: int) -> ClipSource:
    """A recording as its attempt names it: the store knows it by the attempt's id alone."""
    name = f"{link.attempt_id}.clip"
    return ClipSource(kind=ClipKind.STUDIO, url="", name=name, size_bytes=size_bytes)
