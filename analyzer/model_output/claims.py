"""Whether what a model says of an answer can be stood for: its quotes, numbers and names.

Pure functions over a transcript. A quote that is not there was made up, and so was the claim it
stands for; a number or a name that the speaker never said was made up as well.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from analyzer.model_output.spoken_numbers import SMALL_NUMBERS, numbers_in, readings_in
from core.assessment import Sentence

QUOTE_MIN_WORDS = 3
"""Fewer words prove nothing: nearly every transcript has them."""

ELIDED_MIN_WORDS = 2
"""Of each part of a quote that leaves words out: single words, in order, stand in any answer."""

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\(\s*(?:\.\.\.|…)\s*\)|\.{3,}|…)\s*")

# Scripts that write no spaces: each sign is a word of its own, or no quote could begin inside one.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+|%")
_APOSTROPHES = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")
_MARKS = re.compile(r"[\u0300-\u036f\u200b-\u200f\u2060\ufeff\u00ad]")

_SAME: Mapping[str, str] = {
    **{word: str(value) for word, value in SMALL_NUMBERS.items()},
    "percent": "%",
    "okay": "ok",
}
"""Words that recognisers and models write in two ways."""

_STARTERS = (
    "a about above across actually additionally after afterwards again all along already also "
    "although altogether always among an and another any anyone anything as ask asking at "
    "back basically be because before beforehand being besides best better between both "
    "briefly build building but by can check checking clearly consequently could decide "
    "deciding describe describing despite did do does doing due during each early earlier "
    "either else end ending especially even eventually every everybody everyone everything "
    "explain explaining fewer few finally first for fortunately from gather gave get getting "
    "give given giving going good had has have having he hence her here his how however i if "
    "immediately in including indeed initially instead into is it its just keep keeping know "
    "knowing last lastly late later lead leading learn learning less let like looking made "
    "mainly make making many maybe me meanwhile mine more moreover most mostly much my myself "
    "name naming near nearly never nevertheless new next no nobody none nor not nothing now "
    "of off often ok on once one only or other others our ours out over overall own "
    "particularly people perhaps please previously rather really recently right same say "
    "saying second see seeing seven several she should showing since so some somebody someone "
    "something sometimes soon start starting state still such sure take taking tell telling "
    "thank thanks that the their them then there therefore these they things think this those "
    "though through throughout thus to today together tomorrow too towards try trying two "
    "ultimately under unfortunately unless unlike until up upon us use using usually very was "
    "watching we well were what whatever when whenever where whereas whether which while who "
    "whoever whole whom whose why will with within without work working would yes yesterday "
    "yet you your yours yourself "
)
_ORDINARY = frozenset(_STARTERS.split()) | {"im", "id", "ill", "ive"}
"""Words that begin sentences and are capitalised there for no other reason."""

_SENTENCE_START = re.compile(r"(?:^|[.!?…:;]|[\"“”‘(\[–—•])\s*$")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_CAPITALISED = re.compile(r"[^\W\d_][\w’'&.-]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an answer, as they stand in its transcript."""

    text: str
    at_seconds: float  # where the sentence they begin in begins


