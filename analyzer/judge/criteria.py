"""What a judge is asked about: criteria with described anchors and an example.

The criteria are those of the rubric as far as they can be read in a transcript. A judge hears no
voice and sees no picture, so neither is in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.scoring.rubric import RUBRIC, WORDS, Line
from core.assessment import Metric

JUDGED = tuple(metric for metric in Metric if metric in WORDS)
"""The metrics that words alone can show, in the order they are asked for."""


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a piece of an answer, and what a careful judge says of it."""

    question: str
    said: str
    quote: str
    evidence: str
    score: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to be scored: its line, with anchors that words alone can show, and an example."""

    line: Line
    example: Example


CRITERIA: Mapping[Metric, Criterion] = {
    Metric.CONFIDENCE: Criterion(
        line=Line(
            title="Assured delivery",
            observable="whether sentences are carried to their end, and how often the speaker "
            "breaks off, starts over, takes something back or apologises for the answer",
            low="most sentences are broken off, begun again or taken back",
            middle="about half of the sentences are finished; several restarts",
            high="nearly every sentence is finished; a restart at most once",
        ),
        example=Example(
            question="Why this field?",
            said="I like, well, I started, no, let me begin again. I like finding faults. Sorry, "
            "that is not a good answer.",
            quote="no, let me begin again",
            evidence="You start over, and take the answer back at the end.",
            score=3,
        ),
    ),
    Metric.CLARITY: Criterion(
        line=RUBRIC[Metric.CLARITY],
        example=Example(
            question="Tell me about a delay.",
            said="The delay came from one supplier. So we called them each week. And there was "
            "also the budget, which was another thing.",
            quote="there was also the budget",
            evidence="The cause comes first, but a new thought is opened and the end is left open.",
            score=5,
        ),
    ),
    Metric.RELEVANCE: Criterion(
        line=RUBRIC[Metric.RELEVANCE],
        example=Example(
            question="How did you handle a mistake, and what did you learn?",
            said="I sent the wrong file to a client. I told them within the hour and sent the "
            "right one.",
            quote="I told them within the hour",
            evidence="You tell what you did with a concrete example, but not what you learned.",
            score=6,
        ),
    ),
}
