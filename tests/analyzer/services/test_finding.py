"""Searching what was said: bounds, words in any script, and vectors that were tampered with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from analyzer.engines.local.content import finder as finding_child
from analyzer.engines.local.content.finder import LocalFinder
from analyzer.engines.local.content.model import DIMENSIONS
from analyzer.engines.nearest import Compared, Nearest
from analyzer.media.sandbox import ChildFailed
from analyzer.services import finding
from analyzer.services.finding import FindingService, words_of, words_share
from core.assessment import Sentence
from core.models import AttemptState
from storage.repositories.history import AttemptFilter
from tests.analyzer.harness import Harness
from tests.storage.samples import ANN, ASSESSMENT, admitted


class Counting:
    """Stands in for the model where only what it is asked matters."""

    model = "made-up"

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def nearest(
        self, _text: str, *, new: Mapping[str, Sequence[str]], known: Mapping[str, bytes]
    ) -> Nearest | None:
        self.asked.append((len(new), len(known)))
        return Nearest((), {name: bytes(DIMENSIONS * len(said)) for name, said in new.items()})

    async def compare(self, _texts: Sequence[str], _to: Sequence[str]) -> Compared | None:
        return None


async def test_a_search_reads_so_much_and_the_next_one_goes_on(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "NEW_SENTENCES_MAX", 5)
    transcript = tuple(Sentence(text=f"Part {n}.", start=n, end=n) for n in range(2))
    said = ASSESSMENT.model_copy(update={"transcript": transcript})
    deps, model = harness.deps, Counting()
    for _ in range(5):
        attempt = await admitted(deps.attempts, deps.clock())
        await deps.attempts.move(attempt, AttemptState.DELIVERED, assessment=said)
    service = FindingService(replace(deps, finder=model))
    left = [(await service.find(ANN, "part", AttemptFilter())).left for _ in range(4)]
    assert left == [3, 1, 0, 0]
    assert model.asked == [(2, 0), (2, 2), (1, 4), (0, 5)]
    [first, *_] = (await deps.member_data.export(ANN))["sentence_vectors"]
    assert (first["model"], len(first["vectors"])) == ("made-up", DIMENSIONS * 2 * 4 // 3)


def test_words_are_found_in_any_form_and_script() -> None:
    assert words_of("what did I say about the deadlines") == ["deadlines"]
    assert words_of("to the") == ["to", "the"]
    assert words_share(["deadlines", "missed"], "We MISSED the deadline.") == 1
    assert words_share(["cat"], "concatenate") == 0
    assert words_share(["締め切り"], "先月の締め切りに遅れました。") == 1
    assert words_share([], "anything") == 0
    assert words_share(words_of("straße"), "Die STRASSE war leer") == 1


async def test_the_real_model_ranks_by_meaning() -> None:
    new = {"a" * 16: ["I bake bread on Sundays."], "b" * 16: ["The delivery came too late.", "Hm."]}
    found = await LocalFinder().nearest("a delayed shipment", new=new, known={})
    assert found is not None
    assert (found.hits[0].attempt_id, found.hits[0].sentence) == ("b" * 16, 0)
    assert {name: len(data) // DIMENSIONS for name, data in found.vectors.items()} == {
        "a" * 16: 1,
        "b" * 16: 2,
    }
    again = await LocalFinder().nearest("a delayed shipment", new={}, known=found.vectors)
    assert again is not None
    assert [hit.nearness for hit in again.hits] == [hit.nearness for hit in found.hits]
    broken = await LocalFinder().nearest("x", new={}, known={"c" * 16: b"not whole"})
    assert broken is not None
    assert broken.hits == ()


@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b'{"error": "no_model"}',
        b'{"found": {"vectors": {}, "hits": []}}',
        b'{"found": {"vectors": {"a": "AAAA"}, "hits": []}}',
        b'{"found": {"vectors": {"a": "?"}, "hits": []}}',
        ChildFailed("timeout"),
    ],
)
async def test_a_child_that_fails_means_no_search_by_meaning(
    monkeypatch: pytest.MonkeyPatch, printed: bytes | ChildFailed
) -> None:
    async def answers(*arguments: object, **limits: object) -> bytes:
        if isinstance(printed, ChildFailed):
            raise printed
        return printed

    monkeypatch.setattr(finding_child, "run_child", answers)
    assert await LocalFinder().nearest("x", new={"a": ["b"]}, known={}) is None


async def test_a_hit_in_an_attempt_that_was_not_asked_for_is_no_hit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def invented(*arguments: object, **limits: object) -> bytes:
        return (
            b'{"found": {"vectors": {}, "hits":'
            b' [{"attempt_id": "z", "sentence": 0, "nearness": 1}]}}'
        )

    monkeypatch.setattr(finding_child, "run_child", invented)
    assert await LocalFinder().nearest("x", new={}, known={}) is None
