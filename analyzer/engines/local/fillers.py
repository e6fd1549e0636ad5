"""Finds filled pauses such as "um" that a transcript leaves out, and invents none.

Whisper writes clean text. So its transcript is read to it once more, in one forced decode a chunk:
at every boundary between two words the model says how likely a filler would have been there. One
counts only where the sound agrees: a level voiced stretch in reach that no other filler has taken.
Measured on synthetic speech with and without noise; the thresholds are those of that measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from analyzer.engines.local.recognition import WordFields
from analyzer.engines.local.sound import RATE, Sound, Span
from analyzer.engines.local.steady_sounds import Steadiness
from analyzer.scoring.delivery import is_filler, is_same_filler

Array = npt.NDArray[np.float32]

_FILLED_SPEECH = (
    "Umm, so, uh, let me think, um, like, hmm... Okay, uh, here's what I'm, um, thinking."
)
"""Stands before the transcript, so that the model takes fillers for something one writes down."""

_WRITTEN = ("um", "uh", "Um", "Uh", "hmm", "Hmm", "er", "Er", "mm")
_BREAKS = (",", "...", ".", "-")

_CHUNK_SECONDS, _CHUNK_WORDS, _CHUNK_TOKENS = 28.0, 90, 180
_EDGE_SECONDS = 0.8  # how far before the first and after the last word a filler is looked for
_WINDOW_FRAMES = 3000  # what Whisper's encoder takes: 30 s

_LIKELY_BREAK = -4.0  # log probability from which a comma is tried before the filler
_STRETCH_TIERS = ((-3.0, 2.0), (-5.0, 1.1))  # log probability above, with timbre movement below
_UNWRITTEN_SECONDS = 0.2  # of voice between two words, where neither of them can be
_ALONE = -1.0  # log probability above which a filler counts without a level stretch
# around the false fillers of clean speech in noise of 10 dB it was up to .59, around most true ones
# .70 and more
_SURE_AROUND = 0.6
_UNTRUSTED = -0.8  # mean log probability of a transcript that the model would not write again
_UNTRUSTED_SHARE = 0.2
_SAME_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A place between two words where a filler may stand."""

    index: int  # of the word after it
    score: float  # log probability of a filler
    text: str
    reach: Span
    gap: Span


class _ForcedDecode:
    """One chunk of sound with its transcript, and what the model expects at each of its tokens."""

    def __init__(self, model: WhisperModel, sound: Sound, words: Sequence[WordFields]) -> None:
        self._model = model
        self._tokenizer = _tokenizer_of(model)
        written = {text: self._tokenizer.encode(f" {text}") for text in _WRITTEN}
        self._written = {text: ids[0] for text, ids in written.items() if len(ids) == 1}
        self._breaks = [self._tokenizer.encode(text)[0] for text in _BREAKS]
        self._ids: list[int] = []
        self._starts: list[int] = []
        for word in words:
            self._starts.append(len(self._ids))
            self._ids += self._tokenizer.encode(f" {word['text']}")
        self._starts.append(len(self._ids))
        features = model.feature_extractor(sound)[:, :_WINDOW_FRAMES]
        padding = ((0, 0), (0, _WINDOW_FRAMES - features.shape[1]))
        self._encoded = model.encode(np.pad(features, padding))
        self._expected = self._decode(self._ids)

    @property
    def mean_log_probability(self) -> float:
        """How likely the model would write the same transcript again, as a mean over tokens."""
        rows = min(len(self._ids), len(self._expected))
        tokens = np.array(self._ids[:rows], dtype=np.intp)
        return float(self._expected[np.arange(rows), tokens].mean()) if rows else 0.0

    def filler_before(self, index: int, *, try_comma: bool) -> tuple[float, str]:
        """The log probability of a filler before the word of this index, and which it would be."""
        at = self._starts[index]
        if at >= len(self._expected):
            return -np.inf, ""
        best = self._filler(self._expected[at])
        comma = float(np.logaddexp.reduce(self._expected[at][self._breaks]))
        inside = 0 < at < len(self._ids)
        if not try_comma or comma <= _LIKELY_BREAK or not inside:
            return best
        if self._ids[at - 1] in self._breaks or self._ids[at] in self._breaks:
            return best
        after = self._decode([*self._ids[:at], self._breaks[0]])
        if at + 1 >= len(after):
            return best
        score, text = self._filler(after[at + 1])
        return max(best, (score + comma, text))

    def _filler(self, expected: Array) -> tuple[float, str]:
        scores = {text: float(expected[token]) for text, token in self._written.items()}
        total = float(np.logaddexp.reduce(list(scores.values())))
        return total, max(scores, key=lambda text: scores[text]).lower()

    def _decode(self, ids: Sequence[int]) -> Array:
        """The log probabilities before each of `ids`, and after the last, forced one by one."""
        tokenizer = self._tokenizer
        prompt = [
            tokenizer.sot_prev,
            *tokenizer.encode(f" {_FILLED_SPEECH}"),
            *tokenizer.sot_sequence,
            tokenizer.no_timestamps,
            *ids,
        ]
        result = self._model.model.generate(
            self._encoded,
            [prompt],
            beam_size=1,
            return_logits_vocab=True,
            suppress_blank=False,
            suppress_tokens=None,
            # with less, ctranslate2 4.8 returns fewer logits than were asked for
            max_length=max(2 * (len(ids) + 3), len(prompt) + 1),
        )
        rows = np.stack([np.asarray(row, np.float32).ravel() for row in result[0].logits[0]])
        rows -= rows.max(axis=1, keepdims=True)
        rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
        return rows


