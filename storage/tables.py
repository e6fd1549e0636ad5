"""The tables, and nothing else; storage/migrations holds how a database gets to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from core.assessment import Assessment, EngineName, Metric
from core.interviews import FollowUps, InterviewState, QuestionOrigin
from core.models import (
    AttemptState,
    ClipFacts,
    ClipSource,
    DeliveredVia,
    Failure,
    MemberSettings,
    ServerSettings,
    VendorRefs,
    Waiting,
)
from core.questions import AnswerKind
from storage.engine.column_types import AsJson, UtcDateTime, word

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
    Column("metrics_off", AsJson(tuple[Metric, ...])),  # NULL in rows older than the setting
    Column("language", String(8)),
    Column("interview_id", String(16)),  # that it is an answer in
    Column("position", Integer),  # of its question there
    Column("parent_id", String(16)),  # the attempt whose follow-up question it answers
    Column("delivered_via", word(DeliveredVia)),
    Column("shared_message_id", BigInteger),
    Column("shared_channel_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("cleaned_at", UtcDateTime),
    Column("waiting", AsJson(Waiting)),  # for the vendor's limits; stale once its time is over
    Index(None, "guild_id", "user_id", "created_at"),  # history, and attempts under way
    Index(None, "guild_id", "user_id", "question_key", "created_at"),  # the previous attempt
    Index(None, "state", "delivered_via"),  # unfinished
    Index(None, "cleaned_at", "state"),  # uncleaned
    Index(None, "interview_id"),
)

interviews = Table(
    "interviews",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("state", word(InterviewState), nullable=False),
    Column("follow_ups", word(FollowUps), nullable=False),
    Column("reply_application_id", BigInteger),
    Column("reply_message_id", BigInteger),
    Column("reply_token", Text),
    Column("reply_dies_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("reported_at", UtcDateTime),
    Index(None, "guild_id", "user_id", "created_at"),
    Index(None, "state", "reported_at"),  # those that are not done with
)

interview_questions = Table(
    "interview_questions",  # an answer names its question, so that both can never differ
    metadata,
    Column(
        "interview_id",
        String(16),
        ForeignKey("interviews.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", word(AnswerKind), nullable=False),
    Column("origin", word(QuestionOrigin), nullable=False),
    Column("follows", Integer),
    Column("left_out", Boolean, nullable=False),
    Index(None, "guild_id", "user_id"),
)

sentence_vectors = Table(
    "sentence_vectors",  # of a transcript's sentences; made when their owner searches
    metadata,
    Column(
        "attempt_id", String(16), ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("model", String(32), nullable=False),  # vectors of different models don't compare
    Column("vectors", LargeBinary, nullable=False),  # one signed byte a dimension
    Index(None, "guild_id", "user_id"),
)

usage = Table(
    "usage",  # no foreign key: deleting an attempt does not give its allowance back
    metadata,
    Column("attempt_id", String(16), primary_key=True),
    Column("guild_id", BigInteger),  # NULL in rows older than servers' own allowances
    Column("member", String(32), nullable=False),  # a keyed hash: see daily_usage.py
    Column("used_at", UtcDateTime, nullable=False),
    Index(None, "member", "used_at"),
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
    Column("judge_host", Text),  # where the words may go to be judged; NULL: nowhere
    Column("local_card", Boolean),  # the local engine's card was agreed to beside the vendor's
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
    Column("language", String(8)),
    Column("interview_id", String(16)),  # that begins when its member has agreed
    Column("parent_id", String(16)),  # the attempt whose follow-up question it is
    Column("created_at", UtcDateTime, nullable=False),
)

studio_links = Table(
    "studio_links",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("question", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("reply_application_id", BigInteger),
    Column("reply_message_id", BigInteger),
    Column("reply_token", Text),
    Column("reply_dies_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("size_bytes", BigInteger),
    Column("upload_begun_at", UtcDateTime),
    Column("submitted_at", UtcDateTime),
    Column("attempt_id", String(16)),  # the id this try's attempt will have; null: the link's own
    Column("opened_at", UtcDateTime),  # when this try began; null: with the link
    Column("began_at", UtcDateTime),  # when the first link of the row was made; null: with this one
    Column("next_id", String(16)),  # the link that its holder was given after the result
    Column("interview_id", String(16)),  # whose question it is for
    Column("position", Integer),
    Column("parent_id", String(16)),  # the attempt whose follow-up question it is for
    Index(None, "user_id", "created_at"),
    Index(None, "interview_id", "position", unique=True),  # one for each question
)

pending_deletions = Table(
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

servers = Table(
    "servers",  # those the bot has been invited to; a member's own installation leaves no row
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),  # a while after this everything of the server is deleted
)

server_settings = Table(
    "server_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", AsJson(ServerSettings), nullable=False),
)

member_settings = Table(
    "member_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", AsJson(MemberSettings), nullable=False),
)

questions = Table(
    "questions",  # a server's own; it is not kept who added one
    metadata,
    Column("id", String(16), primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("question_key", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("tags", AsJson(tuple[str, ...]), nullable=False),
    Column("looks_for", Text, nullable=False, server_default=""),
    Index(None, "guild_id", "question_key", unique=True),
)

board_members = Table(
    "board_members",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("alias", Text),
    Column("alias_key", Text),  # what makes two aliases look the same
    Column("counts_private", Boolean, nullable=False),
    Column("lot", Integer, nullable=False),  # drawn when joining: the order among equals
    Column("joined_at", UtcDateTime, nullable=False),
    Index(None, "guild_id", "alias_key", unique=True),
)


def _ranked_by(column: str) -> Index:
    """The index one ranking is read from: only those ranked, and in the order of their places."""
    ranked = text(f"{column} IS NOT NULL")
    return Index(
        *(None, "ladder", column, "lot", "user_id"),
        sqlite_where=ranked,
        postgresql_where=ranked,
    )


board_standings = Table(
    "board_standings",  # made from the attempts of who has joined; it can be made anew any time
    metadata,
    # One number for the six columns that say who is ranked together: four times faster to search.
    Column("ladder", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("engine", word(EngineName), nullable=False),
    Column("rubric_version", Integer, nullable=False),
    Column("question_key", Text, nullable=False),  # "" over all questions
    Column("period", String(8), nullable=False),  # "all", "2026-W47" or "2026-11"
    Column("lot", Integer, nullable=False),
    Column("best", Float),
    Column("best_three", Float),
    Column("improvement", Float),
    Column("attempts", Integer, nullable=False),
    Column("judge", Text),  # whose scores these are, where the engine's own are not all
    _ranked_by("best"),
    _ranked_by("best_three"),
    _ranked_by("improvement"),
    Index(None, "ladder", "attempts", "lot", "user_id"),
    Index(None, "guild_id", "user_id"),
    sqlite_with_rowid=False,
)

board_counts = Table(
    "board_counts",  # how many have which value in a ranking, so that nobody counts all of them
    metadata,
    Column("ladder", BigInteger, primary_key=True, autoincrement=False),
    Column("ranking", String(16), primary_key=True),  # the column of board_standings
    Column("value", Float, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("members", Integer, nullable=False),
    sqlite_with_rowid=False,
)

vendor_usage = Table(
    "vendor_usage",
    metadata,
    Column("month", String(7), primary_key=True),  # "2026-11"
    Column("seconds", Float, nullable=False),
)

vendor_minutes = Table(
    "vendor_minutes",  # what `vendor_usage` is the sum of, one row for each billed analysis
    metadata,
    Column("attempt_hash", String(32), primary_key=True),  # a deleted attempt leaves no id here
    Column("number", Integer, primary_key=True, autoincrement=False),  # 2: the repeat
    Column("day", String(10), nullable=False),  # "2026-11-30", in UTC
    Column("seconds", Float, nullable=False),
    Index(None, "day"),
)

vendor_limits = Table(
    "vendor_limits",  # what the vendor lets each key do, and who waits for it
    metadata,
    Column("key_hash", String(32), primary_key=True),  # of the API key, which is kept nowhere
    Column("state", Text, nullable=False),
)

webhook_events = Table(
    "webhook_events",  # which have come already; swept after a day
    metadata,
    Column("event_id", String(80), primary_key=True),  # the vendor's
    Column("received_at", UtcDateTime, nullable=False),
    Index(None, "received_at"),
)

analysis_times = Table(
    "analysis_times",  # how long the vendor took, to look at the right time; the latest of a model
    metadata,
    Column("id", String(16), primary_key=True),
    Column("model", String(64), nullable=False),
    Column("clip_seconds", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Index(None, "model", "ended_at"),
)
