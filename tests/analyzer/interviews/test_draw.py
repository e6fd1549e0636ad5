"""Questions of one interview fit together, whatever chance says."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from analyzer.engines.local.content.finder import LocalFinder
from analyzer.interviews.about import By, Ranking, clean_about, rank
from analyzer.interviews.draw import Asked, Wanted, draw, nearly_same
from analyzer.questions.bank import STARTERS
from analyzer.questions.kinds import kind_of
from core.errors import Refused
from core.questions import AnswerKind, Question, QuestionLevel, question_key
from tests.analyzer.interviews.banks import made

SEEDS = range(30)
OPENERS = [one for one in STARTERS if kind_of(one) is AnswerKind.OPENER]


def by(seed: int) -> Random:
    """Chance that can be repeated."""
    return Random(seed)  # noqa: S311 - nothing secret is drawn


def drawn(pool: list[Question], seed: int = 0, **wanted: object) -> list[Question]:
    return list(draw(pool, Wanted(**wanted), by(seed)).questions)  # type: ignore[arg-type]


def keys(questions: list[Question]) -> list[str]:
    return [question_key(question.text) for question in questions]


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_an_opener_comes_first_and_then_other_kinds(count: int) -> None:
    for seed in SEEDS:
        found = drawn([*STARTERS], seed, count=count)
        kinds = Counter(kind_of(one) for one in found)
        assert len(set(keys(found))) == count
        assert kind_of(found[0]) is AnswerKind.OPENER
        assert kind_of(found[1]) is AnswerKind.BEHAVIOURAL
        assert kinds[AnswerKind.OPENER] == 1
        assert len(kinds) == min(count, 4)
        assert not any(
            nearly_same(one.text, other.text) for one in found for other in found if one != other
        )


def test_chance_draws_and_a_seed_repeats_it() -> None:
    found = {tuple(keys(drawn([*STARTERS], seed, count=3))) for seed in SEEDS}
    assert len(found) > 15
    assert drawn([*STARTERS], 5, count=4) == drawn([*STARTERS], 5, count=4)


def test_without_a_trade_nobody_is_asked_about_code() -> None:
    asked = {one for seed in SEEDS for one in drawn([*STARTERS], seed, count=5)}
    assert not any({"software", "debugging"} & set(one.tags) for one in asked)
    asked = {one for seed in SEEDS for one in drawn([*STARTERS], seed, count=5, for_software=True)}
    assert any("software" in one.tags for one in asked)
    own = [made("What is a race condition?", kind="technical", tags="software"), *OPENERS]
    assert own[0] in drawn(own, count=3)


@pytest.mark.parametrize("level", QuestionLevel)
def test_a_chosen_level_is_kept_while_there_are_questions_of_it(level: QuestionLevel) -> None:
    for seed in SEEDS:
        found = drawn([*STARTERS], seed, count=5, level=level)
        assert {one.level for one in found[1:]} == {level}


def test_a_level_that_is_short_is_filled_from_the_next_one() -> None:
    levels = ("senior", "senior", "middle", "entry", "entry", "entry")
    subjects = ("a budget", "an audit", "a strike", "the harvest", "your garden", "night buses")
    pool = [
        made(f"Tell me about a time you dealt with {subject}.", level=level)
        for subject, level in zip(subjects, levels, strict=True)
    ]
    for seed in SEEDS:
        found = drawn(pool, seed, count=3, level=QuestionLevel.SENIOR)
        assert [one.level.value for one in found[:2]] == ["senior", "senior"]
        assert found[2].level is QuestionLevel.MIDDLE


def test_what_was_asked_last_is_not_asked_while_there_are_others() -> None:
    last = drawn([*STARTERS], count=5)
    for seed in SEEDS:
        result = draw([*STARTERS], Wanted(count=5, avoid=keys(last)), by(seed))
        assert not set(keys(last)) & set(keys(list(result.questions)))
        assert result.repeated == 0


def test_where_too_few_are_left_the_oldest_come_back_and_it_is_said() -> None:
    subjects = ("a budget", "an audit", "a strike", "the harvest", "your garden")
    pool = [made(f"Tell me about a time you dealt with {subject}.") for subject in subjects]
    asked = [question_key(pool[number].text) for number in (3, 1, 0, 2)]
    for seed in SEEDS:
        result = draw(pool, Wanted(count=3, avoid=asked), by(seed))
        assert [pool.index(one) for one in result.questions] == [4, 3, 1]
        assert result.repeated == 2


def test_a_small_bank_gives_what_it_has_and_an_empty_one_says_so() -> None:
    only = [made("Why this hospital?")]
    assert drawn(only, count=5) == only
    with pytest.raises(Refused, match="no_question"):
        drawn([], count=3)


def test_questions_that_are_nearly_the_same_are_not_drawn_together() -> None:
    pool = [
        made("Tell me about a conflict with a colleague.", tags="conflict"),
        made("Describe a conflict with one of your colleagues.", tags="teams"),
        made("Tell me about a mistake you made.", tags="mistakes"),
        made("What would you do in a fire?", kind="situational"),
    ]
    for seed in SEEDS:
        found = drawn(pool, seed, count=3)
        assert pool[0] not in found or pool[1] not in found
    assert len(drawn(pool, count=4)) == 4  # rather than fewer than wanted


async def test_questions_that_mean_nearly_the_same_are_not_drawn_together() -> None:
    pool = [
        made("Tell me about a disagreement with a coworker."),
        made("Tell me about a time you disagreed with a colleague."),
        made("How would you fix a leaking pipe?", kind="technical"),
        made("What would you do in a fire?", kind="situational"),
        made("Tell me about a garden you have planted."),
    ]
    assert not nearly_same(pool[0].text, pool[1].text)
    ranking = await rank(clean_about("conflict with a colleague"), pool, LocalFinder())
    for seed in SEEDS:
        found = drawn(pool, seed, count=4, ranking=ranking)
        assert pool[0] not in found or pool[1] not in found


def test_what_is_asked_beside_counts_for_kinds_and_sameness() -> None:
    angry = made("How would you calm an angry guest?", kind="situational")
    pool = [
        *OPENERS,
        angry,
        made("What would you do in a fire?", kind="situational"),
        made("Tell me about a garden you have planted."),
        made("What is a ledger?", kind="technical"),
    ]
    technical = Asked("How do you reconcile an account?", AnswerKind.TECHNICAL)
    situational = Asked("How would you calm an angry guest here?", AnswerKind.SITUATIONAL)
    for seed in SEEDS:
        for beside, kind in ((technical, "situational"), (situational, "technical")):
            found = drawn(pool, seed, count=3, beside=[beside])
            assert [kind_of(one).value for one in found] == ["opener", "behavioural", kind]
        everything = drawn(pool, seed, count=len(pool), beside=[situational])
        assert everything[-1] == angry, "what is nearly the same comes last of all"


def test_tags_change() -> None:
    conflict = [
        made(f"Tell me about {what}.", tags="conflict, teams") for what in ("a strike", "a row")
    ]
    other = made("Tell me about a garden you have planted.", tags="plants")
    for seed in SEEDS:
        assert other in drawn([*conflict, other], seed, count=2)


def test_the_nearest_ones_are_drawn() -> None:
    near = tuple(3.0 if "customer" in one.text or one in OPENERS else -0.5 for one in STARTERS)
    for seed in SEEDS:
        found = drawn([*STARTERS], seed, count=4, ranking=Ranking(By.MEANING, near))
        assert sum("customer" in one.text for one in found) >= 2
        assert [kind_of(one) is AnswerKind.OPENER for one in found] == [True] + [False] * 3
