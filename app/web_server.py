"""What a process offers over HTTP, and how a webhook that comes in wakes whoever waits for it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import discord

from analyzer.dependencies import Dependencies
from analyzer.services.app import Services
from analyzer.wakeups import Wakeups
from core.settings import Settings
from core.version import version
from storage.engine.database import Database
from storage.engine.postgres_notify import Notifications
from web.app import RouteInstaller
from web.health import health
from web.metrics import numbers
from web.studio.routes import studio_routes
from web.webhooks import Wake, twelvelabs_webhooks


def open_wakeups(
    settings: Settings,
    database: Database,
    wakeups: Wakeups,
    stack: contextlib.AsyncExitStack,
    *,
    waits_here: bool,
) -> Wake:
    """How a webhook wakes an attempt: in this process, or on Postgres in whatever process."""

    async def wake_here(key: str) -> None:
        wakeups.wake(key)

    if settings.twelvelabs_webhook_secret is None or not settings.on_postgres:
        return wake_here
    notices = Notifications(database, settings.sqlalchemy_url, wakeups.wake)
    if waits_here:
        stack.push_async_callback(notices.stop)
        notices.start()
    return notices.send


def route_installers(
    settings: Settings,
    client: discord.Client,
    deps: Dependencies,
    services: Services,
    wake: Wake,
) -> list[RouteInstaller]:
    """What this process serves over HTTP."""
    served = [
        health(deps.statistics, deps.engines[deps.engine], gateway=_gateway(client)),
        numbers(deps.statistics, lambda: services.attempts.in_flight, version),
    ]
    if settings.twelvelabs_webhook_secret is not None:
        secret = settings.twelvelabs_webhook_secret.get_secret_value()
        served.append(twelvelabs_webhooks(secret, deps.webhook_events, wake))
    if services.studio is not None:
        served.append(studio_routes(services.studio, deps))
    return served


def _gateway(client: discord.Client) -> Callable[[], bool] | None:
    """Tells whether every shard is connected; `None` for a client that only logs in."""
    if not isinstance(client, discord.AutoShardedClient):
        return None
    return lambda: (
        client.is_ready() and not any(shard.is_closed() for shard in client.shards.values())
    )
