"""What is refused on every path before a body is read: a packed one, and one too many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_UNPACKED = ("", "identity")


@web.middleware
async def refuse_packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a body that is packed: nobody has to send one, and a small one may unpack to anything.

    The server does not unpack bodies (`web.protocol`), so without this they would be taken for
    what they are not.
    """
    encodings = ",".join(request.headers.getall("Content-Encoding", [])).split(",")
    if any(one.strip().lower() not in _UNPACKED for one in encodings):
        return refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "packed", "Send it without a Content-Encoding."
        )
    codings = ",".join(request.headers.getall("Transfer-Encoding", [])).split(",")
    if any(one.strip().lower() not in ("", "chunked") for one in codings):
        return refusal(  # RFC 9112, section 6.1, has this status for it
            HTTPStatus.NOT_IMPLEMENTED, "packed", "Send it with no Transfer-Encoding but chunked."
        )
    return await handler(request)


def too_many() -> web.Response:
    """Refuse what would be one request too many at once."""
    sentence = "There are too many calls from here at once. Try again in a moment."
    answer = refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_many", sentence)
    answer.headers["Retry-After"] = "5"  # seconds
    return answer


def refusal(status: HTTPStatus, code: str, sentence: str) -> web.Response:
    """An error as the studio's page reads it; what is still to come of the body is not wanted."""
    answer = web.json_response({"code": code, "sentence": sentence}, status=status)
    answer.headers["Cache-Control"] = "no-store"
    answer.force_close()
    return answer
