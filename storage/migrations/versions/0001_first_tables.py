"""The first tables.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reply_application_id", sa.BigInteger()),
        sa.Column("reply_message_id", sa.BigInteger()),
        sa.Column("reply_token", sa.Text()),
        sa.Column("reply_dies_at", sa.DateTime(timezone=True)),
        sa.Column("facts", sa.JSON()),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("assessment", sa.JSON()),
        sa.Column("overall", sa.Float()),
        sa.Column("failure", sa.JSON()),
        sa.Column("delivered_via", sa.String(length=16)),
        sa.Column("shared_message_id", sa.BigInteger()),
        sa.Column("shared_channel_id", sa.BigInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("cleaned_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_cleaned_at_state"), "attempts", ["cleaned_at", "state"])
    op.create_index(
        op.f("ix_attempts_guild_id_user_id_created_at"),
        "attempts",
        ["guild_id", "user_id", "created_at"],
    )
    op.create_index(
        op.f("ix_attempts_guild_id_user_id_question_key_created_at"),
        "attempts",
        ["guild_id", "user_id", "question_key", "created_at"],
    )
    op.create_index(op.f("ix_attempts_state_delivered_via"), "attempts", ["state", "delivered_via"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_guild_id_user_id_agreed_at"),
        "consents",
        ["guild_id", "user_id", "agreed_at"],
    )
    op.create_table(
        "leftovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leftovers")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text()),
        sa.Column("clips", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_table(
        "usage",
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_user_id_used_at"), "usage", ["user_id", "used_at"])
