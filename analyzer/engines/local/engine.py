"""The engine `local`: measures voice and picture, and reads what was said, in children here.

What a machine like this cannot judge is "not assessed locally", never a number.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from pydantic import BaseModel, ValidationError

from analyzer.engines import Job, SaveRefs
from analyzer.engines.local.content.content import with_content
from analyzer.engines.local.picture.findings import HeadDirection
from analyzer.engines.local.picture.see import check_networks, see
from analyzer.engines.local.report import Heard, without_audio, write_report
from analyzer.engines.local.speech_models import (
    FOR_THE_MEMBER,
    FOR_THE_OPERATOR,
    ModelChoice,
    can_join,
)
from analyzer.engines.work_pace import WorkPace
from analyzer.media.preflight import SOUND_UNREADABLE, UNREADABLE
from analyzer.media.sandbox import FEW_THREADS, MODEL_NICENESS, ChildFailed, run_child
from analyzer.scoring.as_found import as_found
from core.assessment import Assessment, EngineName, Metric
from core.errors import EngineRefused, EngineUnavailable
from core.models import VendorRefs

log = logging.getLogger(__name__)

MEMORY_BYTES = 2_000_000_000
MEMORY_BYTES_PER_SECOND = 500_000  # sound and pitch of one more second, with room

_MODULE = "analyzer.engines.local.child"
_DOWNLOAD_BYTES = 5_000_000_000  # the largest of Whisper's models takes 3.1 GB
_DOWNLOAD_SECONDS = 3600.0
_JOIN_SECONDS = 120.0
_BASE_BYTES = 145_000_000
_MODEL_SHARE = 4  # addresses that a model reserves while it is loaded, as a share of its file
_PROGRESS_SECONDS = 10.0
_CARD = "/dev/nvidia*"
_CARD_ADDRESSES = 1 << 45  # CUDA reserves more addresses than there is memory
_ENVIRONMENT = {**FEW_THREADS, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}

_ENDED_BY_LIMIT = frozenset({-9, -24})
"""SIGKILL, which is how Linux ends what takes too much memory, and SIGXCPU."""


class _Limits(TypedDict):
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    environment: Mapping[str, str]
    file_bytes: NotRequired[int]
    reads: NotRequired[Sequence[Path]]
    writes: NotRequired[Sequence[Path]]
    confined: NotRequired[bool]
    niceness: NotRequired[int]


class _Used(BaseModel, extra="forbid"):
    """What the child's check found: where the model runs, and how it computes."""

    device: str
    compute: str
    multilingual: bool


class _Answer(BaseModel, extra="forbid"):
    """What the child prints: one of the three, or nothing where there is nothing to say."""

    heard: Heard | None = None
    used: _Used | None = None
    error: str | None = None


