"""Eye contact is called by what was looked at, wherever a score is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analyzer.scoring.progress import compare, progress_of
from analyzer.scoring.rubric import HEAD_DIRECTION
from cogs.analyze.result_card import result_embed
from cogs.compare.cards import compare_alt, compare_card
from cogs.progress.cards import progress_alt, progress_card
from core.assessment import EngineName, Metric, Score
from core.models import Attempt
from tests.cogs.ui.reading import read
from tests.cogs.ui.samples import DAY, assessment, attempt
from web.studio.schemas import snapshot_of


def assessed(engine: EngineName, value: int, *, days: int = 0) -> Attempt:
    scores = {metric: Score(value=5) for metric in Metric}
    scores[Metric.EYE_CONTACT] = Score(value=value)
    return attempt(
        id=f"{days:016x}",
        engine=engine,
        created_at=DAY + timedelta(days=days),
        assessment=assessment(engine=engine, scores=scores),
    )


@pytest.mark.parametrize(
    ("engine", "name"),
    [(EngineName.LOCAL, HEAD_DIRECTION), (EngineName.TWELVELABS, "Eye contact")],
)
def test_every_place_says_what_was_measured(engine: EngineName, name: str) -> None:
    before, now = assessed(engine, 4), assessed(engine, 7, days=1)
    result = read(result_embed(now, before))
    assert f"{name}" in result
    assert f"{name} 4 → 7" in result
    both = compare(before, now)
    assert f"{name}: 7, before 4" in read(compare_card(both))
    assert f"{name}: 7, before 4" in compare_alt(both)
    line = progress_of([now, before])
    card = read(progress_card(line, question=None, total=2, streak=1))
    assert f"{name}: 7, at first 4" in card
    assert f"{name}: rising" in progress_alt(line)
    shown = snapshot_of(now, DAY).result
    assert shown is not None
    (score,) = (score for score in shown.scores if score.metric is Metric.EYE_CONTACT)
    assert score.label == name
    assert (score.observed == "Head toward the camera") is (engine is EngineName.LOCAL)
    for text in (result, card):
        assert (HEAD_DIRECTION in text) is (engine is EngineName.LOCAL)