@dataclass(frozen=True, slots=True)
class FillerCount:
    """What the forced decode found."""

    fillers: list[WordFields] | None  # None: the transcript is not trusted, nor would a count be
    words: list[WordFields]  # with their times cut to make room for the fillers
    log_probability: float | None  # how likely the transcript would be written again, a token


def find_fillers(
    model: WhisperModel, sound: Sound, words: Sequence[WordFields], steady: Steadiness
) -> FillerCount:
    """Find fillers that an English transcript left out.

    Args:
        model: The model that wrote the transcript.
        sound: Mono sound at 16 kHz.
        words: The transcript, in order; the fillers in it count without more.
        steady: The same sound, described by how much it moves.
    """
    own = [word for word in words if is_filler(word["text"])]
    spoken = [word for word in words if not is_filler(word["text"])]
    found: list[WordFields] = []
    placed: list[WordFields] = []
    log_probabilities: list[float] = []
    for chunk in chunks(spoken):
        start = max(0.0, chunk[0]["start"] - _EDGE_SECONDS)
        end = chunk[-1]["end"] + _EDGE_SECONDS
        decode = _ForcedDecode(model, sound[int(start * RATE) : int(end * RATE)], chunk)
        log_probabilities += [decode.mean_log_probability] * len(chunk)
        if decode.mean_log_probability <= _UNTRUSTED:
            placed += chunk
            continue
        fillers, cut = _in_chunk(decode, chunk, steady)
        found += fillers
        placed += cut
    mean = float(np.mean(log_probabilities)) if log_probabilities else None
    untrusted = sum(value <= _UNTRUSTED for value in log_probabilities)
    if untrusted > _UNTRUSTED_SHARE * len(spoken):
        return FillerCount(None, list(words), mean)
    spans = [_span(word) for word in spoken]
    new = [
        word
        for word in found
        if all(not is_same_filler(_span(word), _span(other), spans) for other in own)
    ]
    fillers = []
    for word in sorted([*own, *new], key=lambda word: word["start"]):
        if not fillers or word["start"] - fillers[-1]["start"] > _SAME_SECONDS:
            fillers.append(word)
    return FillerCount(fillers, sorted([*placed, *own], key=lambda word: word["start"]), mean)


def _span(word: WordFields) -> Span:
    return word["start"], word["end"]


def _tokenizer_of(model: WhisperModel) -> Tokenizer:
    """The model's tokenizer for English transcripts."""
    several = bool(model.model.is_multilingual)
    return Tokenizer(
        model.hf_tokenizer,
        several,
        task="transcribe" if several else None,
        language="en" if several else None,
    )


