"""`bot.py calibrate`: how steady the scores of the engine in use are, and what that costs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

import discord.utils

from analyzer.calibration.figures import Calibration, calibration_of
from analyzer.calibration.kept import keep_calibration
from analyzer.calibration.known_answers import KnownAnswer, known_answers
from analyzer.calibration.runs import Outcome, run_known_answers
from analyzer.engines import Engine
from analyzer.scoring.rubric import METRIC_NAMES
from app.engines import make_engine
from core.assessment import EngineName
from core.errors import SettingsProblem, UserFacingError
from core.settings import Settings
from storage.engine.database import Database
from storage.repositories.metadata import Metadata

RUNS, RUNS_MAX = 3, 20


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    calibrate = commands.add_parser(
        "calibrate", help="find out how steady the engine's scores are; a vendor bills it"
    )
    calibrate.add_argument(
        "--runs", type=_runs, default=RUNS, help=f"of each clip, {RUNS} if not said"
    )
    calibrate.add_argument("--yes", action="store_true", help="don't ask about what it costs")


async def calibrate(settings: Settings, *, runs: int, sure: bool) -> int:
    """Run the known answers, print the figures and keep them; returns the exit code.

    Raises:
        SettingsProblem: the engine or the database cannot be used as things are set.
    """
    known = await asyncio.to_thread(known_answers)
    async with contextlib.AsyncExitStack() as stack:
        database = Database(settings.sqlalchemy_url)
        stack.push_async_callback(database.close)
        await database.open()
        metadata = Metadata(database, discord.utils.utcnow)
        engine = make_engine(settings, await metadata.installation(), stack)
        if not (sure or _agreed(engine, len(known.clips) * runs)):
            return 1
        try:
            outcome = await run_known_answers(engine, known, runs=runs, progress=_show)
        except UserFacingError as problem:
            raise SettingsProblem(problem.sentence) from None
        if not any(outcome.assessments.values()):
            print(f"No clip was assessed ({_codes(outcome)}).", file=sys.stderr)
            return 1
        found = calibration_of(known.clips, outcome.assessments, made_at=discord.utils.utcnow())
        await keep_calibration(metadata, engine.name, found)
    print(report(found, outcome))
    return 0


def report(found: Calibration, outcome: Outcome) -> str:
    """The figures, for a terminal."""
    lines = [
        f"{found.engine_version}, {found.runs} {'run' if found.runs == 1 else 'runs'} of each clip",
        "",
        f"{'metric':<16}{'spread':>8}  shown as             mean score of each clip",
    ]
    for metric, figures in found.metrics.items():
        margin = found.give_or_take(metric)
        shown = "one number" if margin is None else f"7, give or take {margin}"
        means = ", ".join(f"{name} {mean:g}" for name, mean in figures.means.items())
        spread = "-" if figures.spread is None else f"{figures.spread}"
        lines.append(
            f"{METRIC_NAMES[metric]:<16}{spread:>8}  {shown if means else 'not scored':<21}{means}"
        )
    wrong = [
        f"{METRIC_NAMES[metric]}: {text}."
        for metric, figures in found.metrics.items()
        for text in figures.wrong
    ]
    lines += ["", *(wrong or ["Everything a fair assessment would say came out."])]
    if outcome.failures:
        lines.append(f"{len(outcome.failures)} runs failed: {_codes(outcome)}.")
    lines.append(f"{outcome.seconds / 60:.1f} minutes of video were assessed.")
    return "\n".join(lines)


def _agreed(engine: Engine, times: int) -> bool:
    """Ask whether that may be billed, where somebody sits before a terminal."""
    if engine.name is EngineName.LOCAL:
        return True
    print(f"This has {times} short clips analyzed by {engine.version}, and the vendor bills them.")
    if not sys.stdin.isatty():
        print("Add --yes to go on.", file=sys.stderr)
        return False
    return input("Go on? [y/N] ").strip().casefold() in ("y", "yes")


def _show(answer: KnownAnswer, number: int, failed: str) -> None:
    print(f"{answer.name}, run {number}: {failed or 'assessed'}", file=sys.stderr, flush=True)


def _codes(outcome: Outcome) -> str:
    return ", ".join(sorted(set(outcome.failures)))


def _runs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= RUNS_MAX:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {RUNS_MAX}")
    return int(text)
