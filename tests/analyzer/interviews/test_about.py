"""What an interview is about: what is taken, how it is divided, and what is near to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.engines.local.content import finder as finding_child
from analyzer.engines.local.content.child import Comparison
from analyzer.engines.local.content.finder import LocalFinder
from analyzer.engines.local.content.model import DIMENSIONS
from analyzer.engines.nearest import Compared, cosine
from analyzer.interviews import about as about_module
from analyzer.interviews.about import About, By, clean_about, rank
from analyzer.media.sandbox import ChildFailed, run_child
from analyzer.questions.bank import STARTERS
from core.errors import Refused
from core.interviews import ABOUT_MAX
from core.questions import Question, QuestionLevel
from tests.analyzer.interviews.banks import JOBS, NoModel, made


def top(
    ranking: about_module.Ranking, count: int, questions: Sequence[Question] = STARTERS
) -> list[str]:
    ranked = sorted(zip(ranking.nearness, questions, strict=True), key=lambda pair: -pair[0])
    return [question.text for _, question in ranked[:count]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t  ",
        "\u200b\u200d\ufeff\u2060",
        "\u202e\u202d\u2066",
        "\x00\x01\x1b[31m"[:3],
        "🎤" * ABOUT_MAX,
        "👩‍💻" * 1300,
        "\u2139\ufe0f" * 2000,  # "information", a letter by Unicode's own account
        "12345 -- 67 %",
        "\ud800\udfff",
    ],
)
def test_a_text_without_a_letter_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_about(text)
    assert refused.value.code == "about_empty"
    assert refused.value.sentence.count(".") == 1


def test_what_does_not_show_is_left_out_and_lines_stay() -> None:
    hidden = "nu\u200brse\u202e on\x00 a  ward\r\n\r\n\u2028- nights\u2029\x1b[31m  only\ufeff"
    assert clean_about(hidden).text == "nurse on a ward\n- nights\n[31m only"
    assert clean_about("Krankenpfleger 👩‍⚕️").text.startswith("Krankenpfleger")
    assert clean_about("医").text == "医"


def test_length_counts_what_is_left() -> None:
    assert len(clean_about("a" * ABOUT_MAX + "\u200b" * 5000).text) == ABOUT_MAX
    for text in ("a" * (ABOUT_MAX + 1), "a" * 10_000_000):
        with pytest.raises(Refused, match="about_too_long"):
            clean_about(text)


def test_the_text_stands_in_no_representation_of_it() -> None:
    about = clean_about("Secret project Nightingale")
    assert "Nightingale" not in f"{about!r} {about}"


@pytest.mark.parametrize("name", JOBS)
def test_a_description_is_divided_into_passages(name: str) -> None:
    about = clean_about(JOBS[name])
    assert 3 <= len(about.passages) <= 30
    assert all(0 < len(passage) <= 300 for passage in about.passages)
    letters = "".join(c for c in JOBS[name] if c.isalpha())
    assert "".join(c for c in " ".join(about.passages) if c.isalpha()) == letters


def test_bullets_are_no_part_of_a_passage_but_numbers_are() -> None:
    text = "- You lead a shift of 15 people.\n2) You count the stock each week.\n3 years at least."
    assert clean_about(text).passages == (
        "You lead a shift of 15 people.",
        "You count the stock each week.",
        "3 years at least.",
    )


@given(st.text(max_size=200))
def test_any_text_is_taken_clean_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        taken_clean(clean_about(text))


def taken_clean(about: About) -> None:
    assert about.text.replace("\n", "").isprintable()
    assert any(map(str.isalpha, about.text))
    assert clean_about(about.text) == about
    assert all(about.passages)
    assert about.level in (None, *QuestionLevel)


@pytest.mark.parametrize("text", ["x" * 4000, "a\n" * 2000, "a b. " * 800, "- \n- tests\n" * 300])
def test_no_text_makes_very_many_passages(text: str) -> None:
    assert len(clean_about(text[:4000]).passages) <= 4000 / 25


def test_the_level_is_told_by_the_title() -> None:
    levels = {name: clean_about(text).level for name, text in JOBS.items()}
    assert levels["student internship"] is QuestionLevel.ENTRY
    assert levels["warehouse lead"] is QuestionLevel.SENIOR
    assert levels["nurse"] is levels["teacher"] is levels["accountant"] is None
    for text in ("Junior tester", "apprentice baker", "Cook, no experience needed"):
        assert clean_about(text).level is QuestionLevel.ENTRY
    for text in ("Senior nurse", "Head of finance", "team lead"):
        assert clean_about(text).level is QuestionLevel.SENIOR


def test_only_work_on_software_is_software() -> None:
    software = {name for name, text in JOBS.items() if clean_about(text).is_software}
    assert software == {"backend developer", "data analyst"}
    for text in ("developer", "QA", "C++ programmer", "Site Reliability Engineer"):
        assert clean_about(text).is_software
    for text in ("sales of software", "gardener", "business development"):
        assert not clean_about(text).is_software


async def test_by_meaning_what_is_near_differs_from_job_to_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[bytes] = []

    async def seen(module: str, arguments: Sequence[str], **options: Any) -> bytes:
        given.append(options["given"])
        return await run_child(module, arguments, **options)

    monkeypatch.setattr(finding_child, "run_child", seen)
    monkeypatch.setattr(about_module, "RANK_SECONDS", 120)  # whatever else runs here
    finder = LocalFinder()
    names = ("backend developer", "project manager")
    some = [one for one in STARTERS if {"planning", "software"} & {*one.tags}]
    one, other = [await rank(clean_about(JOBS[name]), some, finder) for name in names]
    assert one.by is other.by is By.MEANING
    developer, manager = top(one, 3, some), top(other, 3, some)
    assert "A page of your product has become slow. How do you find out why?" in developer
    assert "How do you weigh paying off technical debt against new features?" in developer
    assert "Tell me about a deadline that was at risk. What did you do?" in manager
    assert "Halfway through a project the requirements change. What do you do first?" in manager
    assert len({*developer, *manager}) == 6
    assert one.vectors == other.vectors
    assert len(one.vectors) == len(some)
    assert cosine(one.vectors[0], one.vectors[0]) == pytest.approx(1)
    assert cosine(one.vectors[0], one.vectors[-1]) < 0.5
    known = [len(Comparison.model_validate_json(one).known) for one in given]
    assert known == [0, len(some)], "texts that were compared are remembered"


def test_by_words_what_is_near_has_rare_words_in_common() -> None:
    ranked = {
        name: asyncio.run(rank(clean_about(text), STARTERS, NoModel()))
        for name, text in JOBS.items()
    }
    assert {ranking.by for ranking in ranked.values()} == {By.WORDS}
    assert "deadline" in top(ranked["project manager"], 1)[0]
    assert "doubted" in top(ranked["sales"], 1)[0]
    assert "whether a new feature has helped" in top(ranked["data analyst"], 1)[0]
    assert len({top(ranking, 1)[0] for ranking in ranked.values()}) >= 8


async def test_where_nothing_is_near_chance_remains() -> None:
    ranking = await rank(clean_about("Bäcker"), STARTERS, NoModel())
    assert ranking.by is By.CHANCE
    assert set(ranking.nearness) == {0.0}


async def test_many_new_texts_are_read_a_part_at_a_time_and_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The model is replaced: only what it is given to read matters here."""
    read: list[tuple[int, int]] = []

    async def child(_module: str, _arguments: Sequence[str], **options: Any) -> bytes:
        given = Comparison.model_validate_json(options["given"])
        new = [number for number in range(len(given.texts)) if number not in given.known]
        read.append((len(new), len(given.to)))
        if len(read) == 3:
            raise ChildFailed("timeout")
        near = [[0.5] * len(given.to)] * len(given.texts)
        vectors = {number: b64encode(bytes(DIMENSIONS)).decode() for number in new}
        return json.dumps({"compared": {"near": near, "vectors": vectors}}).encode()

    monkeypatch.setattr(finding_child, "run_child", child)
    monkeypatch.setattr(finding_child, "NEW_AT_ONCE", 10)
    finder, texts = LocalFinder(), [str(number) for number in range(35)]
    assert await finder.compare(texts, ["x", "y"]) is None
    assert read == [(10, 0), (10, 0), (10, 0)]
    found = await finder.compare([*texts, "0"], ["x", "y"])
    assert read[3:] == [(10, 0), (5, 2)]
    assert found is not None
    assert [len(row) for row in found.near] == [2] * 36
    assert await finder.compare([], ["x"]) is not None


async def test_a_model_that_takes_too_long_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stuck(NoModel):
        async def compare(self, *_: object) -> Compared | None:
            await asyncio.Event().wait()
            return None

    monkeypatch.setattr(about_module, "RANK_SECONDS", 0)
    assert (await rank(clean_about("customers"), STARTERS, Stuck())).by is By.WORDS


@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b'{"compared": {"near": [], "vectors": {}}}',
        b'{"compared": {"near": [[0.5]], "vectors": {}}}',
        b'{"compared": {"near": [[0.5]], "vectors": {"0": "AAAA"}}}',
        b'{"compared": {"near": [["x"]], "vectors": {"0": "?"}}}',
        ChildFailed("timeout"),
    ],
)
async def test_a_child_that_fails_costs_the_ranking_only_its_meaning(
    printed: bytes | ChildFailed,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object, **__: object) -> bytes:
        if isinstance(printed, ChildFailed):
            raise printed
        return printed

    monkeypatch.setattr(finding_child, "run_child", broken)
    with caplog.at_level(logging.DEBUG):
        ranking = await rank(About("unmentionable customers"), [made("a customer")], LocalFinder())
    assert ranking.by is By.WORDS
    assert "unmentionable" not in caplog.text
