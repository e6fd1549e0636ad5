"""Whatever a server's headers say of its limits is understood, or ignored: nothing breaks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.vendor_limits.rate_headers import LONGEST_SECONDS, MOST_CALLS, Told, read_limits

NOW = 1_796_000_000.0  # 2026-11-30 00:53:20 UTC
SPELLINGS: dict[str, dict[str, str]] = {
    "epoch": {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "3",
        "X-RateLimit-Reset": "1796000600",
    },
    "milliseconds": {
        "x-ratelimit-limit": "50",
        "x-ratelimit-remaining": "3",
        "x-ratelimit-reset": "1796000600000",
    },
    "used": {"X-Ratelimit-Limit": "50", "X-Ratelimit-Used": "47", "X-Ratelimit-Reset": "600"},
    "a word before": {
        "x-ratelimit-request-limit": "50",
        "x-ratelimit-request-remaining": "3",
        "x-ratelimit-request-reset": "10m",
    },
    "a word after": {
        "x-ratelimit-limit-requests": "50",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "9m60s",
    },
    "a vendor's": {
        "Acme-RateLimit-Limit": "50",
        "Acme-RateLimit-Remaining": "3",
        "Acme-RateLimit-Reset": "600",
    },
    "one hyphen more": {
        "Rate-Limit-Limit": "50",
        "Rate-Limit-Remaining": "3",
        "Rate-Limit-Reset": "600",
    },
    "older draft": {"RateLimit-Limit": "50", "RateLimit-Remaining": "3", "RateLimit-Reset": "600"},
    "one field": {"RateLimit": "limit=50, remaining=3, reset=600"},
    "newer draft": {"RateLimit": '"a";r=3;t=600', "RateLimit-Policy": '"a";q=50'},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_limit_in_every_spelling(spelling: str) -> None:
    [told] = read_limits(SPELLINGS[spelling], NOW).told
    assert (told.quota, told.left, told.resets_in) == (50, 3, 600.0)


def test_several_limits_are_told_apart() -> None:
    drafts = {
        "RateLimit-Policy": '"daily";q=50;w=86400, "burst";q=1;w=10',
        "RateLimit": '"burst";r=0;t=9, "daily";r=7;t=4000',
    }
    assert set(read_limits(drafts, NOW).told) == {
        Told(50, 86_400.0, 7, 4000.0),
        Told(1, 10.0, 0, 9.0),
    }
    words = {
        "X-RateLimit-Limit-Minute": "8",
        "X-RateLimit-Remaining-Minute": "0",
        "X-RateLimit-Limit-Day": "50",
        "X-RateLimit-Remaining-Day": "42",
    }
    assert set(read_limits(words, NOW).told) == {
        Told(8, 60.0, 0, None),
        Told(50, 86_400.0, 42, None),
    }


def test_an_http_date_is_a_moment() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "Mon, 30 Nov 2026 01:03:20 GMT"}
    [told] = read_limits(headers, NOW).told
    assert told.resets_in == 600.0


def test_tokens_are_no_calls_but_having_none_left_counts() -> None:
    plenty = {"x-ratelimit-limit-tokens": "9", "x-ratelimit-remaining-tokens": "5"}
    assert read_limits(plenty, NOW).told == ()
    none = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "31"}
    assert read_limits(none, NOW).told == (Told(left=0, resets_in=31.0),)


@pytest.mark.parametrize(
    "value", ["-1", "0", "1e9", "NaN", "inf", "9" * 300, "", "ten", "٣", "5.5.5"]
)
def test_an_absurd_limit_is_none(value: str) -> None:
    assert read_limits({"X-RateLimit-Limit": value}, NOW).told == ()


@pytest.mark.parametrize("value", ["1e400", "-3", "99999999999999999", "1796000000" + "0" * 8])
def test_a_wait_has_bounds(value: str) -> None:
    said = read_limits({"Retry-After": value, "X-RateLimit-Reset": value}, NOW)
    waits = [said.retry_after, *(told.resets_in for told in said.told)]
    assert all(wait is None or 0 <= wait <= LONGEST_SECONDS for wait in waits)


NAMES = st.sampled_from(
    [
        *("Retry-After", "RateLimit", "RateLimit-Policy", "RateLimit-Limit", "X-RateLimit-Reset"),
        *("X-RateLimit-Remaining", "X-RateLimit-Request-Used", "X-RateLimit-Limit-Day"),
    ]
)
VALUES = st.one_of(
    st.text(max_size=60),
    st.from_regex(r'"?[a-z]{0,4}"?;?[qrtw]=[0-9.]{1,20}(, [0-9;=qwrt".-]{0,40})?', fullmatch=True),
    st.from_regex(r"[0-9]{1,25}(\.[0-9]{1,12})?[smhd]?", fullmatch=True),
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_nothing_a_server_sends_breaks_it_or_is_believed_beyond_bounds(
    headers: dict[str, str],
) -> None:
    said = read_limits(headers, NOW)
    for told in said.told:
        assert told.quota is None or 1 <= told.quota <= MOST_CALLS
        assert told.left is None or 0 <= told.left <= MOST_CALLS
        for seconds in (told.seconds, told.resets_in):
            assert seconds is None or (0 <= seconds <= LONGEST_SECONDS and math.isfinite(seconds))
