"""The archive a member takes along, the legal templates, and who is named as responsible."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.services.attempts import ALLOWANCE_WINDOW
from analyzer.services.cleanup import REQUEST_LIFE
from analyzer.services.data_export import make_archive
from analyzer.services.deletion import Deleted
from analyzer.services.privacy import SERVER_KEPT, MemberDataSummary
from app.check import run_checks
from cogs.privacy.cards import (
    ask_all_embed,
    ask_one_embed,
    deleted_embed,
    held_embed,
    withdrawn_embed,
)
from core.assessment import EngineName, Metric
from core.errors import Refused
from core.models import Attempt, Consent, Owner
from core.settings import ROOT, Settings
from storage import tables
from storage.leaderboard.repository import Membership
from storage.repositories.member_attempts import AttemptCounts
from tests.cogs.ui.limits_checker import check_embed
from tests.cogs.ui.samples import ANY_TEXT, ATTEMPTS, BOUNDED, attempt

ANN = Owner(guild_id=2**62 + 1, user_id=2**62 + 2)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NO_LIMIT = 10**9

PRIVACY = (ROOT / "docs" / "PRIVACY.template.md").read_text()
TERMS = (ROOT / "docs" / "TERMS.template.md").read_text()


def row(question: str = "Why us?", **fields: Any) -> dict[str, Any]:
    """An assessed attempt as it is exported."""
    scores: dict[str, Any] = {metric.value: {"value": 7, "reason": None} for metric in Metric}
    scores["eye_contact"] = {"value": None, "reason": "switched off"}
    assessment = {
        "rubric_version": 1,
        "scores": scores,
        "delivery": {
            "words_per_minute": 148.0,
            "pauses": [{"start": 1.0, "seconds": 2.0}],
            "longest_pause_seconds": 2.0,
            "fillers": [],
            "fillers_counted": False,
        },
        "transcript": [{"text": "Because. " * 50, "start": 0.0, "end": 1.0}],
    }
    return {
        "id": "0" * 16,
        "created_at": NOW.isoformat(),
        "question": question,
        "engine": "twelvelabs",
        "overall": 7.0,
        "assessment": assessment,
    } | fields


def parts_of(content: bytes) -> tuple[dict[str, Any], list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("scores.csv").decode("utf-8-sig")
        return json.loads(archive.read("greenroom.json")), list(csv.reader(io.StringIO(text)))


def packed(*attempts: dict[str, Any]) -> tuple[dict[str, Any], list[list[str]]]:
    held = {"attempts": list(attempts), "consents": [{"version": 2}]}
    return parts_of(make_archive(ANN, held, made_at=NOW, limit_bytes=NO_LIMIT).content)


def test_the_archive_holds_everything_and_says_whose_it_is() -> None:
    held, _ = packed(row())
    assert held["attempts"] == [row()]
    assert held["consents"] == [{"version": 2}]
    assert held["about"]["member_id"] == str(ANN.user_id)
    assert held["about"]["made_at"] == "2026-03-01T00:00:00+00:00"


def test_scores_have_a_line_for_each_assessed_attempt_and_nothing_invented() -> None:
    without_delivery = row()
    without_delivery["assessment"]["delivery"] = None
    _, lines = packed(row(), row(assessment=None), without_delivery)
    assert len(lines) == 3
    found = dict(zip(lines[0], lines[1], strict=True))
    assert (found["overall"], found["clarity"], found["eye_contact"]) == ("7.0", "7", "")
    assert (found["words_per_minute"], found["pauses"], found["fillers"]) == ("148.0", "1", "")
    assert lines[2][-4:] == [""] * 4


@given(st.text(max_size=40))
def test_no_question_becomes_a_formula_or_breaks_the_table(question: str) -> None:
    _, lines = packed(row(question))
    [cell] = {line[2] for line in lines[1:]}
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert cell.replace("'", "") == question.replace("'", "")
    assert {len(line) for line in lines} == {len(lines[0])}


def test_too_large_an_archive_leaves_out_the_transcripts_then_is_refused() -> None:
    held = {"attempts": [row(), row(assessment=None)]}
    whole = make_archive(ANN, held, made_at=NOW, limit_bytes=NO_LIMIT)
    assert not whole.without_transcripts
    size = len(whole.content)
    assert make_archive(ANN, held, made_at=NOW, limit_bytes=size) == whole
    shorter = make_archive(ANN, held, made_at=NOW, limit_bytes=size - 1)
    assert shorter.without_transcripts
    assert len(shorter.content) < size
    attempt = parts_of(shorter.content)[0]["attempts"][0]
    assert set(row()["assessment"]) - set(attempt["assessment"]) == {"transcript"}
    with pytest.raises(Refused):
        make_archive(ANN, held, made_at=NOW, limit_bytes=100)


@BOUNDED
@given(ATTEMPTS, ANY_TEXT)
def test_any_alias_and_question_fits_the_cards_and_stays_dead(attempt: Attempt, text: str) -> None:
    tally = AttemptCounts(1, 1, 0, 0, 1, attempt.created_at, attempt.created_at)
    board = Membership(text, True, NOW)
    every = frozenset(Metric)
    held = MemberDataSummary(
        tally, timedelta(days=90), 1, 2, Consent(version=1, agreed_at=NOW), board, every
    )
    made = int(attempt.created_at.timestamp())
    until, now = made + 90 * 86_400, int(NOW.timestamp())
    times = {f"<t:{made}:D>", f"<t:{until}:D>", f"<t:{now}:D>", f"<t:{now}:f>"}
    check_embed(held_embed(held, guild_id=1), ours=frozenset(times))
    check_embed(ask_one_embed(attempt), ours=frozenset({f"<t:{made}:f>"}))


def test_public_messages_out_of_reach_are_linked_up_to_ten() -> None:
    shared = attempt(shared=True, shared_message_id=3, shared_channel_id=2)
    card = deleted_embed(Deleted(30, out_of_reach=(shared,) * 30), everything=True)
    link = f"https://discord.com/channels/{shared.owner.guild_id}/2/3"
    assert (card.description or "").count(link) == 10
    assert "and 20 more." in (card.description or "")


@pytest.mark.parametrize(
    ("withdrawn", "cancelled", "said"),
    [
        (None, 0, "You have not agreed to anything here"),
        (NOW, 0, "Nothing of yours is fetched"),
        (NOW, 1, "1 attempt under way was cancelled."),
        (NOW, 2, "2 attempts under way were cancelled."),
    ],
)
def test_withdrawing_is_told_in_whole_sentences(
    withdrawn: datetime | None, cancelled: int, said: str
) -> None:
    consent = Consent(version=1, agreed_at=NOW, withdrawn_at=withdrawn)
    text = withdrawn_embed(consent, cancelled).description or ""
    assert said in text
    assert ("under way" in text) == (cancelled > 0)


def test_without_a_vendor_the_cards_name_none() -> None:
    assert "TwelveLabs" in (ask_all_embed(EngineName.TWELVELABS).description or "")
    assert "TwelveLabs" not in (ask_all_embed(EngineName.LOCAL).description or "")


def test_the_privacy_template_explains_every_table_that_names_a_member() -> None:
    for table in tables.metadata.tables.values():
        named = f"| `{table.name}` |" in PRIVACY
        member = {"user_id", "member"} & set(table.c.keys())  # by their id or by a hash of it
        assert named == bool(member), table.name


def test_the_templates_say_what_the_code_does() -> None:
    day = f"{ALLOWANCE_WINDOW.total_seconds() / 3600:.0f} hours"
    assert f"One thing stays for at most {day}" in PRIVACY
    assert ALLOWANCE_WINDOW == REQUEST_LIFE
    assert f"deleted {SERVER_KEPT.days} days later" in PRIVACY
    for text in (PRIVACY, TERMS):
        assert "{{OPERATOR_NAME}}" in text
        assert "{{OPERATOR_CONTACT}}" in text
        assert "at least 13" in text
    assert "rule 16" in TERMS


@pytest.mark.parametrize(
    ("name", "contact", "shown"),
    [
        (None, None, None),
        ("Ann", None, "Ann"),
        (None, "ann@a.example", "ann@a.example"),
        ("Ann", "ann@a.example", "Ann, ann@a.example"),
    ],
)
def test_the_operator_is_named_as_far_as_filled_in(
    name: str | None, contact: str | None, shown: str | None
) -> None:
    assert Settings(operator_name=name, operator_contact=contact).operator == shown


@pytest.mark.parametrize(
    ("given_names", "missing"),
    [
        ({}, "OPERATOR_NAME and OPERATOR_CONTACT not set"),
        ({"operator_name": "Ann"}, "WARN   OPERATOR_CONTACT not set"),
        ({"operator_name": "Ann", "operator_contact": "a.example"}, None),
    ],
)
async def test_check_warns_about_a_missing_operator_but_finds_nothing_wrong_in_it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given_names: dict[str, Any],
    missing: str | None,
) -> None:
    settings = Settings(data_dir=tmp_path, engine="twelvelabs", **given_names)
    await run_checks(settings)
    lines = capsys.readouterr().out.splitlines()
    warnings = [line for line in lines if line.startswith("WARN ") and "OPERATOR" in line]
    assert len(warnings) == (missing is not None)
    assert missing is None or missing in warnings[0]
    assert not [line for line in lines if "WRONG" in line and "OPERATOR" in line]
