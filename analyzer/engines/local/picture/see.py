"""The parent's side of looking: runs the child. Whatever fails here costs this one metric only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from analyzer.engines.local.picture.findings import NOT_LOOKED_AT, HeadDirection, head_direction
from analyzer.engines.local.picture.seen import Seen
from analyzer.media.clip_limits import MAX_PIXELS
from analyzer.media.sandbox import MODEL_NICENESS, ChildFailed, run_child
from analyzer.scoring.rubric import NO_PICTURE
from core.assessment import Score
from core.models import ClipFacts

log = logging.getLogger(__name__)

_MODULE = "analyzer.engines.local.picture.child"
_MEMORY_BYTES = 1_500_000_000
_FOR_THE_OPERATOR = {
    "not_installed": "its packages are missing: pip install -r requirements/local.txt",
    "model_missing": "a file of analyzer/engines/local/models is missing: install this version of"
    " Greenroom again",
    "model_changed": "a file of analyzer/engines/local/models has another checksum: install this"
    " version of Greenroom again",
}


class _Answer(BaseModel, extra="forbid"):
    """What the child prints: one of the two, or neither where there is nothing to say."""

    seen: Seen | None = None
    error: str | None = None


async def see(clip: Path, facts: ClipFacts, environment: Mapping[str, str]) -> HeadDirection:
    """Look at a clip. Where that fails the score has a reason, and the log says more."""
    if not facts.has_picture:
        return HeadDirection(Score(reason=NO_PICTURE), None)
    seconds = facts.duration_seconds
    clip = await asyncio.to_thread(clip.resolve)
    most = seconds * 1.02 + 2  # as for the sound: beyond it the duration was a lie
    answer = await _ask(
        ["look", str(clip), str(MAX_PIXELS), str(most)], environment, seconds=seconds, reads=[clip]
    )
    if answer.seen is not None:
        return await asyncio.to_thread(head_direction, answer.seen)
    if answer.error == "no_picture":
        return HeadDirection(Score(reason=NO_PICTURE), None)
    log.warning("head direction not assessed: %s", _told(answer.error))
    return HeadDirection(Score(reason=NOT_LOOKED_AT), None)


async def check_networks(environment: Mapping[str, str]) -> str:
    """Load the networks for real: "", or for the operator what is not measured, and why."""
    answer = await _ask(["check"], environment, seconds=0)
    return f"; no head direction: {_told(answer.error)}" if answer.error else ""


async def _ask(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    seconds: float,
    reads: Sequence[Path] = (),
) -> _Answer:
    """Run the child under limits that grow with the seconds of the clip."""
    try:
        printed = await run_child(
            _MODULE,
            arguments,
            memory_bytes=_MEMORY_BYTES,
            cpu_seconds=60 + int(6 * seconds),
            wall_seconds=60 + 4 * seconds,
            environment=environment,
            niceness=MODEL_NICENESS,
            reads=reads,
        )
        return _Answer.model_validate_json(printed)
    except ChildFailed as failure:
        return _Answer(error=f"{failure.reason} {failure.exit_code or ''}".strip())
    except ValidationError:
        return _Answer(error="answer")


def _told(error: str | None) -> str:
    return _FOR_THE_OPERATOR.get(error or "", error or "no answer")
