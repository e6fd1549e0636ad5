"""Where a member has agreed that their words go, and which judge a standing is by.

Types are spelled out: a migration keeps doing the same when the code around it changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the two columns."""
    op.add_column("consents", sa.Column("judge_host", sa.Text()))
    op.add_column("board_standings", sa.Column("judge", sa.Text()))
