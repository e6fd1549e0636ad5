"""Who may call the vendor next, and when: plain arithmetic over what is kept for one API key.

All times are epoch seconds. What is kept is one JSON text, so that every process sees the same, a
restart forgets nothing, and a whole decision is one transaction.

There are three sources of limits. What the operator has set: calls a minute are spread evenly over
it, which keeps within every kind of window a vendor may count by, and uploads and analyses of a day
each count over the last 24 hours. What headers tell: so many are left until a moment. And a 429
that tells only how long to wait: then calls are spaced as its burst suggests, by half as much every
ten minutes without another one.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from analyzer.engines.vendor_turns import CallKind
from analyzer.vendor_limits.rate_headers import Limits, Told

LONG_FROM = 120.0
"""A limit that lasts for longer than this is about the day, and of one kind of call alone.

A shorter one is taken to be about all calls, unless a kind tells another one of its own.
"""

DAY = 86_400.0

_MARGIN = 0.25
"""Seconds beside a spacing, or a tenth of it: two calls take differently long to arrive."""

_GUESS_SECONDS = 10.0  # after a 429 that names no time; doubled with each one that follows
_GUESS_LONGEST = 600.0
_SPACING = (0.05, 60.0)  # least and most that a 429 makes of it, in seconds
_HALF_LIFE = 600.0
_FORGET_AFTER = 3600.0  # a told limit that answers do not tell any more
_KEEP_IDLE = 2 * DAY  # and one of which no answer came at all
_LOG_MAX = 2000  # calls of a day that are noted; of more, a part of the day counts
_LINE_MAX = 20_000
_WINDOWS_MAX = 32

_PLENTY = 10  # calls left, and a fifth of the limit: until then nobody counts

_ROUNDED = 1.0  # seconds by which a moment tomorrow may be off: rounded down, or slow to arrive

_IN_PLACE = 20.0
_IN_PLACE_INTERVALS = 3
_LATE = 5.0  # seconds after which who waits in place has gone, as when a process was killed
_LATE_AFTER_PAUSE = 60.0
_OFTEN, _SELDOM = 60.0, 6 * 3600.0
_SOON = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has set: calls a minute; and of each kind that creates, calls a day."""

    a_minute: int | None = None
    a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What who asks for a turn is told."""

    wait: float  # seconds; 0: it may go, and has been counted
    place: int = 1  # in line, among those that go as early
    in_place: bool = True  # whether that is short enough to wait for while holding a slot


class ToldLimit(BaseModel):
    """A limit that headers have told."""

    kinds: set[CallKind]  # of the calls that were answered with it
    long: bool
    quota: int | None
    seconds: float
    left: int
    resets_at: float
    told_at: float

    def rolled(self, now: float) -> bool:
        """Whether its window is over."""
        return now >= self.resets_at

    def nth(self, n: int, now: float) -> float:
        """When the call after `n` others may go."""
        left, resets_at = self.left, self.resets_at
        if self.rolled(now):
            if self.quota is None:
                return now
            left, resets_at = self.quota, now + self.seconds
        if n < left:
            return now
        return resets_at + ((n - left) // self.quota * self.seconds if self.quota else 0.0)

    def count(self, now: float) -> None:
        """Count a call."""
        if self.rolled(now):
            if self.quota is None:
                return
            self.left, self.resets_at = self.quota, now + self.seconds
        self.left = max(0, self.left - 1)


class Waits(BaseModel):
    """One that waits."""

    kind: CallKind
    waiter: str
    since: float
    free_at: float  # when its day's limit lets it go
    gone_at: float  # when it is not there any more if it has not asked again


class Line(BaseModel):
    """Everything about one key."""

    told: dict[str, ToldLimit] = {}
    blocked: dict[str, float] = {}  # by kind, or "" for all: until when, as a 429 has said
    guesses: int = 0  # 429s one after another that named no time
    spacing: float = 0.0  # learned from 429s
    spaced_at: float = 0.0
    next_at: float = 0.0  # by the spacing
    days: dict[CallKind, list[float]] = {}  # when the calls of the last 24 hours were made
    reserved: dict[str, float] = {}  # attempts whose upload has taken an analysis of the day too
    waiting: dict[str, Waits] = {}

    @classmethod
    def read(cls, text: str | None) -> Line:
        """What a text says; a new one where there is none, or none that can be read."""
        try:
            return cls() if text is None else cls.model_validate_json(text)
        except ValidationError:  # of another version of ours
            return cls()

    def text(self) -> str:
        """All of it."""
        return self.model_dump_json()

    # -- asking

    def ask(
        self,
        kind: CallKind,
        waiter: str,
        since: float | None,
        now: float,
        rules: Rules,
        *,
        takes: bool = True,
    ) -> Answer:
        """Let a call go, which counts it, or put it in line. Who `takes` nothing only asks."""
        self._forget(now)
        key = f"{waiter} {kind}"
        mine = self.waiting.get(key)
        since = since if since is not None else (mine.since if mine else now)
        order = (not kind.goes_first, since, waiter)
        ahead = [
            one
            for name, one in self.waiting.items()
            if name != key and (not one.kind.goes_first, one.since, one.waiter) < order
        ]
        free_at = self._day_free(kind, waiter, ahead, now, rules)
        before = sum(one.free_at <= max(now, free_at) for one in ahead)
        at = max(free_at, self._short_free(kind, before, now, rules))
        if at <= now and not takes:
            return Answer(0.0)
        if at <= now:
            self.waiting.pop(key, None)
            self._count(kind, waiter, now, rules)
            return Answer(0.0)
        wait = at - now
        patience = max(_IN_PLACE, _IN_PLACE_INTERVALS * self._interval(kind, now, rules))
        in_place = wait <= patience
        gone = wait + _LATE if in_place else pause(wait) + _LATE_AFTER_PAUSE
        if len(self.waiting) < _LINE_MAX:
            self.waiting[key] = Waits(
                kind=kind, waiter=waiter, since=since, free_at=free_at, gone_at=now + gone
            )
        alike = sum(one.kind.goes_first is kind.goes_first for one in ahead)
        return Answer(wait, alike + 1, in_place)

    def leave(self, kind: CallKind, waiter: str) -> None:
        """Take one out of the line."""
        self.waiting.pop(f"{waiter} {kind}", None)

    def forget(self, waiter: str) -> None:
        """Take out all that somebody waits for, and give back what was kept for it."""
        self.waiting = {name: one for name, one in self.waiting.items() if one.waiter != waiter}
        self.reserved.pop(waiter, None)

    def unlimited(self, kind: CallKind, now: float, rules: Rules) -> bool:
        """Whether a call may go without being counted: nothing known is anywhere near."""
        if rules.a_minute or (rules.a_day and kind.creates) or self._spacing(now):
            return False
        blocked = any(until > now for scope, until in self.blocked.items() if scope in ("", kind))
        return not blocked and not any(_is_near(one, now) for one in self._applying(kind))

    # -- learning

    def learn(
        self, kind: CallKind, status: int, said: Limits, now: float, recent: list[float]
    ) -> None:
        """Note what an answer says. `recent` are the times of this process's calls, this one last.

        A limit of more calls than it was tightens nothing, and what is told no more is forgotten.
        """
        known = [one for one in said.told if one.quota is not None or one.left is not None]
        for one in known:
            self._note(kind, one, said.retry_after, now)
        if status != 429:
            self.guesses = 0
            self.told = {
                name: one
                for name, one in self.told.items()
                if kind not in one.kinds or now - one.told_at < _FORGET_AFTER
            }
            return
        named = [w for w in (said.retry_after, *(t.resets_in for t in known if not t.left)) if w]
        self.guesses = 0 if named else self.guesses + 1
        guess = min(_GUESS_SECONDS * 2 ** min(self.guesses - 1, 10), _GUESS_LONGEST)
        wait = max(named) if named else guess
        scope = "" if wait <= LONG_FROM else str(kind)
        self.blocked[scope] = max(self.blocked.get(scope, 0.0), now + wait)
        if wait <= LONG_FROM and not any(one.quota for one in known):
            self._space(wait, now, recent[:-1])

    def _note(self, kind: CallKind, one: Told, wait: float | None, now: float) -> None:
        resets_in = one.resets_in if one.resets_in is not None else wait if not one.left else None
        seconds = one.seconds or resets_in
        if seconds is None or len(self.told) >= _WINDOWS_MAX:
            return
        is_long = seconds > LONG_FROM
        length = one.seconds or (DAY if is_long else 60.0)
        name = f"{kind} {one.quota}" if is_long else f"{one.quota} {one.seconds or ''}"
        before = self.told.get(name)
        left = one.left if one.left is not None else (one.quota or 0)
        if is_long and kind is CallKind.ANALYZE:
            left = max(0, left - len(self.reserved))  # not made yet, so not counted there
        resets_at = now + (resets_in if resets_in is not None else length) + is_long * _ROUNDED
        if before is not None and one.left is None:
            before.told_at = now
            return
        # answers overtake each other: within a window what is left only becomes less
        if before is not None and abs(before.resets_at - resets_at) < 0.1 * length:
            left = min(left, before.left)
        self.told[name] = ToldLimit(
            kinds={kind} | (before.kinds if before else set()),
            long=is_long,
            quota=one.quota,
            seconds=length,
            left=left,
            resets_at=resets_at,
            told_at=now,
        )

    def _space(self, wait: float, now: float, recent: list[float]) -> None:
        """Space calls so that as many as were made take as long as the vendor counts them for."""
        burst = [at for at in recent if now - at < 60.0]
        suggested = (now - burst[0] + wait) / len(burst) if burst else wait
        least, most = _SPACING
        self.spacing = min(max(suggested, 1.25 * self._spacing(now), least), most)
        self.spaced_at = now

    # -- what is known

    def _spacing(self, now: float) -> float:
        """What 429s have taught, as far as it still counts, in seconds."""
        left = self.spacing * 0.5 ** (max(0.0, now - self.spaced_at) / _HALF_LIFE)
        return left if left > _SPACING[0] else 0.0

    def _applying(self, kind: CallKind) -> list[ToldLimit]:
        """The told limits that count for a call of this kind."""
        short = [one for one in self.told.values() if not one.long and one.quota]
        has_own = any(kind in one.kinds for one in short)
        return [one for one in self.told.values() if kind in one.kinds or not (one.long or has_own)]

    def _gap(self, now: float, rules: Rules) -> float:
        """Seconds between two calls."""
        by_rule = 60.0 / rules.a_minute if rules.a_minute else 0.0
        by_rule += min(_MARGIN, by_rule / 10)
        return max(by_rule, self._spacing(now))

    def _interval(self, kind: CallKind, now: float, rules: Rules) -> float:
        """Seconds that each place in line takes."""
        applying = [one for one in self._applying(kind) if one.quota and not one.long]
        told = [one.seconds / (one.quota or 1) for one in applying]
        return max((self._gap(now, rules), *told))

    def _short_free(self, kind: CallKind, before: int, now: float, rules: Rules) -> float:
        gap = self._gap(now, rules)
        at = max(now, self.blocked.get("", 0.0), self.blocked.get(kind, 0.0))
        if gap:
            at = max(at, self.next_at) + before * gap
        told = [one.nth(before, now) for one in self._applying(kind) if not one.long]
        return max((at, *told))

    def _day_free(
        self, kind: CallKind, waiter: str, ahead: list[Waits], now: float, rules: Rules
    ) -> float:
        """When the day's limits let it go; an upload waits until it can be analyzed too."""
        if kind is CallKind.ANALYZE and waiter in self.reserved:
            return now
        at = now
        kinds = [kind, CallKind.ANALYZE] if kind is CallKind.UPLOAD else [kind]
        for one in kinds:
            before = sum(who.kind in (one, kind) for who in ahead)
            at = max(at, self._nth_of_day(one, before, now, rules), self.blocked.get(one, 0.0))
            at = max((at, *(t.nth(before, now) for t in self._applying(one) if t.long)))
        return at

    def _nth_of_day(self, kind: CallKind, n: int, now: float, rules: Rules) -> float:
        if rules.a_day is None or not kind.creates:
            return now
        quota, length = _log_of(rules.a_day)
        made = self.days.get(kind, [])
        n -= max(0, quota - len(made))
        if n < 0:
            return now
        rounds, nth = divmod(n, quota)
        first = made[nth] if nth < len(made) else now
        return first + (rounds + 1) * length + _ROUNDED

    def _count(self, kind: CallKind, waiter: str, now: float, rules: Rules) -> None:
        if gap := self._gap(now, rules):
            self.next_at = max(self.next_at, now) + gap
        for one in self._applying(kind):
            if not one.long:
                one.count(now)
        kinds = [kind]
        if kind is CallKind.UPLOAD:
            kinds.append(CallKind.ANALYZE)
            self.reserved[waiter] = now
        elif kind is CallKind.ANALYZE and (taken := self.reserved.pop(waiter, None)) is not None:
            made = self.days.get(kind, [])
            if taken in made:  # it counts for the vendor from now on
                made.remove(taken)
                made.append(now)
            return
        for each in kinds:
            for one in self._applying(each):
                if one.long:
                    one.count(now)
            if rules.a_day is not None and each.creates:
                self.days.setdefault(each, []).append(now)

    def _forget(self, now: float) -> None:
        """Drop what counts no more, and who has not come back."""
        self.blocked = {scope: until for scope, until in self.blocked.items() if until > now}
        self.reserved = {who: at for who, at in self.reserved.items() if now - at < DAY}
        self.waiting = {name: one for name, one in self.waiting.items() if one.gone_at > now}
        self.days = {
            kind: kept
            for kind, made in self.days.items()
            if (kept := [at for at in made if now - at < DAY + _ROUNDED][-_LOG_MAX:])
        }
        self.told = {
            name: one
            for name, one in self.told.items()
            if now < one.resets_at or (one.quota and now - one.told_at < _KEEP_IDLE)
        }


def pause(wait: float, *, shown: bool = False) -> float:
    """After how many seconds an attempt asks again that has to wait for so many.

    Often while its place can be `shown` to its member and the wait is short. Else when it was told
    to, or in six hours, since those before it may have been cancelled.
    """
    return min(wait, _OFTEN if shown and wait <= _SOON else _SELDOM)


def _log_of(a_day: int) -> tuple[int, float]:
    """As many calls as are noted, and the seconds in which so many are allowed."""
    quota = min(a_day, _LOG_MAX)
    return quota, DAY * quota / a_day


def _is_near(one: ToldLimit, now: float) -> bool:
    if one.rolled(now):
        return one.quota is not None and one.quota <= _PLENTY
    return one.left <= max(_PLENTY, (one.quota or 0) // 5)
