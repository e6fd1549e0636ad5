"""Builds the engines and their judge as the settings want them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from analyzer.dependencies import JudgeInUse
from analyzer.engines import Engine
from analyzer.engines.local.engine import LocalEngine
from analyzer.engines.twelvelabs.engine import TwelveLabsEngine
from analyzer.engines.work_pace import WorkPace
from analyzer.judge.engine import JudgedEngine
from analyzer.judge.judge import Judge, JudgeSettings
from core.assessment import EngineName
from core.errors import SettingsProblem
from core.settings import Settings

log = logging.getLogger(__name__)


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
        pace=pace,
        tell=tell,
    )


def make_twelvelabs(settings: Settings, installation: str) -> TwelveLabsEngine:
    """The TwelveLabs engine as the settings want it; its key must be set."""
    assert settings.twelvelabs_api_key is not None  # noqa: S101 - the callers have looked
    return TwelveLabsEngine(
        api_key=settings.twelvelabs_api_key.get_secret_value(),
        model=settings.twelvelabs_model,
        installation=installation,
        base_url=settings.twelvelabs_base_url,
    )


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
) -> list[Engine]:
    """Every engine that is set up, also one not in use: it may have copies left to delete."""
    engines: list[Engine] = [make_local(settings, pace=work_pace)]
    if settings.twelvelabs_api_key is not None:
        engines.append(make_twelvelabs(settings, installation))
    return _opened(engines, judge, stack)


def _opened(
    engines: list[Engine], judge: Judge | None, stack: contextlib.AsyncExitStack
) -> list[Engine]:
    """Have the stack close these engines, and put the judge before each, where there is one."""
    for engine in engines:
        stack.push_async_callback(engine.aclose)
    return engines if judge is None else [JudgedEngine(engine, judge) for engine in engines]
