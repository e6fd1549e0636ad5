"""Reads what an answer's headers say of a server's limits, however they are spelled.

Known are `Retry-After` (RFC 9110), `X-RateLimit-Limit/-Remaining/-Used/-Reset` with any word in
between and with or without `X-`, the separate `RateLimit-*` fields of the older IETF drafts,
`RateLimit: limit=…, remaining=…, reset=…`, and the newer `RateLimit: "name";r=…;t=…` with
`RateLimit-Policy: "name";q=…;w=…` (draft-ietf-httpapi-ratelimit-headers). Whatever else a server
sends says nothing, and no number it sends is believed beyond sane bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.network import retry_after

LONGEST_SECONDS = 31 * 86_400.0
"""No limit is believed to last for longer: the longest that plans have are a month's."""

MOST_CALLS = 1_000_000
"""A limit of more calls is none."""

_LINE_MAX = 1000  # characters of a header that are read
_EPOCH_FROM = 1_000_000_000.0  # a reset as large is a moment: as seconds it would be in 31 years
_MILLISECONDS_FROM = 100_000_000_000.0  # and one as large is a moment in milliseconds
_POLICIES_MAX = 8

_NAME = re.compile(r"(?:[a-z]+-){0,3}rate-?limits?(?P<words>(?:-[a-z]+){1,4})")
_WHATS = frozenset({"limit", "remaining", "used", "reset"})
_NUMBER = r"\"?(\d{1,18}(?:\.\d{1,9})?)(?![\w.])"
_AMOUNT = re.compile(rf"\s*{_NUMBER}", re.ASCII)
_PAIR = re.compile(rf"([a-z]+)\s*=\s*{_NUMBER}", re.ASCII)
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|d|h|m|s))+", re.ASCII)
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|d|h|m|s)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_OTHERS = frozenset({"tokens", "token", "duration", "bytes", "cost", "credits"})
"""Limits of something else than calls: that they are used up counts, their numbers do not."""

_WORDS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0, "second": 1.0, "month": 2_592_000.0}


@dataclass(frozen=True, slots=True)
class Told:
    """One limit as an answer has told it. Times are in seconds from now."""

    quota: int | None = None  # calls in a window
    seconds: float | None = None  # how long the window is
    left: int | None = None  # calls that may still be made in this window
    resets_in: float | None = None  # until the next window begins


@dataclass(frozen=True, slots=True)
class Limits:
    """All that an answer says."""

    told: tuple[Told, ...] = ()
    retry_after: float | None = None


def read_limits(headers: Mapping[str, str], now: float) -> Limits:
    """Read the headers of an answer; never raises, whatever they are. `now` is an epoch time."""
    lines = {name.lower(): value[:_LINE_MAX].lower() for name, value in headers.items()}
    asked = {k: v[:_LINE_MAX] for k, v in headers.items() if k.lower() == "retry-after"}
    wait = retry_after(asked, _moment(now))
    found = [told for told in (*_separate(lines, now), *_combined(lines, now)) if told != Told()]
    wait = None if wait is None else min(wait, LONGEST_SECONDS)
    return Limits(tuple(found[:_POLICIES_MAX]), wait)


def _separate(lines: Mapping[str, str], now: float) -> Iterator[Told]:
    """One field for each number, such as `X-RateLimit-Request-Remaining`, grouped by their word."""
    groups: dict[str, dict[str, float]] = {}
    resets: dict[str, float | None] = {}
    policies: dict[str, float] = {}
    for name, value in lines.items():
        if (match := _NAME.fullmatch(name)) is None:
            continue
        words = match["words"][1:].split("-")
        what = next((one for one in words if one in _WHATS), None)
        word = "-".join(one for one in words if one != what)
        if what is None:
            continue
        if what == "reset":
            resets[word] = _reset(value, now)
        elif (amount := _amount(value)) is not None:
            groups.setdefault(word, {})[what] = amount
            if what == "limit" and (window := _pairs(value).get("w")):  # `100, 100;w=60`
                policies[word] = window
    for word in {**groups, **resets}:
        numbers = groups.get(word, {})
        quota, left = _count(numbers.get("limit"), 1), _count(numbers.get("remaining"), 0)
        if left is None and quota is not None and "used" in numbers:
            left = max(0, quota - int(min(numbers["used"], MOST_CALLS)))
        named = next((s for unit, s in _WORDS.items() if unit in word.split("-")), None)
        seconds = _bounded(policies.get(word)) or named
        if _OTHERS.isdisjoint(word.split("-")):
            yield Told(quota, seconds, left, resets.get(word))
        elif left == 0:
            yield Told(left=0, resets_in=resets.get(word))


def _combined(lines: Mapping[str, str], now: float) -> Iterator[Told]:
    """The fields that hold all of it: `RateLimit` and `RateLimit-Policy`."""
    named: dict[str, Told] = {}
    for number, item in enumerate(lines.get("ratelimit-policy", "").split(",")):
        name, pairs = _item(item)
        name = str(number) if not name and number else name  # several without a name
        quota = _count(pairs.get("q", _amount(item) if _AMOUNT.match(item) else None), 1)
        if quota is not None and len(named) < _POLICIES_MAX:
            named[name] = Told(quota=quota, seconds=_bounded(pairs.get("w")))
    line = lines.get("ratelimit", "")
    items = [line] if "limit=" in line or "remaining=" in line else line.split(",")
    for item in items[:_POLICIES_MAX]:
        name, pairs = _item(item)
        left = _count(pairs.get("r", pairs.get("remaining")), 0)
        reset = pairs.get("t", pairs.get("reset"))
        before = named.get(name) or (named.get("") or Told())
        if name not in named and len(named) == 1:
            name, before = next(iter(named.items()))
        named[name] = replace(
            before,
            quota=_count(pairs.get("limit"), 1) or before.quota,
            left=left if left is not None else before.left,
            resets_in=_bounded(_from_now(reset, now)) if reset is not None else before.resets_in,
        )
    yield from named.values()


def _item(text: str) -> tuple[str, dict[str, float]]:
    """An item's name, empty where it has none, and its numbers."""
    head = text.strip().split(";", 1)[0].strip()
    quoted = re.fullmatch(r"\"([^\"]{0,64})\"", head)
    return (quoted[1] if quoted else ""), _pairs(text)


def _pairs(text: str) -> dict[str, float]:
    return {key: float(value) for key, value in _PAIR.findall(text)}


def _amount(text: str) -> float | None:
    match = _AMOUNT.match(text)
    return float(match[1]) if match else None


def _reset(text: str, now: float) -> float | None:
    """Seconds from now: of a number of seconds, a moment (s or ms), or an HTTP date."""
    amount = _amount(text)
    if amount is not None:
        return _bounded(_from_now(amount, now))
    if _DURATION.fullmatch(text.strip()):  # `6m0s`
        return _bounded(sum(float(n) * _UNITS[unit] for n, unit in _PART.findall(text)))
    return _bounded(retry_after({"retry-after": text}, _moment(now)))


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _from_now(amount: float, now: float) -> float:
    if amount >= _MILLISECONDS_FROM:
        amount /= 1000
    return amount - now if amount >= _EPOCH_FROM else amount


def _bounded(seconds: float | None) -> float | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_SECONDS)


def _count(amount: float | None, least: int) -> int | None:
    """A number of calls; `None` for one that is no limit."""
    if amount is None or not least <= amount <= MOST_CALLS:
        return None
    return int(amount)
