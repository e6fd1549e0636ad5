"""What is served as the studio's page: small files, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.studio.routes import PAGE, STATIC

FILES = sorted(path for path in STATIC.rglob("*") if path.is_file())
LONGEST_FILE = 400
MOST_FILES = 12

FIRST_LINES = {".js": r"// .+\.", ".css": r"/\* .+\. \*/"}

FORBIDDEN = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"),
    *("localStorage", "document.cookie", "sendBeacon", "WebSocket"),
)
NAMESPACE = "http://www.w3.org/2000/svg"


def name_of(file: Path) -> str:
    """Its path below the page's folder, as browsers ask for it."""
    return file.relative_to(STATIC).as_posix()


def asked_by(file: Path) -> set[str]:
    """What a file of the page asks for, as paths below the page's folder."""
    text = file.read_text()
    if file.suffix == ".html":
        return set(re.findall(r'(?:src|href)="studio/static/([^"#]+)', text))
    asked = re.findall(r'(?:from |import\()"(\.[^"]+)"', text)
    asked += re.findall(r'new URL\("([^"]+\.\w+)", import\.meta\.url\)', text)
    return {name_of((file.parent / path).resolve()) for path in asked}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_file_is_small_and_says_what_it_is_for(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    if pattern := FIRST_LINES.get(file.suffix):
        assert re.fullmatch(pattern, text.splitlines()[0])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_nothing_comes_from_elsewhere_and_no_text_becomes_markup(file: Path) -> None:
    text = file.read_text().replace(NAMESPACE, "")
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text)
    assert [word for word in FORBIDDEN if word in text] == []


def test_the_page_has_nothing_inline_and_all_it_asks_for_exists() -> None:
    page = (STATIC / PAGE).read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    names = {name_of(file) for file in FILES}
    asked = set[str]().union(*(asked_by(file) for file in FILES))
    assert asked <= names
    assert names - asked == {PAGE}


def test_no_folder_has_more_files_than_one_can_take_in() -> None:
    for folder in {file.parent for file in FILES}:
        assert len([file for file in FILES if file.parent == folder]) <= MOST_FILES, folder


def test_every_class_and_variable_of_the_styles_is_used() -> None:
    styles = "".join(file.read_text() for file in FILES if file.suffix == ".css")
    scripts = "".join(file.read_text() for file in FILES if file.suffix in (".js", ".html"))
    named = set(re.findall(r"\.(-?[a-z][\w-]*)(?=[^{}]*\{)", re.sub(r"/\*.*?\*/", "", styles)))
    unused = {name for name in named if not re.search(rf"(?<![\w-]){name}(?![\w-])", scripts)}
    assert unused == set()
    given = set(re.findall(r"(--[\w-]+):", styles)) | set(re.findall(r'"(--[\w-]+)"', scripts))
    assert given == set(re.findall(r"var\((--[\w-]+)", styles))


def test_icons_are_drawn_and_used() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text()))
    code = "".join(file.read_text() for file in FILES if file.suffix == ".js")
    used = set(re.findall(r'icon(?:\(|: )"(\w+)"', code))
    assert used <= drawn


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_word_of_selecting_people(file: Path) -> None:
    words = re.findall(r"\b(hire|hired|candidate|shortlist|applicant)\w*", file.read_text().lower())
    assert words == []
