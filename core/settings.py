"""One typed Settings class over the environment and `.env`; nothing else reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.assessment import EngineName
from core.errors import SettingsProblem
from core.models import THIS_MACHINE
from core.setting_values import LOOPBACK, UnlessEmptied, as_api_base, as_origin, refusal, secret_in

ROOT = Path(__file__).resolve().parents[1]

_HERE = LOOPBACK | {"host.docker.internal"}  # from inside a container: the machine it runs on

_Calls = Annotated[int, Field(ge=1, le=1_000_000)]
_Minutes = Annotated[float, Field(ge=1, le=10_000_000)]

_INSTALLATION = re.compile(r"[0-9a-f]{8}", re.ASCII)

FROM_FILES = (
    "discord_token",
    "twelvelabs_api_key",
    "twelvelabs_webhook_secret",
    "judge_api_key",
    "database_url",
)
"""Settings that may stand in a file of their own, which NAME_FILE names: the secret ones."""


class Settings(BaseSettings):
    """Every setting, with its default, its bounds and one line of why (also in `.env.example`)."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    discord_token: SecretStr | None = Field(
        default=None, description="The bot's token; required by `run`, not by `demo`."
    )
    discord_token_file: Path | None = Field(
        default=None, description="A file that holds `DISCORD_TOKEN`, in its place."
    )
    twelvelabs_api_key: SecretStr | None = Field(
        default=None,
        description="Switches on the TwelveLabs engine; without it the local engine works.",
    )
    twelvelabs_api_key_file: Path | None = Field(
        default=None, description="A file that holds `TWELVELABS_API_KEY`, in its place."
    )
    twelvelabs_base_url: str | None = Field(
        default=None,
        description="Another base for TwelveLabs, with `/v1.3` (the SDK's own setting).",
    )
    twelvelabs_model: str = Field(
        default="pegasus1.5", description="The TwelveLabs video model that assesses clips."
    )
    vendor_requests_per_minute: _Calls | None = Field(
        default=None,
        description="Calls a minute that the TwelveLabs plan allows; else learned.",
    )
    vendor_requests_per_day: _Calls | None = Field(
        default=None,
        description="Uploads, and as many analyses, a day; else learned.",
    )
    vendor_minutes_per_day: _Minutes | None = Field(
        default=None,
        description="Minutes of clips that TwelveLabs may analyze a day (UTC).",
    )
    vendor_minutes_per_month: _Minutes | None = Field(
        default=None,
        description="Minutes of clips that TwelveLabs may analyze a month (UTC).",
    )
    at_the_cap: Literal["wait", "local"] = Field(
        default="wait",
        description="Once those minutes are used up: wait for the next, or the local engine.",
    )
    engine: EngineName | None = Field(
        default=None, description="`twelvelabs` or `local`; by default the key decides."
    )
    local_asr_model: str | None = Field(
        default=None,
        max_length=300,
        description="Folder or name of a faster-whisper model for the local engine.",
    )
    local_asr_device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="What the speech model runs on; `auto` takes a card if it can."
    )
    local_asr_compute: Literal[
        "auto",
        "int8",
        "int8_float32",
        "int8_float16",
        "int8_bfloat16",
        "int16",
        "float16",
        "bfloat16",
        "float32",
    ] = Field(default="auto", description="The type of number the speech model computes in.")
    local_engines: int | None = Field(
        default=None, ge=1, le=64, description="Clips the local engine measures at once."
    )
    judge_url: str | None = Field(
        default=None,
        repr=False,  # somebody may put a key into it
        description="Where a judge of your own is reached: an OpenAI-compatible server's base.",
    )
    judge_model: str | None = Field(
        default=None,
        pattern=r"^[\w.:/@+-][\w.:/@+ -]{0,98}$",
        description="The judge's model, as its server calls it; needs `JUDGE_URL`.",
    )
    judge_api_key: SecretStr | None = Field(
        default=None, description="The judge's key, where its server wants one."
    )
    judge_api_key_file: Path | None = Field(
        default=None, description="A file that holds `JUDGE_API_KEY`, in its place."
    )
    judge_seconds: float = Field(
        default=60, ge=5, le=600, description="A result waits so long for the judge, and no longer."
    )
    judge_calls: Literal["auto", "one", "many"] = Field(
        default="auto",
        description="All in one call, one call a criterion, or by how fast the judge answers.",
    )
    data_dir: Path = Field(
        default=Path("data"), description="Where the database and clips under way live."
    )
    database_url: str | None = Field(
        default=None,
        repr=False,  # it may hold a password
        description="SQLAlchemy URL; by default SQLite in `DATA_DIR`.",
    )
    database_url_file: Path | None = Field(
        default=None, description="A file that holds `DATABASE_URL`, in its place."
    )
    retention_days: int = Field(
        default=90, ge=1, le=3650, description="Attempts older than this many days are deleted."
    )
    daily_attempts_per_member: int = Field(
        default=10, ge=1, le=1000, description="Attempts one member may make in 24 hours."
    )
    max_clip_seconds: int = Field(
        default=600, ge=10, le=7200, description="Longest clip; TwelveLabs takes up to two hours."
    )
    max_clip_mb: int = Field(
        default=200,
        ge=1,
        le=200,
        description="Largest clip; TwelveLabs takes up to 200 MB directly.",
    )
    max_in_flight: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Attempts worked on at the same time; more wait in line.",
    )
    http_host: str = Field(
        default="127.0.0.1", description="Where the web pages listen; `0.0.0.0` in a container."
    )
    http_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Switches on `/healthz`, `/readyz`, `/metrics` and what else is set up.",
    )
    public_url: str | None = Field(
        default=None,
        description="Where browsers reach `HTTP_PORT`: switches on `/practice`'s studio.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How many reverse proxies of yours stand in front of `HTTP_PORT`.",
    )
    clip_store: str | None = Field(
        default=None,
        description="Where recordings wait to be assessed: a folder or an fsspec URL.",
    )
    twelvelabs_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Switches on `POST /webhooks/twelvelabs`, so that results come sooner.",
    )
    twelvelabs_webhook_secret_file: Path | None = Field(
        default=None, description="A file that holds `TWELVELABS_WEBHOOK_SECRET`, in its place."
    )
    worker_silence_seconds: int = Field(
        default=30,
        ge=3,
        le=600,
        description="A worker unheard of for so long is taken for dead; others do its work.",
    )
    shard_count: int | None = Field(
        default=None, ge=1, le=10_000, description="Into how many shards all servers are divided."
    )
    shard_ids: str | None = Field(
        default=None,
        pattern=r"^\d+(-\d+)?(,\d+(-\d+)?)*$",
        description="The shards of this process, such as `0-3` or `0,1`; needs `SHARD_COUNT`.",
    )
    operator_name: str | None = Field(
        default=None, max_length=60, description="Who runs this bot; shown on the consent card."
    )
    operator_contact: str | None = Field(
        default=None, max_length=100, description="Where to reach them; shown beside the name."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Log lines for people, or one JSON object each."
    )
    discord_api_url: str | None = Field(
        default=None, description="Send all Discord traffic to another base; for tests."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let an empty variable switch a setting off, also where `.env` sets it."""
        dotenv = UnlessEmptied(settings_cls, dotenv_settings, os.environ)
        return init_settings, env_settings, dotenv, file_secret_settings

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        """Browsers give camera and microphone to https only, and to this machine itself."""
        return None if url is None else as_origin(url)

    @field_validator("judge_url")
    @classmethod
    def _is_a_base(cls, url: str | None) -> str | None:
        """People copy a server's address with and without what follows it."""
        return None if url is None else as_api_base(url)

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take secrets from the files that are named, as container platforms hand them over."""
        named = [name for name in FROM_FILES if given.get(f"{name}_file")]
        for name in named:
            if given.get(name):
                raise ValueError(f"{name.upper()} and {name.upper()}_FILE are both set: remove one")
        return given | {name: secret_in(given[f"{name}_file"], f"{name}_file") for name in named}

    @model_validator(mode="after")
    def _shards_within(self) -> Self:
        if self.shard_ids is not None and self.shard_count is None:
            raise ValueError("SHARD_IDS needs SHARD_COUNT")
        if self.shard_count is not None and max(self.shard_numbers) >= self.shard_count:
            raise ValueError("SHARD_IDS must be below SHARD_COUNT")
        if len(self.shard_numbers) != (self.shard_count or 1) and not self.on_postgres:
            raise ValueError(
                "SHARD_IDS names only some of the shards, so other processes serve the rest, and a "
                "SQLite file is for one process: set DATABASE_URL to a Postgres database, the "
                "same for all"
            )
        return self

    @model_validator(mode="after")
    def _judge_is_whole(self) -> Self:
        if (self.judge_url is None) != (self.judge_model is None):
            missing = "JUDGE_MODEL" if self.judge_model is None else "JUDGE_URL"
            raise ValueError(f"{missing} is missing: a judge needs both JUDGE_URL and JUDGE_MODEL")
        return self

    @property
    def judge_host(self) -> str | None:
        """Where members' words go to be judged; `THIS_MACHINE` where they stay here."""
        host = urlsplit(self.judge_url).hostname if self.judge_url else None
        return THIS_MACHINE if host in _HERE else host

    @property
    def shard_numbers(self) -> tuple[int, ...]:
        """The shards of this process: those that were named, else all."""
        if self.shard_ids is None:
            return tuple(range(self.shard_count or 1))
        ends = [part.split("-") for part in self.shard_ids.split(",")]
        numbers = {n for end in ends for n in range(int(end[0]), int(end[-1]) + 1)}
        return tuple(sorted(numbers))

    @property
    def engine_name(self) -> EngineName:
        """The engine in force: the one that was asked for, else by the key."""
        if self.engine is not None:
            return self.engine
        return EngineName.LOCAL if self.twelvelabs_api_key is None else EngineName.TWELVELABS

    @property
    def default_file(self) -> Path:
        """Where a SQLite database lies when `DATABASE_URL` is not set."""
        return self.data_dir.resolve() / "greenroom.sqlite3"

    @property
    def sqlalchemy_url(self) -> str:
        """The database in force."""
        return self.database_url or f"sqlite+aiosqlite:///{quote(str(self.default_file))}"

    @property
    def on_postgres(self) -> bool:
        """Whether several processes can share the database in force."""
        return self.sqlalchemy_url.startswith("postgresql")

    @property
    def operator(self) -> str | None:
        """Who runs this bot and where to reach them, as far as it is filled in."""
        return ", ".join(filter(None, (self.operator_name, self.operator_contact))) or None

    @property
    def clips_dir(self) -> Path:
        """Where a clip lies while it is worked on, and never longer."""
        return self.data_dir / "clips"

    @property
    def models_dir(self) -> Path:
        """Where speech models are kept that were downloaded or put together."""
        return self.data_dir / "models"

    @property
    def uploads_dir(self) -> Path:
        """Where a recording lies while it is being sent in, and never longer."""
        return self.data_dir / "uploads"

    @property
    def clip_store_url(self) -> str:
        """The store in force for recordings that wait to be assessed."""
        return self.clip_store or str(self.data_dir.resolve() / "recordings")

    def clip_store_folders(self) -> list[Path]:
        """The folders in that store that are ours, where it is one on this machine. Blocks.

        One that the operator has named may be shared; below it, each installation has its own.
        """
        if self.clip_store is None:
            return [Path(self.clip_store_url)]
        named = Path(self.clip_store.removeprefix("file://"))
        return [path for path in named.glob("*") if _INSTALLATION.fullmatch(path.name)]

    @property
    def studio_needs(self) -> tuple[str, ...]:
        """The settings that are missing for the studio."""
        given = {"HTTP_PORT": self.http_port, "PUBLIC_URL": self.public_url}
        return tuple(name for name, value in given.items() if value is None)

    @property
    def max_clip_bytes(self) -> int:
        """The size limit in bytes; decimal, the stricter reading of the vendor's limit."""
        return self.max_clip_mb * 1_000_000


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsProblem: a value is wrong; the text names the setting, never its value.
    """
    try:
        return Settings()
    except ValidationError as problem:
        lines = [refusal(item) for item in problem.errors()]
        raise SettingsProblem(" ".join(lines)) from None


def forget_secrets(wipe: Callable[[str], None]) -> None:
    """Take the secrets out of the environment, after `load_settings`: nothing we start gets them.

    `wipe` is called for each variable first, to overwrite what the system keeps of it.
    """
    secret = {*(name.upper() for name in FROM_FILES), "POSTGRES_PASSWORD"}  # of the compose file
    for name in [name for name in os.environ if name.upper() in secret]:
        wipe(name)
        del os.environ[name]