class LocalEngine:
    """Measures clips on this machine: some at a time, each in child processes of its own."""

    def __init__(
        self,
        *,
        model: str = "",
        models_dir: Path | None = None,
        device: str = "auto",
        compute: str = "auto",
        pace: WorkPace | None = None,
        tell: Callable[[str], None] = log.info,
    ) -> None:
        """Set what hears the clips.

        Args:
            model: Folder or name of a faster-whisper model; empty means tiny.en as installed.
            models_dir: Where models are kept that are downloaded or joined.
            device: `auto`, `cpu` or `cuda`.
            compute: `auto`, or a type of ctranslate2's such as `int8`.
            pace: Says how many clips are measured at once, and is told how long each one took.
            tell: Is told about a download under way, a line now and then.
        """
        self._pace = pace or WorkPace()
        folder = "" if models_dir is None else str(models_dir.absolute())
        self._choice = ModelChoice(model, folder, device, compute)
        self._jobs = asyncio.Semaphore(self._pace.at_once)
        self._preparing = asyncio.Lock()
        self._tell = tell
        self._join_failed: str | None = None

    @property
    def name(self) -> EngineName:
        """Which engine this is."""
        return EngineName.LOCAL

    @property
    def version(self) -> str:
        """The engine's version with the speech model in use."""
        given = self._choice.given
        return _version(Path(given).name if given else "tiny.en")

    async def prepare(self, job: Job, save_refs: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        """Nothing to prepare: the clip is already on this machine."""
        return job.refs

    async def start(self, job: Job, save_refs: SaveRefs) -> VendorRefs:  # noqa: ARG002 - the protocol's
        """Nothing to start: `poll` does the work, so that a restart repeats it."""
        return job.refs

    async def poll(self, job: Job, save_refs: SaveRefs) -> Assessment:  # noqa: ARG002 - the protocol's
        """Measure the clip; returns when that is done.

        Raises:
            EngineRefused: the clip's sound cannot be read.
            EngineUnavailable: there is no model, or the child met a limit.
        """
        seconds, now = job.facts.duration_seconds, asyncio.get_running_loop().time
        with self._pace.under_way(job.attempt_id, seconds):
            async with self._jobs:
                self._pace.begin(job.attempt_id)
                begun = now()
                assessment = await self._assess(job)
                self._pace.learn(seconds, now() - begun)
        return as_found(assessment, job.facts)

    async def _assess(self, job: Job) -> Assessment:
        heard, head = await self._measure(job)
        if heard is None:
            return without_audio(engine_version=self.version, off=job.metrics_off, head=head)
        version = _version("base") if heard.by_languages_model else self.version
        report = await asyncio.to_thread(
            write_report, heard, engine_version=version, off=job.metrics_off, head=head
        )
        return await with_content(report, job)

    async def ended(self) -> frozenset[str] | None:
        """Nobody waits for another machine."""
        return None

    async def discard(self, refs: VendorRefs) -> None:
        """Nothing was left with anybody."""

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:  # noqa: ARG002 - the protocol's
        """Nothing is ever left with anybody."""
        return 0

    async def check(self) -> str:
        """Load the models for real and say which are used, and on what.

        Raises:
            EngineRefused: something is missing; the sentence says what to install.
            EngineUnavailable: the check met a limit.
        """
        try:
            answer = await self._ask("check", seconds=0)
        except EngineUnavailable:
            if self._choice.device == "cpu" or not await asyncio.to_thread(_cards):
                raise
            answer = _Answer(error="card_unusable")
        error = answer.error or self._join_failed
        if error is not None:
            raise EngineRefused(f"local_{error}", self._for_the_operator(error))
        line, blind = f"Local engine: {self.version}", await check_networks(_environment())
        if answer.used is None:
            return line + blind
        languages = "English and other languages" if answer.used.multilingual else "English only"
        where = {"cpu": "the processor", "cuda": "the graphics card"}
        device = where.get(answer.used.device, answer.used.device)
        return f"{line}, {languages}, on {device} ({answer.used.compute}){blind}"

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _measure(self, job: Job) -> tuple[Heard | None, HeadDirection | None]:
        """Listen and look at the same time; what is not there or switched off is left out."""
        looking = asyncio.create_task(self._look(job), name=f"local.look.{job.attempt_id}")
        try:
            heard = await self._hear(job) if job.facts.has_audio else None
            return heard, await looking
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self, job: Job) -> HeadDirection | None:
        if Metric.EYE_CONTACT in job.metrics_off:
            return None
        return await see(job.clip, job.facts, _environment())

    async def _hear(self, job: Job) -> Heard:
        seconds = job.facts.duration_seconds
        most = seconds * 1.02 + 2  # codecs pad the sound a little; the rest would be a lie
        if not await asyncio.to_thread(job.clip.exists):
            raise EngineRefused("clip_missing", "Your clip is no longer here. Attach it again.")
        clip = await asyncio.to_thread(job.clip.resolve)
        asked = (str(clip), str(most), job.language or "")
        answer = await self._ask("hear", *asked, seconds=seconds, reads=[clip])
        if answer.heard is not None:
            return answer.heard
        if answer.error in ("unreadable", "too_long"):
            raise EngineRefused("clip_unreadable", UNREADABLE)
        if answer.error == "sound_unreadable":
            raise EngineRefused("sound_unreadable", SOUND_UNREADABLE)
        if answer.error == "memory":
            raise _broke_off("memory", met_limit=True)
        if answer.error in FOR_THE_OPERATOR:
            log.warning("%s", self._for_the_operator(answer.error))
            raise EngineUnavailable(f"local_{answer.error}", FOR_THE_MEMBER)
        raise _broke_off("answer")

    async def _ask(
        self, command: str, *arguments: str, seconds: float, reads: Sequence[Path] = ()
    ) -> _Answer:
        """Run a command of the child that needs the models; make them ready if they are not."""
        await self._join()
        answer = await ask_child(
            [command, *arguments], choice=self._choice, seconds=seconds, reads=reads
        )
        if answer.error != "model_missing":
            return answer
        async with self._preparing:
            fetched = await self._download()
        if fetched.error is not None:
            return fetched
        return await ask_child(
            [command, *arguments], choice=self._choice, seconds=seconds, reads=reads
        )

    async def _join(self) -> None:
        """Put Whisper base together, once, where its halves are installed."""
        async with self._preparing:
            if self._choice.given or self._join_failed is not None:
                return
            if not await asyncio.to_thread(can_join, self._choice):
                return
            self._tell("Putting the speech model for other languages together, once.")
            answer = await _prepare("join", self._choice, seconds=_JOIN_SECONDS)
            self._join_failed = answer.error
            if answer.error is not None:
                log.warning("%s English alone is heard.", self._for_the_operator(answer.error))

    async def _download(self) -> _Answer:
        """Fetch the model: the only time this engine uses the network, and no clip is near."""
        name = self._choice.given or "tiny.en"
        self._tell(f"Downloading the speech model {name}, once.")
        progress = asyncio.create_task(self._show_progress(name), name="local.download_progress")
        try:
            answer = await _prepare("download", self._choice, seconds=_DOWNLOAD_SECONDS)
        finally:
            progress.cancel()
            await asyncio.gather(progress, return_exceptions=True)
        if answer.error is None:
            self._tell(f"The speech model {name} is here.")
        return answer

    async def _show_progress(self, name: str) -> None:
        if not self._choice.folder:
            return
        folder = Path(self._choice.folder)
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            come = await asyncio.to_thread(_bytes_in, folder)
            self._tell(f"Downloading the speech model {name}: {come / 1e6:.0f} MB so far.")

    def _for_the_operator(self, error: str) -> str:
        if error == "model_missing" and self._choice.given:
            error = "named_model_missing"
        return FOR_THE_OPERATOR.get(error, FOR_THE_MEMBER)


