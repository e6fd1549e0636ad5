"""What an engine asks before each call to its vendor: whose turn it is, and what may be billed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class CallKind(StrEnum):
    """What a call is for. Vendors count uploads and analyses by the day, each for itself."""

    UPLOAD = "upload"
    ANALYZE = "analyze"
    TIDY = "tidy"  # deleting, cancelling, and listing, which either begins with
    LOOK = "look"  # at how far something is: goes last

    @property
    def goes_first(self) -> bool:
        """Whether it is not merely a look."""
        return self is not CallKind.LOOK

    @property
    def creates(self) -> bool:
        """Whether something is made that a plan's daily number is about."""
        return self in (CallKind.UPLOAD, CallKind.ANALYZE)


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who makes a call: an attempt, or something else that makes it once."""

    id: str
    since: datetime | None = None  # when the attempt was made; None: from when it first waits


_waiter: ContextVar[Waiter | None] = ContextVar("vendor waiter", default=None)


@contextmanager
def calling_for(attempt_id: str, since: datetime) -> Iterator[None]:
    """Make all calls inside for an attempt that was made then: the oldest goes first."""
    token = _waiter.set(Waiter(attempt_id, since))
    try:
        yield
    finally:
        _waiter.reset(token)


def current_waiter() -> Waiter:
    """For whom a call is made now."""
    return _waiter.get() or Waiter(secrets.token_hex(8))


class Turns(Protocol):
    """Keeps all calls with one API key within what the vendor allows."""

    async def ask(self, kind: CallKind, waiter: Waiter) -> float:
        """Take a turn: 0.0, the call may go now; else in how many seconds to ask again.

        Raises:
            MustWait: that is too long to wait for in place.
        """
        ...

    async def leave(self, kind: CallKind, waiter: Waiter) -> None:
        """Give a place in line up: nobody waits for it any more."""
        ...

    async def learn(self, kind: CallKind, status: int, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the vendor's limits."""
        ...


class Bill(Protocol):
    """Counts one attempt's analyses before they are asked for."""

    async def begin(self, number: int) -> bool:
        """Count the analysis with this number; whether it had not been counted before.

        Raises:
            MustWait: the operator's cap lets it begin later.
            EngineRefused: not within a day; the sentence says when.
        """
        ...

    async def nothing_arrived(self, number: int) -> None:
        """Take it back: the vendor certainly got nothing."""
        ...


class FreeOfCharge:
    """The bill of whoever keeps none."""

    async def begin(self, number: int) -> bool:  # noqa: ARG002 - part of Bill
        """Count nothing. Nothing is known of what was begun before."""
        return False

    async def nothing_arrived(self, number: int) -> None:
        """Take nothing back."""


FREE = FreeOfCharge()
