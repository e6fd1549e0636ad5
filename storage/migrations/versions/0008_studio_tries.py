"""Links into the studio that outlive a try which came to nothing, and lead on to the next one.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns. Links that are there have none of it: their attempt has their own id."""
    for column in (
        sa.Column("attempt_id", sa.String(length=16)),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("began_at", sa.DateTime(timezone=True)),
        sa.Column("next_id", sa.String(length=16)),
    ):
        op.add_column("studio_links", column)