def chunks(words: Sequence[WordFields]) -> Iterator[list[WordFields]]:
    """Divide a transcript at wide gaps into chunks that fit one forced decode."""
    rest = list(words)
    while rest:
        most = 1
        letters = len(rest[0]["text"])
        while (
            most < min(len(rest), _CHUNK_WORDS)
            and rest[most]["end"] - rest[0]["start"] <= _CHUNK_SECONDS
            and letters < 3 * _CHUNK_TOKENS  # a token is about four letters
        ):
            letters += len(rest[most]["text"]) + 1
            most += 1
        cut = most
        if most < len(rest):
            later = range(max(1, most // 2), most + 1)
            cut = max(later, key=lambda index: rest[index]["start"] - rest[index - 1]["end"])
        yield rest[:cut]
        rest = rest[cut:]


def _in_chunk(
    decode: _ForcedDecode, words: list[WordFields], steady: Steadiness
) -> tuple[list[WordFields], list[WordFields]]:
    """The fillers of a chunk, best score first, and the words with their times cut to fit."""
    tiers = [(least, steady.stretches(movement)) for least, movement in _STRETCH_TIERS]
    voice = steady.voiced_stretches(_UNWRITTEN_SECONDS)
    boundaries = []
    for index in range(len(words) + 1):
        if _sure_around(words, index) < _SURE_AROUND:
            continue
        reach, gap = _reach(words, index)
        near = any(_overlap(stretch, reach) for _, level in tiers for stretch in level)
        near = near or _unwritten(voice, gap) is not None
        score, text = decode.filler_before(index, try_comma=near)
        boundaries.append(_Boundary(index, score, text, reach, gap))
    used: list[Span] = []
    taken: dict[int, WordFields] = {}
    for place in sorted(boundaries, key=lambda place: -place.score):
        stretch = _best_stretch(place, tiers, used)
        if stretch is None and place.score > _STRETCH_TIERS[0][0]:
            stretch = _unwritten(voice, place.gap)
        if stretch is not None:
            used.append(stretch)
        elif place.score <= _ALONE or {place.index - 1, place.index + 1} & taken.keys():
            continue
        else:
            middle = sum(place.gap) / 2
            stretch = middle, middle
        taken[place.index] = {
            "text": place.text,
            "start": round(stretch[0], 2),
            "end": round(stretch[1], 2),
            "probability": None,
        }
    return [taken[index] for index in sorted(taken)], _cut(words, taken)


def _sure_around(words: Sequence[WordFields], index: int) -> float:
    """How sure the model was of the two words on either side: what it misheard may be a word."""
    around = words[max(0, index - 2) : index + 2]
    return float(np.mean([word["probability"] for word in around]))


def _reach(words: Sequence[WordFields], index: int) -> tuple[Span, Span]:
    """Where a filler before this word may lie, and the gap that the word times leave for it.

    Word times stretch over fillers beside them, so each neighbour is left only the time that its
    letters need.
    """
    first, last = words[0]["start"], words[-1]["end"]
    if index:
        before = words[index - 1]
        gap_from = before["end"]
        begin = min(gap_from, before["start"] + _needed(before))
    else:
        gap_from, begin = first, max(0.0, first - _EDGE_SECONDS)
    if index < len(words):
        after = words[index]
        gap_to = after["start"]
        end = max(gap_to, after["end"] - _needed(after))
    else:
        gap_to, end = last, last + _EDGE_SECONDS
    return (begin - 0.05, end + 0.05), (gap_from, gap_to)


def _needed(word: WordFields) -> float:
    letters = sum(letter.isalnum() or letter == "'" for letter in word["text"])
    return float(0.06 + 0.055 * letters)


def _overlap(stretch: Span, reach: Span) -> float:
    """The seconds that a stretch lies in reach; 0 where that is too little of it."""
    seconds = min(stretch[1], reach[1]) - max(stretch[0], reach[0])
    return seconds if seconds >= max(0.06, 0.5 * (stretch[1] - stretch[0])) else 0.0


def _best_stretch(
    place: _Boundary, tiers: Sequence[tuple[float, list[Span]]], used: Sequence[Span]
) -> Span | None:
    """The level stretch that a filler at this place would be, where none has it yet."""
    free = [
        stretch
        for least, level in tiers
        if place.score > least
        for stretch in level
        if _overlap(stretch, place.reach)
        and not any(min(stretch[1], other[1]) > max(stretch[0], other[0]) for other in used)
    ]
    return max(free, key=lambda stretch: _overlap(stretch, place.reach), default=None)


def _unwritten(voice: Sequence[Span], gap: Span) -> Span | None:
    """The longest voiced stretch in a gap between words: said, and not written."""
    inside = [
        (max(start, gap[0]), min(end, gap[1]))
        for start, end in voice
        if min(end, gap[1]) - max(start, gap[0]) >= _UNWRITTEN_SECONDS
    ]
    return max(inside, key=lambda span: span[1] - span[0], default=None)


def _cut(words: Sequence[WordFields], taken: dict[int, WordFields]) -> list[WordFields]:
    """Take the time of each filler away from the words beside it."""
    cut = [dict(word) for word in words]
    for index, filler in taken.items():
        if index and cut[index - 1]["start"] < filler["start"]:
            cut[index - 1]["end"] = min(cut[index - 1]["end"], filler["start"])
        if index < len(cut) and filler["end"] < cut[index]["end"]:
            cut[index]["start"] = max(cut[index]["start"], filler["end"])
    return cut
