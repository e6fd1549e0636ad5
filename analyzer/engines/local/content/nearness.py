"""How near texts are to each other: by meaning where the model is there, else by their words."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from analyzer.engines.local.content.model import NoModel, SentenceModel

Matrix = list[list[float]]
"""How near each text is to each, from about 0 (nothing in common) to 1 (the same)."""

_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
    "s",
)
_STEM_FROM = 4  # letters that stay
_COMMON_WORDS = """
a about after all also am an and any are as at be been but by can could did do does doing for from
had has have he her him his how i if in into is it its just me more my no not of on one or our out
she so some tell than that the their them then there they this time to up us was we were what when
where which who why will with would you us your describe
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that say nothing about what a text is about."""


class Nearness:
    """Compares texts. `by_meaning` says whether the model does it."""

    def __init__(self) -> None:
        """Load the model, if it is there."""
        self._model: SentenceModel | None
        try:
            self._model = SentenceModel()
        except NoModel:
            self._model = None

    @property
    def by_meaning(self) -> bool:
        """Whether texts are near that mean the same in other words."""
        return self._model is not None

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """Compare each of these texts with each."""
        if self._model is None:
            return by_words(texts)
        vectors = self._model(texts)
        return [[float(value) for value in row] for row in vectors @ vectors.T]


def by_words(texts: Sequence[str]) -> Matrix:
    """How near texts are by the words they share: the cosine of their counts."""
    counts = [Counter(stems(text)) for text in texts]
    lengths = [math.sqrt(sum(n * n for n in count.values())) for count in counts]
    return [
        [
            sum(n * other[word] for word, n in count.items()) / (length * other_length or 1.0)
            for other, other_length in zip(counts, lengths, strict=True)
        ]
        for count, length in zip(counts, lengths, strict=True)
    ]


def stems(text: str) -> list[str]:
    """The words that say what a text is about, without the commonest English endings."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_stem(word) for word in words if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_FROM:
            return word.removesuffix(ending)
    return word
