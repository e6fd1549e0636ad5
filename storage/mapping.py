"""How an attempt becomes a row, and a row an attempt again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Row, Table, bindparam

from core.assessment import Assessment, Model
from core.models import (
    Attempt,
    ClipFacts,
    DeliveredVia,
    Failure,
    Owner,
    ReplyAddress,
    VendorRefs,
    Waiting,
)
from core.questions import question_key

AnyRow = Row[*tuple[Any, ...]]
"""A row of any columns."""


_NAMES: dict[frozenset[str], set[str]] = {}


class AttemptChanges(TypedDict, total=False):
    """The fields of an attempt that may change after it was admitted, beside its state."""

    shared: bool
    reply: ReplyAddress | None
    facts: ClipFacts | None
    refs: VendorRefs
    assessment: Assessment | None
    failure: Failure | None
    delivered_via: DeliveredVia | None
    shared_message_id: int | None
    shared_channel_id: int | None
    cleaned_at: datetime | None
    waiting: Waiting | None


def owned_by(table: Table, owner: Owner) -> ColumnElement[bool]:
    """Only the rows of this member in this server."""
    return (table.c.guild_id == owner.guild_id) & (table.c.user_id == owner.user_id)


def owned(table: Table) -> ColumnElement[bool]:
    """The same for a statement that is made once: `owner_values` says of whom.

    To make a statement takes longer than to execute it, so those that each attempt needs are made
    once.
    """
    mine = table.c.user_id == bindparam("of_user", type_=table.c.user_id.type)
    return (table.c.guild_id == bindparam("of_guild", type_=table.c.guild_id.type)) & mine


def owner_values(owner: Owner) -> dict[str, Any]:
    """The values of a statement with `owned`."""
    return {"of_guild": owner.guild_id, "of_user": owner.user_id}


def row_of(attempt: Attempt) -> dict[str, Any]:
    """The columns of a new attempt, without those that the repository dates."""
    return {
        "id": attempt.id,
        "guild_id": attempt.owner.guild_id,
        "user_id": attempt.owner.user_id,
        "channel_id": attempt.channel_id,
        "question": attempt.question,
        "question_key": question_key(attempt.question),
        "source": attempt.source,
        "engine": attempt.engine,
        "state": attempt.state,
        "metrics_off": tuple(sorted(attempt.metrics_off)),
        "language": attempt.language,
        "interview_id": attempt.interview_id,
        "position": attempt.position,
        "parent_id": attempt.parent_id,
        "created_at": attempt.created_at,
        **columns_of(
            AttemptChanges(
                shared=attempt.shared,
                reply=attempt.reply,
                facts=attempt.facts,
                refs=attempt.refs,
                assessment=attempt.assessment,
                failure=attempt.failure,
                delivered_via=attempt.delivered_via,
                shared_message_id=attempt.shared_message_id,
                shared_channel_id=attempt.shared_channel_id,
                cleaned_at=attempt.cleaned_at,
                waiting=attempt.waiting,
            )
        ),
    }


def columns_of(changes: AttemptChanges) -> dict[str, Any]:
    """The columns that these changes set."""
    columns: dict[str, Any] = dict(changes)
    if "reply" in changes:
        del columns["reply"]
        columns |= reply_columns(changes["reply"])
    if "assessment" in changes:
        assessment = changes["assessment"]
        columns["overall"] = None if assessment is None else assessment.overall
    return columns


def reply_columns(reply: ReplyAddress | None) -> dict[str, Any]:
    """The columns of a reply."""
    return {
        "reply_application_id": reply and reply.application_id,
        "reply_message_id": reply and reply.message_id,
        "reply_token": reply and reply.token,
        "reply_dies_at": reply and reply.dies_at,
    }


NO_REPLY = reply_columns(None)
"""The columns of a reply that is gone: nothing of it stays."""


def attempt_of(row: AnyRow) -> Attempt:
    """The attempt in a whole row."""
    attempt = Attempt(
        id=row.id,
        owner=owner_of(row),
        channel_id=row.channel_id,
        question=row.question,
        shared=row.shared,
        source=row.source,
        engine=row.engine,
        state=row.state,
        created_at=row.created_at,
        reply=reply_of(row),
        facts=row.facts,
        refs=row.refs,
        assessment=row.assessment,
        failure=row.failure,
        metrics_off=frozenset(row.metrics_off or ()),
        language=row.language,
        interview_id=row.interview_id,
        position=row.position,
        parent_id=row.parent_id,
        delivered_via=row.delivered_via,
        shared_message_id=row.shared_message_id,
        shared_channel_id=row.shared_channel_id,
        cleaned_at=row.cleaned_at,
        waiting=row.waiting,
    )
    for part in (attempt, attempt.source, attempt.facts, attempt.refs, attempt.reply):
        if part is not None:
            _share_names(part)
    return attempt


def _share_names(model: Model) -> None:
    """Let models of the same fields share the set of their names, which takes up to 2 KB.

    Each pydantic model has one of its own (`__pydantic_fields_set__`). Thousands of attempts may
    wait at once. Ours are frozen, and a copy that is changed gets a new set.
    """
    names = model.model_fields_set
    shared = _NAMES.setdefault(frozenset(names), names)
    object.__setattr__(model, "__pydantic_fields_set__", shared)


def owner_of(row: AnyRow) -> Owner:
    """The member a row belongs to."""
    return Owner(guild_id=row.guild_id, user_id=row.user_id)


def reply_of(row: AnyRow) -> ReplyAddress | None:
    """The reply in a row, `None` where it has none any more."""
    if row.reply_token is None:
        return None
    return ReplyAddress(
        application_id=row.reply_application_id,
        token=row.reply_token,
        message_id=row.reply_message_id,
        dies_at=row.reply_dies_at,
    )
