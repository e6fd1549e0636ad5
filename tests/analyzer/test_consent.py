"""An agreement covers where clip and words go, and what is less than that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analyzer.consent import agreed_as, agrees, check_agreement, consent_version, holds
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


def test_the_local_engine_in_the_vendors_place_needs_its_own_card() -> None:
    vendor, local = EngineName.TWELVELABS, EngineName.LOCAL
    now = datetime(2026, 3, 1, tzinfo=UTC)
    asked: Consent | None = Consent(version=consent_version(vendor), agreed_at=now)
    assert agrees(asked, local)
    assert not agrees(asked, local, instead=True)
    version, local_card = agreed_as(asked, local)
    both = Consent(version=version, agreed_at=now, local_card=local_card)
    assert agrees(both, local, instead=True)
    assert agrees(both, vendor)  # nobody is asked again when the vendor is back
    only_local = Consent(version=agreed_as(None, local)[0], agreed_at=now)
    assert agrees(only_local, local, instead=True)
    assert not agrees(only_local, vendor)
    version, local_card = agreed_as(only_local, vendor)
    assert (version, local_card) == (consent_version(vendor), True)
    assert not agrees(None, local, instead=True)
