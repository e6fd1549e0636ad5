"""The tables, and nothing else; storage/migrations holds how a database gets to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from models import (
    Assessment,
    AttemptState,
    ClipFacts,
    ClipSource,
    DeliveredVia,
    EngineName,
    Failure,
    VendorRefs,
)
from storage.columns import AsJson, UtcDateTime, word

metadata = MetaData(
    # Every constraint has a name, because a batch migration on SQLite can only alter named ones.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("question", Text, nullable=False),
    Column("question_key", Text, nullable=False),  # what makes two questions the same one
    Column("shared", Boolean, nullable=False),
    Column("source", AsJson(ClipSource), nullable=False),
    Column("engine", word(EngineName), nullable=False),
    Column("state", word(AttemptState), nullable=False),
    # The reply has columns of its own: its token is a credential, which is cleared by itself.
    Column("reply_application_id", BigInteger),
    Column("reply_message_id", BigInteger),
    Column("reply_token", Text),
    Column("reply_dies_at", UtcDateTime),
    Column("facts", AsJson(ClipFacts)),
    Column("refs", AsJson(VendorRefs), nullable=False),
    Column("assessment", AsJson(Assessment)),
    Column("overall", Float),  # a copy from the assessment that SQL can sort by
    Column("failure", AsJson(Failure)),
    Column("delivered_via", word(DeliveredVia)),
    Column("shared_message_id", BigInteger),
    Column("shared_channel_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("cleaned_at", UtcDateTime),
    Index(None, "guild_id", "user_id", "created_at"),  # history, and attempts under way
    Index(None, "guild_id", "user_id", "question_key", "created_at"),  # the previous attempt
    Index(None, "state", "delivered_via"),  # unfinished
    Index(None, "cleaned_at", "state"),  # uncleaned
)

usage = Table(
    "usage",  # no foreign key: deleting an attempt does not give its allowance back
    metadata,
    Column("attempt_id", String(16), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Index(None, "user_id", "used_at"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("agreed_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Index(None, "guild_id", "user_id", "agreed_at"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("question", Text),
    Column("clips", AsJson(tuple[ClipSource, ...]), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

leftovers = Table(
    "leftovers",  # no foreign key: these outlive their attempts
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attempt_id", String(16), nullable=False),
    Column("engine", word(EngineName), nullable=False),
    Column("refs", AsJson(VendorRefs), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
