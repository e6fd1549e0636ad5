"""Which version of Greenroom this is."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from core.settings import ROOT

VERSION = "0.1.0"


async def version() -> str:
    """The version of this code, with the commit it is at; `unknown` outside a git checkout."""
    return f"{VERSION} (commit {await _commit()})"


async def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    try:
        async with asyncio.timeout(5):
            process = await asyncio.create_subprocess_exec(
                *(git, "rev-parse", "--short", "HEAD"),
                cwd=ROOT,
                env={"HOME": str(Path.home()), "PATH": str(Path(git).parent)},  # and no secret
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            output, _ = await process.communicate()
    except (OSError, RuntimeError, TimeoutError):  # RuntimeError: this user has no home
        return "unknown"
    return output.decode().strip() or "unknown"
