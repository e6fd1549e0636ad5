"""The vendor's limits over restarts, what was billed by the day, and who waits for either.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add two tables, what an attempt that waits is told, and who has read the local card."""
    op.create_table(
        "vendor_minutes",
        sa.Column("attempt_hash", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_hash", "number", name=op.f("pk_vendor_minutes")),
    )
    op.create_index(op.f("ix_vendor_minutes_day"), "vendor_minutes", ["day"])
    op.create_table(
        "vendor_limits",
        sa.Column("key_hash", sa.String(length=32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_vendor_limits")),
    )
    op.add_column("attempts", sa.Column("waiting", sa.JSON()))
    op.add_column("consents", sa.Column("local_card", sa.Boolean()))
