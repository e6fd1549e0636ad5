"""How a bank of questions becomes a file and a file a bank again: CSV and JSON, fully checked."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analyzer.media.fetcher import Fetcher
from analyzer.questions.bank import BANK_MAX
from analyzer.questions.draft import READERS, Draft
from core.errors import FileRefused, Refused
from core.questions import Question, question_key
from core.spreadsheet import GUARD, csv_file, guarded, unguarded

FILE_MAX_BYTES = 1_500_000

PROBLEMS_MAX = BANK_MAX
PROBLEM_MAX = 300
"""Most problems of a file that are listed, and most characters of one: the rest is counted."""

_FETCH_SECONDS = 60.0
_COLUMNS = tuple(READERS)
_FREE_TEXTS = ("text", "looks_for")  # the others have no characters that begin a formula
_DELIMITERS = ",;\t"  # what spreadsheets write, by country
_GAP = re.compile(r"[ \t\n\r]*")  # white space as JSON has it
_HAS_GUARDS = "\u2060"
"""Ends a text that was guarded: what is typed by hand, such as `'+', '-'`, must not lose anything.

It shows nothing and survives a spreadsheet, and no question has it: `clean_question` drops it.
"""
# As 0.1.0 wrote it: at the beginning only, and without that mark
_GUARDED_BEFORE = re.compile(r"'['=+\-@＝＋－＠]")

_Entry = tuple[int, Mapping[str, object] | str]
"""The line where it begins, counted from 1, and its parts by name, or what is wrong with it."""


async def fetch_file(fetcher: Fetcher, url: str) -> bytes:
    """Read an attachment of at most 1.5 MB, and never more than that and one chunk.

    Raises:
        Refused: it is larger, or did not come within a minute.
        UserFacingError: Discord does not serve it.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(_FETCH_SECONDS), fetcher(url) as chunks:
            async for chunk in chunks:
                data += chunk
                check_size(len(data))
    except TimeoutError:
        raise Refused(
            "file_slow", "I couldn't get that file from Discord. Try again in a few minutes."
        ) from None
    return bytes(data)


def check_size(size: int) -> None:
    """Refuse a file of more than 1.5 MB.

    Raises:
        Refused: it is larger.
    """
    if size > FILE_MAX_BYTES:
        raise Refused("file_too_large", "That file is larger than 1.5 MB. Split it and try again.")


def parse(data: bytes) -> list[Draft]:
    """Read a file that holds CSV or JSON, as UTF-8; no two drafts are the same question.

    A CSV names its columns in the first line: `text`, and as wanted `kind`, `level`, `tags` and
    `looks_for`.
    JSON is a list of objects with the same names. Blocks for up to a second.

    Raises:
        FileRefused: it has mistakes; `problems` names the first 500 with their lines.
    """
    problems = _Problems()
    drafts: list[Draft] = []
    lines: dict[str, int] = {}
    try:
        for count, (line, parts) in enumerate(_entries(_decoded(data)), start=1):
            if count > BANK_MAX:
                problems.add(line, f"There are more than {BANK_MAX} questions.")
                break
            draft = _draft(line, parts, problems)
            if draft is not None:
                key = question_key(draft.text or "")
                if key in lines:
                    problems.add(line, f"It is the same question as in line {lines[key]}.")
                lines.setdefault(key, line)
                drafts.append(draft)
    except _Unreadable as error:
        problems.add(error.line, error.mistake)
    if not drafts and not problems.listed:
        problems.add(1, "There is no question in this file.")
    if problems.listed:
        raise FileRefused(
            "bad_file",
            "I took nothing from that file.",
            problems.listed,
            unlisted=problems.unlisted,
        )
    return drafts


def to_csv(questions: Iterable[Question]) -> bytes:
    """A CSV that `parse` takes back unchanged, and no spreadsheet for formulas."""
    rows = [
        (
            _marked(question.text),
            question.kind,
            question.level,
            ", ".join(question.tags),
            _marked(question.looks_for),
        )
        for question in questions
    ]
    return csv_file([_COLUMNS, *rows])


