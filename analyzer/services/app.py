"""What a process has open: what everything works with, the services on it, and how to begin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from analyzer.dependencies import Dependencies
from analyzer.pipeline.runner import Runner
from analyzer.services.attempts import AttemptService
from analyzer.services.cleanup import Cleanup
from analyzer.services.privacy import PrivacyService
from analyzer.services.studio import StudioService


@dataclass(frozen=True, slots=True)
class App:
    """Everything that is open. `app.container` makes one, and closes it again."""

    deps: Dependencies
    runner: Runner
    attempts: AttemptService
    privacy: PrivacyService
    studio: StudioService | None  # None where it is not set up
    cleanup: Cleanup
    start: Callable[[], Awaitable[None]]  # goes on with unfinished attempts, cleans up, serves
