"""A server's own questions: what its managers can do to them, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
import simcord

from analyzer.questions.bank import STARTERS
from tests.cogs.questions.banks import bank_of, fill, run
from tests.cogs.simulation import Simulation, labels_of, reply, text_of

NOT_MANAGER = "Only members with the Manage Server permission"


@pytest.fixture
def mia(sim: Simulation) -> simcord.MemberActor:
    """A member of the first server who may manage it."""
    role = sim.guild.create_role("team", permissions=discord.Permissions(manage_guild=True))
    return sim.guild.add_member(sim.env.create_user("mia"), roles=[role])


# Managers: one question


async def test_a_manager_adds_changes_and_removes_a_question(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    added = await run(
        sim, mia, "add", text="Which  knot?", kind="technical", level="entry", tags="Sea, knots"
    )
    assert added.ephemeral
    assert "Which knot?" in text_of(added.response)
    assert "technical · entry · sea, knots" in text_of(added.response)
    [offered] = await mia.autocomplete(sim.channel, "question edit", "question", "KNOT")
    assert offered["name"] == "Which knot?"
    edited = await run(sim, mia, "edit", question=offered["value"], text="Which bend?", tags="-")
    assert "Which bend?" in text_of(edited.response)
    [question] = await bank_of(sim, mia)
    assert (question.id, question.text, question.tags) == (offered["value"], "Which bend?", ())
    assert (question.kind, question.level) == ("technical", "entry")
    asking = await run(sim, mia, "remove", question="which bend")
    assert "Remove this question?" in text_of(asking.response)
    assert labels_of(asking.response) == ["Yes, remove it", "Keep it"]
    assert await bank_of(sim, mia) == [question]
    await sim.restart()
    await mia.click(reply(asking), label="Yes, remove it")
    assert "Removed" in text_of(asking.response)
    assert labels_of(asking.response) == []
    assert await bank_of(sim, mia) == []


async def test_what_a_question_looks_for_is_kept_changed_and_taken_away(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    line = "Where the rope ends, and *why* it holds."
    added = await run(sim, mia, "add", text="Which knot?", looks_for=line)
    assert r"Looks for: Where the rope ends, and \*why\* it holds." in text_of(added.response)
    await run(sim, mia, "edit", question="Which knot?", tags="sea")
    [question] = await bank_of(sim, mia)
    assert question.looks_for == line
    asked = await run(sim, mia, "ask", tag="sea")
    assert "Where the rope" not in text_of(asked.response), "it is for after the answer"
    await run(sim, mia, "edit", question="Which knot?", looks_for="-")
    [question] = await bank_of(sim, mia)
    assert (question.looks_for, question.tags) == ("", ("sea",))


async def test_keeping_removes_nothing(sim: Simulation, mia: simcord.MemberActor) -> None:
    await fill(sim, mia, "Which knot?")
    asking = await run(sim, mia, "remove", question="Which knot?")
    await mia.click(reply(asking), label="Keep it")
    assert "Nothing was removed." in text_of(asking.response)
    assert len(await bank_of(sim, mia)) == 1


async def test_removing_twice_says_so(sim: Simulation, mia: simcord.MemberActor) -> None:
    await fill(sim, mia, "Which knot?")
    one = await run(sim, mia, "remove", question="Which knot?")
    two = await run(sim, mia, "remove", question="Which knot?")
    await mia.click(reply(one), label="Yes, remove it")
    pressed = await mia.click(reply(two), label="Yes, remove it")
    assert "removed already" in text_of(pressed.response)


async def test_who_may_no_longer_manage_the_server_removes_nothing(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    await fill(sim, mia, "Which knot?")
    asking = await run(sim, mia, "remove", question="Which knot?")
    sim.env.backend.guilds[sim.guild.id].members[mia.id].role_ids.clear()
    pressed = await mia.click(reply(asking), label="Yes, remove it")
    assert NOT_MANAGER in text_of(pressed.response)
    assert len(await bank_of(sim, mia)) == 1


FILE = ("questions.csv", b"text\nWhich sail?\n")

MANAGING: list[tuple[str, dict[str, Any]]] = [
    ("add", {"text": "Which sail?"}),
    ("edit", {"question": "Which knot?", "text": "Which sail?"}),
    ("remove", {"question": "Which knot?"}),
    ("import", {"file": FILE}),
    ("export", {}),
]


async def test_only_managers_may_touch_the_bank(sim: Simulation) -> None:
    await fill(sim, sim.ben, "Which knot?")
    before = await bank_of(sim, sim.ben)
    for name, options in MANAGING:
        shown = await run(sim, sim.ben, name, **options)
        assert shown.ephemeral
        assert NOT_MANAGER in text_of(shown.response), name
        assert labels_of(shown.response) == []
        assert reply(shown).attachments == []
        assert await bank_of(sim, sim.ben) == before


async def test_there_is_no_bank_in_direct_messages(sim: Simulation) -> None:
    for name, options in MANAGING:
        shown = await sim.ada_user.slash(f"question {name}", **options)
        assert "A bank belongs to a server" in text_of(shown.response), name
        assert await sim.bot.app.deps.questions.all(0) == []


async def test_there_is_no_bank_where_the_bot_is_not(
    sim: Simulation, mia: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.bot, "get_guild", lambda _: None)
    shown = await run(sim, mia, "add", text="Which sail?")
    assert "Add Greenroom to this server first" in text_of(shown.response)
    assert await bank_of(sim, mia) == []


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add", {"text": "WHICH knot"}, "That question is in the bank already."),
    ("add", {"text": "\u200b"}, "The question has no text."),
    ("add", {"text": "Which sail?", "tags": "a,b,c,d,e,f"}, "There are 6 tags"),
    ("edit", {"question": "Which knot?"}, "Say what to change"),
    ("edit", {"question": "Which knot?", "text": "Which bend?"}, "in the bank already"),
    ("edit", {"question": "Which sail?", "text": "x"}, "isn't in this server's bank"),
    ("edit", {"question": STARTERS[0].id, "text": "x"}, "isn't in this server's bank"),
    ("remove", {"question": STARTERS[0].text}, "isn't in this server's bank"),
]


async def test_what_cannot_be_done_to_a_bank_says_so(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    await fill(sim, mia, "Which knot?", "Which bend?")
    before = await bank_of(sim, mia)
    for name, options, sentence in REFUSED:
        shown = await run(sim, mia, name, **options)
        assert sentence in text_of(shown.response), (name, options)
        assert await bank_of(sim, mia) == before


async def test_another_servers_question_cannot_be_named(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    await fill(sim, sim.ada_elsewhere, "Which knot?")
    [theirs] = await bank_of(sim, sim.ada_elsewhere)
    for name, options in (("edit", {"text": "Mine"}), ("remove", {})):
        shown = await run(sim, mia, name, question=theirs.id, **options)
        assert "isn't in this server's bank" in text_of(shown.response)
    assert await mia.autocomplete(sim.channel, "question remove", "question", "knot") == []
    assert await bank_of(sim, sim.ada_elsewhere) == [theirs]


# Managers: files


async def test_an_import_says_what_it_changed(sim: Simulation, mia: simcord.MemberActor) -> None:
    await fill(sim, mia, "Which knot?", "Which bend?")
    data = "text,level\nWhich knot?,senior\nWhich bend?,middle\n=Which sail?,\n".encode("utf-8-sig")
    shown = await run(sim, mia, "import", file=("bank.csv", data))
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "Added: 1. Changed: 1. In the bank already: 1." in text
    assert "Changed\n• Which knot?" in text
    assert "In the bank already\n• Which bend?" in text
    assert len(await bank_of(sim, mia)) == 3


async def test_a_file_with_mistakes_changes_nothing_and_names_each(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    data = b"text,kind\nWhich knot?,technical\n@everyone,**funny**\n,\nwhich knot,\n"
    shown = await run(sim, mia, "import", file=("bank.csv", data))
    text = text_of(shown.response)
    assert "Nothing was imported" in text
    assert "Line 3: The kind “**funny**” should be one of" in text.replace("\\", "")
    assert "Line 5: It is the same question as in line 2." in text.replace("\\", "")
    assert "**funny**" not in text
    assert reply(shown).attachments == []
    assert await bank_of(sim, mia) == []


async def test_many_mistakes_come_as_a_file(sim: Simulation, mia: simcord.MemberActor) -> None:
    data = json.dumps([{"text": f"{n}?", "kind": "funny"} for n in range(40)], indent=0).encode()
    shown = await run(sim, mia, "import", file=("bank.json", data))
    [file] = reply(shown).attachments
    assert file.description == "All 40 problems, by line."
    lines = (await file.read()).decode().splitlines()
    assert len(lines) == 40
    assert lines[0].startswith("Line 2: The kind “funny”")
    assert await bank_of(sim, mia) == []


async def test_what_is_too_much_is_refused(sim: Simulation, mia: simcord.MemberActor) -> None:
    large = await run(sim, mia, "import", file=("bank.csv", b"x" * 1_500_001))
    assert "larger than 1.5 MB" in text_of(large.response)
    await fill(sim, mia, *(f"Knot {number}?" for number in range(499)))
    two = await run(sim, mia, "import", file=("bank.csv", b"text\nWhich sail?\nWhich mast?"))
    assert "at most 500 questions; with these it would have 501" in text_of(two.response)
    assert len(await bank_of(sim, mia)) == 499
    one = await run(sim, mia, "import", file=FILE)
    assert "Added: 1." in text_of(one.response)


async def test_a_file_discord_no_longer_serves_is_asked_for_again(
    sim: Simulation, mia: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.env.backend.cdn, "get", lambda _: None)
    shown = await run(sim, mia, "import", file=FILE)
    assert "Attach it again." in text_of(shown.response)
    assert await bank_of(sim, mia) == []


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_an_export_goes_back_in_unchanged(
    sim: Simulation, mia: simcord.MemberActor, kind: str
) -> None:
    texts = [f"Knot {number}, or “knot”?" for number in range(30)] + ["=1+1", "'quoted", "Ünï 🙂"]
    await fill(sim, mia, *texts, kind="technical", tags="knots, sea")
    before = await bank_of(sim, mia)
    shown = await run(sim, mia, "export", **({"format": kind} if kind == "json" else {}))
    assert shown.ephemeral
    [file] = reply(shown).attachments
    assert file.filename == f"questions.{kind}"
    assert file.description
    data = await file.read()
    back = await run(sim, mia, "import", file=(file.filename, data))
    assert f"Added: 0. Changed: 0. In the bank already: {len(texts)}." in text_of(back.response)
    assert "and 23 more" in text_of(back.response)
    for question in before:
        await sim.bot.app.deps.questions.remove(sim.guild.id, question.id)
    await run(sim, mia, "import", file=(file.filename, data))
    assert [one.model_copy(update={"id": "0" * 16}) for one in await bank_of(sim, mia)] == [
        one.model_copy(update={"id": "0" * 16}) for one in before
    ]


async def test_an_empty_bank_has_nothing_to_export(
    sim: Simulation, mia: simcord.MemberActor
) -> None:
    await fill(sim, sim.ada_elsewhere, "Which knot?")
    shown = await run(sim, mia, "export")
    assert "no questions of its own yet" in text_of(shown.response)
    assert reply(shown).attachments == []
