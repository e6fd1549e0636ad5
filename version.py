"""Which version of Greenroom this is."""

from __future__ import annotations

import asyncio

from settings import ROOT

VERSION = "0.1.0"


async def version() -> str:
    """The version of this code, with the commit it is at; `unknown` outside a git checkout."""
    return f"{VERSION} (commit {await _commit()})"


async def _commit() -> str:
    try:
        async with asyncio.timeout(5):
            process = await asyncio.create_subprocess_exec(
                *("git", "rev-parse", "--short", "HEAD"),
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            output, _ = await process.communicate()
    except (OSError, TimeoutError):
        return "unknown"
    return output.decode().strip() or "unknown"
