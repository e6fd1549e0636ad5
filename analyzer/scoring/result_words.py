"""What a result says beside its scores, in the same words in Discord and in the studio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.scoring.as_found import lacks_picture
from analyzer.scoring.parts import heard_of
from analyzer.scoring.rubric import SWITCHED_OFF, WORDS, metric_name
from analyzer.scoring.wording import made_by, moment, pace_text, percent, seconds_text
from core.assessment import (
    AnswerPart,
    Assessment,
    Delivery,
    Metric,
    PartName,
    Picture,
    Structure,
)

PART_NAMES: Mapping[PartName, str] = {
    PartName.SITUATION: "Situation",
    PartName.TASK: "Task",
    PartName.ACTION: "What you did",
    PartName.RESULT: "Result",
    PartName.APPROACH: "Approach",
    PartName.REASONS: "Reasons and trade-offs",
    PartName.EXAMPLE: "Example or check",
    PartName.LIMITS: "Limits",
    PartName.FACTS: "What to find out first",
    PartName.OPTIONS: "Options",
    PartName.DECISION: "Decision and why",
    PartName.CHECK: "How you would know",
    PartName.NOW: "Where you are now",
    PartName.BEFORE: "How you came here",
    PartName.REASON: "Why this",
}


def parts_heading(found: Assessment) -> str:
    """What stands above the parts of an answer, or above its structure alone."""
    return "Parts of your answer" if found.parts else "How your answer is built"


NOT_HEARD = "not heard"

FLAT_SEMITONES = 1.0
"""Below this a sentence's pitch hardly moves. One sentence moves less than a whole answer does."""

_LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one moment: plain words first, the figure behind them."""

    kind: str  # `fastest`, `slowest`, `flattest` or `pause`
    text: str
    figure: str
    at_seconds: float
    seconds: float


def delivery_remarks(delivery: Delivery | None) -> Iterator[Remark]:
    """Where the speech was fastest, slowest and flattest, and the longest pause."""
    if delivery is None:
        return
    for kind, text, stretch in (
        ("fastest", "You spoke fastest here", delivery.fastest),
        ("slowest", "You spoke slowest here", delivery.slowest),
    ):
        if stretch is not None:
            figure = f"{stretch.value:.0f} words per minute"
            yield Remark(kind, text, figure, stretch.start, stretch.end - stretch.start)
    if (flat := delivery.flattest) is not None:
        one_note = flat.value < FLAT_SEMITONES
        text = "Your voice stayed on nearly one note" if one_note else "Your voice moved least here"
        figure = f"{flat.value:.1f} semitones"
        yield Remark("flattest", text, figure, flat.start, flat.end - flat.start)
    if delivery.pauses:
        longest = max(delivery.pauses, key=lambda pause: pause.seconds)
        figure = seconds_text(longest.seconds)
        yield Remark("pause", "Your longest pause", figure, longest.start, longest.seconds)


def part_words(part: AnswerPart) -> str:
    """Whether a part was heard, and when: "heard at 0:31", "not heard"."""
    return NOT_HEARD if part.at_seconds is None else f"heard at {moment(part.at_seconds)}"


def structure_words(structure: Structure | None) -> str:
    """How the answer is held together, in one sentence; "" where it was not measured."""
    if structure is None:
        return ""
    ends = {
        (True, True): "An opening and a closing sentence",
        (True, False): "An opening sentence, no closing one",
        (False, True): "A closing sentence, no opening one",
        (False, False): "No opening and no closing sentence",
    }[structure.opening, structure.closing]
    count = structure.signposts
    marks = "no signposts" if count == 0 else "1 signpost" if count == 1 else f"{count} signposts"
    return f"{ends}; {marks} such as “first” or “as a result”."


def picture_lines(picture: Picture | None, *, moments: bool = True) -> Iterator[str]:
    """What was measured in the picture, and the advice about framing and light. Never the eyes.

    `moments`: also when the head was turned away, where nothing else lists that.
    """
    if picture is None:
        return
    if picture.several_faces:
        yield "More than one face was in the picture, so it was not measured."
    elif picture.toward_share is not None:
        yield f"Your head was toward the camera in {percent(picture.toward_share)} of the pictures"
    if moments and picture.away and not picture.several_faces:
        shown = ", ".join(moment(away.start) for away in picture.away[:4])
        more = len(picture.away) - 4
        yield f"Turned away at {shown}" + (f" and {more} more times" if more > 0 else "")
    yield from picture.advice


def good_to_know(found: Assessment) -> Iterator[str]:
    """The limits of a result, by whom it was made, and what the question looks for."""
    yield made_by(found)
    if found.language and found.language != "en":
        yield f"You were heard in {_LANGUAGES.get(found.language, found.language)}."
    if found.looks_for:
        yield f"What this question looks for: {found.looks_for}"
    yield from found.notes


def change_lines(now: Assessment, before: Assessment) -> Iterator[str]:
    """What went up and down; numbers of different engines or rubrics are never compared."""
    if not same_way(now, before):
        yield "Your last attempt was assessed in another way, so the two can't be compared."
        return
    same_off = switched_off(now) == switched_off(before)
    same_judge = now.scored_by_judge == before.scored_by_judge
    alike = same_judge and same_off and lacks_picture(now) == lacks_picture(before)
    if alike and now.overall is not None and before.overall is not None:
        yield f"Overall {now.overall}, before {before.overall}"
    up: list[str] = []
    down: list[str] = []
    same: list[str] = []
    for metric in Metric:
        new, old = now.scores[metric].value, before.scores[metric].value
        if new is None or old is None or (metric in WORDS and not same_judge):
            continue
        title = metric_name(metric, now)
        if new == old:
            same.append(title)
        else:
            (up if new > old else down).append(f"{title} {old} → {new}")
    for heading, titles in (("Up", up), ("Down", down), ("The same", same)):
        if titles:
            yield f"{heading}: {', '.join(titles)}"
    if (pace := pace_text(now.delivery)) and (old_pace := pace_text(before.delivery)):
        yield f"{pace}, before {old_pace.partition(' ')[0]}"
    if now.parts and before.parts:
        yield f"Parts of the answer heard: {_heard(now.parts)}, before {_heard(before.parts)}"
    new_share, old_share = toward_share(now), toward_share(before)
    if new_share is not None and old_share is not None:
        yield f"Head toward the camera: {percent(new_share)}, before {percent(old_share)}"


def same_way(now: Assessment, before: Assessment) -> bool:
    """Whether numbers of the two can be compared: by the same engine and rubric."""
    return (now.engine, now.rubric_version) == (before.engine, before.rubric_version)


def toward_share(found: Assessment) -> float | None:
    """The share of the pictures with the head toward the camera, where that may be shown."""
    picture = found.picture
    if picture is None or picture.several_faces:
        return None
    return None if found.scores[Metric.EYE_CONTACT].reason == SWITCHED_OFF else picture.toward_share


def switched_off(assessment: Assessment) -> frozenset[Metric]:
    """The metrics that were off: nothing is shown of them, not even that they are missing."""
    return frozenset(
        metric for metric, score in assessment.scores.items() if score.reason == SWITCHED_OFF
    )


def _heard(parts: Sequence[AnswerPart]) -> str:
    return f"{heard_of(parts)} of {len(parts)}"
