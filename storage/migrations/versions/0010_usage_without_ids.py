"""The daily allowance counts by a keyed hash, so that its rows name no member.

The table is made anew, as its rows live for a day at most. The way of hashing is spelled out: a
migration keeps doing the same when the code around it changes.
"""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_META = sa.table("meta", sa.column("key"), sa.column("value"))
_COLUMNS = ("attempt_id", "guild_id", "member", "used_at")


def upgrade() -> None:
    """Replace `user_id` by `member` in each use."""
    connection = op.get_bind()
    before = sa.table("usage", *map(sa.column, ("attempt_id", "guild_id", "user_id", "used_at")))
    rows = connection.execute(sa.select(before)).all()
    op.drop_table("usage")
    op.create_table(
        "usage",
        sa.Column("attempt_id", sa.String(length=16), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_member_used_at"), "usage", ["member", "used_at"])
    if not rows:
        return  # no key either: a database that is moved into has to be empty
    key = secrets.token_hex(32)
    connection.execute(sa.insert(_META).values(key="usage_key", value=key))

    def hashed(user_id: int) -> str:
        return hmac.new(bytes.fromhex(key), str(user_id).encode(), hashlib.sha256).hexdigest()[:32]

    # As it came out, so it goes in: SQLite has times as text
    after = sa.table("usage", *map(sa.column, _COLUMNS))
    values = [
        dict(zip(_COLUMNS, (row[0], row[1], hashed(row[2]), row[3]), strict=True)) for row in rows
    ]
    connection.execute(sa.insert(after), values)
