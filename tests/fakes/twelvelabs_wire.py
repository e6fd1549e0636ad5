"""What the two halves of the TwelveLabs stand-in share: request keys, pages and times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from tests.fakes.twelvelabs_faults import Refusal
from tests.fakes.twelvelabs_script import Seen

ACCOUNT = web.RequestKey("account", str)
"""Whose key the request carries."""

SEEN = web.RequestKey("seen", Seen)
"""The record of the request."""

_PAGE_LIMIT_MAX = 50


def page_of(
    found: list[dict[str, Any]], request: web.Request, filters: frozenset[str]
) -> dict[str, Any]:
    """Cut out the page the query asks for (10 a page, at most 50), in the SDK's shape.

    `filters` are those the caller has applied.

    Raises:
        Refusal: `page` or `page_limit` is out of range, or a filter was ignored.
    """
    if set(request.query) - filters - {"page", "page_limit"}:
        raise Refusal(501, "not_reproduced", "The stand-in does not know this filter.")
    page, limit = _number(request, "page", 1), _number(request, "page_limit", 10)
    if page < 1 or not 1 <= limit <= _PAGE_LIMIT_MAX:
        raise Refusal(400, "parameter_invalid", "page or page_limit is out of range")
    return {
        "data": found[(page - 1) * limit : page * limit],
        "page_info": {
            "limit_per_page": limit,
            "page": page,
            "total_page": -(-len(found) // limit),
            "total_results": len(found),
        },
    }


def rfc3339(moment: datetime) -> str:
    """Write a moment the way the vendor does."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(request: web.Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        raise Refusal(400, "parameter_invalid", f"{name} must be a number") from None
