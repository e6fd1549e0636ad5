"""An agreement covers where clip and words go, and what is less than that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analyzer.consent import check_agreement, consent_version, holds
from core.assessment import EngineName
from core.errors import Refused
from core.models import THIS_MACHINE, Consent

LOCAL, VENDOR = EngineName.LOCAL, EngineName.TWELVELABS
HOST, OTHER = "judge.example.org", "another.example.org"


def agreed(engine: EngineName, judge_host: str | None = None) -> Consent:
    return Consent(
        version=consent_version(engine),
        agreed_at=datetime(2026, 11, 1, tzinfo=UTC),
        judge_host=judge_host,
    )


@pytest.mark.parametrize(
    ("consent", "engine", "judge_host", "covered"),
    [
        (agreed(LOCAL), LOCAL, None, True),
        (agreed(LOCAL), VENDOR, None, False),
        (agreed(VENDOR), LOCAL, None, True),
        (agreed(LOCAL), LOCAL, HOST, False),
        (agreed(LOCAL), LOCAL, THIS_MACHINE, False),  # what is said is judged now
        (agreed(LOCAL, HOST), LOCAL, HOST, True),
        (agreed(LOCAL, HOST), LOCAL, OTHER, False),
        (agreed(LOCAL, HOST), LOCAL, THIS_MACHINE, True),
        (agreed(LOCAL, THIS_MACHINE), LOCAL, HOST, False),
        (agreed(LOCAL, HOST), LOCAL, None, True),
        (agreed(LOCAL, HOST), VENDOR, HOST, False),
        (agreed(VENDOR), VENDOR, HOST, False),
        (agreed(VENDOR, HOST), LOCAL, HOST, True),
        (None, LOCAL, None, False),
    ],
)
def test_what_an_agreement_covers(
    consent: Consent | None, engine: EngineName, judge_host: str | None, *, covered: bool
) -> None:
    assert holds(consent, engine, judge_host) is covered
    if covered:
        check_agreement(consent, engine, judge_host)
        return
    with pytest.raises(Refused, match="consent_withdrawn" if consent is None else "outdated"):
        check_agreement(consent, engine, judge_host)
