"""What every call of the page is answered with."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel


def json_answer(answer: BaseModel, status: int = 200) -> web.Response:
    """An answer as JSON."""
    return web.json_response(text=answer.model_dump_json(), status=status)
