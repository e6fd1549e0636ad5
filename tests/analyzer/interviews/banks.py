"""Questions and descriptions that several tests of interviews draw from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from analyzer.engines.nearest import Compared, Nearest
from analyzer.questions.draft import Draft
from core.questions import Question
from core.settings import ROOT

JOBS: Mapping[str, str] = {
    one["name"]: one["text"]
    for one in json.loads((ROOT / "benchmarks" / "job_descriptions.json").read_text("utf-8"))
}
"""Ten descriptions of jobs, which the benchmark ranks too."""


def made(text: str, **parts: str) -> Question:
    return Draft.read(text=text, **parts).made()


class NoModel:
    """Finds nothing by meaning, as where the model is not installed."""

    model = "none"

    async def nearest(
        self,
        _text: str,
        *,
        new: Mapping[str, Sequence[str]],  # noqa: ARG002
        known: Mapping[str, bytes],  # noqa: ARG002
    ) -> Nearest | None:
        return None

    async def compare(self, _texts: Sequence[str], _to: Sequence[str]) -> Compared | None:
        return None
