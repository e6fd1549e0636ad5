"""How `/practice` looks where there is no studio: a question to answer with a file."""

from __future__ import annotations

from collections.abc import Sequence

from cogs.ui.buttons import Action, buttons
from cogs.ui.embeds import Card, practice_question
from cogs.ui.modals import UploadLimit

_MUST, _MAY = 20, 10


def no_studio_card(
    question: str, request_id: str, needs: Sequence[str], *, limit: UploadLimit
) -> Card:
    """A question to answer with a file. `needs` are missing settings, for whoever can set them."""
    card = practice_question(question, weight=_MUST).say(
        "The studio is not set up here. Record your answer with your phone or computer, then press "
        "`Send a file`.",
        limit.sentence,
        weight=_MUST,
    )
    if needs:
        names = " and ".join(f"`{name}`" for name in needs)
        card.say(
            f"For whoever runs this bot: the studio needs {names}; see docs/studio.md.", weight=_MAY
        )
    return Card(card.build(), buttons(request_id, Action.PRACTICE_UPLOAD))
