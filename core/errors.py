"""Every error Greenroom raises on purpose, drawn as one small tree.

GreenroomError
├── SettingsProblem      a setting is missing or wrong: a sentence for the operator, exit code 1
├── Superseded           somebody else moved or deleted the row: stop, nothing is wrong
├── MustWait             the vendor's limits, or the operator's cap, let a call go only later
│   └── OverCap          it is the operator's cap
├── Postponed            an attempt goes on later: nothing is wrong, and its slot is free meanwhile
└── UserFacingError      has a `sentence` for the member and a `code` for the log
    ├── Refused          the request cannot be taken: allowance, waiting attempt, declared size
    │   ├── FileRefused  a file of questions has mistakes: each is named with its line
    │   └── UploadRefused  an upload does not fit what is here: it says how much that is
    ├── ClipRefused      the clip itself is at fault
    ├── StorageUnavailable  the database cannot be reached, is locked or has no room: try again
    └── EngineError
        ├── EngineRefused      the clip or the account is at fault: final
        ├── EngineBusy         the vendor asked to come back later than we can wait
        └── EngineUnavailable  the engine could not be reached or did not answer in time
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]

_FRAMES = 12
"""Frames of one error that a log line names."""

_CAUSES = 3
"""Errors of a chain that a log line names."""


class GreenroomError(Exception):
    """Base of every error raised on purpose."""


class SettingsProblem(GreenroomError):
    """A setting is missing or wrong. The text is one sentence for the operator, without secrets."""


class Superseded(GreenroomError):
    """The row is no longer in the state this step started from: another step won, or it is gone."""


class MustWait(GreenroomError):
    """A call to the vendor has to wait for longer than anybody holds a slot for it.

    It can go in `seconds`, at `until`, as things stand now; `place` is which one in line it is (1:
    the next), where there is a line. `nothing_arrived`: the vendor has certainly got nothing of
    what was asked for, in this try or in one before it.
    """

    def __init__(
        self,
        seconds: float,
        until: datetime,
        place: int | None = None,
        *,
        nothing_arrived: bool = True,
    ) -> None:
        super().__init__("must_wait")
        self.seconds = seconds
        self.until = until
        self.place = place
        self.nothing_arrived = nothing_arrived


class OverCap(MustWait):
    """The operator's cap on what may be spent is used up until then."""


class Postponed(GreenroomError):
    """Whoever runs the attempt should go on with it in `seconds`, and use its slot meanwhile."""

    def __init__(self, seconds: float) -> None:
        super().__init__("postponed")
        self.seconds = seconds


class UserFacingError(GreenroomError):
    """An error a member is told about.

    `sentence` says what to do next and is safe to show; `code` is short, stable and for the log.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class Refused(UserFacingError):
    """The request cannot be taken now. `next_at` is when it can be, where that is known."""

    def __init__(self, code: str, sentence: str, *, next_at: datetime | None = None) -> None:
        super().__init__(code, sentence)
        self.next_at = next_at


class FileRefused(Refused):
    """A file cannot be taken: nothing of it was. Each of the `problems` names its line.

    They quote the file, so they are shown like any other text from outside. `unlisted` is how many
    more there are, beyond what anybody would read.
    """

    def __init__(
        self, code: str, sentence: str, problems: Sequence[str], *, unlisted: int = 0
    ) -> None:
        super().__init__(code, sentence)
        self.problems = tuple(problems)
        self.unlisted = unlisted


class UploadRefused(Refused):
    """An upload does not go on like this: `received_bytes` of it are here."""

    def __init__(self, code: str, sentence: str, *, received_bytes: int) -> None:
        super().__init__(code, sentence)
        self.received_bytes = received_bytes


class ClipRefused(UserFacingError):
    """The clip itself is at fault; nothing of it reaches the vendor."""


class StorageUnavailable(UserFacingError):
    """The database cannot be reached, is locked or has no room: nothing of ours is at fault.

    Whoever meets it tries again later, and no attempt fails by it. `cause` is the database's own
    short code, such as SQLITE_FULL or 57P01; it is also in the error's text, which may be logged.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(
            "storage_unavailable",
            "I can't reach my memory right now. Please try again in a few minutes.",
        )
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.code} ({self.cause})"


class EngineError(UserFacingError):
    """Base of what an engine raises; never a vendor type, never a vendor's text."""


class EngineRefused(EngineError):
    """The clip or the account is at fault: trying the same again would not help."""


class EngineBusy(EngineError):
    """The vendor asked to come back after `retry_after` seconds, longer than we can wait."""

    def __init__(self, code: str, sentence: str, *, retry_after: float) -> None:
        super().__init__(code, sentence)
        self.retry_after = retry_after


class EngineUnavailable(EngineError):
    """The engine could not be reached, or did not answer within its deadline."""


def error_location(error: BaseException) -> str:
    """Name an unexpected error by its type and the chain of frames that led to it.

    The innermost frame comes first, whosever it is, then those of ours, up to the outermost; an
    error that caused it follows in the same way. Only file, line and function: an error's text and
    the values in its frames may hold vendor bodies, addresses or tokens, so logs never print them.
    """
    named: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen and len(named) < _CAUSES:
        seen.add(id(cause))
        named.append(f"{type(cause).__name__} in {' < '.join(_frames(cause))}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return ", caused by ".join(named)


def _frames(error: BaseException) -> list[str]:
    """The frames an error went through, innermost first, each as `function:line (file)`."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file = Path(code.co_filename)
        ours = file.is_relative_to(_ROOT) and "site-packages" not in file.parts
        if ours or trace.tb_next is None:
            shown = file.relative_to(_ROOT).as_posix() if ours else file.name
            frames.append(f"{code.co_name}:{trace.tb_lineno} ({shown})")
        trace = trace.tb_next
    frames.reverse()
    if len(frames) > _FRAMES:
        frames[_FRAMES - 1 : -1] = ["…"]
    return frames or ["unknown place"]
