"""The arrows run one way: bot, cogs, analyzer, storage; settings and models on the ground floor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT

OURS = (
    "bot",
    "checks",
    "connection",
    "demo",
    "descriptors",
    "house",
    "operating",
    "outlets",
    "purge",
    "secrecy",
    "stopping",
    "cogs",
    "web",
    "worker",
    "analyzer",
    "storage",
    "settings",
    "models",
    "errors",
    "logs",
    "telemetry",
    "version",
)

MAY_USE = {
    "bot": set(OURS),
    "checks": {"analyzer", "storage", "settings", "models", "errors"},
    "connection": {"cogs", "errors"},
    "demo": {"demo", "cogs", "web", "analyzer", "storage", "settings", "models", "errors"},
    "house": set(OURS) - {"bot", "demo", "checks", "worker", "operating", "purge"},
    "outlets": {"web", "analyzer", "storage", "settings", "version"},
    "worker": {"analyzer", "connection", "errors", "house", "settings", "stopping", "version"},
    "operating": {"purge", "storage", "settings", "errors"},
    "purge": {"connection", "house", "analyzer", "storage", "settings", "models", "errors"},
    "web": {
        *("web", "analyzer", "storage"),
        *("settings", "models", "errors", "logs", "telemetry", "descriptors"),
    },
    "cogs": {"cogs", "analyzer", "storage", "models", "errors", "logs"},
    "analyzer": {"analyzer", "storage", "models", "errors", "logs", "telemetry"},
    "storage": {"storage", "models", "errors", "logs", "telemetry"},
    "settings": {"models", "errors"},
    "logs": {"errors"},
    "secrecy": {"analyzer"},
    "descriptors": set(),
    "stopping": set(),
    "telemetry": set(),
    "version": {"settings"},
    "models": set(),
    "errors": set(),
}
"""Who may import what of ours."""

NEVER = {
    "cogs": {"sqlalchemy", "alembic", "httpx", "twelvelabs", "aiohttp", "procrastinate", "psycopg"},
    "analyzer": {"discord", "sqlalchemy", "alembic"},
    "web": {"discord", "sqlalchemy", "alembic", "httpx", "twelvelabs"},
    "storage": {"discord", "httpx", "twelvelabs", "aiohttp"},
    "models": {"discord", "sqlalchemy"},
}
"""Libraries that would pull one room's business into another."""

LONGEST_FILE = 300


def rooms() -> Iterator[tuple[str, Path]]:
    for name in OURS:
        folder = ROOT / name
        files = sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{name}.py"]
        for file in files:
            yield name, file


def imported(file: Path) -> set[str]:
    """The top-level names a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


ROOMS = list(rooms())


def test_no_file_at_the_top_is_left_out() -> None:
    assert {file.stem for file in ROOT.glob("*.py")} <= set(OURS)


@pytest.mark.parametrize(("room", "file"), ROOMS, ids=lambda part: getattr(part, "name", part))
def test_arrows_run_one_way(room: str, file: Path) -> None:
    names = imported(file)
    assert names & set(OURS) <= MAY_USE[room]
    assert not names & NEVER.get(room, set())


@pytest.mark.parametrize(("room", "file"), ROOMS, ids=lambda part: getattr(part, "name", part))
def test_every_file_says_what_it_is_for_and_stays_small(room: str, file: Path) -> None:
    text = file.read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, f"{file.name} has no docstring"
    assert docstring.splitlines()[0].rstrip().endswith("."), f"{file.name}: one line, one sentence"
    assert len(text.splitlines()) <= LONGEST_FILE
    assert room


@pytest.mark.parametrize(("room", "file"), ROOMS, ids=lambda part: getattr(part, "name", part))
def test_only_settings_reads_the_environment(room: str, file: Path) -> None:
    reads = {
        node.attr
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
    } & {"environ", "getenv"}
    assert not reads or room == "settings"
