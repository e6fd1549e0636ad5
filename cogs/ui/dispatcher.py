"""Hands every press, choice and form to the feature that answers it, and answers what goes wrong.

Messages outlive processes and versions, so discord.py's own views, which live in memory, are of no
use: what a component is about stands in its custom id alone. Everything in there is hostile until
validated, and a handler looks up what it shows for whoever pressed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import discord

from cogs.ui.buttons import read_button
from cogs.ui.error_replies import answer_error
from cogs.ui.menus import read_panel, read_pick
from cogs.ui.modals import FormAnswer, read_form
from cogs.ui.pagination import read_page
from core.errors import Refused

ButtonHandler = Callable[[discord.Interaction[Any], str], Awaitable[None]]
"""Answers a button: the interaction, and the id of what the button is about."""

PositionHandler = Callable[[discord.Interaction[Any], str, int], Awaitable[None]]
"""Answers a button about one question of an interview: which interview, and which position."""

PageHandler = Callable[[discord.Interaction[Any], int, str], Awaitable[None]]
"""Shows a page: the interaction, the page counted from 1, and the list's own argument."""

PanelHandler = Callable[[discord.Interaction[Any], list[str]], Awaitable[None]]
"""Answers a button or menu of a panel: the interaction, and what was chosen, if it is a menu."""

PickHandler = Callable[[discord.Interaction[Any], str, list[str]], Awaitable[None]]
"""Answers a choice among a request's clips: the interaction, the request, and what was chosen."""

FormHandler = Callable[[discord.Interaction[Any], FormAnswer], Awaitable[None]]
"""Answers a form that was sent."""

_H = TypeVar("_H")

_PICK = "pick"  # the custom ids of these menus have no name: there is one of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What one feature answers, by the names in its custom ids."""

    buttons: Mapping[str, ButtonHandler] = field(default_factory=dict)
    positions: Mapping[str, PositionHandler] = field(default_factory=dict)
    pages: Mapping[str, PageHandler] = field(default_factory=dict)
    panels: Mapping[str, PanelHandler] = field(default_factory=dict)
    forms: Mapping[str, FormHandler] = field(default_factory=dict)
    pick: PickHandler | None = None


class Dispatcher:
    """Knows who answers what. Features register when they are loaded, and unregister at their end.

    It also is the outermost place of a press: whatever a handler raises ends here, in one sentence
    for the member and one line in the log.
    """

    def __init__(self) -> None:
        self._buttons: dict[str, ButtonHandler] = {}
        self._positions: dict[str, PositionHandler] = {}
        self._pages: dict[str, PageHandler] = {}
        self._panels: dict[str, PanelHandler] = {}
        self._forms: dict[str, FormHandler] = {}
        self._picks: dict[str, PickHandler] = {}

    def register(self, handlers: Handlers) -> None:
        """Let a feature answer from now on.

        Raises:
            ValueError: another feature answers one of these already; then none is registered.
        """
        for known, new in self._tables(handlers):
            if twice := sorted(known.keys() & new.keys()):
                raise ValueError(f"answered already: {', '.join(twice)}")
        for known, new in self._tables(handlers):
            known.update(new)

    def unregister(self, handlers: Handlers) -> None:
        """Let a feature answer no more. What another feature has registered stays."""
        for known, old in self._tables(handlers):
            for name, handler in old.items():
                if known.get(name) is handler:
                    del known[name]

    async def dispatch(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press, a choice or a form; leave commands alone. Raises nothing."""
        if interaction.type is discord.InteractionType.component:
            answer = self._answer_component
        elif interaction.type is discord.InteractionType.modal_submit:
            answer = self._answer_form
        else:
            return
        try:
            await answer(interaction)
        except Exception as error:  # noqa: BLE001 - the outermost place of a press or a form
            await answer_error(interaction, error)

    async def hand_on(
        self, interaction: discord.Interaction[Any], action: str, subject: str
    ) -> None:
        """Let the feature that has this button answer: also in place of another one's button.

        Raises:
            Refused: no feature has it any more.
        """
        await _known(self._buttons, action)(interaction, subject)

    async def _answer_component(self, interaction: discord.Interaction[Any]) -> None:
        data = dict(interaction.data or {})
        custom_id, values = str(data.get("custom_id", "")), data.get("values")
        chosen = [str(value) for value in values] if isinstance(values, list) else []
        if press := read_button(custom_id):
            if press.position is None:
                await self.hand_on(interaction, press.action, press.subject)
            else:
                answer = _known(self._positions, press.action)
                await answer(interaction, press.subject, press.position)
        elif turn := read_page(custom_id):
            await _known(self._pages, turn.name)(interaction, turn.page, turn.argument)
        elif name := read_panel(custom_id):
            await _known(self._panels, name)(interaction, chosen)
        elif subject := read_pick(custom_id):
            await _known(self._picks, _PICK)(interaction, subject, chosen)
        else:
            raise _out_of_use()

    async def _answer_form(self, interaction: discord.Interaction[Any]) -> None:
        form = read_form(interaction)
        if form is None:
            raise _out_of_use("form")
        await _known(self._forms, form.name, "form")(interaction, form)

    def _tables(self, handlers: Handlers) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
        """What is registered of each kind, beside what a feature has of that kind."""
        yield self._buttons, handlers.buttons
        yield self._positions, handlers.positions
        yield self._pages, handlers.pages
        yield self._panels, handlers.panels
        yield self._forms, handlers.forms
        yield self._picks, {} if handlers.pick is None else {_PICK: handlers.pick}


def _known(table: Mapping[str, _H], name: str, kind: str = "button") -> _H:
    """Who answers; messages outlive versions, so this may be of one that is gone.

    Raises:
        Refused: nobody does.
    """
    handler = table.get(name)
    if handler is None:
        raise _out_of_use(kind)
    return handler


def _out_of_use(kind: str = "button") -> Refused:
    return Refused(f"old_{kind}", f"This {kind} is no longer in use. Run the command again.")