@dataclass(frozen=True)
class Transcript:
    """A transcript made ready to look things up in; made once for each answer."""

    sentences: Sequence[Sentence]
    also: Sequence[str] = field(default=())  # what may be named too, such as the question

    @cached_property
    def text(self) -> str:
        """All that was said."""
        return " ".join(sentence.text for sentence in self.sentences)

    def find(self, quote: str, *, shortest: int = QUOTE_MIN_WORDS) -> Quote | None:
        """Where these words were said; `None` where they were not.

        Case, punctuation, accents and spelling of numbers may differ, and an ellipsis may leave
        words out, but each part must stand there, and they must be in order.

        Args:
            quote: what is claimed to stand in the transcript.
            shortest: a quote needs so many words, or all of the transcript.
        """
        parts = [words_of(part) for part in _ELLIPSIS.split(quote)]
        parts = [part for part in parts if part]
        if sum(map(len, parts)) < min(shortest, max(1, len(self._words))):
            return None
        if len(parts) > 1 and min(map(len, parts)) < ELIDED_MIN_WORDS:
            return None
        spans: list[tuple[int, int]] = []
        begin = 0
        for part in parts:
            at = self._index(part, begin)
            if at is None:
                return None
            spans.append((at, at + len(part)))
            begin = at + len(part)
        if not spans:
            return None
        shown = " … ".join(self._shown(first, past) for first, past in spans)
        return Quote(shown, self.sentences[self._words[spans[0][0]].sentence].start)

    def has_words_of(self, text: str) -> bool:
        """Whether the speaker has said each word of a text, in whatever order."""
        return set(words_of(text)) <= self._vocabulary

    def lacks_numbers_of(self, text: str) -> bool:
        """Whether a text has a number that the speaker did not say, in digits or in words."""
        return bool(numbers_in(text) - self._readings)

    def lacks_names_of(self, text: str, *, at_starts: bool = True) -> bool:
        """Whether a text has a capitalised word that the speaker did not say.

        At the start of a sentence ordinary words are capitalised too. With `at_starts` those count
        that are neither in the transcript nor common there, else none of them.
        """
        for match in _CAPITALISED.finditer(text):
            word = match.group()
            if word == word.lower():
                continue
            bare = words_of(_POSSESSIVE.sub("", word))
            if all(one in self._vocabulary for one in bare):
                continue
            ordinary = word[1:] == word[1:].lower()
            starts = _SENTENCE_START.search(text[: match.start()]) is not None
            if not ordinary or not (set(bare) <= _ORDINARY or (starts and not at_starts)):
                return True
        return False

    def lacks_facts_of(self, text: str, *, at_starts: bool = True) -> bool:
        """Whether a text has a number or a name that the speaker did not say."""
        return self.lacks_numbers_of(text) or self.lacks_names_of(text, at_starts=at_starts)

    @cached_property
    def _words(self) -> list[_Place]:
        return [
            _Place(word, number, first, past)
            for number, sentence in enumerate(self.sentences)
            for word, first, past in _placed(sentence.text)
        ]

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(place.word for place in self._words)} "

    @cached_property
    def _starts(self) -> list[int]:
        """Where each word begins in `_joined`."""
        starts, at = [], 1
        for place in self._words:
            starts.append(at)
            at += len(place.word) + 1
        return starts

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        texts = (self.text, *self.also)
        written = (*texts, *(_POSSESSIVE.sub("", text) for text in texts))
        return frozenset(word for text in written for word in words_of(text))

    @cached_property
    def _readings(self) -> frozenset[object]:
        return frozenset(value for text in (self.text, *self.also) for value in readings_in(text))

    def _index(self, part: Sequence[str], begin: int) -> int | None:
        """The number of the word at which these words begin, from the word `begin` on."""
        if begin >= len(self._words):
            return None
        at = self._joined.find(f" {' '.join(part)} ", self._starts[begin] - 1)
        return None if at < 0 else bisect_right(self._starts, at + 1) - 1

    def _shown(self, first: int, past: int) -> str:
        """The words from `first` up to `past` as they stand, over several sentences if need be."""
        begin, end = self._words[first], self._words[past - 1]
        if begin.sentence == end.sentence:
            return self.sentences[begin.sentence].text[begin.first : end.past]
        between = (one.text for one in self.sentences[begin.sentence + 1 : end.sentence])
        head = self.sentences[begin.sentence].text[begin.first :]
        tail = self.sentences[end.sentence].text[: end.past]
        return " ".join([head, *between, tail])


@dataclass(frozen=True, slots=True)
class _Place:
    word: str  # as it is compared
    sentence: int
    first: int  # where it stands in the sentence's text
    past: int


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: without case, punctuation or accents."""
    return [word for word, _, _ in _placed(text)]


def _placed(text: str) -> Iterable[tuple[str, int, int]]:
    """Each word as it is compared, and where it stands in the text."""
    # An apostrophe inside a word is part of it: "didn't" and "didnt" are the same word.
    held = _APOSTROPHES.sub("\ue000", text)
    for match in re.finditer(rf"(?:{_WORD.pattern}|(?<=\w)\ue000(?=\w)|[\u0300-\u036f])+", held):
        if match.group()[0] == "\ue000":
            continue
        whole = match.group()
        for piece in _WORD.finditer(whole) if _has_unspaced(whole) else (match,):
            offset = match.start() if piece is not match else 0
            word = _compared(piece.group())
            if word:
                yield word, piece.start() + offset, piece.end() + offset


def _has_unspaced(text: str) -> bool:
    return re.search(rf"[{_UNSPACED}]", text) is not None or "%" in text


def _compared(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.replace("\ue000", ""))
    plain = unicodedata.normalize("NFC", _MARKS.sub("", plain)).casefold()
    return _SAME.get(plain, plain)
