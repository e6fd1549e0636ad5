"""How many files and sockets this process may have open at once, and how that limit is raised."""

from __future__ import annotations

import contextlib

MOST = 10_240
"""As many as macOS grants any process (`OPEN_MAX`); all that the bot does needs far fewer."""

_WITHOUT_LIMITS = 2048  # Windows, where sockets are no files: select() there is what is bounded


def raise_limit() -> int:
    """Raise the soft limit towards the hard one; returns how many may be open now.

    Systems start programs with a soft limit of 1,024 or 256, so that old ones which cannot count
    further keep working, and leave it to each to raise it (systemd.exec(5), "LimitNOFILE=").
    """
    try:
        import resource
    except ImportError:
        return _WITHOUT_LIMITS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # it stays as it is, and is what counts
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    """How many may be open now, at most `MOST`."""
    try:
        import resource
    except ImportError:
        return _WITHOUT_LIMITS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else min(soft, MOST)