async def ask_child(
    arguments: Sequence[str], *, choice: ModelChoice, seconds: float, reads: Sequence[Path] = ()
) -> _Answer:
    """Run the child under limits that grow with the clip and the model; it reads `reads`.

    Recognition runs at about 15 times the speed of speech on two cores; the limits leave room for
    slow machines and larger models.
    """
    command, *rest = arguments
    size, models, cards = await asyncio.to_thread(_on_this_machine, choice)
    share = 1 + size / _BASE_BYTES  # Whisper's models take time about by their size
    memory = MEMORY_BYTES + int(seconds * MEMORY_BYTES_PER_SECOND) + _MODEL_SHARE * size
    return await _answer_of(
        [command, json.dumps(choice.as_json()), *rest],
        memory_bytes=memory if not cards else _CARD_ADDRESSES,
        cpu_seconds=60 + int(6 * seconds * share),
        wall_seconds=60 + 4 * seconds * share,
        environment=_environment() | {"HF_HUB_OFFLINE": "1"},
        # beside the hub's models lies a key, if there is one
        reads=[*reads, *models, *cards, _downloads() / "hub"],
        writes=cards,
        niceness=MODEL_NICENESS,
    )


async def _prepare(command: str, choice: ModelChoice, *, seconds: float) -> _Answer:
    """Run a command that makes a model ready. It may write where we may, and meets no clip."""
    return await _answer_of(
        [command, json.dumps(choice.as_json())],
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=int(seconds),
        wall_seconds=seconds,
        environment=_environment(),
        file_bytes=_DOWNLOAD_BYTES,
        confined=False,
    )


def _version(model: str) -> str:
    return f"local-2 (whisper {model})"


def _on_this_machine(choice: ModelChoice) -> tuple[int, list[Path], list[Path]]:
    """The size of the largest model beside the default one, their folders, the card's devices."""
    folders = [Path(path).absolute() for path in (choice.given, choice.folder) if path]
    folders = [folder for folder in folders if folder.is_dir()]
    size = max((_bytes_in(folder) for folder in folders), default=0)
    return size, folders, [] if choice.device == "cpu" else _cards()


def _cards() -> list[Path]:
    """The devices of NVIDIA graphics cards."""
    return sorted(Path("/").glob(_CARD.lstrip("/")))


def _bytes_in(folder: Path) -> int:
    """The size of the largest file in a folder: a model's, or what has come of it."""
    sizes = [0]
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # a download moves its files
            sizes.append(file.stat().st_size)
    return max(sizes)


def _downloads() -> Path:
    """Where Hugging Face's library keeps what is its own (huggingface.co/docs, HF_HOME)."""
    try:
        home = Path.home()
    except RuntimeError:  # this user has none
        home = Path(tempfile.gettempdir())
    return home / ".cache" / "huggingface"


def _environment() -> dict[str, str]:
    return _ENVIRONMENT | {"HF_HOME": str(_downloads())}


async def _answer_of(arguments: Sequence[str], **limits: Unpack[_Limits]) -> _Answer:
    try:
        return _Answer.model_validate_json(await run_child(_MODULE, arguments, **limits))
    except ChildFailed as failure:
        met_limit = failure.reason == "timeout" or failure.exit_code in _ENDED_BY_LIMIT
        raise _broke_off(failure.reason, met_limit=met_limit) from None
    except ValidationError:
        raise _broke_off("answer") from None


def _broke_off(why: str, *, met_limit: bool = False) -> EngineUnavailable:
    """A shorter clip helps only against a limit of time or memory."""
    advice = (
        "Try again, or try a shorter clip."
        if met_limit
        else "Try again; if it happens twice, tell whoever runs this bot."
    )
    return EngineUnavailable(
        f"local_{why}", f"Listening to your clip broke off on this machine. {advice}"
    )
