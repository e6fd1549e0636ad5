"""What a studio link carries: the link's id, signed, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from analyzer.dependencies import Clock
from core.errors import Refused

TOKEN_MAX = 200
"""Characters; ours have about 80."""

_KEY_USE = b"greenroom studio links, version 1"
_SALT = "greenroom.studio"
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class LinkTokens:
    """Writes and reads tokens. Every process with the same secret reads what another wrote."""

    def __init__(self, secret: str, clock: Clock, life: timedelta) -> None:
        """Derive the key from a secret, so that none has to be kept in the database."""

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock().timestamp())

        self._clock, self._life = clock, life
        self._serializer = URLSafeTimedSerializer(
            hmac.digest(secret.encode(), _KEY_USE, "sha256"),
            salt=_SALT,
            signer=Signer,
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def write(self, link_id: str) -> str:
        """A token for a link that is made now."""
        token = self._serializer.dumps(link_id)
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> str:
        """The id in a token.

        Raises:
            Refused: `link_unknown` for what is not ours, `link_expired` for what has been.
        """
        if not 0 < len(token) <= TOKEN_MAX or not token.isascii():
            raise link_unknown()
        try:
            read: Any = self._serializer.loads(token, return_timestamp=True)
        except BadData:
            raise link_unknown() from None
        found, written_at = read
        if not isinstance(found, str) or not _ID.fullmatch(found):
            raise link_unknown()
        # not by `max_age`, for which what another machine's clock has dated ahead is over, too
        if self._clock() - written_at > self._life:
            raise link_expired()
        return found


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
