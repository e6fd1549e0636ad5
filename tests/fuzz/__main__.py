"""`python -m tests.fuzz [SECONDS] [TARGET…]`: looks for new inputs and keeps the telling ones.

Coverage-guided, with atheris (libFuzzer). What reaches new code is kept in `tests/fuzz/corpus`,
as few and small files as do; a finding ends the run and lies beside them as `crash-…`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from core.settings import ROOT

CORPUS = Path(__file__).parent / "corpus"

SECONDS = 60
_LARGEST_BYTES = 20_000
_KEPT_AT_MOST = 40
_SCRIPT = """#!{python}
import sys
sys.path.insert(0, {root!r})
import atheris
with atheris.instrument_imports(include=["analyzer", "cogs", "models", "web"]):
    from tests.fuzz.targets import TARGETS
atheris.Setup(sys.argv, TARGETS[{name!r}])
atheris.Fuzz()
"""
"""A program for each target: to merge, libFuzzer starts the file it runs from again and again."""


def fuzz(name: str, seconds: int) -> int:
    """Fuzz one target, then keep what is new; returns the exit code, 0 when nothing was found."""
    kept = CORPUS / name
    with tempfile.TemporaryDirectory() as folder:
        script, found, merged = (Path(folder) / part for part in ("fuzz", "found", "merged"))
        script.write_text(_SCRIPT.format(python=sys.executable, root=str(ROOT), name=name))
        script.chmod(0o700)
        found.mkdir()
        merged.mkdir()
        limits = (f"-max_len={_LARGEST_BYTES}", f"-artifact_prefix={kept}/")
        code = _run(script, f"-max_total_time={seconds}", *limits, str(found), str(kept))
        _run(script, "-merge=1", *limits, str(merged), str(kept), str(found))
        new = [file for file in merged.iterdir() if not (kept / file.name).exists()]
        for file in new[:_KEPT_AT_MOST]:
            (kept / file.name).write_bytes(file.read_bytes())
    print(f"{name}: {'a finding' if code else 'nothing found'}, {len(new)} new inputs")  # noqa: T201 - its answer
    return code


def _run(script: Path, *arguments: str) -> int:
    command = [str(script), "-verbosity=0", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own words only


def main() -> int:
    """Fuzz the named targets, or all; returns 1 when anything was found."""
    words = sys.argv[1:]
    seconds = int(words.pop(0)) if words and words[0].isdigit() else SECONDS
    names = words or sorted(folder.name for folder in CORPUS.iterdir())
    return int(sum(fuzz(name, seconds) for name in names) > 0)


if __name__ == "__main__":
    sys.exit(main())
