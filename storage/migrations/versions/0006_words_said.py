"""What a question looks for, and vectors of the sentences somebody has said.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column(
        "questions", sa.Column("looks_for", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "sentence_vectors",
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(length=32), nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_sentence_vectors_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_sentence_vectors")),
    )
    op.create_index(
        op.f("ix_sentence_vectors_guild_id_user_id"), "sentence_vectors", ["guild_id", "user_id"]
    )
