"""The child's side of trying the sandbox: does what nobody's decoder should, and says what failed.

Run as `python -m analyzer.confinement.trial` under `analyzer.media.sandbox`. Prints one JSON
object: by the name of what should be out of reach, whether it was refused.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path


def attempts() -> dict[str, bool]:
    """What was refused: `network`, `files` (others than ours), `processes` (others than this)."""
    if sys.platform != "linux":  # there is no sandbox, and signal 0 is Ctrl+C on Windows
        return dict.fromkeys(("network", "files", "processes"), False)
    return {
        "network": _refused(lambda: socket.socket().close()),
        "files": _refused(lambda: list(Path("/").iterdir())),
        "processes": _refused(lambda: os.kill(os.getppid(), 0)),
    }


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


if __name__ == "__main__":
    json.dump(attempts(), sys.stdout)
