"""docs/operating.md: its commands, targets, services, settings, figures and codes exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
import yaml

import bot
from core import telemetry
from core.errors import SettingsProblem
from core.settings import ROOT, Settings
from storage.engine import errors as trouble

PAGE = (ROOT / "docs" / "operating.md").read_text()

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODES = re.compile(r"^\| (`.*?) \|", re.MULTILINE)
_NOT_CODES = {"ERROR", "storage_unavailable", "Can't keep up", "heartbeat blocked"}
_COMPOSE = re.compile(r"docker compose (?:--file (\S+) )?(\S+) (.*)")


def commands() -> list[str]:
    """Every line of every shell block."""
    blocks = [text for language, text in _BLOCK.findall(PAGE) if not language]
    return [line for block in blocks for line in block.splitlines() if line]


def of_the_bot() -> Iterator[list[str]]:
    """What comes after `python bot.py`, or in a container after the name of a service."""
    for line in commands():
        words = shlex.split(line)
        if "bot.py" in words:
            yield words[words.index("bot.py") + 1 :]
        elif words[:2] == ["docker", "compose"] and "run" in words:
            named = [word for word in words if word in ("bot", "gateway")]
            yield words[words.index(named[0]) + 1 :]


@pytest.mark.parametrize("words", list(of_the_bot()), ids=" ".join)
def test_the_bot_takes_every_command(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def reached() -> Settings:
        raise SettingsProblem("the command line was read")

    monkeypatch.setattr(bot, "load_settings", reached)
    assert bot.main(words) == 1
    assert "the command line was read" in capsys.readouterr().err


def test_the_commands_are_all_there() -> None:
    named = {words[0] for words in of_the_bot()}
    assert {"check", "run", "backup", "restore", "migrate-to", "purge-all"} <= named


def test_files_that_commands_read_exist() -> None:
    named = {word for line in commands() for word in shlex.split(line)}
    ours = {word for word in named if word.startswith(("requirements", "compose.", ".env."))}
    assert {"requirements/local.lock", "compose.postgres.yaml", ".env.example"} <= ours
    assert all((ROOT / name).exists() for name in ours)


def test_services_and_make_targets_that_are_named_exist() -> None:
    for file, _, rest in _COMPOSE.findall("\n".join(commands())):
        services = set(yaml.safe_load((ROOT / (file or "compose.yaml")).read_text())["services"])
        named = {word.partition(":")[0] for word in shlex.split(rest)}
        assert named & services or "--build" in named or "--detach" in named, rest
    targets = set(re.findall(r"`make ([a-z]+)`", PAGE))
    assert targets <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_service_lets_decoders_be_shut_in() -> None:
    """For a call that it knows and that the filter does not name, systemd ends a process."""
    [allowed] = re.findall(r"^SystemCallFilter=(.+)$", PAGE, re.MULTILINE)
    calls = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
    assert {*allowed.split()} == {"@system-service", *calls}


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{4,})=?[^`]*`", PAGE))
    known = {name.upper() for name in Settings.model_fields}
    others = {"POSTGRES_PASSWORD", "WORKERS", "ERROR"}  # of the compose file, and of the log
    assert not {name for name in named if not name.startswith("SQLITE_")} - known - others


def test_figures_that_are_named_exist() -> None:
    named = set(re.findall(r"`(greenroom_\w+)", PAGE)) - {"greenroom_data"}  # a volume
    known = {family.name for family in telemetry.REGISTRY.collect()}
    assert named
    assert {re.sub("_(total|info)$", "", name) for name in named} <= known


def test_codes_that_are_explained_exist() -> None:
    explained = PAGE.split("## Codes that want something of you")[1].split("\n## ")[0]
    words = {code for cell in _CODES.findall(explained) for code in re.findall(r"`([^`]+)`", cell)}
    source = "\n".join(
        file.read_text()
        for folder in ("analyzer", "cogs", "storage", "web")
        for file in (ROOT / folder).rglob("*.py")
    )
    for word in words - _NOT_CODES:
        if word.startswith("SQLITE_"):
            assert word.startswith(trouble._SQLITE)
        elif re.fullmatch(r"[0-9A-Z]{5}", word):
            assert word.startswith(trouble._POSTGRES)
        else:
            assert word.split(":")[0].split(" ")[0] in source, word
    assert len(words) > 20
