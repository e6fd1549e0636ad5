"""The child's side of looking: opens one clip, measures its pictures, prints JSON.

Run under the limits of `analyzer.media.sandbox`, as one of
  python -m analyzer.engines.local.picture.child look CLIP MAX_PIXELS MAX_SECONDS
  python -m analyzer.engines.local.picture.child check
Prints `{"seen": {...}}`, `{"error": CODE}` or `{}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analyzer.media.sandbox import peak_bytes


def _answer(command: str, *arguments: str) -> dict[str, Any]:
    import av  # here, so that a missing package can be reported

    from analyzer.engines.local.picture.looking import Looking, look_at
    from analyzer.engines.local.picture.networks import SHA256, Network, NetworkError
    from analyzer.media.probe import Unreadable

    try:
        if command == "check":
            Looking()
            for name in SHA256:  # also the one that is loaded when it is needed
                Network(name)
            return {}
        clip, max_pixels, max_seconds = arguments
        seen = look_at(Path(clip), max_pixels=int(max_pixels), max_seconds=float(max_seconds))
    except NetworkError as error:
        return {"error": error.code}
    except Unreadable:
        return {"error": "no_picture"}
    except (av.error.FFmpegError, ValueError):
        return {"error": "unreadable"}
    return {"seen": seen | {"peak_bytes": peak_bytes()}}


def main(arguments: Sequence[str]) -> None:
    """Do one command and print its answer."""
    try:
        answer = _answer(*arguments)
    except ModuleNotFoundError:
        answer = {"error": "not_installed"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
