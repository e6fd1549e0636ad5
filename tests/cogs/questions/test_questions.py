"""`/question ask` and `list`: for everyone, from the server's own bank and the starters."""

from __future__ import annotations

import pytest

from analyzer.questions.bank import STARTERS, starter
from cogs.ui.pagination import PageButton
from tests.cogs.questions.banks import asked, bank_of, fill, run
from tests.cogs.simulation import CLIP, Simulation, labels_of, reply, text_of

# Everyone: asking and answering


async def test_a_question_is_asked_privately_with_its_tags_and_level(sim: Simulation) -> None:
    shown = await run(sim, sim.ada, "ask", tag="planning", kind="situational", level="senior")
    assert shown.ephemeral
    question = starter(await asked(sim, sim.ada) or "")
    assert question is not None
    assert "planning" in question.tags
    text = text_of(shown.response)
    assert question.text in text
    assert f"situational · senior · {', '.join(question.tags)}" in text
    assert labels_of(shown.response) == ["Answer it", "Another one"]


async def test_another_one_keeps_the_filter_and_never_repeats_also_after_a_restart(
    sim: Simulation,
) -> None:
    shown = await run(sim, sim.ada, "ask", tag="security")
    before = await asked(sim, sim.ada)
    for _ in range(4):  # two questions have the tag, so they take turns
        await sim.restart()
        await sim.ada.click(reply(shown), label="Another one")
        now = await asked(sim, sim.ada)
        question = starter(now or "")
        assert question is not None
        assert question.text in text_of(shown.response)
        assert "security" in question.tags
        assert now != before
        before = now
    again = await run(sim, sim.ada, "ask", tag="security")
    assert await asked(sim, sim.ada) != before
    assert again.ephemeral


async def test_what_was_asked_last_is_kept_for_each_member_and_server(sim: Simulation) -> None:
    await run(sim, sim.ada, "ask")
    assert await asked(sim, sim.ada) is not None
    assert await asked(sim, sim.ben) is None
    assert await asked(sim, sim.ada_elsewhere) is None


async def test_the_only_question_that_fits_has_no_button_for_another(sim: Simulation) -> None:
    await fill(sim, sim.ada, "Which knot holds best?", tags="sailing")
    shown = await run(sim, sim.ada, "ask", tag="Sailing")
    assert "Which knot holds best?" in text_of(shown.response)
    assert "the only question that fits" in text_of(shown.response)
    assert labels_of(shown.response) == ["Answer it"]


async def test_asking_for_what_there_is_not_says_so(sim: Simulation) -> None:
    for tag, sentence in (
        ("sailing", "No question fits that."),
        ("c++", "should be letters, digits and hyphens"),
    ):
        shown = await run(sim, sim.ada, "ask", tag=tag)
        assert shown.ephemeral
        assert sentence in text_of(shown.response)
    assert await asked(sim, sim.ada) is None


