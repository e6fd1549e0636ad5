"""What is true of every answer of the studio: its headers, and errors as one sentence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import ClientError, web
from pydantic import ValidationError

from core.errors import Refused, UploadRefused, UserFacingError, error_location
from web.studio.schemas import Problem

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ON = ("camera", "microphone", "screen-wake-lock", "fullscreen")
"""The screen must not go dark while somebody speaks; full screen is the video's own button."""
_OFF = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "clipboard-read"),
    *("clipboard-write", "display-capture", "encrypted-media", "gamepad"),
    *("geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "midi"),
    *("payment", "picture-in-picture", "publickey-credentials-get", "serial"),
    *("usb", "xr-spatial-tracking"),
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Permissions-Policy": ", ".join(
        [f"{feature}=(self)" for feature in _ON] + [f"{feature}=()" for feature in _OFF]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_STATUS = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "link_unknown": HTTPStatus.NOT_FOUND,
    "not_found": HTTPStatus.NOT_FOUND,
    "no_upload": HTTPStatus.NOT_FOUND,
    "not_submitted": HTTPStatus.NOT_FOUND,
    "interview_gone": HTTPStatus.NOT_FOUND,
    "too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "offset": HTTPStatus.CONFLICT,
    "incomplete": HTTPStatus.CONFLICT,
    "submitted": HTTPStatus.CONFLICT,
    "under_way": HTTPStatus.CONFLICT,
    "answered": HTTPStatus.CONFLICT,
    "looks_only": HTTPStatus.FORBIDDEN,
    "interview_only": HTTPStatus.FORBIDDEN,
    "link_expired": HTTPStatus.GONE,
    "interview_link_over": HTTPStatus.GONE,
    "interview_over": HTTPStatus.GONE,
    "clip_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "type_unknown": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "upload_busy": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unreachable": HTTPStatus.SERVICE_UNAVAILABLE,
    "discord_away": HTTPStatus.SERVICE_UNAVAILABLE,
    "storage_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "no_room": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""By our own codes; whatever else is refused is 422."""

_RETRY_SECONDS = "60"
_RETRY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

_NOT_FOUND = "There is nothing here. Use /practice in Discord to get a link to the studio."
_BAD = "The page has sent something that can't be understood. Reload it and try again."
_INTERNAL = "Something went wrong on our side. Please try again in a minute."

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Greenroom</title>
<h1>Nothing here</h1>
<p>{sentence}</p>
</html>
"""


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the safety headers on an answer, whatever has made it."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever goes wrong with one sentence: JSON for the page's calls, else a page."""
    try:
        return await handler(request)
    except UserFacingError as error:
        return problem(error)
    except ValidationError:
        return problem(bad_request())
    except web.HTTPException as answer:
        return _not_served(request, answer)
    except (ConnectionError, ClientError, web.RequestPayloadError):  # gone, or it was no HTTP
        return problem(bad_request())
    except Exception as error:  # noqa: BLE001 - the one place where the studio's bugs are answered
        log.error("not answered: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets
        return problem(UserFacingError("internal", _INTERNAL), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(error: UserFacingError, status: HTTPStatus | None = None) -> web.Response:
    """An error as the page reads it."""
    status = status or _STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    found = Problem(code=error.code, sentence=sentence_of(error))
    if isinstance(error, UploadRefused):
        found.received_bytes = error.received_bytes
    response = web.json_response(text=found.model_dump_json(exclude_none=True), status=status)
    if status in _RETRY:
        response.headers["Retry-After"] = _RETRY_SECONDS
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
        response.force_close()  # what is still to come of the body is not wanted
    return response


def sentence_of(error: UserFacingError) -> str:
    """Why something is not done, as plain text: sentences mark commands up for Discord."""
    sentence = error.sentence.replace("`", "")
    if isinstance(error, Refused) and error.next_at is not None:
        sentence += f" The next one is possible at {error.next_at:%H:%M} UTC."
    return sentence


def bad_request() -> Refused:
    """What the page sends cannot be understood, or it is not the page that sends it."""
    return Refused("bad_request", _BAD)


def _not_served(request: web.Request, answer: web.HTTPException) -> web.Response:
    """No such path, or not by this method."""
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response = problem(Refused("method", _NOT_FOUND), HTTPStatus.METHOD_NOT_ALLOWED)
        response.headers["Allow"] = answer.headers.get("Allow", "")
        return response
    if request.path.startswith("/studio/api/"):
        return problem(Refused("not_found", _NOT_FOUND), HTTPStatus(answer.status))
    text = _PAGE.format(sentence=_NOT_FOUND)
    return web.Response(text=text, content_type="text/html", status=answer.status)
