"""Replays every kept input, and mutations of them, through the fuzzed targets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = {name: sorted((CORPUS / name).iterdir()) for name in TARGETS}


def test_every_target_has_a_corpus_and_every_corpus_a_target() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)
    assert all(len(files) > 3 for files in KEPT.values())


@pytest.mark.parametrize("name", TARGETS)
def test_every_kept_input_is_taken(name: str) -> None:
    for file in KEPT[name]:
        try:
            TARGETS[name](file.read_bytes())
        except Exception as error:
            raise AssertionError(f"{name} does not take {file.name}") from error


@pytest.mark.parametrize("name", TARGETS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_every_mutation_is_taken(name: str, data: st.DataObject) -> None:
    """Cut somewhere, with some bytes put in at that place and some left out."""
    whole = data.draw(st.sampled_from(KEPT[name])).read_bytes()
    place = data.draw(st.integers(0, len(whole)))
    gap = data.draw(st.integers(0, 8))
    TARGETS[name](whole[:place] + data.draw(st.binary(max_size=16)) + whole[place + gap :])
