"""Asks a judge about an answer: within a bound of time, one criterion a call where it is fast.

A judge that fails is no reason to wait: whoever asks gets a `JudgeFailed` within `seconds`, and
after failures in a row at once, until it has been left alone for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from analyzer.judge.criteria import CRITERIA, JUDGED
from analyzer.judge.exchange import Question, Reply
from analyzer.judge.failures import LASTING, JudgeFailed
from analyzer.judge.prompt import Material, Task, build_messages, build_schema, metrics_asked
from analyzer.judge.reading import Judgement, read_answer
from analyzer.model_output.claims import Transcript
from core.assessment import Sentence
from core.errors import error_location
from core.models import THIS_MACHINE

if TYPE_CHECKING:
    from analyzer.judge.wire import Wire

log = logging.getLogger(__name__)

Calls = Literal["auto", "one", "many"]

_Answer = TypeVar("_Answer")

CALLS_AT_ONCE = 4
"""Of one process; more wait, and their time runs."""

FAILURES_IN_A_ROW = 3
"""After so many a judge is left alone; after one that would last, at once."""

REST_SECONDS = 300.0
LONGEST_REST_SECONDS = 3600.0

_TOKENS_OF_ALL = 1_000  # of the answers to all calls about one attempt, about
_FAST_SHARE = 0.5  # of the time there is, which all calls one after the other may take
_TOKENS_MAX = 1_000  # for a score, and twice that for the content: models may think aloud


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """Which judge is asked, and how."""

    url: str
    host: str  # as members are told
    model: str
    api_key: str | None
    seconds: float
    calls: Calls = "auto"

    @property
    def is_here(self) -> bool:
        """Whether the judge runs on this machine."""
        return self.host == THIS_MACHINE


class Judge:
    """One judge, shared by all attempts of a process."""

    def __init__(
        self,
        settings: JudgeSettings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._wire: Wire | None = None
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(CALLS_AT_ONCE)
        self._seconds_per_token: float | None = None
        self._failures = 0
        self._rests_until = 0.0

    @property
    def model(self) -> str:
        """The model that judges, as the operator has named it."""
        return self._settings.model

    async def aclose(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            await self._wire.aclose()

    async def read(self, material: Material, *, with_scores: bool) -> Judgement:
        """What the judge says of an answer, as far as it can be stood for.

        Args:
            material: what the judge gets to read.
            with_scores: whether it is asked for scores too, or for the content alone.

        Raises:
            JudgeFailed: nothing usable came within the time, or the judge is being left alone.
        """
        until = asyncio.get_running_loop().time() + self._settings.seconds
        return await self._unless_resting(
            lambda: self._judgement(material, until, with_scores=with_scores)
        )

    async def answer(self, question: Question, *, seconds: float) -> str:
        """What the judge answers to a question of any kind, unread.

        Args:
            question: what it is asked.
            seconds: how long it may take; never longer than the settings allow.

        Raises:
            JudgeFailed: nothing came within the time, or the judge is being left alone.
        """
        until = asyncio.get_running_loop().time() + min(seconds, self._settings.seconds)
        hurried = seconds < self._settings.seconds
        reply = await self._unless_resting(lambda: self._call(question, until), hurried=hurried)
        return reply.text

    async def check(self) -> str:
        """Ask for real, about a worked example: one line about it with how long it took.

        Raises:
            EngineError: why the judge cannot be used.
        """
        loop = asyncio.get_running_loop()
        example = CRITERIA[JUDGED[-1]].example
        said = (Sentence(text=example.said, start=0, end=8),)
        material = Material(example.question, "behavioural", said, duration_seconds=8)
        began = loop.time()
        try:
            judgement = await self._answered(
                material, Task((JUDGED[-1],)), Transcript(said), began + self._settings.seconds
            )
        except JudgeFailed as failed:
            raise failed.to_engine_error() from None
        if judgement.empty:
            raise JudgeFailed("unusable").to_engine_error()
        took = loop.time() - began
        how = "each criterion is asked by itself" if self._is_fast else "all is asked in one call"
        where = "this machine" if self._settings.is_here else self._settings.host
        return f"The judge {self.model} on {where} answers: one answer took {took:.1f} s, so {how}."

    async def _unless_resting(
        self, ask: Callable[[], Awaitable[_Answer]], *, hurried: bool = False
    ) -> _Answer:
        """Ask, unless the judge is left alone; failures are counted for that.

        Not counted is a judge that takes too long when it was `hurried`: it may be in time for
        those who wait longer.

        Raises:
            JudgeFailed: the judge is left alone, or asking failed, for whatever reason.
        """
        if asyncio.get_running_loop().time() < self._rests_until:
            raise JudgeFailed("resting")
        try:
            answer = await ask()
        except JudgeFailed as failed:
            if not (hurried and failed.code == "timeout"):
                self._note(failed)
            raise
        except Exception as error:  # noqa: BLE001 - a bug here costs no result more than its part
            log.error("judge: internal: %s", error_location(error))  # noqa: TRY400 - a trace may hold secrets
            internal = JudgeFailed("internal")
            self._note(internal)
            raise internal from None
        self._failures = 0
        return answer

    async def _judgement(self, material: Material, until: float, *, with_scores: bool) -> Judgement:
        transcript = Transcript(material.transcript, also=(material.question,))
        metrics = metrics_asked(material.off) if with_scores else ()
        first = Judgement()
        if metrics and self._settings.calls == "auto" and self._seconds_per_token is None:
            # nobody knows yet how fast it is: the first criterion tells
            first = await self._answered(material, Task(metrics[:1]), transcript, until)
            metrics = metrics[1:]
        tasks = [Task(metrics, content=True)]
        if self._is_fast:
            tasks = [*(Task((metric,)) for metric in metrics), Task(content=True)]
        found = await self._all(material, tasks, transcript, until, alone=first.empty)
        for one in found:
            first = first.with_more(one)
        if first.empty:
            raise JudgeFailed("unusable")
        return first

    @property
    def _is_fast(self) -> bool:
        if self._settings.calls != "auto":
            return self._settings.calls == "many"
        each = self._seconds_per_token
        return each is not None and each * _TOKENS_OF_ALL < self._settings.seconds * _FAST_SHARE

    async def _all(
        self,
        material: Material,
        tasks: Sequence[Task],
        transcript: Transcript,
        until: float,
        *,
        alone: bool,
    ) -> list[Judgement]:
        """Answer all tasks at once; some that fail cost nothing but their part.

        Raises:
            JudgeFailed: all have failed, and there is nothing else (`alone`).
        """
        found: list[Judgement] = []
        failures: list[JudgeFailed] = []

        async def one(task: Task) -> None:
            try:
                found.append(await self._answered(material, task, transcript, until))
            except JudgeFailed as failed:
                failures.append(failed)

        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(one(task))
        if failures and not found and alone:
            raise failures[0]
        if failures:
            log.warning("judge: %d of %d calls: %s", len(failures), len(tasks), failures[0])
        return found

    async def _answered(
        self, material: Material, task: Task, transcript: Transcript, until: float
    ) -> Judgement:
        """One task; asked for once more where what came is not usable and there is time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        reply = await self._call(_question(material, task), until)
        judgement = await asyncio.to_thread(read_answer, reply.text, material, task, transcript)
        if _is_whole(judgement, task) or not reply.whole:
            return judgement
        if loop.time() + 1.2 * (loop.time() - began) > until:
            return judgement
        try:
            again = await self._call(_question(material, task), until)
        except JudgeFailed:
            return judgement
        return judgement.with_more(
            await asyncio.to_thread(read_answer, again.text, material, task, transcript)
        )

    async def _call(self, question: Question, until: float) -> Reply:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(until):
                await self._slots.acquire()
        except TimeoutError:
            raise JudgeFailed("timeout") from None
        try:
            wire = await self._opened()
            began = loop.time()
            reply = await wire.ask(question, until=until)
            self._seconds_per_token = (loop.time() - began) / max(1, reply.pieces)
            return reply
        finally:
            self._slots.release()

    async def _opened(self) -> Wire:
        async with self._opening:
            if self._wire is None:
                self._wire = await asyncio.to_thread(_open, self._settings, self._sleep)
            return self._wire

    def _note(self, failed: JudgeFailed) -> None:
        """Count a failure, and leave the judge alone when there were too many, or it will last."""
        self._failures += 1
        if failed.code not in LASTING and self._failures < FAILURES_IN_A_ROW:
            return
        rest = min(max(REST_SECONDS, failed.retry_after or 0), LONGEST_REST_SECONDS)
        self._rests_until = asyncio.get_running_loop().time() + rest
        log.warning("judge: left alone for %.0f s after %d failures", rest, self._failures)


def _open(settings: JudgeSettings, sleep: Callable[[float], Awaitable[None]]) -> Wire:
    """Import the SDK, which takes a second, and make the client; in a thread."""
    from analyzer.judge.wire import Wire

    return Wire(
        url=settings.url,
        model=settings.model,
        api_key=settings.api_key,
        through_proxy=not settings.is_here,
        sleep=sleep,
    )


def _question(material: Material, task: Task) -> Question:
    return Question(
        messages=build_messages(material, task),
        schema=build_schema(material, task, lengths=False),
        schema_with_lengths=build_schema(material, task, lengths=True),
        tokens=_TOKENS_MAX * (len(task.metrics) + 2 * task.content),
    )


def _is_whole(judgement: Judgement, task: Task) -> bool:
    """Whether a repeat could add nothing that a result needs."""
    scored = all(metric in judgement.scores for metric in task.metrics)
    return scored and (not task.content or bool(judgement.strength or judgement.key_points))
