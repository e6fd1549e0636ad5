"""Interviews: several questions in a row, whose answers are attempts that name their question.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TIME = sa.DateTime(timezone=True)


def _word(*values: str) -> sa.Enum:
    return sa.Enum(*values, native_enum=False, length=16)


def upgrade() -> None:
    """Make the tables, and the columns by which attempts, links and requests belong to them."""
    op.create_table(
        "interviews",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _word("open", "finished", "stopped"), nullable=False),
        sa.Column("follow_ups", _word("end", "each", "none"), nullable=False),
        sa.Column("reply_application_id", sa.BigInteger()),
        sa.Column("reply_message_id", sa.BigInteger()),
        sa.Column("reply_token", sa.Text()),
        sa.Column("reply_dies_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("reported_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    op.create_index(
        op.f("ix_interviews_guild_id_user_id_created_at"),
        "interviews",
        ["guild_id", "user_id", "created_at"],
    )
    op.create_index(
        op.f("ix_interviews_state_reported_at"), "interviews", ["state", "reported_at"]
    )
    op.create_table(
        "interview_questions",
        sa.Column("interview_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "kind", _word("behavioural", "technical", "situational", "opener"), nullable=False
        ),
        sa.Column("origin", _word("bank", "judge", "follow_up"), nullable=False),
        sa.Column("follows", sa.Integer()),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "interview_id", "position", name=op.f("pk_interview_questions")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interviews.id"],
            name=op.f("fk_interview_questions_interview_id_interviews"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_interview_questions_guild_id_user_id"),
        "interview_questions",
        ["guild_id", "user_id"],
    )
    op.add_column("attempts", sa.Column("interview_id", sa.String(length=16)))
    op.add_column("attempts", sa.Column("position", sa.Integer()))
    op.add_column("attempts", sa.Column("parent_id", sa.String(length=16)))
    op.create_index(op.f("ix_attempts_interview_id"), "attempts", ["interview_id"])
    op.add_column("requests", sa.Column("interview_id", sa.String(length=16)))
    op.add_column("requests", sa.Column("parent_id", sa.String(length=16)))
    op.add_column("studio_links", sa.Column("interview_id", sa.String(length=16)))
    op.add_column("studio_links", sa.Column("position", sa.Integer()))
    op.add_column("studio_links", sa.Column("parent_id", sa.String(length=16)))
    op.create_index(
        op.f("ix_studio_links_interview_id_position"),
        "studio_links",
        ["interview_id", "position"],
        unique=True,
    )