async def test_answer_it_opens_a_form_whose_clip_becomes_a_result(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    shown = await run(sim, sim.ada, "ask")
    question = starter(await asked(sim, sim.ada) or "")
    await sim.restart()
    form = await sim.ada.click(reply(shown), label="Answer it")
    assert form.modal is not None
    assert "Answer it" in str(form.modal)
    await sim.restart()
    answered = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert answered.ephemeral
    assert "One strength" in text_of(answered.response)
    [attempt] = await sim.attempts(sim.ada)
    assert question is not None
    assert attempt.question == question.text


async def test_answering_asks_for_consent_first(sim: Simulation) -> None:
    shown = await run(sim, sim.ada, "ask")
    form = await sim.ada.click(reply(shown), label="Answer it")
    card = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "Before your first clip" in text_of(card.response)
    await sim.ada.click(reply(card), label="I agree")
    assert "One strength" in text_of(card.response)


async def test_a_question_removed_meanwhile_is_neither_asked_nor_taken(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await fill(sim, sim.ada, "Which knot holds best?", tags="sailing")
    shown = await run(sim, sim.ada, "ask", tag="sailing")
    form = await sim.ada.click(reply(shown), label="Answer it")
    [question] = await bank_of(sim, sim.ada)
    await sim.bot.app.deps.questions.remove(sim.guild.id, question.id)
    late = await sim.ada.submit_modal(form, {"clip": CLIP})
    assert "That question isn't here any more." in text_of(late.response)
    pressed = await sim.ada.click(reply(shown), label="Answer it")
    assert pressed.modal is None
    assert "That question isn't here any more." in text_of(pressed.response)
    assert await sim.attempts(sim.ada) == []


async def test_a_banks_questions_stay_in_their_server(sim: Simulation) -> None:
    await fill(sim, sim.ada, "Which knot holds best?", tags="sailing")
    elsewhere = await run(sim, sim.ada_elsewhere, "ask", tag="sailing")
    assert "No question fits that." in text_of(elsewhere.response)
    private = await sim.ada_user.slash("question ask", tag="sailing")
    assert "No question fits that." in text_of(private.response)
    listed = await run(sim, sim.ada_elsewhere, "list", tag="sailing")
    assert "No question fits that." in text_of(listed.response)


async def test_starters_can_be_asked_and_answered_in_direct_messages(sim: Simulation) -> None:
    shown = await sim.ada_user.slash("question ask", kind="technical")
    assert labels_of(shown.response) == ["Answer it", "Another one"]
    form = await sim.ada_user.click(reply(shown), label="Answer it")
    card = await sim.ada_user.submit_modal(form, {"clip": CLIP})
    assert "Before your first clip" in text_of(card.response)


async def test_hostile_text_in_a_bank_is_shown_as_text(sim: Simulation) -> None:
    await fill(sim, sim.ada, "@everyone [click](https://evil.example) **x**", tags="hostile")
    for name in ("ask", "list"):
        shown = await run(sim, sim.ada, name, tag="hostile")
        text = text_of(shown.response)
        assert "@everyone" not in text
        assert "[click](" not in text


# Everyone: the list


async def test_the_list_has_ten_a_page_and_turns_after_a_restart(sim: Simulation) -> None:
    await fill(sim, sim.ada, *(f"Knot number {n:02}?" for n in range(27)), tags="sailing")
    shown = await run(sim, sim.ada, "list", tag="sailing")
    assert shown.ephemeral
    text = text_of(shown.response)
    assert "**10.** Knot number 09?" in text
    assert "Knot number 10?" not in text
    assert "behavioural · middle · sailing · this server's own" in text
    assert "Page 1 of 3 · 27 questions" in text
    assert labels_of(shown.response) == ["Next"]
    await sim.restart()
    await sim.ada.click(reply(shown), label="Next")
    await sim.ada.click(reply(shown), label="Next")
    assert "**27.** Knot number 26?" in text_of(shown.response)
    assert labels_of(shown.response) == ["Previous"]
    await sim.ada.click(reply(shown), label="Previous")
    assert "**11.** Knot number 10?" in text_of(shown.response)
    assert labels_of(shown.response) == ["Previous", "Next"]


async def test_a_page_that_is_gone_becomes_the_last_one(sim: Simulation) -> None:
    await fill(sim, sim.ada, *(f"Knot number {n:02}?" for n in range(11)), tags="sailing")
    shown = await run(sim, sim.ada, "list", tag="sailing")
    for question in await bank_of(sim, sim.ada):
        await sim.bot.app.deps.questions.remove(sim.guild.id, question.id)
    await sim.ada.click(reply(shown), label="Next")
    assert "No question fits that." in text_of(shown.response)
    assert labels_of(shown.response) == []


async def test_the_whole_list_begins_with_the_servers_own(sim: Simulation) -> None:
    await fill(sim, sim.ada, "Which knot holds best?")
    shown = await run(sim, sim.ada, "list")
    text = text_of(shown.response)
    assert "**1.** Which knot holds best?" in text
    assert f"**2.** {STARTERS[0].text}" in text
    assert f"{len(STARTERS) + 1} questions" in text
    technical = await run(sim, sim.ada, "list", kind="technical")
    assert "Which knot" not in text_of(technical.response)


async def test_a_made_up_filter_in_a_button_is_refused(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cogs.questions import cards as question_cards

    monkeypatch.setattr(question_cards, "filter_text", lambda _: "funny..x")
    shown = await run(sim, sim.ada, "list")
    pressed = await sim.ada.click(reply(shown), label="Next")
    assert "That list has changed." in text_of(pressed.response)
    assert "Page 1 of" in text_of(shown.response)
    assert PageButton("questions", 2, "funny..x").custom_id == "gr-page:questions:2:funny..x"


async def test_tags_are_suggested_the_most_used_first(sim: Simulation) -> None:
    await fill(sim, sim.ada, "Which knot holds best?", tags="sailing, communal")
    every = await sim.ada.autocomplete(sim.channel, "question ask", "tag", "")
    assert every[0]["value"] == "communication"
    assert len(every) == 25
    typed = await sim.ada.autocomplete(sim.channel, "question list", "tag", "COMMUN")
    assert [choice["value"] for choice in typed] == ["communication", "communal"]
    elsewhere = await sim.ada_elsewhere.autocomplete(
        sim.other_channel, "question ask", "tag", "sail"
    )
    assert elsewhere == []


async def test_analyze_suggests_the_bank_between_own_and_starter_questions(sim: Simulation) -> None:
    await sim.agree(sim.ada)
    await sim.analyze(sim.ada, question="Tell me about knots.")
    await fill(sim, sim.ada, "Tell me about sails.", "tell me about knots.", "x" * 101)
    offered = await sim.ada.autocomplete(sim.channel, "analyze", "question", "tell me about")
    names = [choice["name"] for choice in offered]
    assert names[0] == "Tell me about knots."
    assert names.index("Tell me about sails.") < names.index(STARTERS[0].text)
    assert all(len(choice["value"]) <= 100 for choice in offered)
    elsewhere = await sim.ada_elsewhere.autocomplete(
        sim.other_channel, "analyze", "question", "sails"
    )
    assert elsewhere == []
