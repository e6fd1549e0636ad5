"""A plan's limits, as the stand-in keeps them: calls in a while, uploads and analyses in a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from tests.fakes.twelvelabs_faults import Refusal

DAY = 86_400.0

Style = Literal["none", "x", "separate", "combined", "retry-after"]


@dataclass(kw_only=True)
class Plan:
    """Refuses with 429 what comes too soon, and counts that as a violation.

    A day is the last 24 hours, and a while the last `seconds`: the strictest ways to count.
    """

    clock: Callable[[], float]
    every: float = 10.0
    """Seconds in which one call may be made, whatever it is."""
    a_day: int = 50
    """Uploads in a day, and as many analyses."""
    style: Style = "none"
    """How the headers are spelled that tell the limits."""
    calls: list[float] = field(default_factory=list)
    """When each call was made that was let in."""
    made: dict[str, list[float]] = field(default_factory=dict)
    """When each upload (`assets`) and analysis (`tasks`) was made."""
    violations: list[tuple[float, str]] = field(default_factory=list)
    """What was refused: when, and what."""

    def check(self, method: str, path: str) -> None:
        """Let a request in, or not.

        Raises:
            Refusal: it comes too soon.
        """
        now, what = self.clock(), _counted(method, path)
        if self._wait(what) > 0:
            self.violations.append((now, f"{method} {path}"))
            raise Refusal(429, "too_many_requests", "You have exceeded the rate limit.")
        self.calls.append(now)
        if what:
            self.made.setdefault(what, []).append(now)

    def headers(self, method: str, path: str) -> Mapping[str, str]:
        """What an answer to this request tells."""
        now, what = self.clock(), _counted(method, path)
        day = [at for at in self.made.get(what, []) if now - at < DAY]
        left, day_resets = self.a_day - len(day), (day[0] + DAY - now if day else DAY)
        burst = self._pause()
        if self.style == "combined":
            policy, now_left = f'"burst";q=1;w={self.every:g}', f'"burst";r=0;t={ceil(burst)}'
            if what:
                policy += f', "daily";q={self.a_day};w=86400'
                now_left += f', "daily";r={left};t={ceil(day_resets)}'
            return {"RateLimit-Policy": policy, "RateLimit": now_left}
        if self.style == "separate":
            return {
                "RateLimit-Limit": f"1, 1;w={self.every:g}",
                "RateLimit-Remaining": "0",
                "RateLimit-Reset": f"{ceil(burst)}",
            }
        if self.style == "x":
            told = {
                "X-RateLimit-Limit-Request": "1",
                "X-RateLimit-Remaining-Request": "0",
                "X-RateLimit-Reset-Request": f"{ceil(now + burst)}",
            }
            daily = {
                "X-RateLimit-Limit-Day": f"{self.a_day}",
                "X-RateLimit-Remaining-Day": f"{left}",
                "X-RateLimit-Reset-Day": f"{ceil(now + day_resets)}",
            }
            return told | daily if what else told
        if self.style == "retry-after" and (wait := self._wait(what)) > 0:
            return {"Retry-After": f"{ceil(wait)}"}
        return {}

    def _pause(self) -> float:
        return self.calls[-1] + self.every - self.clock() if self.calls else 0.0

    def _wait(self, what: str) -> float:
        now = self.clock()
        day = [at for at in self.made.get(what, []) if now - at < DAY] if what else []
        full = day[-self.a_day] + DAY - now if len(day) >= self.a_day else 0.0
        return max(self._pause(), full)


def _counted(method: str, path: str) -> str:
    """What a day's number is about: `assets` or `tasks`, else nothing."""
    last = path.rpartition("/")[2]
    return last if method == "POST" and last in ("assets", "tasks") else ""
