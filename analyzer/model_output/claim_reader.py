"""Reads what a model says of an answer's content, as far as the transcript bears it out.

Used for a judge and for TwelveLabs alike: a part of the answer stands on its quote, a better
wording may add no number and no name, and a follow-up question is about the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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

_NO_FEEDBACK = re.compile(
    r"https?:|www\.|://|<@|@(?:everyone|here)\b|\bdiscord\.gg"
    r"|\b(?:ignor|disregard|forget|overrid)\w* (?:the|all|any|your|my|previous|these|this|above)\b"
    r"|\b(?:system prompt|(?:this|the) (?:rubric|prompt|schema|json)|as an ai|language model"
    r"|(?:previous|above|following) instructions?|instructed to|api[ _-]?keys?)\b"
    r"|\]\(|[\w.+-]+@[\w-]+\.\w"
    r"|\b(?:send|give|tell|share|enter|type|confirm|provide|post|e-?mail|dm|message|click|visit)\b"
    r"[^.!?]*\b(?:your|me|us)\b[^.!?]*\b(?:passwords?|passcodes?|pins?|cards?|bank|accounts?"
    r"|log-?ins?|tokens?|phone|address|e-?mail)\b",
    re.IGNORECASE,
)
"""What stands in orders and advertisements, and in no feedback on an answer."""

_ADDRESS = re.compile(r"\b[\w-]+\.(?:[a-z]{2,24}/|[a-z]{2,24}\b)", re.IGNORECASE)
"""Looks like an address of a page, such as "example.org"; so does "e.g", which is ordinary."""

_NO_ADDRESS = frozenset({"node.js", "vue.js", "next.js", "asp.net", "socket.io", "vs.net"})

_ABOUT_SPEAKING = re.compile(
    r"\b(?:you|your)\b[^?]*\b(?:speak(?:ing)?|spoke|talk(?:ing)? so|paus(?:e[ds]?|ing)|voice|tone|"
    r"gestur\w*|posture|camera|eye contact|fillers?|pitch|pace of|volume)\b",
    re.IGNORECASE,
)
"""A follow-up question is about what was said, and not about how."""

_PERSONAL = re.compile(
    r"\b(?:how|what) (?:old|tall|heavy|healthy|rich|religious) (?:are|were) you\b"
    r"|\b(?:your|you have|are you|do you|were you|you (?:a|an|ever)|you were)\b[^?]*\b(?:age|born"
    r"|birth\w*|married|single|divorced|engaged|spouse|husband|wife|partner at home|boyfriend"
    r"|girlfriend|child|children|kids|pregnan\w*|(?:have|start|raise|plan\w*) a family|siblings?"
    r"|parents?|mother|father|mum|mom|dad|religio\w*|church|mosque|synagogue|pray|faith|nationality"
    r"|citizen\w*|visa|originally|ethnic\w*|native|accent|gay|straight|lesbian|bisexual|trans"
    r"|gender|sexual\w*|vot(?:e|ed|ing)|party member\w*|politic\w*|health|healthy|ill|illness|sick"
    r"|disab\w*|medica\w*|therap\w*|diagnos\w*|doctor|drink alcohol|smoke|drugs|weight|height"
    r"|salary|income|earn|savings|debts?|criminal|arrested|convicted|phone number|home address"
    r"|where you live|e-?mail|passwords?|credit card|bank|account number|social security|passport"
    r"|tattoos?|looks)\b"
    r"|\b(?:which|what) (?:party|church|faith|god|country)\b[^?]*\byou\b"
    r"|\bwhere (?:are|do|were|did) you (?:\w+ )?(?:from|live|born|grow up|come from)\b"
    r"|\bhow (?:do|did|does|are|were) (?:you|that|it|this)(?: make you)? (?:feel|feeling)\b"
    r"|\byour (?:mother tongue|native language|birthplace)\b",
    re.IGNORECASE,
)
"""Asks about the person or for a secret: what an interviewer may not ask either."""


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
        unfit = _ABOUT_SPEAKING.search(text) or _PERSONAL.search(text)
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
            if not _NO_FEEDBACK.search(sentence)
            and not self._sends_elsewhere(sentence)
            and not (facts and self._transcript.lacks_facts_of(sentence, at_starts=False))
        ]
        return clipped(" ".join(kept).strip(), longest)

    def _sends_elsewhere(self, sentence: str) -> bool:
        """Whether a sentence has an address of a page that the speaker did not name."""
        addresses = {found.casefold() for found in _ADDRESS.findall(sentence)} - _NO_ADDRESS
        return any(not self._transcript.has_words_of(found) for found in addresses)
