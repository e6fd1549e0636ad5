"""What people read first says what is true: settings, commands, links, targets, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import pytest

from cogs.client import PERMISSIONS
from core.settings import ROOT, Settings
from core.version import VERSION

README = (ROOT / "README.md").read_text()

_SETTING = re.compile(r"(?:# )?([A-Z][A-Z_]+)=(\S*)")
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_TARGET_DEFINED = re.compile(r"^([a-z]+):", re.MULTILINE)
_TARGET_NAMED = re.compile(r"(?:^|`)make (?:[A-Z]+=\S+ )?([a-z]+)", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE_BLOCK = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def ignored() -> set[str]:
    """Names at the top that `.gitignore` keeps out, and git's own."""
    lines = (ROOT / ".gitignore").read_text().split()
    return {".git", *(line.strip("/") for line in lines)}


def pages() -> Iterator[Path]:
    """Every Markdown page of the project."""
    for path in sorted(ROOT.iterdir()):
        if path.name in ignored():
            continue
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path] * (path.suffix == ".md")


PAGES = list(pages())


def links_in(page: Path) -> Iterator[str]:
    for match in _LINK.finditer(_CODE_BLOCK.sub("", page.read_text())):
        link = match[1] or match[2]
        if not re.match(r"[a-z]+:", link):
            yield link


def anchors_in(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = _HEADING.findall(_CODE_BLOCK.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def test_the_example_of_settings_has_every_setting_with_its_true_default_and_says_why() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    shown, explained = {}, set()
    for before, line in pairwise(lines):
        if found := _SETTING.fullmatch(line):
            shown[found[1]] = found[2]
            if before.startswith("# ") or found[1].endswith("_FILE"):
                explained.add(found[1])
    true = {}
    for name, field in Settings.model_fields.items():
        default = field.default.value if isinstance(field.default, StrEnum) else field.default
        true[name.upper()] = "" if default is None else str(default)
    assert shown == true
    assert explained == set(true)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(page: str) -> None:
    named = set(_TARGET_NAMED.findall((ROOT / page).read_text()))
    assert named
    assert named <= set(_TARGET_DEFINED.findall((ROOT / "Makefile").read_text()))


def test_the_pages_are_found() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "CHANGELOG.md", "docs/design.md", "demo/README.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    for link in links_in(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not anchor or anchor in anchors_in(target), link


def test_every_picture_is_described() -> None:
    pictures = re.findall(r"<img[^>]*>", README)
    assert pictures
    for picture in pictures:
        described = re.search(r'alt="([^"]+)"', picture)
        assert described is not None
        assert len(described[1]) > 40


def test_the_invite_asks_for_exactly_the_permissions_that_the_bot_does() -> None:
    [permissions] = re.findall(r"permissions=(\d+)", README)
    assert int(permissions) == PERMISSIONS.value


def test_the_changelog_speaks_of_this_version() -> None:
    dated = re.compile(rf"^## {re.escape(VERSION)} - \d{{4}}-\d\d-\d\d$", re.MULTILINE)
    assert dated.search((ROOT / "CHANGELOG.md").read_text())


def test_the_design_page_names_every_folder_of_the_code_and_every_path_it_names_exists() -> None:
    page = (ROOT / "docs" / "design.md").read_text()
    for path in ROOT.iterdir():
        if path.is_dir() and list(path.glob("*.py")):
            assert f"\n{path.name}/" in page, f"docs/design.md does not say what {path.name} is for"
    for named in re.findall(r"`((?:analyzer|app|cogs|core|storage|tests|web)/[\w/]+\.\w+)`", page):
        assert (ROOT / named).exists(), named


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d\d-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {page.name for page in folder.glob("[0-9]*.md")}


def test_every_test_that_the_security_page_names_exists() -> None:
    page = (ROOT / "SECURITY.md").read_text()
    named = re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`", page)
    assert len(named) > 30
    for file, name in named:
        assert (ROOT / file).exists(), file
        assert not name or f"def {name}(" in (ROOT / file).read_text(), f"{file}::{name}"
