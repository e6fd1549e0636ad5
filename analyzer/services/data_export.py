"""A copy of a member's data to take along: one ZIP with everything as JSON and scores as CSV."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.assessment import Metric
from core.errors import Refused
from core.models import Owner
from core.spreadsheet import csv_file

Row = Mapping[str, Any]

_MEASURED = ("words_per_minute", "pitch_variation_semitones")
_COLUMNS = (
    *("attempt_id", "made_at", "question", "engine", "rubric_version", "overall"),
    *(metric.value for metric in Metric),
    *_MEASURED,
    *("pauses", "fillers"),
)


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished ZIP."""

    content: bytes
    without_transcripts: bool  # they were left out, because it would have been too large


def make_archive(
    owner: Owner, held: Mapping[str, Sequence[Row]], *, made_at: datetime, limit_bytes: int
) -> Archive:
    """Pack what is held about the owner. Takes its time: not for the event loop.

    Args:
        owner: whose data it is.
        held: rows by table, as `MemberData.export` gives them.
        made_at: the time of the copy.
        limit_bytes: the most the ZIP may have.

    Raises:
        Refused: it has more, even without the transcripts.
    """
    about = {
        "made_at": made_at.isoformat(),
        "member_id": str(owner.user_id),
        "server_id": str(owner.guild_id),
        "note": "Everything Greenroom holds about this member in this server; "
        "server 0 stands for direct messages. Times are in UTC, lengths in seconds.",
    }
    scores = _scores(held["attempts"])
    whole = _zip(about, held, scores)
    if len(whole) <= limit_bytes:
        return Archive(whole, without_transcripts=False)
    attempts = [_without_transcript(attempt) for attempt in held["attempts"]]
    shorter = _zip(about, {**held, "attempts": attempts}, scores)
    if len(shorter) <= limit_bytes:
        return Archive(shorter, without_transcripts=True)
    raise Refused(
        "export_too_large",
        "Your data is larger than a file Discord takes from me. Ask whoever runs this bot for it, "
        "or delete attempts you no longer need and try again.",
    )


def _zip(about: Row, held: Mapping[str, Sequence[Row]], scores: bytes) -> bytes:
    data = json.dumps({"about": about, **held}, ensure_ascii=False, indent=1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("greenroom.json", data)
        archive.writestr("scores.csv", scores)
    return file.getvalue()


def _without_transcript(attempt: Row) -> Row:
    assessment = attempt["assessment"]
    if assessment is None:
        return attempt
    rest = {name: value for name, value in assessment.items() if name != "transcript"}
    return {**attempt, "assessment": rest}


def _scores(attempts: Sequence[Row]) -> bytes:
    """One line for each assessed attempt; a metric that was not assessed is empty."""
    assessed = [attempt for attempt in attempts if attempt["assessment"] is not None]
    lines = (_line(attempt, attempt["assessment"]) for attempt in assessed)
    return csv_file([_COLUMNS, *lines])


def _line(attempt: Row, assessment: Row) -> Iterator[Any]:
    yield from (attempt["id"], attempt["created_at"], attempt["question"], attempt["engine"])
    yield from (assessment["rubric_version"], attempt["overall"])
    for metric in Metric:
        yield assessment["scores"].get(metric.value, {}).get("value")
    delivery = assessment["delivery"] or {}
    for name in _MEASURED:
        yield delivery.get(name)
    yield len(delivery["pauses"]) if delivery.get("longest_pause_seconds") is not None else None
    yield len(delivery["fillers"]) if delivery.get("fillers_counted") else None
