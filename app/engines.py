"""Builds the engines and their judge as the settings want them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from analyzer.dependencies import Clock, JudgeInUse
from analyzer.engines import Engine
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from analyzer.engines.vendor_turns import Turns
from analyzer.engines.work_pace import WorkPace
from analyzer.judge.engine import JudgedEngine
from analyzer.judge.judge import Judge, JudgeSettings
from analyzer.vendor_limits.limiter import Limiter
from analyzer.vendor_limits.line import Rules
from analyzer.vendor_limits.spending import Spending
from core.assessment import EngineName
from core.errors import SettingsProblem
from core.linux import usable_cores, usable_memory_bytes
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.vendor_limits import VendorLimits, hash_of
from storage.repositories.vendor_usage import Caps, VendorUsage

log = logging.getLogger(__name__)

CORES_OF_A_CLIP = 2
MEMORY_OF_A_CLIP = 600_000_000


def local_engines(settings: Settings) -> int:
    """How many clips are measured at once: what is set, else what cores and memory allow.

    One clip keeps two cores busy, one with its sound and one with its picture, and its children
    have 600 MB together (docs/performance.md).
    """
    if settings.local_engines is not None:
        return settings.local_engines
    at_once, memory = usable_cores() // CORES_OF_A_CLIP, usable_memory_bytes()
    if memory is not None:
        at_once = min(at_once, memory // MEMORY_OF_A_CLIP - 1)  # the bot itself needs some
    return max(1, at_once)


def make_local(
    settings: Settings, tell: Callable[[str], None] = log.info, *, pace: WorkPace | None = None
) -> LocalEngine:
    """The local engine as the settings want it.

    `tell` is told about downloads under way, `pace` how long each clip took.
    """
    return LocalEngine(
        model=settings.local_asr_model or "",
        models_dir=settings.models_dir,
        device=settings.local_asr_device,
        compute=settings.local_asr_compute,
        pace=pace or WorkPace(at_once=local_engines(settings)),
        tell=tell,
    )


def make_twelvelabs(
    settings: Settings,
    installation: str,
    turns: Turns | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> TwelveLabsEngine:
    """The TwelveLabs engine as the settings want it; its key must be set."""
    assert settings.twelvelabs_api_key is not None  # noqa: S101 - the callers have looked
    return TwelveLabsEngine(
        api_key=settings.twelvelabs_api_key.get_secret_value(),
        model=settings.twelvelabs_model,
        installation=installation,
        base_url=settings.twelvelabs_base_url,
        turns=turns,
        sleep=sleep,
    )


def make_limiter(settings: Settings, database: Database, clock: Clock) -> Limiter | None:
    """What keeps the calls with TwelveLabs's key within its limits; `None` without a key."""
    key = settings.twelvelabs_api_key
    if key is None:
        return None
    rules = Rules(settings.vendor_requests_per_minute, settings.vendor_requests_per_day)
    return Limiter(VendorLimits(database), hash_of(key.get_secret_value().strip()), rules, clock)


def make_spending(settings: Settings, usage: VendorUsage, clock: Clock) -> Spending:
    """The caps on what may be spent, as the operator has set them."""
    day, month = settings.vendor_minutes_per_day, settings.vendor_minutes_per_month
    caps = Caps(day and day * 60, month and month * 60)
    return Spending(usage, caps, settings.at_the_cap, clock)


def make_engine(settings: Settings, installation: str, stack: contextlib.AsyncExitStack) -> Engine:
    """The engine that new attempts use, with its judge where there is one; the stack closes it.

    Raises:
        SettingsProblem: ENGINE is twelvelabs, and there is no key.
    """
    if settings.engine_name is EngineName.LOCAL:
        engine: Engine = make_local(settings)
    elif settings.twelvelabs_api_key is None:
        raise SettingsProblem("ENGINE is twelvelabs, but TWELVELABS_API_KEY is not set.")
    else:
        engine = make_twelvelabs(settings, installation)
    [judged] = _opened([engine], open_judge(settings, stack), stack)
    return judged


def make_judge(settings: Settings) -> Judge | None:
    """The judge as the settings want it; `None` where there is none. Nothing is opened yet."""
    if settings.judge_url is None or settings.judge_model is None:
        return None
    key = settings.judge_api_key
    return Judge(
        JudgeSettings(
            url=settings.judge_url,
            host=settings.judge_host or "",
            model=settings.judge_model,
            api_key=None if key is None else key.get_secret_value(),
            seconds=settings.judge_seconds,
            calls=settings.judge_calls,
        )
    )


def open_judge(settings: Settings, stack: contextlib.AsyncExitStack) -> Judge | None:
    """The judge as the settings want it, `None` where there is none; the stack closes it."""
    judge = make_judge(settings)
    if judge is not None:
        stack.push_async_callback(judge.aclose)
    return judge


def judge_in_use(settings: Settings) -> JudgeInUse | None:
    """Which judge reads the words, and where; `None` where there is none."""
    if settings.judge_model is None or settings.judge_host is None:
        return None
    return JudgeInUse(settings.judge_model, settings.judge_host)


def open_engines(
    settings: Settings,
    installation: str,
    work_pace: WorkPace,
    judge: Judge | None,
    stack: contextlib.AsyncExitStack,
    *,
    turns: Turns | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Engine]:
    """Every engine that is set up, also one not in use: it may have copies left to delete."""
    engines: list[Engine] = [make_local(settings, pace=work_pace)]
    if settings.twelvelabs_api_key is not None:
        engines.append(make_twelvelabs(settings, installation, turns, sleep))
    return _opened(engines, judge, stack)


def _opened(
    engines: list[Engine], judge: Judge | None, stack: contextlib.AsyncExitStack
) -> list[Engine]:
    """Have the stack close these engines, and put the judge before each, where there is one."""
    for engine in engines:
        stack.push_async_callback(engine.aclose)
    return engines if judge is None else [JudgedEngine(engine, judge) for engine in engines]
