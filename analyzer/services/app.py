"""What a process has open: what everything works with, the services on it, and how to begin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.dependencies import Dependencies
from analyzer.pipeline.runner import Runner
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.deletion import AttemptDeletion
from analyzer.services.finding import FindingService
from analyzer.services.interviews import InterviewService
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import StudioService


class Services(NamedTuple):
    """What members can ask for, and the cleanup."""

    attempts: AttemptService
    deletion: AttemptDeletion
    privacy: PrivacyService
    studio: StudioService | None  # None where it is not set up
    cleanup: Cleanup
    finding: FindingService
    interviews: InterviewService


@dataclass(frozen=True, slots=True)
class App:
    """Everything that is open. `app.container` makes one, and closes it again."""

    attempts: AttemptService
    deletion: AttemptDeletion
    privacy: PrivacyService
    studio: StudioService | None  # None where it is not set up
    cleanup: Cleanup
    finding: FindingService
    interviews: InterviewService
    deps: Dependencies
    runner: Runner
    start: Callable[[], Awaitable[None]]  # goes on with unfinished attempts, cleans up, serves
