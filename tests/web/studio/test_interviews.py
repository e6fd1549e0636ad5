"""An interview over HTTP: one link leads through all its questions, and says how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import ClipRefused
from core.interviews import FollowUps, Interview, InterviewQuestion
from core.models import Owner
from core.questions import AnswerKind
from tests.analyzer.harness import ANN, BEN
from tests.web.studio.client import Answer, Bench, open_bench

ASKED = ("What do you do?", "When did you last learn something?", "How do you test a change?")
MISSING = "What came of it in the end?"


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path, monkeypatch) as bench:
        yield bench


async def begun(
    bench: Bench, owner: Owner = ANN, follow_ups: FollowUps = FollowUps.NONE
) -> tuple[Interview, str]:
    """An interview of three questions, and the token of the link to it."""
    await bench.link(owner)  # and the consent that goes with it
    interview = await bench.process.interviews.begin(
        owner=owner,
        channel_id=11,
        questions=[
            InterviewQuestion(position=2 * at, text=text, kind=AnswerKind.BEHAVIOURAL)
            for at, text in enumerate(ASKED)
        ],
        follow_ups=follow_ups,
        reply=None,
    )
    page, _, token = bench.studio.pages.of_interview(interview).partition("#")
    assert page == "https://bot.example/studio"
    return interview, token


async def shown(bench: Bench, token: str) -> dict[str, Any]:
    return (await bench.call("GET", "interview", token)).json


def standings(interview: dict[str, Any]) -> list[str]:
    return [question["standing"] for question in interview["questions"]]


async def asked(bench: Bench, token: str, position: int) -> Answer:
    return await bench.call("POST", "interview/question", token, json={"position": position})


async def left_out(bench: Bench, token: str, position: int, *, is_so: bool = True) -> Answer:
    body = {"position": position, "left_out": is_so}
    return await bench.call("POST", "interview/leave-out", token, json=body)


async def sent(bench: Bench, token: str, position: int) -> str:
    """Send an answer to a question in; the token of the link it was sent with."""
    link = str((await asked(bench, token, position)).json["token"])
    await bench.send(link)
    assert (await bench.submit(link, shared=True)).status == 202
    return link


async def test_one_link_leads_through_all_questions_while_answers_are_assessed(
    bench: Bench,
) -> None:
    _, token = await begun(bench)
    now = (await bench.call("GET", "session", token)).json  # what the page opens any link with
    assert now == await shown(bench, token)
    assert (now["kind"], now["state"], now["next_position"]) == ("interview", "open", 0)
    assert [one["label"] for one in now["questions"]] == [f"Question {n} of 3" for n in (1, 2, 3)]
    assert [one["text"] for one in now["questions"]] == [ASKED[0], None, None]  # each in its turn
    assert (now["seconds_left"], now["answers_left"], now["refused"]) == (24 * 3600, 5, None)

    bench.harness.engine.pending = 10**9
    link = await sent(bench, token, 0)
    session = (await bench.call("GET", "session", link)).json
    assert (session["question"], session["shared"]) == (ASKED[0], False)
    now = await shown(bench, token)
    assert standings(now) == ["under_way", "unanswered", "unanswered"]
    assert (now["next_position"], now["under_way"], now["waits"]) == (2, True, False)
    assert now["questions"][0]["stage"]
    assert (await asked(bench, token, 0)).code == "answered"
    bench.harness.engine.pending = 0
    for position in (2, 4):
        await sent(bench, token, position)
    await bench.process.rest()
    now = await shown(bench, token)
    assert standings(now) == ["assessed"] * 3
    assert (now["state"], now["complete"], now["answers_left"]) == ("finished", True, 2)
    history = await bench.harness.attempts.history(ANN, limit=9)
    assert {attempt.question for attempt in history} == set(ASKED)
    assert not any(attempt.shared for attempt in history)  # though the page asked for it


async def test_two_who_answer_the_same_question_have_one_link_and_one_attempt(
    bench: Bench,
) -> None:
    _, token = await begun(bench)
    answers = await asyncio.gather(*(asked(bench, token, 0) for _ in range(3)))
    links = {(await bench.studio.find(each.json["token"]))[0].id for each in answers}
    assert len(links) == 1
    first, second = (each.json["token"] for each in answers[:2])
    await bench.send(first)
    sent_in = await asyncio.gather(bench.submit(first), bench.submit(second))
    assert sorted(answer.status for answer in sent_in) == [200, 202]
    await bench.process.rest()
    assert len(await bench.harness.attempts.history(ANN, limit=9)) == 1


async def test_what_failed_is_recorded_again_or_left_out_and_taken_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe(_clip: Path) -> Any:
        raise ClipRefused("silent", "I couldn't hear anybody speak.")

    _, token = await begun(bench)
    with monkeypatch.context() as patch:
        patch.setattr("analyzer.media.preflight.probe_clip", probe)
        await sent(bench, token, 0)
        await bench.process.rest()
    now = await shown(bench, token)
    assert standings(now)[0] == "came_to_nothing"
    assert now["questions"][0]["failure"] == "I couldn't hear anybody speak."
    assert now["next_position"] == 2
    now = (await left_out(bench, token, 0)).json
    assert standings(now)[0] == "left_out"
    now = (await left_out(bench, token, 0, is_so=False)).json
    assert standings(now)[0] == "came_to_nothing"
    bench.harness.clock.forward(minutes=1)
    await sent(bench, token, 0)
    await bench.process.rest()
    assert standings(await shown(bench, token))[0] == "assessed"
    late = await left_out(bench, token, 0)
    assert (late.status, late.code) == (409, "answered")


async def test_a_follow_up_comes_when_a_result_allows_it(bench: Bench) -> None:
    found = bench.harness.engine.assessment
    bench.harness.engine.assessment = found.model_copy(update={"follow_up": MISSING})
    bench.harness.engine.pending = 10**9
    _, token = await begun(bench, follow_ups=FollowUps.END)
    await left_out(bench, token, 0)
    await left_out(bench, token, 2)
    await sent(bench, token, 4)
    now = await shown(bench, token)
    assert (now["next_position"], now["waits"], now["complete"]) == (None, True, False)
    bench.harness.engine.pending = 0
    await bench.process.rest()
    now = await shown(bench, token)
    assert (now["next_position"], now["waits"]) == (5, False)
    follow_up = now["questions"][-1]
    assert follow_up["label"] == "Follow-up to question 3"
    assert (follow_up["text"], follow_up["follow_up"]) == (MISSING, True)
    bench.harness.clock.forward(minutes=1)
    await sent(bench, token, 5)
    await bench.process.rest()
    newest, parent = await bench.harness.attempts.history(ANN, limit=9)
    assert newest.parent_id == parent.id
    assert (await shown(bench, token))["complete"]


async def test_it_can_be_finished_at_any_time_and_says_so_from_then_on(bench: Bench) -> None:
    interview, token = await begun(bench)
    await sent(bench, token, 0)
    await bench.process.rest()
    now = (await bench.call("POST", "interview/finish", token)).json
    assert (now["state"], now["next_position"], now["complete"]) == ("finished", None, True)
    refused = await left_out(bench, token, 2)
    assert (refused.status, refused.code) == (410, "interview_over")
    assert "`" not in refused.json["sentence"]  # that is Discord's
    await bench.process.interviews.delete(ANN, interview.id)
    gone = await bench.call("GET", "interview", token)
    assert (gone.status, gone.code) == (404, "interview_gone")


async def test_the_report_has_what_is_there_and_is_a_file_to_keep(bench: Bench) -> None:
    _, token = await begun(bench)
    empty = (await bench.call("GET", "interview/report", token)).json
    assert (empty["assessed"], empty["best"], empty["patterns"]) == (0, None, [])
    assert [one["result"] for one in empty["answers"]] == [None] * 3
    for position in (0, 2):
        await sent(bench, token, position)
        await bench.process.rest()
    report = (await bench.call("GET", "interview/report", token)).json
    assert (report["asked"], report["assessed"]) == (3, 2)
    assert "1 not answered" in report["partial"]
    first, second, third = report["answers"]
    assert (first["question"], second["question"], third["result"]) == (ASKED[0], ASKED[1], None)
    assert first["result"]["strength"] == report["best"]["text"]
    assert report["best"]["attempt_id"] in (first["attempt_id"], second["attempt_id"])
    assert len(report["columns"]) == 2
    assert all(len(series["values"]) == 2 for series in report["series"])
    file = await bench.call("GET", "interview/report.html", token)
    assert file.status == 200
    assert file.headers["Content-Disposition"].startswith("attachment; ")
    assert file.headers["Content-Type"] == "text/html; charset=utf-8"
    assert ASKED[0] in file.body.decode()
    assert "<script" not in file.body.decode()


async def test_a_stopped_one_is_told_from_a_finished_one(bench: Bench) -> None:
    interview, token = await begun(bench)
    await bench.process.interviews.stop(ANN, interview.id)
    assert (await shown(bench, token))["state"] == "stopped"
    for answer in (
        await asked(bench, token, 0),
        await bench.call("POST", "interview/finish", token),
    ):
        assert (answer.status, answer.code) == (410, "interview_over")


async def test_what_the_command_asks_is_asked_before_anybody_records(bench: Bench) -> None:
    _, token = await begun(bench)
    await sent(bench, token, 0)
    await bench.process.rest()
    for _ in range(4):
        await bench.harness.submit(bench.process)
        await bench.process.rest()
    now = await shown(bench, token)
    assert now["answers_left"] == 0
    assert "The next one is possible at" in now["refused"]
    assert (await asked(bench, token, 2)).code == "allowance"
    await bench.harness.consents.withdraw(ANN)
    assert (await asked(bench, token, 2)).code.startswith("consent_")


async def test_a_day_later_the_link_is_over(bench: Bench) -> None:
    _, token = await begun(bench)
    bench.harness.clock.forward(hours=23)
    later = bench.studio.pages.of_interview(
        (await bench.process.interviews.of(ANN, (await shown(bench, token))["id"])).interview
    ).partition("#")[2]
    bench.harness.clock.forward(hours=1, minutes=1)
    over = await bench.call("GET", "interview", token)
    assert (over.status, over.code) == (410, "interview_link_over")
    now = await shown(bench, later)  # given when it was shown again: it can still be looked at
    assert (now["over"], now["next_position"], now["seconds_left"]) == (True, None, 0)
    assert (await asked(bench, later, 0)).code == "interview_over"


async def test_bodies_that_no_page_of_ours_sends(bench: Bench) -> None:
    _, token = await begun(bench)
    bodies = [
        ("question", b""),
        ("question", b'{"position": -1}'),
        ("question", b'{"position": "0"}'),
        ("question", b'{"position": 0, "owner": 1}'),
        ("question", b'{"position": 1e999}'),
        ("question", b"[" * 4000),
        ("question", b"\xff\x00"),
        ("leave-out", b'{"position": 0}'),
        ("leave-out", b'{"position": 0, "left_out": 1}'),
    ]
    for path, body in bodies:
        refused = await bench.call("POST", f"interview/{path}", token, data=body)
        assert (refused.status, refused.code) == (400, "bad_request"), body
    too_long = await bench.call("POST", "interview/question", token, data=b" " * 5000)
    assert (too_long.status, too_long.code) == (413, "clip_too_large")


async def test_a_question_that_is_not_there_and_rights_to_something_else(bench: Bench) -> None:
    interview, token = await begun(bench)
    assert (await asked(bench, token, 7)).code == "interview_gone"
    forged = bench.studio.pages.interviews.write(BEN, interview.id)
    assert (await bench.call("GET", "interview", forged)).code == "interview_gone"
    link = await bench.link(BEN)
    for method, path in (
        ("GET", "interview"),
        ("POST", "interview/question"),
        ("POST", "interview/leave-out"),
        ("POST", "interview/finish"),
        ("GET", "interview/report"),
        ("GET", "interview/report.html"),
    ):
        assert (await bench.call(method, path, link)).code == "link_unknown"
        assert (await bench.call(method, path)).code == "link_unknown"
    for method, path in (("POST", "upload"), ("POST", "submit"), ("POST", "again")):
        refused = await bench.call(method, path, token)
        assert (refused.status, refused.code) == (403, "interview_only")


async def test_a_single_result_is_followed_up_with_a_right_of_its_own(bench: Bench) -> None:
    found = bench.harness.engine.assessment
    bench.harness.engine.assessment = found.model_copy(update={"follow_up": MISSING})
    token = await bench.link()
    early = await bench.call("POST", "follow-up", token)
    assert (early.status, early.code) == (404, "not_submitted")
    await bench.send(token)
    await bench.submit(token)
    await bench.process.rest()
    [parent] = await bench.harness.attempts.history(ANN, limit=5)
    result = (await bench.call("GET", "attempt", token)).json["result"]
    assert result["follow_up"] == MISSING
    following = (await bench.call("POST", "follow-up", token)).json["token"]
    assert (await bench.call("GET", "session", following)).json["question"] == MISSING
    bench.harness.clock.forward(minutes=1)
    await bench.send(following)
    await bench.submit(following)
    await bench.process.rest()
    newest = (await bench.harness.attempts.history(ANN, limit=5))[0]
    assert (newest.question, newest.parent_id) == (MISSING, parent.id)
    for _ in range(3):
        await bench.harness.submit(bench.process)
        await bench.process.rest()
    used_up = await bench.call("POST", "follow-up", token)
    assert (used_up.status, used_up.code) == (422, "allowance")


async def test_where_nothing_was_missing_there_is_no_follow_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.services.interviews.follow_up_for", lambda *_: None)
    token = await bench.link()
    await bench.send(token)
    await bench.submit(token)
    await bench.process.rest()
    assert (await bench.call("GET", "attempt", token)).json["result"]["follow_up"] == ""
    refused = await bench.call("POST", "follow-up", token)
    assert (refused.status, refused.code) == (422, "nothing_missing")
