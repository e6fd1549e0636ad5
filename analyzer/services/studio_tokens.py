"""What an address of the studio carries: whose right it is to what, signed, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError

from analyzer.dependencies import Clock
from core.errors import Refused
from core.models import Owner

TOKEN_MAX = 200
"""Characters; ours have at most about 150."""

LINK_LIFE = timedelta(hours=24)
"""How long the way of what was sent in, and its result, can be looked at."""

_KEY_USE = b"greenroom studio links, version 1"
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_OWNED_ID = TypeAdapter(tuple[str, int, int])


class _Tokens:
    """Writes and reads tokens of one kind: with another `salt`, none is taken for the other's.

    Every process with the same secret reads what another wrote.
    """

    def __init__(self, secret: str, clock: Clock, life: timedelta, salt: str) -> None:
        """Derive the key from a secret, so that none has to be kept in the database."""

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock().timestamp())

        self._clock, self._life = clock, life
        self._serializer = URLSafeTimedSerializer(
            hmac.digest(secret.encode(), _KEY_USE, "sha256"),
            salt=salt,
            signer=Signer,
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def _write(self, what: object) -> str:
        token = self._serializer.dumps(what)
        return token if isinstance(token, str) else token.decode()

    def _read(self, token: str) -> tuple[Any, datetime]:
        """What is in a token, and until when it holds."""
        if not 0 < len(token) <= TOKEN_MAX or not token.isascii():
            raise link_unknown()
        try:
            read: Any = self._serializer.loads(token, return_timestamp=True)
        except BadData:
            raise link_unknown() from None
        found, written_at = read
        # not by `max_age`, for which what another machine's clock has dated ahead is over, too
        if self._clock() - written_at > self._life:
            raise link_expired()
        return found, written_at + self._life


class LinkTokens(_Tokens):
    """The right to answer a question in the studio: a link's id."""

    def __init__(self, secret: str, clock: Clock, life: timedelta = LINK_LIFE) -> None:
        super().__init__(secret, clock, life, "greenroom.studio")

    def write(self, link_id: str) -> str:
        """A token for a link, from now on."""
        return self._write(link_id)

    def read(self, token: str) -> str:
        """The id in a token.

        Raises:
            Refused: `link_unknown` for what is not ours, `link_expired` for what has been.
        """
        found, _ = self._read(token)
        if not isinstance(found, str) or not _ID.fullmatch(found):
            raise link_unknown()
        return found


class ResultTokens(_Tokens):
    """The right to look at one result: an attempt's id, and whose it is. Nothing else."""

    def __init__(self, secret: str, clock: Clock, life: timedelta = LINK_LIFE) -> None:
        super().__init__(secret, clock, life, "greenroom.studio.result")

    def write(self, owner: Owner, attempt_id: str) -> str:
        """A token for a result of this owner's, from now on."""
        return self._write([attempt_id, owner.guild_id, owner.user_id])

    def read(self, token: str) -> tuple[Owner, str, datetime]:
        """Whose attempt a token is about, which, and until when; like `LinkTokens.read`, else."""
        return _owned(*self._read(token))


class InterviewTokens(_Tokens):
    """The right to go on with one interview: its id, and whose it is."""

    def __init__(self, secret: str, clock: Clock, life: timedelta = LINK_LIFE) -> None:
        super().__init__(secret, clock, life, "greenroom.studio.interview")

    def write(self, owner: Owner, interview_id: str) -> str:
        """A token for an interview of this owner's, from now on."""
        return self._write([interview_id, owner.guild_id, owner.user_id])

    def read(self, token: str) -> tuple[Owner, str, datetime]:
        """Whose interview a token is for, which, and until when; like `LinkTokens.read`, else."""
        return _owned(*self._read(token))


def _owned(found: Any, until: datetime) -> tuple[Owner, str, datetime]:
    """An id and its owner out of a token.

    Raises:
        Refused: `link_unknown` for what is neither.
    """
    try:
        owned_id, guild_id, user_id = _OWNED_ID.validate_python(found, strict=False)
        owner = Owner(guild_id=guild_id, user_id=user_id)
    except ValidationError:
        raise link_unknown() from None
    if not _ID.fullmatch(owned_id):
        raise link_unknown()
    return owner, owned_id, until


def link_unknown() -> Refused:
    """What a guessed, altered, foreign and erased link have in common."""
    return Refused(
        "link_unknown",
        "This studio link doesn't work. Use /practice in Discord to get one of your own.",
    )


def link_expired() -> Refused:
    """A link of ours whose time is over, or whose attempt has been deleted."""
    return Refused(
        "link_expired", "This studio link has expired. Use /practice in Discord for a new one."
    )
