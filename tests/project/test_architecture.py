"""Imports run one way: bot, app, cogs and web, analyzer, storage, core; inside the folders too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

from core.settings import ROOT

TOP = ("bot", "app", "demo", "cogs", "web", "analyzer", "storage", "core")

FEATURES = frozenset(
    f"cogs.{name}"
    for name in (
        "admin",
        "analyze",
        "compare",
        "history",
        "interview",
        "leaderboard",
        "practice",
        "privacy",
        "progress",
        "questions",
        "settings",
    )
)
"""Packages with one feature each, which never import each other: so one can be taken out."""

CORE = {"core"}
STORAGE = {"storage", "storage.engine", "storage.repositories", "storage.leaderboard", *CORE}
CALCULATIONS = {"analyzer.media", "analyzer.scoring", "analyzer.questions"}
VENDOR = {"analyzer.engines", "analyzer.vendor_limits"}
ANALYZER = {"analyzer", "analyzer.interviews", *VENDOR, *CALCULATIONS, *STORAGE}
SERVICES = {"analyzer.services", "analyzer.pipeline", *ANALYZER}
ENGINE = {"analyzer.engines", "analyzer.media", "analyzer.scoring", "analyzer.model_output", *CORE}

MAY_USE: dict[str, set[str]] = {
    "bot": {"app", "demo", *CORE},
    "demo": {"app", "cogs.analyze", "web", "analyzer.engines.local", *SERVICES},
    "app": {
        "cogs",
        "cogs.analyze",
        "cogs.interview",
        "web",
        "web.studio",
        "storage.maintenance",
        *SERVICES,
    }
    | {"analyzer.engines.local", "analyzer.engines.twelvelabs", "analyzer.judge"}
    | {"analyzer.engines.local.content", "analyzer.calibration"},
    **{feature: {"cogs", "cogs.shared", "cogs.ui", *SERVICES} for feature in FEATURES},
    "cogs.shared": {"cogs", "cogs.ui", *SERVICES},
    "cogs": {"cogs.ui", *SERVICES},
    "cogs.ui": ANALYZER,
    "web.studio": {"web", *SERVICES},
    "web": {"analyzer", "analyzer.engines", *STORAGE},
    "analyzer.services": {"analyzer.pipeline", *ANALYZER},
    "analyzer.pipeline": {"analyzer.calibration", *ANALYZER},
    "analyzer": ANALYZER - {"analyzer"},
    "analyzer.engines.local": {
        "analyzer.engines.local.content",
        "analyzer.engines.local.picture",
        *ENGINE,
    },
    "analyzer.engines.local.content": ENGINE,
    "analyzer.engines.local.picture": {"analyzer.media", "analyzer.scoring", *CORE},
    "analyzer.engines.twelvelabs": ENGINE,
    "analyzer.judge": {
        "analyzer.engines",
        "analyzer.interviews",
        "analyzer.model_output",
        "analyzer.scoring",
        *CORE,
    },
    "analyzer.interviews": {
        "analyzer.engines",
        "analyzer.engines.local.content",
        "analyzer.model_output",
        *CALCULATIONS,
        *STORAGE,
    },
    "analyzer.engines": CORE,
    "analyzer.vendor_limits": {"analyzer.engines", *STORAGE},
    "analyzer.calibration": {"analyzer.engines", "analyzer.media", *STORAGE},
    "analyzer.questions": {"analyzer.media", "analyzer.scoring", *STORAGE},
    "analyzer.media": {"analyzer.confinement", "storage.repositories", *CORE},
    "analyzer.confinement": CORE,
    "analyzer.scoring": CORE,
    "analyzer.model_output": CORE,
    "storage.maintenance": STORAGE - {"storage.repositories"},
    "storage.repositories": {"storage", "storage.engine", "storage.leaderboard", *CORE},
    "storage.leaderboard": {"storage", "storage.engine", *CORE},
    "storage.migrations": {"storage", "storage.engine"},
    "storage.migrations.versions": set(),
    "storage": {"storage.engine", *CORE},
    "storage.engine": CORE,
    "core": set(),
}
"""Which folders a folder may import from, beside itself."""

VENDORS = {"httpx", "httpx2", "openai", "twelvelabs"}

NEVER = {
    "cogs": {"sqlalchemy", "alembic", "aiohttp", "procrastinate", "psycopg", *VENDORS},
    "analyzer": {"discord", "sqlalchemy", "alembic"},
    "web": {"discord", "sqlalchemy", "alembic", *VENDORS},
    "storage": {"discord", "aiohttp", *VENDORS},
    "core": {"discord", "sqlalchemy", *VENDORS},
}
"""Libraries that would pull one folder's business into another."""

