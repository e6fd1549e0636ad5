"""What checks the page's scripts: pinned, from any registry, and kept out of the image."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import ROOT

MAKE = shutil.which("make")


def read(name: str) -> dict[str, Any]:
    found = json.loads((ROOT / name).read_text())
    assert isinstance(found, dict)
    return found


def test_the_tools_are_pinned_and_locked_and_the_page_itself_uses_no_package() -> None:
    package, lock = read("package.json"), read("package-lock.json")
    assert "dependencies" not in package
    assert package["private"] is True
    assert set(package["devDependencies"]) >= {"typescript", "@biomejs/biome"}
    for name, version in package["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version, "npm install"
    assert lock["packages"][""]["devDependencies"] == package["devDependencies"], "npm install"


def test_the_lock_has_a_hash_for_each_package_and_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()
    packages = json.loads(text)["packages"]
    for name, about in packages.items():
        assert not name or about["integrity"].startswith("sha512-"), name


def test_every_system_that_developers_have_is_in_the_lock() -> None:
    names = set(read("package-lock.json")["packages"])
    for system in ("linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "win32-x64"):
        assert f"node_modules/@biomejs/cli-{system}" in names
        assert f"node_modules/@typescript/typescript-{system}" in names


def test_types_are_checked_strictly_and_in_every_script_of_the_page() -> None:
    config = read("tsconfig.json")
    options = config["compilerOptions"]
    for name in ("allowJs", "checkJs", "noEmit", "strict"):
        assert options[name] is True, name
    assert {"es2023", "dom"} <= set(options["lib"])
    assert config["include"] == ["web/static/**/*.js"]
    scripts = sorted((ROOT / "web" / "static").rglob("*.js"))
    assert scripts
    assert [file.name for file in scripts if "@ts-" in file.read_text()] == []


def test_what_npm_installs_gets_neither_into_git_nor_into_the_image() -> None:
    assert "node_modules/" in (ROOT / ".gitignore").read_text().split()
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert "**/node_modules" in (ROOT / ".dockerignore").read_text().split()


@pytest.mark.skipif(MAKE is None, reason="make is not installed, which this test runs")
@pytest.mark.parametrize("node", [None, "exit 1", "exit 0"], ids=["none", "too old", "no npm"])
def test_without_node_the_checks_are_skipped_in_one_line(node: str | None, tmp_path: Path) -> None:
    if node is not None:
        (tmp_path / "node").write_text(f"#!/bin/sh\n{node}\n")
        (tmp_path / "node").chmod(0o755)
    ended = subprocess.run(  # noqa: S603 - our own Makefile
        [str(MAKE), "--no-print-directory", "nodelint"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    [line] = ended.stdout.splitlines()
    assert line.startswith("Node.js 20 or newer is not installed: ")


def test_a_check_that_fails_fails_the_whole(tmp_path: Path) -> None:
    if MAKE is None:
        pytest.skip("make is not installed, which this test runs")
    for name, script in (("node", "exit 0"), ("npm", 'test "$3" != types')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "touch").symlink_to(shutil.which("true") or os.devnull)
    ended = subprocess.run(  # noqa: S603 - our own Makefile
        [MAKE, "--no-print-directory", "nodelint"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode != 0


def test_a_commit_is_checked_by_the_tools_that_lint_uses() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    [repo] = config["repos"]
    assert repo["repo"] == "local"  # so that versions come from the locks
    hooks = {hook["id"]: hook for hook in repo["hooks"]}
    assert set(hooks) == {"ruff", "ruff-format", "mypy", "hadolint", "zizmor", "nodelint"}
    lint = (ROOT / "Makefile").read_text().replace("$(BIN)", ".venv/bin")
    for name, hook in hooks.items():
        assert hook["language"] == "system"
        tool = hook["entry"].split()[0]
        assert f"\t{tool} " in lint or tool == "make", name
    assert re.search(hooks["nodelint"]["files"], "web/static/steps/check.js")
    assert re.search(hooks["nodelint"]["files"], ".github/workflows/ci.yml")
    assert not re.search(hooks["nodelint"]["files"], "web/studio/routes.py")
