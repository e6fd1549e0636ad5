"""The one rule of consent: whether a member's agreement holds for where a clip would go."""

from __future__ import annotations

from core.errors import Refused
from core.models import Consent, EngineName

CONSENT_VERSION = 1
"""Goes up when the meaning of the consent card changes; members are then asked again."""


def consent_version(engine: EngineName) -> int:
    """What an agreement is stored and compared as.

    An agreement holds as long as its version is not lower than this. Sending a clip to a vendor
    is more than keeping it, so who agreed to that has agreed to the local engine's card too, and
    not the other way round.
    """
    return 2 * CONSENT_VERSION - (engine is EngineName.LOCAL)


def holds(consent: Consent | None, engine: EngineName) -> bool:
    """Whether this agreement covers what happens with a clip that goes to this engine."""
    return consent is not None and consent.version >= consent_version(engine)


def check_agreement(consent: Consent | None, engine: EngineName) -> None:
    """Let nothing be fetched, kept or sent without an agreement that covers it.

    Raises:
        Refused: `consent_withdrawn`, or `consent_outdated`: the card, or the engine, is another
            one since the member agreed.
    """
    if holds(consent, engine):
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
