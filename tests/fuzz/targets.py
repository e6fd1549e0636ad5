"""What is fuzzed: each target takes any bytes, and whatever it raises is a finding."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import discord
from aiohttp.test_utils import make_mocked_request
from pydantic import ValidationError

from analyzer.engines.twelvelabs.response import (
    ADVICE_MAX,
    EVIDENCE_MAX,
    KEY_POINTS_MAX,
    every_metric,
    read_response,
)
from analyzer.media.clip_limits import MAX_PIXELS
from analyzer.media.probe import Unreadable, probe
from analyzer.questions.file_format import parse
from analyzer.scoring.rubric import RUBRIC_VERSION, SWITCHED_OFF
from analyzer.services.studio_tokens import LinkTokens
from cogs.analyze.result_card import public_result_embed
from cogs.ui.buttons import PracticeButton, read_button
from cogs.ui.menus import panel_id, pick_id, read_panel, read_pick
from cogs.ui.modals import read_form
from cogs.ui.pagination import PageButton, read_page
from core.assessment import Assessment, EngineName, Metric
from core.errors import EngineRefused, FileRefused, Refused
from core.models import Attempt, AttemptState, ClipFacts, ClipSource, Owner
from storage.repositories.webhook_events import WebhookEvents
from web.studio.request_bodies import BeginBody, SubmitBody
from web.webhooks import _read_header, _Receiver, _Refused

Target = Callable[[bytes], None]

SECONDS = 60.0
_MENTION = re.compile(r"<(@[!&]?|#|/)\d")  # one that Discord would show as such
_DAY = datetime(2026, 3, 2, tzinfo=UTC)


def verdict(data: bytes) -> None:
    """A model's answer becomes scores within the scale and an embed that Discord takes."""
    flags, text = data[:1] or b"\0", data[1:].decode(errors="replace")
    off = frozenset({Metric.CLARITY}) if flags[0] & 2 else frozenset[Metric]()
    found = read_response(text, duration_seconds=SECONDS, has_audio=not flags[0] & 1, off=off)
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
    if press := read_button(custom_id):
        assert re.fullmatch("[0-9a-f]{16}", press.subject)
        again = PracticeButton(press.action, press.subject, position=press.position)
        assert read_button(str(again.custom_id)) == press
    if turn := read_page(custom_id):
        assert 0 <= turn.page < 100_000
        assert read_page(str(PageButton(*turn).custom_id)) == turn
    if name := read_panel(custom_id):
        assert panel_id(name) == custom_id
    if subject := read_pick(custom_id):
        assert pick_id(subject) == custom_id
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
            return  # what `analyzer.media.probe.main` answers with "unreadable"
    assert ClipFacts.model_validate(facts).duration_seconds > 0


def webhook(data: bytes) -> None:
    """A webhook rings for a task's id at most, and is refused with a status else.

    The first line is the signature's header, the rest a body that is taken as signed.
    """
    header, _, body = data.partition(b"\n")
    rung: list[str] = []

    async def wake(task_id: str) -> None:
        rung.append(task_id)

    events = cast("WebhookEvents", SimpleNamespace(is_new=_always))
    receiver = _Receiver(b"secret", events, wake, lambda: 0.0, 1.0)
    text = header.decode("latin-1").strip("\r\0")
    try:
        stamp, signatures = _read_header(make_mocked_request("POST", "/", {"TL-Signature": text}))
        assert 0 <= int(stamp) < 10**12
        assert all(re.fullmatch("[0-9a-fA-F]+", given) for given in signatures)
    except _Refused as refused:
        assert refused.status == 400  # noqa: PT017 - being refused is fine
    try:
        result = asyncio.run(receiver._act_on(body))
    except _Refused as refused:
        assert refused.status == 400  # noqa: PT017 - as above
        return
    assert (result == "rang") == (len(rung) == 1)
    assert all(re.fullmatch("[A-Za-z0-9_-]{6,80}", task_id) for task_id in rung)


def studio(data: bytes) -> None:
    """No bytes become a link that was not signed, nor an upload that was not described."""
    text = data.decode(errors="replace")
    try:
        link_id = _TOKENS.read(text)
    except Refused as refused:
        assert refused.code in ("link_unknown", "link_expired")  # noqa: PT017 - as it must be
    else:
        # the last character of base64 has bits that nobody reads: four texts are one signature
        assert link_id == _SIGNED, "a token that nobody has made"
    for kind in (BeginBody, SubmitBody):
        try:
            body = kind.model_validate_json(data)
        except ValidationError:
            continue
        if isinstance(body, BeginBody):
            assert body.size_bytes > 0
            assert 0 <= body.seconds <= 86_400


TARGETS: Mapping[str, Target] = {
    "verdict": verdict,
    "component": component,
    "question_file": question_file,
    "clip": clip,
    "webhook": webhook,
    "studio": studio,
}

_SIGNED = "0123456789abcdef"
"""The one id whose token is in the corpus."""

_TOKENS = LinkTokens("secret", lambda: _DAY, timedelta(minutes=30))


async def _always(_event_id: str) -> bool:
    return True


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
