"""The child's side: reads an answer, finds the sentences nearest to a text, or compares texts.

Run under the limits of `analyzer.media.sandbox`, as one of
  python -m analyzer.engines.local.content.child read
  python -m analyzer.engines.local.content.child nearest
  python -m analyzer.engines.local.content.child compare
with JSON on standard input: what somebody said is no argument, which others could see. `read` takes
`Answer` and prints `{"content": {...}}`; `nearest` takes `Search` and prints `{"found": {...}}`,
`compare` takes `Comparison` and prints `{"compared": {...}}`; both print `{"error": "no_model"}`
without the model.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from typing import Any

from analyzer.engines.local.content.model import DIMENSIONS, SCALE, NoModel, SentenceModel
from analyzer.engines.local.content.nearness import Nearness
from analyzer.engines.local.content.read import read
from core.assessment import Model
from core.questions import AnswerKind

HITS_MAX = 50
"""Most sentences that a search names."""


class Answer(Model):
    """What `read` is given."""

    question: str
    kind: AnswerKind
    looks_for: str
    sentences: tuple[str, ...]


class Search(Model):
    """What `nearest` is given; texts and vectors by the id of their attempt."""

    text: str
    new: dict[str, tuple[str, ...]]  # sentences without vectors
    known: dict[str, str]  # vectors in base64, a signed byte a dimension


class Comparison(Model):
    """What `compare` is given."""

    texts: tuple[str, ...]
    known: dict[int, str]  # vectors in base64 of some of the texts, by their number
    to: tuple[str, ...]


def _read(given: bytes) -> dict[str, Any]:
    answer = Answer.model_validate_json(given)
    content = read(answer.question, answer.kind, answer.looks_for, answer.sentences, Nearness())
    return {"content": content}


def _nearest(given: bytes) -> dict[str, Any]:
    search = Search.model_validate_json(given)
    try:
        model = SentenceModel()
        import numpy as np
    except (NoModel, ImportError):
        return {"error": "no_model"}
    texts = [text for sentences in search.new.values() for text in sentences]
    small = np.rint(model([search.text, *texts]) * SCALE).astype(np.int8)
    vectors, at = {}, 1
    for attempt_id, sentences in search.new.items():
        vectors[attempt_id] = small[at : at + len(sentences)].tobytes()
        at += len(sentences)
    wanted = small[0].astype(np.float32) / SCALE
    hits: list[tuple[float, str, int]] = []
    kept = {attempt_id: b64decode(text) for attempt_id, text in search.known.items()}
    for attempt_id, data in (kept | vectors).items():
        if len(data) % DIMENSIONS:
            continue  # not written by us: as if it were not there
        rows = np.frombuffer(data, np.int8).reshape(-1, DIMENSIONS).astype(np.float32) / SCALE
        near = rows @ wanted
        hits += [(round(float(value), 3), attempt_id, row) for row, value in enumerate(near)]
    hits.sort(key=lambda hit: -hit[0])
    return {
        "found": {
            "vectors": {name: b64encode(data).decode() for name, data in vectors.items()},
            "hits": [
                {"attempt_id": name, "sentence": row, "nearness": value}
                for value, name, row in hits[:HITS_MAX]
            ],
        }
    }


def _compare(given: bytes) -> dict[str, Any]:
    asked = Comparison.model_validate_json(given)
    try:
        model = SentenceModel()
        import numpy as np
    except (NoModel, ImportError):
        return {"error": "no_model"}
    new = [number for number in range(len(asked.texts)) if number not in asked.known]
    small = np.rint(model([*(asked.texts[number] for number in new), *asked.to]) * SCALE)
    rows = np.zeros((len(asked.texts), DIMENSIONS), np.int8)
    rows[new] = small[: len(new)]
    for number, text in asked.known.items():
        rows[number] = np.frombuffer(b64decode(text), np.int8)
    near = (rows.astype(np.float32) / SCALE) @ (small[len(new) :].astype(np.float32) / SCALE).T
    return {
        "compared": {
            "near": [[round(float(value), 3) for value in row] for row in near],
            "vectors": {number: b64encode(rows[number].tobytes()).decode() for number in new},
        }
    }


def main(command: str) -> None:
    """Do one command with what is on standard input, and print its answer."""
    given = sys.stdin.buffer.read()
    commands = {"read": _read, "nearest": _nearest, "compare": _compare}
    json.dump(commands[command](given), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
