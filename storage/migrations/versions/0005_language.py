"""The language that a member says they speak.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("attempts", sa.Column("language", sa.String(length=8)))
    op.add_column("requests", sa.Column("language", sa.String(length=8)))
