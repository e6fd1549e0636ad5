"""What is fuzzed: each target takes any bytes, and whatever it raises is a finding."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import discord

from analyzer.clip import MAX_PIXELS
from analyzer.probe import Unreadable, probe
from analyzer.question_file import parse
from analyzer.rubric import RUBRIC_VERSION, SWITCHED_OFF
from analyzer.verdict import ADVICE_MAX, EVIDENCE_MAX, KEY_POINTS_MAX, every_metric, read_verdict
from cogs.ui.buttons import PracticeButton
from cogs.ui.forms import read_form
from cogs.ui.pages import PageButton
from cogs.ui.result import public_result_embed
from errors import EngineRefused, FileRefused
from models import (
    Assessment,
    Attempt,
    AttemptState,
    ClipFacts,
    ClipSource,
    EngineName,
    Metric,
    Owner,
)

Target = Callable[[bytes], None]

SECONDS = 60.0
_MENTION = re.compile(r"<(@[!&]?|#|/)\d")  # one that Discord would show as such
_DAY = datetime(2026, 3, 2, tzinfo=UTC)


def verdict(data: bytes) -> None:
    """A model's answer becomes scores within the scale and an embed that Discord takes."""
    flags, text = data[:1] or b"\0", data[1:].decode(errors="replace")
    off = frozenset({Metric.CLARITY}) if flags[0] & 2 else frozenset[Metric]()
    found = read_verdict(text, duration_seconds=SECONDS, has_audio=not flags[0] & 1, off=off)
    assert max(len(found.strength), len(found.next_step)) <= ADVICE_MAX
    assert len(found.key_points) <= KEY_POINTS_MAX
    try:
        scores = every_metric(found)
    except EngineRefused:
        return
    for metric, score in scores.items():
        assert len(score.evidence) <= EVIDENCE_MAX
        assert score.at_seconds is None or 0 <= score.at_seconds <= SECONDS
        assert (metric in off) == (score.reason == SWITCHED_OFF)
    assessment = Assessment(
        engine=EngineName.TWELVELABS,
        engine_version="fuzzed",
        rubric_version=RUBRIC_VERSION,
        scores=scores,
        strength=found.strength,
        next_step=found.next_step,
        key_points=found.key_points,
    )
    embed = public_result_embed(_attempt(assessment))
    assert len(embed) <= 6000  # Discord's limit over a whole embed
    shown = json.dumps(embed.to_dict()).replace("Shared by <@2>", "")  # the one mention of ours
    assert not _MENTION.search(shown)


def component(data: bytes) -> None:
    """A custom id is one of ours in every part, or nobody's."""
    custom_id = data.decode(errors="replace")
    if match := PracticeButton.__discord_ui_compiled_template__.fullmatch(custom_id):
        assert re.fullmatch("[0-9a-f]{16}", match["subject"])
        button = asyncio.run(PracticeButton.from_custom_id(None, _ITEM, match))
        assert button.custom_id == custom_id
    if match := PageButton.__discord_ui_compiled_template__.fullmatch(custom_id):
        page = asyncio.run(PageButton.from_custom_id(None, _ITEM, match))
        assert page.custom_id == custom_id
    if form := read_form(_modal(custom_id)):
        assert re.fullmatch("[0-9a-f]{16}", form.subject)
        assert 0 <= form.index < 100


def question_file(data: bytes) -> None:
    """A file of questions is taken whole, or refused with what is wrong in it."""
    try:
        drafts = parse(data)
    except FileRefused as refused:
        assert refused.problems or refused.sentence  # noqa: PT017 - being refused is fine
        return
    assert all(draft.text for draft in drafts)


def clip(data: bytes) -> None:
    """A clip is described by true facts, or called unreadable; nothing else ends the probe.

    Here the probe runs in this process, so a crash of FFmpeg is seen. The bot runs it in a child.
    """
    with tempfile.NamedTemporaryFile(suffix=".clip") as file:
        file.write(data)
        file.flush()
        try:
            facts = probe(Path(file.name), MAX_PIXELS)
        except (Unreadable, av.error.FFmpegError, ValueError, MemoryError):
            return  # what `analyzer.probe.main` answers with "unreadable"
    assert ClipFacts.model_validate(facts).duration_seconds > 0


TARGETS: Mapping[str, Target] = {
    "verdict": verdict,
    "component": component,
    "question_file": question_file,
    "clip": clip,
}

_ITEM = cast("discord.ui.Item[Any]", None)


def _modal(custom_id: str) -> discord.Interaction[Any]:
    """As much of a modal's submission as is read, with hostile values."""
    field = {"type": 4, "custom_id": custom_id, "value": custom_id}
    data = {"custom_id": custom_id, "components": [{"component": field}, {}]}
    made = SimpleNamespace(type=discord.InteractionType.modal_submit, data=data, client=None)
    return cast("discord.Interaction[Any]", made)


def _attempt(assessment: Assessment) -> Attempt:
    return Attempt(
        id="0" * 16,
        owner=Owner(guild_id=1, user_id=2),
        channel_id=3,
        question="Tell me about yourself.",
        shared=True,
        source=ClipSource(url="https://cdn.discordapp.com/a.mp4", name="a.mp4", size_bytes=1),
        engine=EngineName.TWELVELABS,
        state=AttemptState.ASSESSED,
        created_at=_DAY,
        assessment=assessment,
    )