def to_json(questions: Iterable[Question]) -> bytes:
    """JSON that `parse` takes back unchanged."""
    entries = [question.model_dump(mode="json", exclude={"id"}) for question in questions]
    return json.dumps(entries, ensure_ascii=False, indent=2).encode()


class _Problems:
    """What is wrong with a file, as much of it as somebody reads."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self.unlisted = 0

    def add(self, line: int, mistake: str) -> None:
        if len(self.listed) < PROBLEMS_MAX:
            self.listed.append(f"Line {line}: {mistake}"[:PROBLEM_MAX])
        else:
            self.unlisted += 1


class _Unreadable(Exception):
    """From this line on the file cannot be read."""

    def __init__(self, line: int, mistake: str) -> None:
        super().__init__(mistake)
        self.line = line
        self.mistake = mistake


def _decoded(data: bytes) -> str:
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _Unreadable(line, "This is not UTF-8. Save the file as UTF-8.") from None


def _entries(text: str) -> Iterator[_Entry]:
    return _json_entries(text) if text.lstrip()[:1] in ("[", "{") else _csv_entries(text)


def _draft(line: int, parts: Mapping[str, object] | str, problems: _Problems) -> Draft | None:
    """The draft, or nothing and every mistake in it among the problems."""
    if isinstance(parts, str):
        problems.add(line, parts)
        return None
    read, good = {}, True
    for name, value in {"text": "", **parts}.items():
        mistake = None
        if name not in READERS:
            mistake = f"There is no “{name[:40]}” in a question; use {', '.join(_COLUMNS)}."
        else:
            try:
                read[name] = READERS[name](value)
            except Refused as refused:
                mistake = refused.sentence
        if mistake is not None:
            problems.add(line, mistake)
            good = False
    return Draft(**read) if good else None


def _json_entries(text: str) -> Iterator[_Entry]:
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise _Unreadable(error.lineno, f"This is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):  # a number or a nesting beyond Python's limits
        raise _Unreadable(1, "This is not a list of questions.") from None
    if not isinstance(entries, list):
        raise _Unreadable(1, "This is not a list of questions: it should begin with “[”.")
    # Valid as it is, it is walked through once more for what json.loads does not tell: the lines
    decode = json.JSONDecoder().raw_decode
    at = text.index("[")
    for entry in entries:
        begin = _skip_gap(text, at + 1)
        at = _skip_gap(text, decode(text, begin)[1])
        line = text.count("\n", 0, begin) + 1
        good = isinstance(entry, dict)
        yield line, entry if good else "A question should be an object, in “{” and “}”."


def _skip_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _csv_entries(text: str) -> Iterator[_Entry]:
    header = "".join(text.lstrip().splitlines()[:1])
    delimiter = max(_DELIMITERS, key=header.count)
    columns: Sequence[str] = ()
    for line, row in _csv_rows(text, delimiter):
        if not columns:
            columns = _checked_columns(line, row)
        elif len(row) > len(columns):
            yield (
                line,
                f"There are {len(row)} cells but {len(columns)} columns. Put double quotes around "
                f"a text with “{delimiter}” in it.",
            )
        else:
            parts = dict(zip(columns, row, strict=False))
            texts = {name: _as_it_was(parts[name]) for name in _FREE_TEXTS if name in parts}
            yield line, parts | texts


def _marked(text: str) -> str:
    """The text, with the mark where `_as_it_was` would else not give it back."""
    return text + _HAS_GUARDS if guarded(text) != text or _GUARDED_BEFORE.match(text) else text


def _as_it_was(text: str) -> str:
    """A text of a CSV without the guards of an export."""
    if _HAS_GUARDS in text:
        return unguarded(text.replace(_HAS_GUARDS, ""))
    return text.removeprefix(GUARD) if _GUARDED_BEFORE.match(text) else text


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise _Unreadable(line, f"This is not CSV: {error}.") from None


def _checked_columns(line: int, row: Sequence[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in row]
    if "text" not in columns or len(set(columns)) < len(columns) or set(columns) - set(_COLUMNS):
        raise _Unreadable(
            line,
            "The first line should name the columns: text, and as you like kind, level, tags and "
            "looks_for.",
        )
    return columns
