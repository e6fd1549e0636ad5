"""What a report says of an interview: from real shapes of results, whole, partial and mixed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.interviews.course import Standing
from analyzer.interviews.report import NOTHING_FOUND, InterviewReport, report_of
from core.assessment import BetterWording, EngineName, Filler, Metric, PartName
from core.models import Attempt
from tests.analyzer.interviews.answered import ANSWERS, failed, interview, result, scores, story
from tests.cogs.ui.samples import BOUNDED, delivery


def report(*answers: Attempt | str | None) -> InterviewReport:
    return report_of(*interview(answers))


def test_what_was_lowest_in_most_and_missing_more_than_once_ran_through_it() -> None:
    found = report(
        result(scores(clarity=4), parts=story(PartName.RESULT), delivery=delivery()),
        result(
            scores(clarity=5),
            parts=story(PartName.RESULT, PartName.TASK),
            delivery=delivery(),
        ),
        result(scores(voice_tone=5), parts=story()),
    )
    assert found.partial == ""
    text = " ".join(found.patterns)
    assert "was the lowest score in 2 of 3 answers" in text
    assert "“Result” was not heard in 2 of 3 answers" in text
    assert "“Task”" not in text
    assert "Your pace from answer to answer" in text


def test_one_result_has_no_patterns_and_none_nothing_at_all() -> None:
    alone = report(result(scores(clarity=2)), failed(), "left out", None)
    assert alone.patterns == ()
    assert alone.series == ()
    assert alone.best is not None
    assert alone.partial == (
        "This is about 1 of 4 questions: 1 left out, 1 not answered, 1 without a result."
    )
    assert [one.words for one in alone.answers][1:] == [
        "Your clip is too short. Record more.",
        "Left out.",
        "Not answered.",
    ]
    nothing = report(failed(), None)
    assert (nothing.best, nothing.to_do, nothing.patterns) == (None, (), ())
    assert "nothing to report" in nothing.partial


def test_things_to_do_differ_and_each_has_its_moment() -> None:
    low = scores(clarity=3)
    spoken = delivery(fillers=tuple(Filler(text="um", at_seconds=9.0 + at) for at in range(9)))
    found = report(
        result(low, parts=story(PartName.RESULT), delivery=spoken),
        result(low, parts=story(PartName.RESULT), next_step="Look up more often."),
        result(low, better=BetterWording(quote="we kind of won", better="we won", at_seconds=4.0)),
    )
    assert [one.kind for one in found.to_do] == ["part", "score", "fillers"]
    part, score, fillers = (one.moment for one in found.to_do)
    assert (part.label, part.at_seconds) == ("Question 1", 5.0)
    assert "not heard in 2 answers" in part.text
    assert score.text.startswith("Clarity: aim for this")
    assert fillers.at_seconds == 9.0


def test_numbers_of_different_engines_are_not_put_side_by_side() -> None:
    local = result(scores(), engine=EngineName.LOCAL)
    found = report(result(scores(clarity=3)), result(scores(clarity=4)), local)
    assert "only the numbers of 2 are put side by side" in " ".join(found.patterns)
    overall = found.series[0]
    assert overall.line.measure.title == "Overall"
    assert overall.line.values[2] is None
    assert "Question 3" not in overall.words


def test_two_answers_assessed_in_two_ways_are_not_compared() -> None:
    found = report(result(scores(clarity=3)), result(scores(clarity=3), engine=EngineName.LOCAL))
    [words] = found.patterns
    assert "not put side by side" in words
    assert found.series == ()


def test_answers_in_which_nothing_was_measured_say_so() -> None:
    unmeasured = result(dict.fromkeys(Metric, 0), language="de")
    found = report(unmeasured, unmeasured)
    assert found.patterns == (NOTHING_FOUND,)
    assert found.series == ()
    assert [one.kind for one in found.to_do] == ["next_step"]


def test_a_next_step_about_what_is_advised_already_gives_way_to_another() -> None:
    flat = result(scores(voice_tone=3), next_step="Stress the one word that matters.")
    other = result(scores(relevance=4), next_step="Name what came of it.")
    found = report(flat, flat, flat, other)
    assert [(one.kind, one.moment.text) for one in found.to_do][1:] == [
        ("next_step", "Name what came of it.")
    ]
    assert found.to_do[0].moment.text.startswith("Voice tone")
    um = tuple(Filler(text="um", at_seconds=2.0 + at) for at in range(9))
    filled = result(
        dict.fromkeys(Metric, 9), delivery=delivery(fillers=um), next_step="Leave fillers out."
    )
    assert [one.kind for one in report(filled).to_do] == ["fillers"]


def test_what_the_local_engine_advises_for_its_lowest_score_is_told_in_its_words() -> None:
    values = dict.fromkeys(Metric, 0) | {Metric.SPEECH_RATE: 5, Metric.VOICE_TONE: 8}
    um = tuple(Filler(text="um", at_seconds=2.0 + at) for at in range(9))
    step = "Leave a short silence instead of fillers."
    one = result(
        values,
        engine=EngineName.LOCAL,
        next_step=step,
        next_step_at=2.0,
        delivery=delivery(fillers=um),
    )
    [told] = report(one, one).to_do  # and nothing about fillers a second time
    assert (told.moment.text, told.moment.at_seconds) == (step, 2.0)
    even = result(values | {Metric.VOICE_TONE: 5}, engine=EngineName.LOCAL, next_step=step)
    assert report(even).to_do[0].moment.text.startswith("Speech rate: aim for this")


def test_what_is_switched_off_is_in_no_pattern_no_series_and_no_advice() -> None:
    off = frozenset({Metric.SPEECH_RATE, Metric.RELEVANCE})
    values = {metric: 7 for metric in Metric if metric not in off} | {Metric.CLARITY: 4}
    one = result(values, parts=story(PartName.RESULT), metrics_off=off)
    found = report(one, one)
    everything = " ".join(
        [
            *found.patterns,
            *(s.line.measure.title for s in found.series),
            *(t.kind for t in found.to_do),
        ]
        + [line.words for line in found.answers]
    )
    for word in ("pace", "minute", "Fillers", "parts heard", "“Result”", "part "):
        assert word not in everything


def test_the_strongest_answer_has_the_best_moment() -> None:
    found = report(
        result(scores(clarity=2), strength="Weak.", strength_at=1.0),
        result(scores(clarity=9), strength="Strong.", strength_at=2.0),
        result(scores(clarity=10), strength="No moment."),
    )
    assert found.best is not None
    assert (found.best.text, found.best.position, found.best.at_seconds) == ("Strong.", 2, 2.0)


@settings(BOUNDED, max_examples=30)
@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_whatever_came_of_the_answers_there_is_a_report(
    answers: list[Attempt | str | None],
) -> None:
    whole, attempts = interview(answers)
    found = report_of(whole, attempts)
    assert len(found.answers) == found.asked == len(answers)
    assert len(found.to_do) <= 3
    assert len({one.kind for one in found.to_do}) == len(found.to_do)
    assert (found.partial == "") == (found.assessed == found.asked)
    assert all(len(one.line.values) == len(found.columns) == found.assessed for one in found.series)
    if found.assessed < 2:
        assert not found.patterns
        assert not found.series
    answered = {one.position for one in found.answers if one.standing is Standing.ASSESSED}
    spots = [one.moment for one in found.to_do] + ([found.best] if found.best else [])
    assert {one.position for one in spots} <= answered
