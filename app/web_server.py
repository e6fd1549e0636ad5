"""What a process offers over HTTP, and how a webhook that comes in wakes whoever waits for it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import discord

from analyzer.dependencies import Parts
from analyzer.services.attempts import Service
from analyzer.services.studio import Studio
from analyzer.wakeups import Bell
from core.settings import Settings
from core.version import version
from storage.engine.database import Database
from storage.engine.postgres_notify import Notices
from storage.repositories.statistics import Overview
from web.app import Part
from web.health import health
from web.metrics import numbers
from web.studio.routes import studio_part
from web.webhooks import Ring, twelvelabs_webhooks


def open_bell(
    settings: Settings,
    database: Database,
    bell: Bell,
    stack: contextlib.AsyncExitStack,
    *,
    waits_here: bool,
) -> Ring:
    """How a webhook wakes an attempt: in this process, or on Postgres in whatever process."""

    async def ring_here(key: str) -> None:
        bell.ring(key)

    if settings.twelvelabs_webhook_secret is None or not settings.on_postgres:
        return ring_here
    notices = Notices(database, settings.sqlalchemy_url, bell.ring)
    if waits_here:
        stack.push_async_callback(notices.stop)
        notices.start()
    return notices.send


def web_parts(
    settings: Settings,
    client: discord.Client,
    parts: Parts,
    overview: Overview,
    service: Service,
    ring: Ring,
    studio: Studio | None,
) -> list[Part]:
    """What this process serves over HTTP."""
    served = [
        health(overview, parts.engines[parts.engine], gateway=_gateway(client)),
        numbers(overview, lambda: service.in_flight, version),
    ]
    if settings.twelvelabs_webhook_secret is not None:
        secret = settings.twelvelabs_webhook_secret.get_secret_value()
        served.append(twelvelabs_webhooks(secret, parts.webhook_events, ring))
    if studio is not None:
        served.append(studio_part(studio, parts))
    return served


def _gateway(client: discord.Client) -> Callable[[], bool] | None:
    """Tells whether every shard is connected; `None` for a client that only logs in."""
    if not isinstance(client, discord.AutoShardedClient):
        return None
    return lambda: (
        client.is_ready() and not any(shard.is_closed() for shard in client.shards.values())
    )
