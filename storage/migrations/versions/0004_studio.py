"""Links into the studio.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "studio_links",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("reply_application_id", sa.BigInteger()),
        sa.Column("reply_message_id", sa.BigInteger()),
        sa.Column("reply_token", sa.Text()),
        sa.Column("reply_dies_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("upload_begun_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studio_links")),
    )
    op.create_index(
        op.f("ix_studio_links_user_id_created_at"), "studio_links", ["user_id", "created_at"]
    )
