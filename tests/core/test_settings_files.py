"""Secrets from files: read once, trimmed, never beside the setting itself, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import SettingsProblem
from core.settings import FROM_FILES, Settings, load_settings

SECRET = "postgresql+psycopg://ann:pa55word@db/greenroom"


def value_of(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def problem() -> str:
    with pytest.raises(SettingsProblem) as caught:
        load_settings()
    return str(caught.value)


@pytest.mark.parametrize("name", FROM_FILES)
@pytest.mark.parametrize("text", [SECRET, f"{SECRET}\n", f"\ufeff{SECRET}\r\n"])
def test_a_secret_is_read_from_the_file_that_is_named(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(text, "utf-8", newline="")
    monkeypatch.setenv(f"{name.upper()}_FILE", str(file))
    settings = load_settings()
    assert value_of(settings, name) == SECRET
    assert "pa55word" not in repr(settings)


def test_a_file_may_be_named_in_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / ".env").write_text("DATABASE_URL=\nDATABASE_URL_FILE=secret\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    assert load_settings().sqlalchemy_url == SECRET


@pytest.mark.parametrize("name", FROM_FILES)
def test_setting_and_file_together_are_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv(name.upper(), SECRET)
    monkeypatch.setenv(f"{name.upper()}_FILE", str(tmp_path / "secret"))
    sentence = problem()
    assert f"{name.upper()} and {name.upper()}_FILE are both set" in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize(
    ("content", "words"), [(None, "can't be read"), (b" \n", "empty"), (b"\xff\xfe", "text file")]
)
def test_a_file_without_a_secret_is_named_by_its_setting(
    content: bytes | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pa55word"  # somebody may put the secret where its file belongs
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(file))
    sentence = problem()
    assert "the file that DISCORD_TOKEN_FILE names" in sentence
    assert words in sentence
    assert "pa55word" not in sentence
