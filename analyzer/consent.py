"""The one rule of consent: whether an agreement holds for where clip and words would go."""

from __future__ import annotations

from core.assessment import EngineName
from core.errors import Refused
from core.models import THIS_MACHINE, Consent

CONSENT_VERSION = 2
"""Goes up when the meaning of the consent card changes; members are then asked again."""


def consent_version(engine: EngineName) -> int:
    """What an agreement is stored and compared as.

    An agreement holds as long as its version is not lower than this. Sending a clip to a vendor
    is more than keeping it, so who agreed to that has agreed to the local engine's card too, and
    not the other way round.
    """
    return 2 * CONSENT_VERSION - (engine is EngineName.LOCAL)


def holds(consent: Consent | None, engine: EngineName, judge_host: str | None = None) -> bool:
    """Whether this agreement covers what happens with a clip that goes to this engine.

    With a judge, its words go to `judge_host`, and that must have been agreed to. Who agreed to
    another host has agreed to a judge on this machine, where nothing leaves it.
    """
    if consent is None or consent.version < consent_version(engine):
        return False
    stays_here = judge_host == THIS_MACHINE and consent.judge_host is not None
    return judge_host is None or stays_here or consent.judge_host == judge_host


def agrees(
    consent: Consent | None,
    engine: EngineName,
    judge_host: str | None = None,
    *,
    instead: bool = False,
) -> bool:
    """Whether this agreement `holds`, and, of an engine used `instead` of another, is about it."""
    return holds(consent, engine, judge_host) and (not instead or read_local_card(consent))


def read_local_card(consent: Consent | None) -> bool:
    """Whether the local engine's own card was agreed to, by itself or beside the vendor's.

    An agreement to the vendor's covers where a clip goes with the local engine, and that suffices
    where the operator has changed engines. It says nothing of what is assessed then, so who gets
    the local engine in the vendor's place is asked once.
    """
    if consent is None:
        return False
    return consent.local_card or consent.version % 2 == consent_version(EngineName.LOCAL) % 2


def agreed_as(consent: Consent | None, engine: EngineName) -> tuple[int, bool]:
    """What agreeing to an engine's card is stored as, beside what was agreed to before.

    Returns the version, and whether the local card has been read too: agreeing to either keeps
    what the other one's card was agreed to.
    """
    version = consent_version(engine)
    if engine is EngineName.LOCAL and holds(consent, EngineName.TWELVELABS):
        return consent_version(EngineName.TWELVELABS), True
    was_local = read_local_card(consent) and holds(consent, EngineName.LOCAL)
    return version, engine is EngineName.TWELVELABS and was_local


def check_agreement(
    consent: Consent | None,
    engine: EngineName,
    judge_host: str | None = None,
    *,
    instead: bool = False,
) -> None:
    """Let nothing be fetched, kept or sent without an agreement that covers it.

    `instead`: the engine takes the place of the one the operator has chosen (see `agrees`).

    Raises:
        Refused: `consent_withdrawn`, or `consent_outdated`: the card, the engine, or the judge's
            host, is another one since the member agreed.
    """
    if agrees(consent, engine, judge_host, instead=instead):
        return
    if consent is None:
        raise Refused(
            "consent_withdrawn",
            "You have withdrawn your consent. Use /practice or /analyze in Discord to agree again.",
        )
    raise Refused(
        "consent_outdated",
        "What happens with your recording has changed since you agreed. Use /practice or /analyze "
        "in Discord to read it and agree again.",
    )
