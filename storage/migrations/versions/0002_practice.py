"""Servers, settings, questions, the board, and what the vendor was used for.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and the two columns."""
    op.add_column("attempts", sa.Column("metrics_off", sa.JSON()))
    op.add_column("usage", sa.Column("guild_id", sa.BigInteger()))
    op.create_table(
        "servers",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_servers")),
    )
    op.create_table(
        "server_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_server_settings")),
    )
    op.create_table(
        "member_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_member_settings")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index(
        op.f("ix_questions_guild_id_question_key"),
        "questions",
        ["guild_id", "question_key"],
        unique=True,
    )
    op.create_table(
        "board_members",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alias", sa.Text()),
        sa.Column("alias_key", sa.Text()),
        sa.Column("counts_private", sa.Boolean(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_board_members")),
    )
    op.create_index(
        op.f("ix_board_members_guild_id_alias_key"),
        "board_members",
        ["guild_id", "alias_key"],
        unique=True,
    )
    op.create_table(
        "board_standings",
        sa.Column("ladder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.Column("rubric_version", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("best", sa.Float()),
        sa.Column("best_three", sa.Float()),
        sa.Column("improvement", sa.Float()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ladder", "user_id", name=op.f("pk_board_standings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_board_standings_ladder_attempts_lot_user_id"),
        "board_standings",
        ["ladder", "attempts", "lot", "user_id"],
    )
    for column in ("best", "best_three", "improvement"):
        ranked = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            op.f(f"ix_board_standings_ladder_{column}_lot_user_id"),
            "board_standings",
            ["ladder", column, "lot", "user_id"],
            sqlite_where=ranked,
            postgresql_where=ranked,
        )
    op.create_index(
        op.f("ix_board_standings_guild_id_user_id"), "board_standings", ["guild_id", "user_id"]
    )
    op.create_table(
        "board_counts",
        sa.Column("ladder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ranking", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Float(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ladder", "ranking", "value", name=op.f("pk_board_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vendor_usage",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_vendor_usage")),
    )