MOST_LINES = 400
MOST_FILES = 14
"""In one folder, beside its `__init__`: more is a corridor."""

MORE_FILES = {"core": 16, "storage/repositories": 23}
"""One repository a subject, each named like its table; what every folder may use is in `core`."""


def modules() -> dict[str, Path]:
    """Every module of the bot itself, by its dotted name."""
    files = [ROOT / "bot.py", *chain.from_iterable((ROOT / top).rglob("*.py") for top in TOP)]
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = modules()


def folder_of(module: str) -> str:
    """The folder a module lies in; what is loose at the top is a folder of its own."""
    if MODULES[module].name == "__init__.py" or "." not in module:
        return module
    return module.rpartition(".")[0]


def imported(source: str) -> Iterator[str]:
    """The modules a source imports, anywhere in it, those of ours by their whole name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "imports are absolute"
            assert not node.level, "imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def wrong_imports(folder: str, source: str) -> set[str]:
    """What a file in this folder must not import."""
    allowed, never = MAY_USE[folder] | {folder}, NEVER.get(folder.partition(".")[0], set())
    return {
        name
        for name in imported(source)
        if name.partition(".")[0] in never
        or (name.partition(".")[0] in TOP and folder_of(name) not in allowed)
    }


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    assert not wrong_imports(folder_of(module), MODULES[module].read_text())


@pytest.mark.parametrize("folder", sorted(set(MAY_USE) - {"bot"}))
def test_a_wrong_import_is_seen_in_each_folder(folder: str) -> None:
    above = next(name for name in MODULES if folder_of(name) not in MAY_USE[folder] | {folder})
    package, _, name = above.rpartition(".")
    for line in (f"import {above}", f"from {package or above} import {name or 'x'}"):
        inside = f"def late() -> None:\n    {line}\n"
        assert wrong_imports(folder, line) == wrong_imports(folder, inside) == {above}
    for library in NEVER.get(folder.partition(".")[0], ()):
        assert wrong_imports(folder, f"import {library}.parts") == {f"{library}.parts"}


def test_every_folder_is_named_and_none_imports_in_a_circle() -> None:
    folders = {folder_of(module) for module in MODULES}
    assert folders == set(MAY_USE)
    list(TopologicalSorter(MAY_USE).static_order())  # raises CycleError


def test_no_module_imports_in_a_circle() -> None:
    graph = {
        module: {name for name in imported(file.read_text()) if name in MODULES} - {module}
        for module, file in MODULES.items()
    }
    list(TopologicalSorter(graph).static_order())


def test_core_imports_nothing_of_ours() -> None:
    assert MAY_USE["core"] == set()


@pytest.mark.parametrize("folder", sorted({file.parent for file in MODULES.values()}))
def test_no_folder_is_a_corridor(folder: Path) -> None:
    files = [file for file in folder.glob("*.py") if file.stem != "__init__"]
    assert len(files) <= MORE_FILES.get(folder.relative_to(ROOT).as_posix(), MOST_FILES)


@pytest.mark.parametrize("module", MODULES)
def test_every_file_says_what_it_is_for_and_stays_small(module: str) -> None:
    text = MODULES[module].read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith(".")
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", MODULES)
def test_only_settings_reads_the_environment(module: str) -> None:
    reads = {
        node.attr
        for node in ast.walk(ast.parse(MODULES[module].read_text()))
        if isinstance(node, ast.Attribute)
    } & {"environ", "getenv"}
    assert not reads or module == "core.settings"


def test_tests_mirror_the_source() -> None:
    """Each folder of tests is named like what it tests, or is one of those for the whole bot."""
    whole = {"fakes", "fuzz", "process", "project"}
    for folder in {file.parent for file in (ROOT / "tests").rglob("test_*.py")}:
        mirrored = folder.relative_to(ROOT / "tests")
        assert (ROOT / mirrored).is_dir() or mirrored.parts[0] in whole, mirrored
