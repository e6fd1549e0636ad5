"""Settings: defaults, bounds, secrets that stay secret, and `.env.example` that names them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.assessment import EngineName
from core.errors import SettingsProblem
from core.models import THIS_MACHINE
from core.settings import ROOT, Settings, load_settings
from storage.engine.database import Database


def test_the_key_decides_the_engine_unless_it_is_named() -> None:
    assert Settings().engine_name is EngineName.LOCAL
    assert Settings(twelvelabs_api_key="k").engine_name is EngineName.TWELVELABS
    assert Settings(twelvelabs_api_key="k", engine="local").engine_name is EngineName.LOCAL


def test_empty_values_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVELABS_API_KEY", "")
    monkeypatch.setenv("MAX_CLIP_MB", "")
    settings = load_settings()
    assert settings.twelvelabs_api_key is None
    assert settings.max_clip_mb == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_CLIP_MB", "900"), ("RETENTION_DAYS", "soon"), ("ENGINE", "magic"), ("LOG_LEVEL", "OH")],
)
def test_a_wrong_value_is_named_but_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as caught:
        load_settings()
    assert name in str(caught.value)
    assert value not in str(caught.value)


def test_secrets_are_not_printed() -> None:
    settings = Settings(discord_token="the-token", twelvelabs_api_key="the-key")
    assert "the-token" not in repr(settings)
    assert "the-key" not in f"{settings!r} {settings.model_dump()}"


def test_megabytes_are_decimal() -> None:
    assert Settings(max_clip_mb=10).max_clip_bytes == 10_000_000


async def test_a_data_folder_with_odd_characters_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "we ird%20#?x=1"
    database = Database(Settings(data_dir=folder).sqlalchemy_url)
    await database.open()
    await database.close()
    assert (folder / "greenroom.sqlite3").exists()


def test_env_example_names_every_setting_required_first() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [line.lstrip("# ").split("=")[0] for line in lines if "=" in line]
    settings = [name.upper() for name in Settings.model_fields]
    assert next(name for name in named if name in settings) == "DISCORD_TOKEN"
    assert set(settings) <= set(named)


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://bot.example.org", "https://bot.example.org"),
        ("https://bot.example.org/", "https://bot.example.org"),
        ("https://bot.example.org:8443", "https://bot.example.org:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://bot.example.org", None),
        ("https://bot.example.org/greenroom", None),
        ("https://bot.example.org?x", None),
        ("https://user:secret@bot.example.org", None),
        ("https://", None),
        ("bot.example.org", None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_public_url_is_one_a_browser_gives_its_camera_to(
    monkeypatch: pytest.MonkeyPatch, given_url: str, kept: str | None
) -> None:
    monkeypatch.setenv("PUBLIC_URL", given_url)
    if kept is not None:
        assert load_settings().public_url == kept
        return
    with pytest.raises(SettingsProblem, match="PUBLIC_URL: must") as caught:
        load_settings()
    assert "secret" not in str(caught.value)


def test_a_part_of_the_shards_needs_a_database_that_others_can_share() -> None:
    with pytest.raises(ValueError, match="SHARD_IDS names only some of the shards"):
        Settings(shard_ids="0-1", shard_count=4)
    assert Settings(shard_ids="0-3", shard_count=4).shard_numbers == (0, 1, 2, 3)
    shared = Settings(
        shard_ids="0-1", shard_count=4, database_url="postgresql+psycopg://example/greenroom"
    )
    assert shared.shard_numbers == (0, 1)


@pytest.mark.parametrize(
    ("given_url", "kept", "host"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1", THIS_MACHINE),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1", THIS_MACHINE),
        ("http://[::1]:8080/v1/chat/completions", "http://[::1]:8080/v1", THIS_MACHINE),
        ("http://host.docker.internal:1234/v1", None, THIS_MACHINE),
        ("https://API.example.org/v1", None, "api.example.org"),
        ("https://example.org/openai/v1", None, "example.org"),
        ("http://10.0.0.7:8000/v1", None, "10.0.0.7"),
    ],
)
def test_a_judges_address_is_taken_as_people_copy_it(
    given_url: str, kept: str | None, host: str
) -> None:
    settings = Settings(judge_url=given_url, judge_model="llama3.1:8b")
    assert settings.judge_url == (kept or given_url)
    assert settings.judge_host == host


@pytest.mark.parametrize(
    "given_url",
    [
        "judge.example.org",
        "ftp://judge.example.org",
        "https://",
        "https://judge.example.org:99999",
        "https://user:pa55word@judge.example.org",
        "https://judge.example.org/v1?key=pa55word",
        "https://judge.example.org/v1#pa55word",
        "https://judge.example.org/v1;key=pa55word",
        "https://judge .example.org/v1",
        "https://judge.exam\nple.org/v1",
    ],
)
def test_a_judges_address_is_one_and_holds_no_key(
    monkeypatch: pytest.MonkeyPatch, given_url: str
) -> None:
    monkeypatch.setenv("JUDGE_URL", given_url)
    monkeypatch.setenv("JUDGE_MODEL", "some-model")
    with pytest.raises(SettingsProblem, match="JUDGE_URL: must") as caught:
        load_settings()
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize("model", ["two\nlines", " spaced", "", "x" * 100, "a`b"])
def test_a_judges_model_is_a_name(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setenv("JUDGE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("JUDGE_MODEL", model)
    with pytest.raises(SettingsProblem, match="JUDGE_MODEL"):
        load_settings()
