"""Looks for known holes in locked packages with pip-audit; skipped where nobody can be asked."""

from __future__ import annotations

import argparse
import subprocess
import sys

import httpx

KNOWN_HOLE = "https://pypi.org/pypi/pip/21.0/json"
"""What pip-audit would ask about pip 21.0, which has had known holes since 2021 (CVE-2021-3572)."""

_PROBE_SECONDS = 5.0
_AUDIT_SECONDS = 300.0


def why_not(ask: httpx.Client) -> str | None:
    """Why an audit would find nothing whatever there is to find; `None` when it would.

    A mirror of PyPI may have the packages and not the holes, and pip-audit passes over what it gets
    no answer for. So this asks for a hole that is known to be there.
    """
    try:
        answer = ask.get(KNOWN_HOLE)
        known = answer.json().get("vulnerabilities") if answer.is_success else None
    except httpx.HTTPError as error:
        return f"PyPI could not be asked ({type(error).__name__})"
    except ValueError:
        return "PyPI's answer could not be read"
    return (
        None if known else f"what answers for PyPI knows of no holes (status {answer.status_code})"
    )


def main() -> int:
    """Audit the lock files named on the command line; returns 1 when a hole is known."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    parser.add_argument("locks", nargs="+", metavar="LOCK")
    locks = parser.parse_args().locks
    with httpx.Client(timeout=_PROBE_SECONDS) as ask:
        reason = why_not(ask)
    if reason is not None:
        print(f"Audit skipped: {reason}.")
        return 0
    named = [part for lock in locks for part in ("--requirement", lock)]
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", *named]
    return subprocess.run(command, timeout=_AUDIT_SECONDS, check=False).returncode  # noqa: S603 - our own lock files


if __name__ == "__main__":
    sys.exit(main())
