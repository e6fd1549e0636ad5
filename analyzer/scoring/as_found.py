"""What a result has to say about what was sent in: no picture, a broken file, a follow-up."""

from __future__ import annotations

from analyzer.scoring.rubric import NO_PICTURE, PICTURE, SWITCHED_OFF
from core.assessment import Assessment, Score
from core.models import ClipFacts

CUT_SHORT = "Your file breaks off before its end: only what is there was assessed."


def as_found(assessment: Assessment, facts: ClipFacts) -> Assessment:
    """Return an assessment that says what could not be assessed because of the file itself.

    Without a picture the metrics that need one are `NO_PICTURE`, unless they are switched off.
    """
    changes: dict[str, object] = {}
    if not facts.has_picture:
        unseen = {
            metric: Score(reason=NO_PICTURE)
            for metric in PICTURE
            if assessment.scores[metric].reason != SWITCHED_OFF
        }
        changes["scores"] = {**assessment.scores, **unseen}
        changes["picture"] = None
    if facts.cut_short and CUT_SHORT not in assessment.notes:
        changes["notes"] = (CUT_SHORT, *assessment.notes)
    return assessment.model_copy(update=changes)


def answers_follow_up(assessment: Assessment) -> Assessment:
    """Return what is said of an answer to a follow-up question.

    It was asked about one part of an answer, so it is to have no other, and nothing follows on it.
    """
    heard = tuple(part for part in assessment.parts if part.at_seconds is not None)
    return assessment.model_copy(update={"parts": heard, "not_heard": (), "follow_up": ""})


def lacks_picture(assessment: Assessment) -> bool:
    """Whether the overall leaves out metrics that an answer with a picture is scored in."""
    return any(score.reason == NO_PICTURE for score in assessment.scores.values())
