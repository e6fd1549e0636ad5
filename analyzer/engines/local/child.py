"""The child's side of the local engine: finds and checks the speech models, listens, prints JSON.

Run under the limits of `analyzer.media.sandbox`, as one of
  python -m analyzer.engines.local.child hear MODELS CLIP MAX_SECONDS LANGUAGE
  python -m analyzer.engines.local.child check MODELS
  python -m analyzer.engines.local.child download MODELS
  python -m analyzer.engines.local.child join MODELS
where MODELS is a `ModelChoice` as JSON, and LANGUAGE the one the member has set, or empty. Prints
`{"heard": {...}}`, `{"used": {...}}`, `{"error": CODE}` or `{}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analyzer.media.sandbox import peak_bytes


def _answer(command: str, chosen: str, *arguments: str) -> dict[str, Any]:
    # here, so that a missing package can be reported
    from analyzer.engines.local import hearing, speech_models
    from analyzer.engines.local.sound import SpeechError

    choice = speech_models.ModelChoice(**json.loads(chosen))
    try:
        if command == "download":
            speech_models.download(choice)
            return {}
        if command == "join":
            speech_models.join(choice)
            return {}
        model = speech_models.find_model(choice)
        languages = None if choice.given else speech_models.find_languages(choice)
        if command == "check":
            return {"used": hearing.try_models(model, languages, choice.device, choice.compute)}
        clip, max_seconds, language = arguments
        heard = hearing.hear(
            Path(clip),
            model,
            max_seconds=float(max_seconds),
            language=language or None,
            languages_folder=languages,
            device=choice.device,
            compute=choice.compute,
        )
        return {"heard": heard | {"peak_bytes": peak_bytes()}}
    except (SpeechError, speech_models.ModelError) as error:
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
