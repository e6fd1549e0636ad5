"""The real bot in a simulated Discord, in the browser or in the terminal; no account needed."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path

from app.container import Overrides
from app.gateway import create_bot
from core.errors import SettingsProblem
from core.settings import Settings

SAMPLE_CLIP = Path(__file__).parent / "sample-answer.mp4"
SAMPLE_QUESTION = "Tell me about a deadline that was at risk. What did you do?"
STUDIO_QUESTION = "What did you learn in the last year?"


LOOPBACK = "127.0.0.1"


async def run_demo(
    settings: Settings,
    *,
    clip: Path | None = None,
    question: str | None = None,
    once: bool = False,
    port: int | None = None,
    browser: bool = True,
) -> int:
    """Run `/analyze` on a clip, then print the result (`once`) or serve the page.

    Everything lives in a temporary folder that is deleted at the end. Returns the exit code: 1
    when the first job failed.

    Raises:
        SettingsProblem: the clip cannot be read, or what the demo needs is not installed.
    """
    # SimCord makes a client while it is imported, and discord.py warns about what that one lacks
    logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        from demo.world import World
    except ImportError as missing:
        raise SettingsProblem(
            f"the demo needs {missing.name}, which is not installed. `make demo` installs it."
        ) from None
    path = clip or SAMPLE_CLIP
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise SettingsProblem(f"{path.name} can't be read: {error.strerror}.") from None
    with tempfile.TemporaryDirectory(prefix="greenroom-demo-") as folder:
        studio = await asyncio.to_thread(free_port)
        private = settings.model_copy(
            update={
                "data_dir": Path(folder),
                "database_url": None,
                "clip_store": None,
                "http_host": LOOPBACK,
                "http_port": studio,
                "public_url": f"http://{LOOPBACK}:{studio}",
                "trusted_proxies": 0,
            }
        )
        world = World()
        bot = create_bot(
            private,
            Overrides(
                fetch_through=world.fetch_through,
                wrap_engine=world.wrap_engine,
                serve=world.serve_pages,
                clock=lambda: datetime.now(UTC),  # the simulated clock stands still meanwhile
            ),
        )
        env = world.make_env(bot)
        await env.start()
        try:
            world.furnish()
            attempt = await world.analyze(path.name, data, question or SAMPLE_QUESTION)
            if once:
                return world.print_result(attempt)
            await world.seed(private.sqlalchemy_url)
            await world.show_interview()
            await world.offer_studio(STUDIO_QUESTION)
            await world.serve(
                SAMPLE_CLIP, port=port, open_page=webbrowser.open if browser else None
            )
        except TimeoutError:
            raise SettingsProblem(
                "the demo did not finish in time on this machine. Try again when it is less busy."
            ) from None
        finally:
            await env.shutdown()
    return 0


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        return int(taken.getsockname()[1])
