"""How two attempts look side by side where parts of an answer and the picture were measured."""

from __future__ import annotations

from datetime import timedelta

from analyzer.scoring.progress import compare, progress_of
from cogs.compare.cards import compare_card
from cogs.progress.cards import progress_card
from cogs.ui.text import unmarked
from core.assessment import AnswerPart, Metric, PartName, Picture
from core.models import Attempt
from tests.cogs.ui.samples import DAY, assessment, attempt


def made(days: int, share: float | None, *heard: float | None) -> Attempt:
    names = (PartName.SITUATION, PartName.TASK, PartName.ACTION, PartName.RESULT)
    found = assessment(
        picture=Picture(pictures=60, face_share=1, toward_share=share),
        parts=tuple(AnswerPart(name=n, at_seconds=at) for n, at in zip(names, heard, strict=False)),
    )
    return attempt(found, id=f"{days:016x}", created_at=DAY + timedelta(days=days))


BEFORE, NOW = made(1, 0.5, 1, None, 3, None), made(2, 0.82, 1, 2, 3, 31)


def test_parts_and_head_have_their_lines_in_a_comparison() -> None:
    card = compare_card(compare(BEFORE, NOW))
    values = {str(field.name): unmarked(field.value or "") for field in card.fields}
    assert values["Your answer and your picture"].split("\n") == [
        "• Parts of the answer heard: 100%, before 50% (up 50%)",
        "• Head toward the camera: 82%, before 50% (up 32%)",
        "• Task: heard at 0:02, before not heard",
        "• Result: heard at 0:31, before not heard",
    ]
    assert "Measured in your delivery" not in values


def test_and_in_progress_unless_the_metric_is_off() -> None:
    found = progress_of([NOW, BEFORE])
    text = str(progress_card(found, question=None, total=2, streak=0).to_dict())
    assert "Head toward the camera: 82%, at first 50% (up 32%)" in text
    assert "Parts of the answer heard: 100%, at first 50%" in text
    off = [one.model_copy(update={"metrics_off": {Metric.EYE_CONTACT}}) for one in (NOW, BEFORE)]
    titles = [line.measure.title for line in progress_of(off).lines]
    assert "Head toward the camera" not in titles


def test_where_nothing_was_measured_nothing_is_shown() -> None:
    one, other = made(1, None), made(2, None)
    card = compare_card(compare(one, other))
    assert "Your answer and your picture" not in [field.name for field in card.fields]
