"""Reads what a model says of an answer's content, as far as the transcript bears it out.

Used for a judge and for TwelveLabs alike: a part of the answer stands on its quote, a better
wording may add no number and no name, and a follow-up question is about the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analyzer.model_output.asking import (
    addresses_in,
    asks_about_person,
    asks_about_speaking,
    holds_order,
)
from analyzer.model_output.claims import Quote, Transcript
from analyzer.model_output.english import looks_english
from analyzer.model_output.guardrails import without_forbidden, without_mentions
from analyzer.model_output.model_text import clipped, is_text, one_line
from core.assessment import AnswerPart, BetterWording, Metric, PartName

FOLLOW_UP_MAX = 140
PASSAGE_MAX = 400
"""Longest texts, in characters."""

SHORTEST_PASSAGE = 4
"""Words of a passage said better; fewer are no passage."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


class ClaimReader:
    """Reads claims about one answer; never raises, whatever a model wrote."""

    def __init__(
        self, transcript: Transcript, *, duration_seconds: float, off: frozenset[Metric]
    ) -> None:
        """Look quotes up in `transcript`; of metrics that are `off` nothing is said."""
        self._transcript = transcript
        self._duration = duration_seconds
        self._off = off

    def parts(self, found: object, names: Iterable[PartName]) -> tuple[AnswerPart, ...]:
        """Each part of this kind of answer that was answered for: heard at a second, or not heard.

        One that was heard by a quote that is not there is left out: "not heard" would be a claim
        as well.
        """
        if not isinstance(found, dict):
            return ()
        parts: list[AnswerPart] = []
        for name in names:
            said = found.get(name.value, ...)
            quote = self.quote(said)
            if quote is not None:
                parts.append(AnswerPart(name=name, at_seconds=self.moment(quote)))
            elif said is None or (isinstance(said, str) and not said.strip()):
                parts.append(AnswerPart(name=name))
        return tuple(parts)

    def follow_up(self, found: object) -> str:
        """One question, whole; one that is longer than asked for is not cut."""
        if not isinstance(found, str) or len(found) > FOLLOW_UP_MAX * 4:
            return ""
        text = one_line(found)
        if len(text) > FOLLOW_UP_MAX or not text.endswith("?") or text.count("?") > 1:
            return ""
        kept = self.text(text, FOLLOW_UP_MAX, facts=True)
        unfit = asks_about_speaking(text) or asks_about_person(text)
        return "" if kept != text or unfit else text

    def better(self, found: object) -> BetterWording | None:
        """One passage said better, with no number and no name that the speaker did not say."""
        if not isinstance(found, dict) or not is_text(found.get("better")):
            return None
        quote = self.quote(found.get("quote"), shortest=SHORTEST_PASSAGE)
        text = one_line(str(found["better"])[: PASSAGE_MAX * 4]).strip("\"“” '")
        kept = self.text(text, PASSAGE_MAX, facts=False)
        if quote is None or not kept or kept != text or len(quote.text) > PASSAGE_MAX:
            return None
        same = Transcript(self._transcript.sentences)  # here not even the question's names
        if same.lacks_facts_of(text) or text.casefold() == quote.text.casefold():
            return None
        return BetterWording(quote=quote.text, at_seconds=self.moment(quote), better=text)

    def quote(self, found: object, *, shortest: int = 3) -> Quote | None:
        """The words of the transcript that this quotes; `None` where nobody said them."""
        if not isinstance(found, str) or len(found) > PASSAGE_MAX * 4:
            return None
        return self._transcript.find(found, shortest=shortest)

    def moment(self, quote: Quote) -> float | None:
        """The second of a quote; `None` where that is outside the clip."""
        at = quote.at_seconds
        return at if at <= self._duration else None

    def text(self, found: object, longest: int, *, facts: bool) -> str:
        """A text in one line, clipped to `longest` characters, maybe with nothing left of it.

        Without sentences that hold forbidden remarks, orders, what is switched off, or another
        language, and with `facts` without those that have a number or name nobody said.
        """
        if not isinstance(found, str):
            return ""
        text = without_forbidden(one_line(found[: longest * 20]))
        text = without_mentions(text, self._off)
        if not text or not looks_english(text):
            return ""
        kept = [
            sentence
            for sentence in _SENTENCE_END.split(text)
            if not holds_order(sentence)
            and not self._sends_elsewhere(sentence)
            and not (facts and self._transcript.lacks_facts_of(sentence, at_starts=False))
        ]
        return clipped(" ".join(kept).strip(), longest)

    def _sends_elsewhere(self, sentence: str) -> bool:
        """Whether a sentence has an address of a page that the speaker did not name."""
        return any(not self._transcript.has_words_of(found) for found in addresses_in(sentence))
