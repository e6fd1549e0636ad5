"""The dispatcher: who is handed what, what nobody answers, and where errors end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from cogs.ui.dispatcher import Dispatcher, Handlers
from cogs.ui.modals import FormAnswer
from core.errors import Refused

ID = "0123456789abcdef"
OUT_OF_USE = "is no longer in use. Run the command again."


class Response:
    """Takes the one answer to an interaction."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def is_done(self) -> bool:
        return bool(self.said)

    async def send_message(self, *, embed: discord.Embed, ephemeral: bool) -> None:
        assert ephemeral
        self.said.append(embed.description or "")


def sent(
    custom_id: str, *, values: Any = None, kind: str = "component"
) -> discord.Interaction[Any]:
    """As much of an interaction as the dispatcher reads."""
    data = {"custom_id": custom_id, "values": values, "components": []}
    made = SimpleNamespace(
        type=discord.InteractionType[kind], data=data, command=None, response=Response()
    )
    return cast("discord.Interaction[Any]", made)


def said(interaction: discord.Interaction[Any]) -> list[str]:
    """What a member was told."""
    return cast("Response", interaction.response).said


class Feature:
    """Writes down what it is handed."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self.handlers = Handlers(
            buttons={"share": self.press},
            pages={"history": self.turn},
            panels={"share": self.change},
            forms={"share": self.take},
            pick=self.pick,
        )

    async def press(self, _: Any, subject: str) -> None:
        self.got.append(subject)

    async def turn(self, _: Any, page: int, argument: str) -> None:
        self.got.append((page, argument))

    async def change(self, _: Any, chosen: list[str]) -> None:
        self.got.append(chosen)

    async def pick(self, _: Any, subject: str, chosen: list[str]) -> None:
        self.got.append((subject, chosen))

    async def take(self, _: Any, form: FormAnswer) -> None:
        self.got.append(form)


@pytest.fixture
def feature() -> Feature:
    return Feature()


@pytest.fixture
def dispatcher(feature: Feature) -> Dispatcher:
    made = Dispatcher()
    made.register(feature.handlers)
    return made


@pytest.mark.parametrize(
    ("custom_id", "values", "got"),
    [
        (f"gr:share:{ID}", None, ID),
        ("gr-page:history:2:a.b-ü", None, (2, "a.b-ü")),
        ("gr-set:share", None, []),
        ("gr-set:share", ["1", 2], ["1", "2"]),
        ("gr-set:share", "hostile", []),
        (f"gr-pick:{ID}", ["7"], (ID, ["7"])),
    ],
)
async def test_each_kind_of_component_is_handed_to_the_feature_that_answers_it(
    dispatcher: Dispatcher, feature: Feature, custom_id: str, values: Any, got: object
) -> None:
    interaction = sent(custom_id, values=values)
    await dispatcher.dispatch(interaction)
    assert feature.got == [got]
    assert said(interaction) == []


@pytest.mark.parametrize("index", ["", ":0", ":3"])
async def test_a_form_is_handed_on_with_what_its_id_says(
    dispatcher: Dispatcher, feature: Feature, index: str
) -> None:
    await dispatcher.dispatch(sent(f"gr-form:share:{ID}{index}", kind="modal_submit"))
    assert feature.got == [FormAnswer("share", ID, int(index[1:] or 0), {}, ())]


@pytest.mark.parametrize(
    "custom_id",
    [
        f"gr:sell:{ID}",  # an action of another version
        f"gr:share:{ID}0",
        "gr-page:sales:1:",
        "gr-set:price",
        "gr-pick:short",
        "gr-form:share:0",
        "something of years ago",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["component", "modal_submit"])
async def test_what_nobody_answers_is_told_as_out_of_use_and_logged_as_no_bug(
    dispatcher: Dispatcher,
    feature: Feature,
    custom_id: str,
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    interaction = sent(custom_id, kind=kind)
    await dispatcher.dispatch(interaction)
    [told] = said(interaction)
    assert told.endswith(OUT_OF_USE)
    assert feature.got == []
    assert not [record for record in caplog.records if record.levelname != "INFO"]


async def test_a_picker_nobody_answers_is_out_of_use_too() -> None:
    interaction = sent(f"gr-pick:{ID}", values=["0"])
    await Dispatcher().dispatch(interaction)
    assert said(interaction) == [f"This button {OUT_OF_USE}"]


async def test_commands_are_left_alone(dispatcher: Dispatcher) -> None:
    interaction = sent(f"gr:sell:{ID}", kind="application_command")
    await dispatcher.dispatch(interaction)
    assert said(interaction) == []


@pytest.mark.parametrize(
    "twice",
    [
        Handlers(buttons={"other": Feature().press, "share": Feature().press}),
        Handlers(buttons={"other": Feature().press}, pages={"history": Feature().turn}),
        Handlers(buttons={"other": Feature().press}, panels={"share": Feature().change}),
        Handlers(buttons={"other": Feature().press}, forms={"share": Feature().take}),
        Handlers(buttons={"other": Feature().press}, pick=Feature().pick),
    ],
)
async def test_two_features_cannot_answer_the_same_and_the_first_goes_on(
    dispatcher: Dispatcher, feature: Feature, twice: Handlers
) -> None:
    with pytest.raises(ValueError, match="answered already"):
        dispatcher.register(twice)
    other = sent(f"gr:other:{ID}")
    await dispatcher.dispatch(other)
    assert said(other) == [f"This button {OUT_OF_USE}"]  # all of it was turned away
    dispatcher.unregister(twice)  # as discord.py does when loading a feature fails
    await dispatcher.dispatch(sent(f"gr:share:{ID}"))
    assert feature.got == [ID]


async def test_a_feature_that_is_unloaded_answers_no_more_and_can_come_back(
    dispatcher: Dispatcher, feature: Feature
) -> None:
    dispatcher.unregister(feature.handlers)
    for custom_id in (f"gr:share:{ID}", "gr-page:history:1:", "gr-set:share", f"gr-pick:{ID}"):
        interaction = sent(custom_id)
        await dispatcher.dispatch(interaction)
        assert said(interaction) == [f"This button {OUT_OF_USE}"]
    form = sent(f"gr-form:share:{ID}", kind="modal_submit")
    await dispatcher.dispatch(form)
    assert said(form) == [f"This form {OUT_OF_USE}"]
    assert feature.got == []
    dispatcher.register(feature.handlers)
    await dispatcher.dispatch(sent(f"gr:share:{ID}"))
    assert feature.got == [ID]


@pytest.mark.expects_logged_error
@pytest.mark.parametrize(
    ("custom_id", "kind"),
    [
        (f"gr:broken:{ID}", "component"),
        ("gr-page:broken:1:", "component"),
        ("gr-set:broken", "component"),
        (f"gr-pick:{ID}", "component"),
        (f"gr-form:broken:{ID}", "modal_submit"),
    ],
)
@pytest.mark.parametrize(
    ("error", "sentence", "logged"),
    [
        (Refused("made_up", "Do it so."), "Do it so.", "component refused: made_up"),
        (ValueError("a secret"), "Something went wrong on our side", "component: ValueError in"),
    ],
)
async def test_whatever_a_handler_raises_ends_in_one_sentence_and_one_line(
    error: Exception,
    sentence: str,
    logged: str,
    custom_id: str,
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object) -> None:
        raise error

    dispatcher = Dispatcher()
    dispatcher.register(
        Handlers(
            buttons={"broken": broken},
            pages={"broken": broken},
            panels={"broken": broken},
            forms={"broken": broken},
            pick=broken,
        )
    )
    interaction = sent(custom_id, kind=kind)
    await dispatcher.dispatch(interaction)
    [told] = said(interaction)
    assert told.startswith(sentence)
    [record] = caplog.records
    assert record.getMessage().startswith(logged)
    assert "secret" not in record.getMessage()
