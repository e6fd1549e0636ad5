"""How an interview under way looks: the question to answer now, and how the others stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from analyzer.interviews.course import Course, Standing
from cogs.ui.buttons import NOTHING, OPEN_STUDIO, Action, PracticeButton, buttons, view_of
from cogs.ui.embeds import ATTENTION, QUIET, SENTENCE_LIMIT, WORKING, Card, FittedEmbed
from cogs.ui.text import counted, plain, sentence
from core.interviews import (
    FollowUps,
    Interview,
    InterviewQuestion,
    InterviewState,
    QuestionOrigin,
)
from core.models import QUESTION_MAX

_QUESTION_LIMIT = 2 * QUESTION_MAX  # room for an escape before every character

_STANDS = {
    Standing.UNDER_WAY: "▸ {}: being assessed",
    Standing.ASSESSED: "✓ {}: has its result",
    Standing.CAME_TO_NOTHING: "✗ {}: no result",
    Standing.LEFT_OUT: "· {}: left out",
}

_MUST, _SHOULD, _MAY = 30, 20, 10

_OVER = (
    "The report comes here by itself with the last result. `Show the report` brings it when this "
    "message no longer changes, and so does `/interview show`."
)


def course_card(
    course: Course, *, now: datetime, page: str | None, notes: Sequence[str] = ()
) -> Card:
    """How far an interview is, and what can be done with it.

    Args:
        course: of one whose report is not there yet, or was not wanted.
        now: the time.
        page: where it is gone on with in the studio: a credential. `None` where there is none.
        notes: sentences of ours that come first.
    """
    interview = course.interview
    if interview.state is InterviewState.STOPPED:
        return _stopped(course, now)
    if course.next is not None:
        return _asking(course, course.next, page, notes)
    return _waiting(course, page)


def _asking(
    course: Course, question: InterviewQuestion, page: str | None, notes: Sequence[str]
) -> Card:
    interview = course.interview
    card = FittedEmbed(f"Interview · {course.label(question)}", WORKING)
    card.say(f"**{plain(question.text, _QUESTION_LIMIT) or '…'}**", weight=_MUST)
    if question.origin is QuestionOrigin.JUDGE:
        card.say("Worded by a language model from what you wrote.", weight=_SHOULD, gap=False)
    if course.standing(question) is Standing.CAME_TO_NOTHING:
        card.say(_why_again(course, question), weight=_MUST)
    for note in notes:
        card.say(sentence(note, SENTENCE_LIMIT), weight=_SHOULD)
    if page is None:
        card.say(
            "Record your answer with your phone or computer, then press `Answer it` and attach "
            "the file. The next question follows at once.",
            weight=_MUST,
        )
    else:
        card.say(
            "`Open the studio` leads through all questions. You can take a break: the link is "
            f"only for you and goes on where you were until {_ends(interview)}, on another device "
            "too.",
            weight=_MUST,
        )
    card.say(*_others(course, question), weight=_MAY)
    return Card(card.build(), _asking_buttons(course, question, page))


def _asking_buttons(
    course: Course, question: InterviewQuestion, page: str | None
) -> discord.ui.View:
    subject, items = course.interview.id, list[discord.ui.Item[discord.ui.View]]()
    if page is not None:
        items.append(discord.ui.Button(label=OPEN_STUDIO, url=page))
    label = "Answer it" if page is None else "Send a file instead"
    answer = PracticeButton(
        Action.INTERVIEW_ANSWER, subject, label=label, position=question.position
    )
    if page is not None:
        answer.style = discord.ButtonStyle.secondary
    items += [
        answer,
        PracticeButton(Action.INTERVIEW_SKIP, subject, position=question.position),
        PracticeButton(Action.INTERVIEW_FINISH, subject),
        PracticeButton(Action.INTERVIEW_STOP, subject),
    ]
    items += _bring_back(course)
    if page is not None:  # this message may be dead when the report is there
        items.append(PracticeButton(Action.INTERVIEW_SHOW, subject))
    return view_of(*items)


def _bring_back(course: Course) -> list[PracticeButton]:
    """The way back to the last question that was left out, while the interview goes on."""
    left_out = course.with_standing(Standing.LEFT_OUT)
    if not left_out or course.interview.state is not InterviewState.OPEN:
        return []
    name = course.name(left_out[-1])
    label = f"Bring back {name[0].lower()}{name[1:]}"
    subject, position = course.interview.id, left_out[-1].position
    return [PracticeButton(Action.INTERVIEW_BRING_BACK, subject, label=label, position=position)]


def _waiting(course: Course, page: str | None) -> Card:
    """All is answered so far: results are to come, and perhaps a follow-up question."""
    interview, subject = course.interview, course.interview.id
    card = FittedEmbed("Interview · all questions are answered", WORKING)
    if interview.state is InterviewState.OPEN and interview.follow_ups is not FollowUps.NONE:
        card.say(
            "A follow-up question may come when your last answers have their results.",
            weight=_MUST,
        )
    card.say(_OVER, weight=_MUST)
    card.say(*_others(course, None), weight=_MAY)
    items = list[discord.ui.Item[discord.ui.View]]()
    if page is not None:
        items.append(discord.ui.Button(label=OPEN_STUDIO, url=page))
    items.append(PracticeButton(Action.INTERVIEW_SHOW, subject))
    if interview.state is InterviewState.OPEN:
        items += [PracticeButton(Action.INTERVIEW_FINISH, subject), *_bring_back(course)]
    return Card(card.build(), view_of(*items))


def _stopped(course: Course, now: datetime) -> Card:
    interview, items = course.interview, list[discord.ui.Item[discord.ui.View]]()
    card = FittedEmbed("Interview stopped", QUIET)
    card.say("There is no report of it. What you have answered stays in `/history`.", weight=_MUST)
    new = PracticeButton(Action.INTERVIEW_NEW, interview.id)
    if now < interview.goes_on_until:
        card.say(f"`Go on` takes you back until {_ends(interview)}.", weight=_MUST, gap=False)
        items.append(PracticeButton(Action.INTERVIEW_GO_ON, interview.id))
        new.style = discord.ButtonStyle.secondary
    card.say(*_others(course, None), weight=_MAY)
    items += [new, PracticeButton(Action.INTERVIEW_DELETE, interview.id)]
    return Card(card.build(), view_of(*items))


def ask_finish(course: Course) -> Card:
    """Ask before ending an interview in which something could still be answered."""
    unanswered = course.with_standing(Standing.UNANSWERED, Standing.CAME_TO_NOTHING)
    card = FittedEmbed("Finish the interview?", ATTENTION)
    card.say(
        f"{counted(len(unanswered), 'question')} would stay unanswered, and you can't go on "
        "afterwards. The report is made of the answers that you have sent in.",
        weight=_MUST,
    )
    subject = course.interview.id
    return Card(
        card.build(),
        view_of(
            PracticeButton(Action.INTERVIEW_FINISH_YES, subject),
            PracticeButton(Action.INTERVIEW_SHOW, subject, label="Go back"),
        ),
    )


def delete_card(course: Course) -> Card:
    """Ask before deleting an interview, and say what goes with it."""
    answers = len(course.attempts)
    what = ""
    if answers:
        what = f" and its {counted(answers, 'answer')}, with their results and transcripts"
    card = FittedEmbed("Delete the interview?", ATTENTION)
    card.say(f"This deletes the interview{what}, and cannot be undone.", weight=_MUST)
    subject = course.interview.id
    return Card(
        card.build(),
        view_of(
            PracticeButton(Action.INTERVIEW_DELETE_YES, subject),
            PracticeButton(Action.INTERVIEW_SHOW, subject, label="Keep it"),
        ),
    )


def shorter_card(interview: Interview, *, left: int) -> Card:
    """Offer a shorter interview than was asked for, before it begins."""
    follow_ups = {
        FollowUps.END: " and one follow-up",
        FollowUps.EACH: " with a follow-up to each",
        FollowUps.NONE: " without follow-ups",
    }
    planned = counted(len(interview.planned), "question")
    card = FittedEmbed("A shorter interview?", ATTENTION)
    card.say(
        f"{counted(left, 'answer')} of your allowance {'is' if left == 1 else 'are'} left now, "
        f"which is too few for what you wanted. One of {planned}"
        f"{follow_ups[interview.follow_ups]} would fit.",
        weight=_MUST,
    )
    return Card(
        card.build(),
        view_of(
            PracticeButton(Action.INTERVIEW_SHOW, interview.id, label=f"Begin with {planned}"),
            PracticeButton(Action.INTERVIEW_NOT_NOW, interview.id),
        ),
    )


def goes_on_card(interview: Interview) -> Card:
    """Say that an interview goes on already, with the button that leads back to it."""
    card = FittedEmbed("", ATTENTION)
    card.say(
        "You have an interview that goes on. Go on with it, or stop it and then use "
        "`/interview start` again.",
        weight=_MUST,
    )
    return Card(
        card.build(),
        view_of(
            PracticeButton(Action.INTERVIEW_SHOW, interview.id, label="Go on"),
            PracticeButton(Action.INTERVIEW_STOP, interview.id),
        ),
    )


def nothing_yet(text: str) -> Card:
    """Say that there is no interview, with the button that begins one."""
    card = FittedEmbed("", ATTENTION).say(sentence(text, SENTENCE_LIMIT), weight=_MUST)
    return Card(card.build(), buttons(NOTHING, Action.INTERVIEW_NEW))


def _others(course: Course, now: InterviewQuestion | None) -> Iterator[str]:
    """A line for each question that has been dealt with."""
    for question in course.interview.questions:
        words = _STANDS.get(course.standing(question))
        if words is not None and question != now:
            yield words.format(course.label(question))


def _why_again(course: Course, question: InterviewQuestion) -> str:
    attempt = course.answer(question)
    failure = attempt.failure if attempt is not None else None
    why = f"{failure.sentence} " if failure is not None else ""
    text = f"Your answer to this one has no result. {why}Answer it again, or skip it."
    return sentence(text, SENTENCE_LIMIT)


def _ends(interview: Interview) -> str:
    return f"<t:{int(interview.goes_on_until.timestamp())}:f>"
