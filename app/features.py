"""What of Greenroom is switched on by the settings, and what the rest needs: lines for `check`.

To have another feature listed, write a function like those below and add it to `FEATURES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from core.assessment import EngineName
from core.settings import Settings


class Feature(NamedTuple):
    """One line: whether a feature is on, and how, or what it needs. No secret is in it."""

    on: bool
    line: str


def engine(settings: Settings) -> Feature:
    """What assesses clips."""
    if settings.engine_name is EngineName.TWELVELABS:
        return Feature(True, f"engine: TwelveLabs ({settings.twelvelabs_model}).")
    if settings.twelvelabs_api_key is not None:
        return Feature(True, "engine: local, as ENGINE says, though TWELVELABS_API_KEY is set.")
    return Feature(
        True, "engine: local, on this machine. TWELVELABS_API_KEY switches TwelveLabs on."
    )


def spending(settings: Settings) -> Feature:
    """A cap on what may be spent on the vendor."""
    caps = {"day": settings.vendor_minutes_per_day, "month": settings.vendor_minutes_per_month}
    said = " and ".join(f"{cap:g} minutes a {period}" for period, cap in caps.items() if cap)
    if settings.engine_name is not EngineName.TWELVELABS:
        return Feature(False, "cap on spending: only the engine twelvelabs costs anything.")
    if not said:
        return Feature(
            False, "cap on spending: set VENDOR_MINUTES_PER_DAY or VENDOR_MINUTES_PER_MONTH."
        )
    then = "the local engine" if settings.at_the_cap == "local" else "attempts wait"
    return Feature(True, f"cap on spending: {said}; then {then}.")


def judge(settings: Settings) -> Feature:
    """The language model that reads what was said."""
    if settings.judge_url is None or settings.judge_model is None:
        return Feature(
            False, "judge: set JUDGE_URL and JUDGE_MODEL; until then nothing said is judged."
        )
    where = settings.judge_host or ""
    return Feature(True, f"judge: {settings.judge_model}, at {where}.")


def database(settings: Settings) -> Feature:
    """Where everything is kept."""
    if settings.on_postgres:
        return Feature(True, "database: Postgres; workers and more bots can share it.")
    return Feature(
        True, "database: SQLite, for one process. DATABASE_URL takes Postgres for several."
    )


def web_pages(settings: Settings) -> Feature:
    """Health, readiness and figures."""
    if settings.http_port is None:
        return Feature(False, "web pages (/healthz, /readyz, /metrics): set HTTP_PORT.")
    where = f"http://{settings.http_host}:{settings.http_port}"
    return Feature(True, f"web pages: {where}/healthz, /readyz and /metrics.")


def studio(settings: Settings) -> Feature:
    """Recording in the browser."""
    if settings.studio_needs:
        needed = " and ".join(settings.studio_needs)
        return Feature(False, f"studio: set {needed}; until then /practice takes a file.")
    return Feature(True, f"studio: {settings.public_url}/studio, by the links of /practice.")


def webhooks(settings: Settings) -> Feature:
    """TwelveLabs telling us, in place of being asked."""
    if settings.engine_name is not EngineName.TWELVELABS:
        return Feature(False, "webhooks: only the engine twelvelabs has them.")
    needs = {
        "TWELVELABS_WEBHOOK_SECRET": settings.twelvelabs_webhook_secret,
        "HTTP_PORT": settings.http_port,
    }
    missing = [name for name, value in needs.items() if value is None]
    if missing:
        return Feature(False, f"webhooks: set {' and '.join(missing)}; results come by asking.")
    return Feature(True, "webhooks: POST /webhooks/twelvelabs.")


def store(settings: Settings) -> Feature:
    """Where recordings wait to be assessed."""
    if settings.studio_needs:
        return Feature(False, "store for recordings: it comes with the studio.")
    if settings.clip_store is None:
        return Feature(
            True, "store for recordings: in DATA_DIR. CLIP_STORE lets other machines reach it."
        )
    kind = settings.clip_store.partition("://")[0] if "://" in settings.clip_store else "a folder"
    return Feature(True, f"store for recordings: CLIP_STORE ({kind}).")


FEATURES: tuple[Callable[[Settings], Feature], ...] = (
    engine,
    spending,
    judge,
    database,
    web_pages,
    studio,
    webhooks,
    store,
)


def feature_lines(settings: Settings) -> list[str]:
    """A line for each feature, with `on` or `off` before it."""
    found = (feature(settings) for feature in FEATURES)
    return [f"{'on' if feature.on else 'off':<7}{feature.line}" for feature in found]
